# casework. `make help` lists the targets.
#
# Kore comes as source with Debian's package and is compiled into one binary
# with api/*.c, without its HTTP layer. build/ holds the ordinary build,
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

# What scripts read. SQL goes as it was typed, dollar signs and all.
override SQL	:= $(value SQL)
export PORT RUN_DIR CASES SQL AS SCOPES BINARY TEST RESULTS SCALE
export SECONDS_EACH = $(SECONDS)

# ---- what is built from what ------------------------------------------------

KORE_NAMES	= kore buf config connection domain filemap fileref json mem \
		  msg module net pool runtime timer utils worker keymgr \
		  linux seccomp
# The modules that see Kore. Unit tests and fuzzers link what they need of the
# others, which make up libcasework.a.
KORE_SIDE	= db db_conn http http_input wire kore main

KORE_SRC	= $(KORE_NAMES:%=$(KORE)/src/%.c)
KORE_OBJ	= $(KORE_NAMES:%=$(OUT)/kore/%.o)
API_OBJ		= $(patsubst api/%.c,$(OUT)/obj/%.o,$(wildcard api/*.c))
WORKER_OBJ	= $(patsubst api/%.c,$(OUT)/obj/%.o,$(wildcard api/worker/*.c))
# TEST may name unit tests, all or some; files of pytest need none.
TEST_UNIT	= $(if $(TEST),$(if $(filter unit,$(TEST)),$(UNIT),$(patsubst \
		  tests/unit/%.c,$(OUT)/unit/%,$(filter tests/unit/%.c,$(TEST)))),$(UNIT))
# Of the worker, what needs neither database nor network.
WORKER_PURE	= mime markup status_model status_documents status_atom status_page \
		  status_snapshot status_files status_operator
PURE_SRC	= $(filter-out $(KORE_SIDE:%=api/%.c),$(wildcard api/*.c)) \
		  $(WORKER_PURE:%=api/worker/%.c)
PURE_OBJ	= $(PURE_SRC:api/%.c=$(OUT)/obj/%.o)
UNIT		= $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(wildcard tests/unit/test_*.c))
FUZZ		= $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_OBJ	= $(PURE_SRC:api/%.c=build/fuzz/obj/%.o)
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
INCLUDE		= -Iinclude -Iapi/worker -I$(GEN) -isystem $(KORE)/include \
		  -isystem /usr/include/postgresql
API_FLAGS	= -std=c11 $(FLAVOR) $(INCLUDE) $(WARN) $(HARDEN) -MMD -MP
KORE_FLAGS	= -std=gnu99 $(FLAVOR) -D_FILE_OFFSET_BITS=64 -DPREFIX='"/usr"' \
		  -w $(HARDEN) -I$(KORE)/include/kore -I$(KORE)/include -I$(GEN)
FUZZ_FLAGS	= -std=c11 $(FLAVOR) $(INCLUDE) $(WARN) -O1 -g -MMD -MP \
		  -fsanitize=fuzzer-no-link,address,undefined
LINK		= $(HARDEN) -pie -rdynamic -Wl,-z,relro,-z,now
PURE_LIBS	= -ljwt -ljansson -lcrypto
LIBS		= -ldl -lssl -lpq $(PURE_LIBS)
WORKER_LIBS	= -lcurl -lpq $(PURE_LIBS)

# One word per file on standard error: `make token` prints a token only.
say		= @echo "  $(1)	$@" >&2
$(shell mkdir -p $(GEN))

help:	## this list
	@echo "usage: make TARGET [NAME=value ...]"
	@sed -n 's/^\([a-z-]*\):.*## */  \1	/p' Makefile | expand -t 20
	@echo "variables: PORT=$(PORT) RUN_DIR=$(RUN_DIR) DATABASE_URL=$(if \
		$(DATABASE_URL),(given),(a private cluster)) SANITIZE= CC=$(CC)"

# ---- run it -----------------------------------------------------------------

run: build | packages-run	## install, build, serve with demonstration data until Ctrl-C
	@api/instance.sh run

start: build | packages-run	## the same in the background; returns once /readyz is 200
	@api/instance.sh start

stop:	## stop what `make start` started; the data stays
	@api/instance.sh stop

remove:	## stop, and delete the data, keys and logs of this RUN_DIR
	@api/instance.sh remove

token:	## print an access token: AS=contact:1 SCOPES="cases:read"
	@api/instance.sh token

psql:	## run SQL="..." as the owner, or open psql
	@api/instance.sh psql

data:	## add generated cases: CASES=200000, in 200 districts
	@api/instance.sh data

check: build	## hold the document, the statements and the database together
	@api/instance.sh check

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

rules: build | packages-run packages-test	## which test proves which fact, rule and example of the domain
	@tests/suite.sh rules

bench: build | packages-run packages-bench	## compare with pgbench on the same statements; SCALE=1: 10^4 to 10^6 cases
	@tests/bench/run.sh

fuzz: $(FUZZ) | packages-fuzz	## run each fuzzer for SECONDS=20
	@tests/suite.sh fuzz $(FUZZ)

lint: build | packages-lint	## formats, warnings, documents
	@CLANG_FLAGS="-std=c11 $(FLAVOR) $(INCLUDE)" tests/lint.sh

format:	## write the C sources as .clang-format says
	@clang-format -i $(wildcard api/*.[ch] api/worker/*.[ch] include/*.h tests/unit/*.[ch] tests/fuzz/*.[ch])

clean:	## delete what was built; data stays (make remove)
	@rm -rf build

# ---- build it ---------------------------------------------------------------

build: $(OUT)/casework $(OUT)/casework-worker	## build/casework, build/casework-worker
unit: $(UNIT)	## the C unit tests, without running them

install-packages: packages-build packages-run packages-test packages-lint packages-bench packages-fuzz	## all Debian packages that any target needs

packages-%:
	@api/packages.sh $*

# Order only: looked at on every run, rebuilds nothing.
$(KORE_SRC): | packages-build ;

# Folders are prerequisites too: a file that is deleted is a change.
$(OUT)/casework: $(API_OBJ) $(KORE_OBJ) $(OUT)/obj/embed.o api
	$(call say,LINK)
	@$(CC) $(LINK) -o $@ $(filter %.o,$^) $(LIBS)

$(OUT)/casework-worker: $(WORKER_OBJ) $(OUT)/libcasework.a api/worker
	$(call say,LINK)
	@$(CC) $(LINK) -pthread -o $@ $(filter %.o %.a,$^) $(WORKER_LIBS)

$(API_OBJ) $(WORKER_OBJ): $(OUT)/obj/%.o: api/%.c Makefile | packages-build
	$(call say,CC)
	@mkdir -p $(@D) && $(CC) $(API_FLAGS) -c -o $@ $<

$(OUT)/obj/embed.o: api/embed.S $(EMBEDDED)
	$(call say,AS)
	@mkdir -p $(@D) && $(CC) -I$(GEN) -c -o $@ $<

# Kore's own kore_signal() gives way to the one in api/kore.c.
$(KORE_OBJ): $(OUT)/kore/%.o: $(KORE)/src/%.c $(GEN)/platform.h Makefile
	$(call say,CC)
	@mkdir -p $(@D) && $(CC) $(KORE_FLAGS) -c -o $@ $<
	@objcopy --weaken-symbol=kore_signal $@

$(GEN)/platform.h: $(KORE_SRC)
	@sh $(KORE)/misc/linux-platform.sh >$@.new && mv $@.new $@

$(GEN)/openapi.json $(GEN)/openapi.yaml &: openapi/bundle.py $(wildcard openapi/*.yaml) openapi | packages-build
	$(call say,BUNDLE)
	@$(PYTHON) openapi/bundle.py $(GEN)

$(GEN)/statements.sql: $(wildcard sql/api/*.sql) sql/api
	@awk 1 $(filter %.sql,$^) >$@.new && mv $@.new $@

$(OUT)/libcasework.a: $(PURE_OBJ)
build/fuzz/libcasework.a: $(FUZZ_OBJ)
%/libcasework.a:
	@rm -f $@ && ar rcs $@ $^

$(UNIT): $(OUT)/unit/%: tests/unit/%.c $(OUT)/libcasework.a
	$(call say,CC)
	@mkdir -p $(@D) && $(CC) $(API_FLAGS) -Itests/unit $(LINK) -o $@ $< $(OUT)/libcasework.a $(PURE_LIBS)

$(FUZZ_OBJ): build/fuzz/obj/%.o: api/%.c Makefile | packages-build packages-fuzz
	@mkdir -p $(@D) && clang $(FUZZ_FLAGS) -c -o $@ $<

$(FUZZ): build/fuzz/%: tests/fuzz/%.c build/fuzz/libcasework.a
	$(call say,FUZZ)
	@clang $(FUZZ_FLAGS) -fsanitize=fuzzer -Itests/fuzz -o $@ $< build/fuzz/libcasework.a $(PURE_LIBS)

.PHONY: help run start stop remove token psql data check routes test test-asan try \
	test-tls rules bench fuzz lint format clean build unit install-packages
.DELETE_ON_ERROR:

-include $(wildcard $(OUT)/obj/*.d $(OUT)/obj/*/*.d $(OUT)/unit/*.d \
	build/fuzz/*.d build/fuzz/obj/*.d build/fuzz/obj/*/*.d)
