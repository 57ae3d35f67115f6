# casework. `make help` lists the targets.
#
# Kore comes as source with Debian's package and is compiled into one binary
# with api/, without its HTTP layer. build/ holds the ordinary build,
# build/asan/ the one with sanitizers (SANITIZE=1).

PORT		?= 8080
RUN_DIR		?= .run
CASES		?= 200000
SECONDS		?= 20
ifeq ($(origin CC),default)
CC		= gcc
endif
ifeq ($(origin AS),default)
AS		=
endif
ifneq ($(filter test-asan,$(MAKECMDGOALS)),)
SANITIZE	= 1
endif

PYTHON		= /usr/bin/python3
KORE		= /usr/share/kore
GEN		= build
OUT		= build$(if $(SANITIZE),/asan)$(if $(filter-out gcc,$(CC)),/$(notdir $(CC)))
BINARY		?= $(OUT)/casework

# Nothing is built by a rule that does not stand here.
MAKEFLAGS	+= --no-builtin-rules

# The version is written in openapi/openapi.yaml alone. The commit is git's, or
# COMMIT=... where there is no .git, as in docker/Dockerfile.
VERSION		= $(shell sed -n '/^info:/,/^[^ i]/s/^  version: *//p' openapi/openapi.yaml)
commit		= $(or $(COMMIT),$(if $(wildcard .git),$(shell git describe \
		  --always --abbrev=7 --dirty --exclude='*' 2>/dev/null)),unknown)

