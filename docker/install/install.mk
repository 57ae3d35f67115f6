# make install: both programs, their units, settings, manual pages, and the SQL.
# docker/debian/rules makes the package of it.
#
#   make install PREFIX=/usr DESTDIR=/tmp/root
#
# What is in SYSCONFDIR already stays as it is.

PREFIX		?= /usr/local
SYSCONFDIR	?= /etc
UNITDIR		?= $(PREFIX)/lib/systemd/system

installed	= $(OUT)/install
programs	= casework casework-worker
units		= $(programs:%=$(installed)/%.service)
pages		= $(programs:%=$(installed)/%.1)
envs		= $(programs:%=$(installed)/%.env)
commands	= $(installed)/casework-migrate $(installed)/casework-secrets
at		= $(DESTDIR)$(PREFIX)
fill		= sed -e '/^@HARDENED@$$/{r docker/install/hardened' -e 'd}' \
		  -e 's|@PREFIX@|$(PREFIX)|g; s|@SYSCONFDIR@|$(SYSCONFDIR)|g'

install: build install-files	## install into DESTDIR= below PREFIX=/usr/local; settings are in /etc
	$(if $(SANITIZE),$(error the sanitizers are for tests),)
	@install -d $(at)/bin $(at)/sbin $(at)/share/man/man1 $(at)/share/man/man8 \
		$(at)/share/doc/casework $(at)/lib/sysusers.d $(at)/lib/tmpfiles.d \
		$(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSCONFDIR)/casework $(DESTDIR)$(SYSCONFDIR)/logrotate.d
	@install $(programs:%=$(OUT)/%) $(at)/bin
	@install $(commands) $(at)/sbin
	@install -m 644 $(units) $(DESTDIR)$(UNITDIR)
	@install -m 644 docker/install/casework.sysusers $(at)/lib/sysusers.d/casework.conf
	@install -m 644 docker/install/casework.tmpfiles $(at)/lib/tmpfiles.d/casework.conf
	@install -m 644 $(pages) $(at)/share/man/man1
	@install -m 644 $(wildcard docker/install/*.8) $(at)/share/man/man8
	@install -m 644 README.md openapi/CHANGELOG.md $(GEN)/openapi.yaml $(at)/share/doc/casework
	@install -m 644 docker/README.md $(at)/share/doc/casework/operating.md
	@install -m 644 docker/haproxy.cfg $(at)/share/doc/casework/haproxy.cfg
	@install -D -m 644 -t $(at)/share/doc/casework/prometheus docker/prometheus/alerts.yaml docker/prometheus/dashboard.json
	@for file in $$(cd sql && find migrate.sh demo.sql restored.sql rules schema -type f ! -name '*.md'); do \
		case $$file in *.sh) mode=755 ;; *) mode=644 ;; esac; \
		install -D -m $$mode sql/$$file $(at)/share/casework/sql/$$file || exit; done
	@cd $(installed) && for file in *.env; do \
		[ -e $(DESTDIR)$(SYSCONFDIR)/casework/$$file ] || \
		install -m 644 $$file $(DESTDIR)$(SYSCONFDIR)/casework/$$file || exit; done
	@[ -e $(DESTDIR)$(SYSCONFDIR)/logrotate.d/casework ] || \
		install -m 644 docker/install/casework.logrotate $(DESTDIR)$(SYSCONFDIR)/logrotate.d/casework

deb: build | packages-deb	## the Debian package, in build/deb
	@env -u MAKEFLAGS -u MAKELEVEL docker/debian/build.sh $(VERSION) $(OUT)/deb

test-package: deb | packages-package	## install, start, upgrade and remove it in a machine of its own
	@tests/package/run.sh

# What is installed and depends on PREFIX, the programs or a table.
install-files: $(units) $(pages) $(envs) $(commands)

$(units): $(installed)/%.service: docker/install/%.service.in docker/install/hardened always
	@mkdir -p $(@D) && $(fill) $< >$@

$(commands): $(installed)/%: docker/install/%.sh always
	@mkdir -p $(@D) && $(fill) $< >$@ && chmod 755 $@

$(pages): $(installed)/%.1: docker/install/%.1 docker/install/pages.py $(OUT)/%
	@mkdir -p $(@D) && docker/install/pages.py man $(OUT)/$* $< >$@

$(envs): $(installed)/%.env: docker/install/values docker/install/pages.py $(OUT)/%
	@mkdir -p $(@D) && docker/install/pages.py env $(OUT)/$* $< >$@

.PHONY: install install-files deb test-package