# Which database a program fits: the names of sql/schema, as PostgreSQL writes a list.
migrations	= {$(subst $() ,$(comma),$(patsubst sql/schema/%.sql,%,$(sort $(wildcard sql/schema/*.sql))))}

# What scripts read. SQL goes as it was typed, dollar signs and all.
override SQL	:= $(value SQL)
export PORT RUN_DIR CASES SQL AS SCOPES BINARY TEST RESULTS SCALE SHORT
export SECONDS_EACH = $(SECONDS)

# ---- what is built from what ------------------------------------------------

KORE_NAMES	= kore buf config connection domain filemap fileref json mem \
		  msg module net pool runtime timer utils worker keymgr \
		  linux seccomp

include api/floors.mk

KORE_SRC	= $(KORE_NAMES:%=$(KORE)/src/%.c)
KORE_OBJ	= $(KORE_NAMES:%=$(OUT)/kore/%.o)
# Objects keep their folder. Unit tests and fuzzers link what they need of
# libcasework.a: all floors but those that see Kore, which come alive only in
# the service. The worker has floors of its own on the same ground.
sources		= $(wildcard $(patsubst %,api/%/*.c,$(1)))
objects		= $(patsubst api/%.c,$(OUT)/obj/%.o,$(1))
WORKER_FLOORS	= $(filter worker/%,$(SEES.worker))
API_OBJ		= $(call objects,$(wildcard api/*.c) $(call sources,$(FLOORS)))
WORKER_OBJ	= $(call objects,$(call sources,worker $(WORKER_FLOORS)))
READING_SRC	= $(call sources,$(filter-out $(SEES_KORE),$(FLOORS)))
PURE_SRC	= $(READING_SRC) $(call sources,$(WORKER_FLOORS))
# TEST may name unit tests, all or some; files of pytest need none.
TEST_UNIT	= $(if $(TEST),$(if $(filter unit,$(TEST)),$(UNIT),$(patsubst \
		  tests/unit/%.c,$(OUT)/unit/%,$(filter tests/unit/%.c,$(TEST)))),$(UNIT))
PURE_OBJ	= $(PURE_SRC:api/%.c=$(OUT)/obj/%.o)
UNIT		= $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(wildcard tests/unit/test_*.c))
FUZZ		= $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_OBJ	= $(PURE_SRC:api/%.c=build/fuzz/obj/%.o)
# What counts the steps of a request (tests/price) is linked with objects of its
# own: they say which blocks run, and leave the work of libraries to calls.
PRICE		= $(OUT)/unit/test_price build/fuzz/fuzz_price
PRICE_OBJ	= $(patsubst api/%.c,$(1)/price/%.o,$(READING_SRC)) \
		  $(patsubst %,$(1)/price/%.o,price price_library price_peers) $(OUT)/obj/embedded.o
PRICED		= __sanitizer_cov_trace_pc malloc calloc realloc memcpy memmove memset memchr memmem strlen \
		  strchr strstr strcasestr strspn strcspn strcmp strcasecmp \
		  strncasecmp strncmp stpcpy vsnprintf snprintf \
		  sprintf clock_gettime regexec json_loadb json_dumps json_object_get \
		  json_object_setn_new_nocheck
VERSION_OBJ	= $(OUT)/obj/common/version.o
EMBEDDED	= $(GEN)/openapi.json $(GEN)/openapi.yaml $(GEN)/statements.sql

WARN		= -Wall -Wextra -Wshadow -Wstrict-prototypes \
		  -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Werror
ifdef SANITIZE
HARDEN		= -O1 -g -fPIE -fsanitize=address,undefined \
		  -fno-omit-frame-pointer -DCASEWORK_SANITIZE
else
HARDEN		= -O2 -g -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2
endif
FLAVOR		= -D_GNU_SOURCE -DKORE_SINGLE_BINARY -DKORE_NO_HTTP
# The include paths of a file: those of its floor (api/floors.mk).
floor		= $(patsubst api/%,%,$(patsubst %/,%,$(dir $(1))))
INCLUDE		= -Iinclude -I$(GEN) $(patsubst %,-Iapi/%,$(SEES.$(call floor,$(1)))) \
		  $(if $(filter $(call floor,$(1)),$(SEES_KORE)),-isystem $(KORE)/include) \
		  $(if $(filter $(call floor,$(1)),$(SEES_LIBPQ)),-isystem /usr/include/postgresql)
C_FLAGS		= -std=c11 $(FLAVOR) $(call INCLUDE,$(1))
API_FLAGS	= $(call C_FLAGS,$(1)) $(WARN) $(HARDEN) -MMD -MP
# Tests look into every floor.
TEST_INCLUDE	= $(patsubst %,-Iapi/%,$(sort $(FLOORS) $(SEES.worker))) -isystem /usr/include/postgresql
KORE_FLAGS	= -std=gnu99 $(FLAVOR) -D_FILE_OFFSET_BITS=64 -DPREFIX='"/usr"' \
		  -w $(HARDEN) -I$(KORE)/include/kore -I$(KORE)/include -I$(GEN)
PRICE_FLAGS	= -fsanitize-coverage=trace-pc -fno-builtin -U_FORTIFY_SOURCE -DARENA_EXACT
PRICE_LINK	= $(addprefix -Wl$(comma)--wrap=,$(PRICED)) -lpq
FUZZ_FLAGS	= $(call C_FLAGS,$(1)) $(WARN) -O1 -g -MMD -MP \
		  -fsanitize=fuzzer-no-link,address,undefined
LINK		= $(HARDEN) -pie -rdynamic -Wl,-z,relro,-z,now
PURE_LIBS	= -ljansson -lcrypto
LIBS		= -ldl -lssl -lpq $(PURE_LIBS)
WORKER_LIBS	= -lcurl -lpq $(PURE_LIBS)
UNIT_LIBS	= -lpq $(PURE_LIBS) -ljwt

comma		= ,

# One word per file on standard error: `make token` prints a token only.
say		= @echo "  $(1)	$@" >&2
$(shell mkdir -p $(GEN))

help:	## this list
	@echo "usage: make TARGET [NAME=value ...]"
	@sed -n 's/^\([a-z-]*\):.*## */  \1	/p' Makefile docker/install/install.mk | expand -t 20
	@echo "variables: PORT=$(PORT) RUN_DIR=$(RUN_DIR) DATABASE_URL=$(if \
		$(DATABASE_URL),(given),(a private cluster)) SANITIZE= CC=$(CC)"

# ---- run it -----------------------------------------------------------------

run: build | packages-run	## install, build, serve with demonstration data until Ctrl-C
	@api/run/instance.sh run

start: build | packages-run	## the same in the background; returns once /readyz is 200
	@api/run/instance.sh start

stop:	## stop what `make start` started; the data stays
	@api/run/instance.sh stop

remove:	## stop, and delete the data, keys and logs of this RUN_DIR
	@api/run/instance.sh remove

token:	## print an access token: AS=contact:1 SCOPES="cases:read"
	@api/run/instance.sh token

psql:	## run SQL="..." as the owner, or open psql
	@api/run/instance.sh psql

catalogue:	## print what the database says of roles and rights (tests/data/catalogue.txt)
	@$(PYTHON) tests/support/catalogue.py $(RUN_DIR)

data:	## add generated cases: CASES=200000, in 200 districts
	@api/run/instance.sh data

check: build	## hold the document, the statements and the database together
	@api/run/instance.sh check

routes: build	## print every operation: method, path, callers, statement
	@$(BINARY) routes

# ---- test it ----------------------------------------------------------------

test: build $(TEST_UNIT) | packages-run packages-test	## every test, in a directory of its own: TEST="-k notes"
	@tests/suite.sh http $(TEST_UNIT)

test-asan: build $(TEST_UNIT) | packages-run packages-test	## the same with address and undefined behaviour sanitizers
	@tests/suite.sh http $(TEST_UNIT)

try: build | packages-run packages-test	## tests on an instance that goes on running: TEST=tests/test_notes.py
	@tests/suite.sh try

test-tls: build | packages-run packages-test	## the HTTP tests through HAProxy over TLS
	@tests/suite.sh tls

test-ha: build | packages-run packages-test packages-ha	## PostgreSQL under Patroni, nodes and workers, whose machines die (root): SHORT=1
	@tests/suite.sh ha

rules: build | packages-run packages-test	## which test proves which fact, rule and example of the domain
	@tests/suite.sh rules

mutants: build | packages-run packages-test	## break each rule on purpose and see that a test notices: ONLY=tokens/
	@tests/mutation/mutants.py run "$(ONLY)"

bench: build | packages-run packages-bench	## compare with pgbench on the same statements; SCALE=1: 10^4 to 10^6 cases
	@tests/bench/run.sh

fuzz: $(FUZZ) | packages-fuzz	## run each fuzzer for SECONDS=20
	@tests/suite.sh fuzz $(FUZZ)

lint: build install-files | packages-lint	## formats, warnings, documents
	@CLANG_FLAGS="$(call C_FLAGS,api/main.c) $(TEST_INCLUDE)" tests/lint.sh

format:	## write the C sources as .clang-format says
	@clang-format -i $(wildcard api/*.[ch] api/*/*.[ch] api/*/*/*.[ch] include/*.h tests/unit/*.[ch] tests/fuzz/*.[ch])

clean:	## delete what was built; data stays (make remove)
	@rm -rf build

# ---- build it ---------------------------------------------------------------

build: $(OUT)/casework $(OUT)/casework-worker	## build/casework, build/casework-worker
unit: $(UNIT)	## the C unit tests, without running them

install-packages: packages-build packages-run packages-unit packages-test packages-lint packages-bench packages-fuzz packages-ha packages-deb packages-package	## all Debian packages that any target needs

packages-%:
	@api/run/packages.sh $*

# Order only: looked at on every run, rebuilds nothing.
$(KORE_SRC): | packages-build ;

# Folders are prerequisites too: a file that is deleted is a change.
$(OUT)/casework: $(API_OBJ) $(KORE_OBJ) $(OUT)/obj/embedded.o api $(FLOORS:%=api/%)
	$(call say,LINK)
	@$(CC) $(LINK) -o $@ $(filter %.o,$^) $(LIBS)

$(OUT)/casework-worker: $(WORKER_OBJ) $(VERSION_OBJ) $(OUT)/obj/embedded.o $(OUT)/libcasework.a api/worker $(WORKER_FLOORS:%=api/%)
	$(call say,LINK)
	@$(CC) $(LINK) -pthread -o $@ $(filter %.o %.a,$^) $(WORKER_LIBS)

$(API_OBJ) $(WORKER_OBJ): $(OUT)/obj/%.o: api/%.c Makefile | packages-build
	$(call say,CC)
	@mkdir -p $(@D) && $(CC) $(call API_FLAGS,$<) -c -o $@ $<

# Written anew only when it says something else.
$(GEN)/release.h: always
	$(if $(VERSION),,$(error openapi/openapi.yaml has no info.version))
	@printf '#define RELEASE_%s "%s"\n' VERSION '$(VERSION)' COMMIT '$(commit)' MIGRATIONS '$(migrations)' >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(VERSION_OBJ): $(GEN)/release.h

$(GEN)/unicode_table.h: openapi/characters.py | packages-build
	$(call say,TABLE)
	@$(PYTHON) $< $@

$(patsubst %,%/common/unicode.o,$(OUT)/obj build/fuzz/obj $(OUT)/price build/fuzz/price): $(GEN)/unicode_table.h

$(OUT)/obj/embedded.o: api/embedded.S $(EMBEDDED)
	$(call say,AS)
	@mkdir -p $(@D) && $(CC) -I$(GEN) -c -o $@ $<

# Kore's own kore_signal() gives way to the one in api/signals.c.
$(KORE_OBJ): $(OUT)/kore/%.o: $(KORE)/src/%.c $(GEN)/platform.h Makefile
	$(call say,CC)
	@mkdir -p $(@D) && $(CC) $(KORE_FLAGS) -c -o $@ $<
	@objcopy --weaken-symbol=kore_signal $@

$(GEN)/platform.h: $(KORE_SRC)
	@sh $(KORE)/misc/linux-platform.sh >$@.new && mv $@.new $@

$(EMBEDDED) &: $(wildcard openapi/*.py openapi/*.yaml sql/api/*.sql) openapi sql/api | packages-build
	$(call say,BUNDLE)
	@$(PYTHON) openapi/bundle.py $(GEN)

# Both programs are linked with the version, and nothing with it in the archive:
# what tests are linked with does not change with the commit.
$(OUT)/libcasework.a: $(filter-out %/version.o,$(PURE_OBJ))
build/fuzz/libcasework.a: $(filter-out %/version.o,$(FUZZ_OBJ))
%/libcasework.a:
	@rm -f $@ && ar rcs $@ $^

$(filter-out $(PRICE),$(UNIT)): $(OUT)/unit/%: tests/unit/%.c $(OUT)/libcasework.a | packages-unit
	$(call say,CC)
	@mkdir -p $(@D) && $(CC) $(call API_FLAGS,$<) $(TEST_INCLUDE) -Itests/unit $(LINK) -o $@ $< $(OUT)/libcasework.a $(UNIT_LIBS)

$(FUZZ_OBJ): build/fuzz/obj/%.o: api/%.c Makefile | packages-build packages-fuzz
	@mkdir -p $(@D) && clang $(call FUZZ_FLAGS,$<) -c -o $@ $<

$(filter-out $(PRICE),$(FUZZ)): build/fuzz/%: tests/fuzz/%.c build/fuzz/libcasework.a
	$(call say,FUZZ)
	@clang $(call FUZZ_FLAGS,$<) $(TEST_INCLUDE) -fsanitize=fuzzer -Itests/fuzz -Itests/unit -o $@ $< build/fuzz/libcasework.a $(PURE_LIBS)

$(OUT)/price/%.o: api/%.c Makefile | packages-build
	@mkdir -p $(@D) && $(CC) $(call API_FLAGS,$<) $(PRICE_FLAGS) -c -o $@ $<

$(OUT)/price/%.o: tests/price/%.c Makefile | packages-build
	@mkdir -p $(@D) && $(CC) $(call API_FLAGS,$<) $(TEST_INCLUDE) -Iapi -c -o $@ $<

$(OUT)/unit/test_price: tests/unit/test_price.c $(call PRICE_OBJ,$(OUT))
	$(call say,CC)
	@mkdir -p $(@D) && $(CC) $(call API_FLAGS,$<) $(TEST_INCLUDE) -Itests/unit -Itests/price $(LINK) -o $@ $(filter %.c %.o,$^) $(PRICE_LINK) $(PURE_LIBS)

build/fuzz/price/%.o: api/%.c Makefile | packages-build packages-fuzz
	@mkdir -p $(@D) && clang $(call FUZZ_FLAGS,$<) $(PRICE_FLAGS) -c -o $@ $<

build/fuzz/price/%.o: tests/price/%.c Makefile | packages-build packages-fuzz
	@mkdir -p $(@D) && clang $(call FUZZ_FLAGS,$<) -fno-sanitize-coverage=trace-pc $(TEST_INCLUDE) -Iapi -c -o $@ $<

build/fuzz/fuzz_price: tests/fuzz/fuzz_price.c $(call PRICE_OBJ,build/fuzz)
	$(call say,FUZZ)
	@clang $(call FUZZ_FLAGS,$<) $(TEST_INCLUDE) -fsanitize=fuzzer -Itests/fuzz -Itests/price -o $@ $(filter %.c %.o,$^) $(PRICE_LINK) $(PURE_LIBS)

include docker/install/install.mk

.PHONY: help run start stop remove token psql catalogue data check routes test test-asan try \
	test-tls test-ha rules mutants bench fuzz lint format clean build unit install-packages \
	always
.DELETE_ON_ERROR:

-include $(wildcard $(foreach at,$(OUT)/obj $(OUT)/price build/fuzz/obj build/fuzz/price,$(at)/*.d $(at)/*/*.d \
	$(at)/*/*/*.d) $(OUT)/unit/*.d build/fuzz/*.d)
