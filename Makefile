# SPDX-License-Identifier: EUPL-1.2
# Two commands are enough: `make run` shows the region at work, `make test` checks everything.
# `make help` lists the rest. Adding a service is one word below; a source or test file needs none.

SERVICES := intake waitlist matching
# keyd joins when it exists; gateway and cli have rules of their own

VARIANT ?= debug
OUT     ?= build
B       ?= $(OUT)/$(VARIANT)
SEEDS   ?= 200
FIRST   ?= 1
FUZZ_S  ?= 10
J       ?= $(shell nproc)
PYTHON  ?= /usr/bin/python3
Q       := $(if $(V),,@)
export PYTHONDONTWRITEBYTECODE := 1

# --- flags -----------------------------------------------------------------------------------
ifeq ($(origin CC),default)
CC := $(if $(filter clang,$(VARIANT)),clang,gcc)
endif
SANITIZE       := -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_debug    := -O1 -g
FLAGS_release  := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
# Counts lines, too. A local that is read before it is set holds a pattern, as fresh heap does there.
# What a pointer may not do is left to the address sanitizer, but for alignment; `make fuzz` has it all.
FLAGS_asan     := -O1 -g1 -fsanitize=address,undefined -fno-sanitize=null,object-size,pointer-overflow \
	$(SANITIZE) -ftrivial-auto-var-init=pattern --coverage
FLAGS_ubsan    := -O1 -g -fsanitize=undefined $(SANITIZE)
# The other compiler: its warnings, the fuzz targets, and simulators whose digest must be the same.
# UB=,undefined watches arithmetic, too: `make fuzz` does, the smoke leaves it to the corpus in asan.
UB             :=
FLAGS_clang    := -O1 -g1 -fsanitize=fuzzer-no-link,address$(UB) $(SANITIZE)
FLAGS_mut      := $(FLAGS_debug) -DSK_MUT=1
ifndef FLAGS_$(VARIANT)
$(error VARIANT=$(VARIANT) is none of debug clang release asan ubsan mut)
endif
WARN     := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wvla -Wswitch-enum -Werror
INCLUDE  := -I. -I$(B)
CFLAGS   := -std=c17 -D_GNU_SOURCE $(FLAGS_$(VARIANT)) $(INCLUDE)
# gold comes with binutils and links the many test programs in less than half the time. With clang it
# warns of each symbol of the sanitizer.
LDFLAGS  := -Wl,--as-needed $(if $(filter clang,$(VARIANT)),,-fuse-ld=gold)
LIBS     := -llmdb -lsodium -lxxhash -lprotobuf-c -lzstd
WEBLIBS  := -lmicrohttpd -lwslay -lcurl -ljwt -lcrypto -lm -pthread
LOOPLIBS := -lzmq -luv -lsystemd -linih -ljansson

# --- files -----------------------------------------------------------------------------------
# What may touch sockets, clocks, files and threads; everything else in common/ is sans-I/O and is
# what the simulators link. `make symbols` refuses a file that stands on the wrong side.
LOOP  := $(wildcard $(addprefix common/,svc*.c loop*.c zwatch*.c zap*.c files*.c logging*.c \
	conf.c conf_*.c client*.c))
# What people and their programs read and write: words, dates, tables, JSON, sealed texts.
FACE  := $(addprefix common/,capacity_file.c capsule.c csv.c jsonin.c jsonline.c pbjson.c table.c \
	textfile.c token.c when.c words.c)
CORE  := $(filter-out $(LOOP) $(FACE),$(wildcard common/*.c)) $(wildcard common/plan/*.c) \
	$(filter-out %/main.c,$(wildcard $(SERVICES:%=services/%/*.c)))
GATEWAY := $(filter-out %/main.c,$(wildcard services/gateway/*.c))
PAGE    := $(shell find services/gateway/page -type f 2>/dev/null | LC_ALL=C sort)
CLI   := $(filter-out %/main.c,$(wildcard services/cli/*.c))
PROTO := $(wildcard proto/schakel/v1/*.proto)
PB_C  := $(PROTO:proto/%.proto=$(B)/%.pb-c.c)
PB_PY := $(PROTO:proto/%.proto=$(B)/py/%_pb2.py)
OURS_C := $(wildcard common/*.c common/plan/*.c services/*/*.c tests/*/*.c)
OURS_H := $(wildcard common/*.h common/plan/*.h services/*/*.h tests/*/*.h)

# `mut` compiles anew what the debug build found to know the planted bugs; all else it has from there.
OWN  := %
SAME := $(B)
ifeq ($(VARIANT),mut)
SAME := $(OUT)/debug
OWN  := $(patsubst $(SAME)/%.d,%.c,$(shell grep -rl --include='*.d' 'common/mut\.h' $(SAME) 2>/dev/null))
endif
objects = $(patsubst %.c,$(B)/%.o,$(filter $(OWN),$(1))) $(patsubst %.c,$(SAME)/%.o,$(filter-out $(OWN),$(1)))

# tests/KIND/*_KINDWORD.c is a program each; the other .c files of the folder are its helpers.
programs = $(patsubst %.c,$(B)/%,$(wildcard tests/$(1)/*_$(2).c))
helpers  = $(call objects,$(filter-out %_$(2).c %/replay_main.c,$(wildcard tests/$(1)/*.c)))
UNIT  := $(call programs,unit,test)
SIM   := $(call programs,sim,sim)
FUZZ  := $(call programs,fuzz,fuzz)
BENCH := $(call programs,bench,bench)
INTEG_TOOLS := $(call programs,integ,tool) \
	$(patsubst %.c,$(B)/%.so,$(wildcard tests/integ/*_preload.c))
INTEG := $(wildcard tests/integ/*_test.py tests/integ/*_test.sh)

DAEMONS := $(patsubst services/%/main.c,$(B)/bin/schakel-%d,$(wildcard $(SERVICES:%=services/%/main.c)))
GATEWAYD := $(patsubst services/%/main.c,$(B)/bin/schakel-%d,$(wildcard services/gateway/main.c))
COMMAND := $(patsubst services/cli/main.c,$(B)/bin/schakel,$(wildcard services/cli/main.c))
ARCHIVES := $(B)/libgateway.a $(B)/libcli.a $(B)/libface.a $(B)/libloop.a $(B)/libschakel.a

.PHONY: all run tables test help clean programs compiled unit sim mutants mutants-hunt digest integ browser torture replay calibrate \
	fuzz-smoke fuzz exact bench lint format format-fix headers tidy cppcheck symbols coverage \
	counted covered covered-scripts coverage-ratchet proto-lint proto-missing proto-baseline FORCE
.SECONDARY:
.DELETE_ON_ERROR:

## make                  builds into build/debug/bin; with VARIANT=release (asan, clang, ...) beside it
all: $(DAEMONS) $(COMMAND) $(GATEWAYD)

# What stages run one beside the other. Unit tests are built where they are run; all of them, and the
# fuzz targets, in asan.
programs: all $(ARCHIVES) $(SIM) $(BENCH) $(INTEG_TOOLS)
# What is run in this variant (clang) linked, and all else read for its warnings.
READ := $(wildcard tests/unit/*.c tests/bench/*.c tests/integ/*.c)
compiled: all $(SIM) $(FUZZ) $(READ:%.c=$(B)/%.read)
$(B)/%.read: %.c $(B)/flags | $(PB_C)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(WARN) -fsyntax-only -MMD -MP -MF $@.d -MT $@ $<
	@touch $@

help:
	@sed -n 's/^## //p' Makefile

# --- the two entry points ---------------------------------------------------------------------
## make run              install what is needed, build, start a demo region and show it
run:
	@sh deploy/setup.sh run
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=release all
	@exec sh deploy/run.sh $(OUT)/release/bin

## make test             install what is needed, then every check there is (.ci/run calls this)
test:
	@sh deploy/setup.sh test
	@MAKEFLAGS= OUT=$(OUT) J=$(J) bash tests/stages.sh $(STAGES)

# --- compile and link -------------------------------------------------------------------------
# A change of compiler or flags rebuilds; an unchanged one leaves the stamp alone.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CFLAGS) $(WARN)' | cmp -s - $@ || echo '$(CC) $(CFLAGS) $(WARN)' >$@

$(B)/%.pb-c.c $(B)/%.pb-c.h: proto/%.proto
	@mkdir -p $(B)
	@echo "  PROTO $<"
	$(Q)protoc-c --c_out=$(B) -Iproto $< && touch $(B)/$*.pb-c.h

$(B)/%.pb-c.o: $(B)/%.pb-c.c $(B)/flags | $(PB_C)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/%.o: %.c $(B)/flags | $(PB_C)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(CFLAGS) $(WARN) -MMD -MP -c -o $@ $<

# What a source embeds with .incbin is not in its dependency file.
$(B)/common/words.o $(B)/services/gateway/hsds_words.o: $(wildcard deploy/codes/*.csv)
$(B)/services/gateway/openapi_said.o: services/gateway/openapi_said.json services/gateway/openapi_faces.json

# The page stands in the gateway's program. A file that comes or goes changes the list.
$(B)/services/gateway/page.list: FORCE
	@mkdir -p $(@D)
	@echo '$(PAGE)' | cmp -s - $@ || echo '$(PAGE)' >$@
$(B)/services/gateway/page.c: services/gateway/page.sh services/gateway/page.sed $(PAGE) $(B)/services/gateway/page.list
	@echo "  PAGE  $@"
	$(Q)sh services/gateway/page.sh services/gateway/page $(@D)/page >$@
$(B)/services/gateway/page.o: $(B)/services/gateway/page.c $(B)/flags
	$(Q)$(CC) $(CFLAGS) $(WARN) -MMD -MP -c -o $@ $<

# An archive is made anew whenever its list of members changes, so a removed file leaves it.
define archive
$(1): $(2) $(1).list
	@rm -f $$@
	$$(Q)$$(AR) rcs $$@ $(2)
$(1).list: FORCE
	@mkdir -p $$(@D)
	@echo '$(2)' | cmp -s - $$@ || echo '$(2)' >$$@
endef
$(eval $(call archive,$(B)/libschakel.a,$(call objects,$(CORE)) $(PB_C:$(B)/%.c=$(SAME)/%.o)))
$(eval $(call archive,$(B)/libloop.a,$(call objects,$(LOOP))))
$(eval $(call archive,$(B)/libface.a,$(call objects,$(FACE))))
$(eval $(call archive,$(B)/libgateway.a,$(call objects,$(GATEWAY)) $(B)/services/gateway/page.o))
$(eval $(call archive,$(B)/libcli.a,$(call objects,$(CLI))))
$(eval $(call archive,$(B)/libunit.a,$(call helpers,unit,test)))
$(eval $(call archive,$(B)/libsim.a,$(call helpers,sim,sim)))
$(eval $(call archive,$(B)/libfuzz.a,$(call helpers,fuzz,fuzz)))
$(eval $(call archive,$(B)/libbench.a,$(call helpers,bench,bench)))

link = @mkdir -p $(@D) && echo "  LINK  $@" && $(CC) $(FLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $(filter %.o %.a,$^)

$(B)/bin/schakel-%d: $(B)/services/%/main.o $(B)/libloop.a $(B)/libschakel.a
	$(link) $(LOOPLIBS) $(LIBS)

$(B)/bin/schakel-gatewayd: $(B)/services/gateway/main.o $(ARCHIVES)
	$(link) $(WEBLIBS) $(LOOPLIBS) $(LIBS)

$(B)/bin/schakel: $(B)/services/cli/main.o $(B)/libcli.a $(B)/libface.a $(B)/libloop.a $(B)/libschakel.a
	$(link) $(LOOPLIBS) $(LIBS)

$(UNIT): $(B)/%: $(B)/%.o $(B)/libunit.a $(B)/libsim.a $(ARCHIVES)
	$(link) $(WEBLIBS) $(LOOPLIBS) $(LIBS) -lcmocka

# No loop, no socket library: what a simulator proves is what the daemons' objects do.
# Of the command only the words of people are taken.
$(SIM): $(B)/%: $(B)/%.o $(B)/libsim.a $(B)/libcli.a $(B)/libface.a $(B)/libschakel.a
	$(link) $(LIBS)

FUZZ_MAIN := $(if $(filter clang,$(VARIANT)),,$(B)/tests/fuzz/replay_main.o)
$(FUZZ): $(B)/%: $(B)/%.o $(FUZZ_MAIN) $(B)/libfuzz.a $(ARCHIVES)
	$(link) $(if $(FUZZ_MAIN),,-fsanitize=fuzzer) $(WEBLIBS) $(LOOPLIBS) $(LIBS)

$(BENCH): $(B)/%: $(B)/%.o $(B)/libbench.a $(ARCHIVES)
	$(link) $(LOOPLIBS) $(LIBS)

$(filter-out %.so,$(INTEG_TOOLS)): $(B)/%: $(B)/%.o $(ARCHIVES)
	$(link) $(LOOPLIBS) $(LIBS)

$(B)/tests/integ/%.so: tests/integ/%.c $(B)/flags
	@mkdir -p $(@D) && echo "  LINK  $@"
	$(Q)$(CC) $(CFLAGS) $(WARN) -fPIC -shared -o $@ $< -ldl

$(B)/py/%_pb2.py: proto/%.proto
	@mkdir -p $(B)/py
	$(Q)protoc --python_out=$(B)/py -Iproto $<

# --- tests ------------------------------------------------------------------------------------
# Lines of tests are not counted, nor their own arithmetic watched: what they call is.
ifeq ($(VARIANT),asan)
$(B)/tests/unit/%.o: private CFLAGS += -fno-sanitize=undefined -fno-profile-arcs -fno-test-coverage
endif

none = { echo "no $(1) is called $(T)"; false; }
## make unit             unit tests; WRAP="valgrind ..." and VARIANT=asan apply; T=store for one
unit: $(patsubst %,%.run,$(if $(T),$(filter %/$(T)_test,$(UNIT)),\
	$(filter-out $(SKIP:%=$(B)/tests/unit/%_test),$(UNIT))))
	@$(if $^,:,$(call none,unit test))
$(UNIT:%=%.run): %.run: %
	@sh tests/unit/run.sh $< $(WRAP)

## make sim SEEDS=n      simulators with seeds FIRST.., after every seed that ever failed
sim: $(SIM)
	@$(PYTHON) tests/sim/run.py seeds $(B)/tests/sim -j $(J) --first $(FIRST) --count $(SEEDS)

## make digest           the same seed gives the same digest with gcc and with clang
digest:
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=debug digest-build
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=clang digest-build
	@$(PYTHON) tests/sim/run.py digest $(OUT)/debug/tests/sim $(OUT)/clang/tests/sim -j $(J)
.PHONY: digest-build mutants-build
digest-build: $(SIM)
# Of the unit tests those that mutants.txt names.
mutants-build: digest-build $(filter $(shell sed -n 's,^[0-9]* \([a-z_]*_test\) .*,%/\1,p' tests/sim/mutants.txt),$(UNIT))

## make mutants          each planted bug is found with its known seed
mutants:
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=debug mutants-build
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=mut mutants-build
	@$(PYTHON) tests/sim/run.py mutants $(OUT)/mut/tests/sim -j $(J)

## make mutants-hunt     finds a seed for each planted bug anew, SEEDS=10000 at most
mutants-hunt:
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=debug mutants-build
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=mut mutants-build
	@$(PYTHON) tests/sim/run.py hunt $(OUT)/mut/tests/sim -j $(J) \
		--count $(if $(filter file,$(origin SEEDS)),10000,$(SEEDS))

## make integ            real binaries over sockets, killed and restarted; T=kill for one
chosen = $(filter-out $(call scripts,$(SKIP)),$(if $(T),$(filter $(call scripts,$(T)),$(INTEG)),$(INTEG)))
scripts = $(foreach t,$(1),%/$(t)_test.py %/$(t)_test.sh)
integ: all $(INTEG_TOOLS) $(PB_PY)
	@$(if $(chosen),J=$(J) sh tests/integ/run.sh $(B) $(chosen),$(call none,integration script))

## make browser          the page in a real browser, against real daemons; T=shell for one
BROWSER := $(wildcard tests/browser/*_test.mjs)
opened = $(if $(T),$(filter %/$(T)_test.mjs,$(BROWSER)),$(BROWSER))
browser: all
	@$(if $(opened),J=$(J) sh tests/browser/run.sh $(B) $(opened),$(call none,file of browser tests))

## make torture          the same for hours: TORTURE=1 is set for the scripts
torture: export TORTURE := 1
torture: export INTEG_LIMIT_S := 86400
torture: integ
	@$(MAKE) --no-print-directory SEEDS=10000 sim
	@WALK_DEPTH=4 $(MAKE) --no-print-directory T=intake_walk unit

## make replay           every fuzz target with its corpus
replay: $(FUZZ)
	@set -e; for t in $(FUZZ); do $$t tests/fuzz/corpus/$$(basename $$t _fuzz); done

## make fuzz-smoke       every fuzz target for FUZZ_S seconds;  make fuzz: an hour each
fuzz-smoke:
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=clang FUZZ_S=$(FUZZ_S) fuzz-run
fuzz:
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=clang UB=,undefined FUZZ_S=3600 fuzz-run
.PHONY: fuzz-run $(FUZZ:%=%.fuzz)
fuzz-run: $(FUZZ:%=%.fuzz)
$(FUZZ:%=%.fuzz): %.fuzz: %
	@sh tests/fuzz/run.sh $< $(FUZZ_S)

## make tables            prints the tables of states into README.md from the cores
tables: $(B)/tests/unit/state_tables_test
	@$< --print | $(PYTHON) tests/lint/between.py README.md tables

## make calibrate        the demo of yesterday's way finds no offer as often as was published: five seeds
##                       of 90 days, a quarter of an hour; ends with 1 when it does not agree
calibrate: all
	@$(B)/bin/schakel --lang en demo compare --days 90 --seeds 5 --check

## make exact            random problems: `schakel lab` beside GLPK and CBC, EXACT=n of each kind; any difference fails
EXACT ?= 2000
exact: all
	@$(PYTHON) tests/bench/exact.py $(B)/bin/schakel compose --rules --count $(EXACT) --keep $(B)
	@$(PYTHON) tests/bench/exact.py $(B)/bin/schakel plan --rules --count $(EXACT) --keep $(B)

## make bench            measurements in the release build, each beside its limit; T=submit for one
bench:
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=release bench-build
	@sh tests/bench/run.sh $(OUT)/release $(T)
.PHONY: bench-build
bench-build: all $(BENCH)

# --- checks -----------------------------------------------------------------------------------
## make format           layout is as clang-format makes it;  make format-fix: makes it so
format:
	@$(if $(OURS_C)$(OURS_H),clang-format --dry-run -Werror $(OURS_C) $(OURS_H))
format-fix:
	@$(if $(OURS_C)$(OURS_H),clang-format -i $(OURS_C) $(OURS_H))

## make lint             layering, banned calls, limits, headers, wire, region, scripts, and the
##                       self-test that shows that each of these can fail
lint: headers proto-lint
	@sh tests/lint/repo.sh .
	@$(PYTHON) deploy/demo-region/check.py
	@$(PYTHON) tests/lint/banned.py .
	@$(PYTHON) tests/lint/shape.py .
	@$(PYTHON) tests/lint/demands.py .
	@$(PYTHON) tests/lint/refusals.py .
	@$(PYTHON) tests/lint/page.py .
	@shellcheck $$(grep -rlE '^#!/bin/(ba)?sh|^#!/usr/bin/env bash' .ci deploy services tests)
	@$(PYTHON) tests/lint/selftest.py

headers: $(OURS_H:%=$(B)/%.ok)
$(B)/%.h.ok: %.h $(B)/flags | $(PB_C)
	@mkdir -p $(@D)
	@printf '#include "%s"\n' $< | $(CC) $(CFLAGS) $(WARN) -fsyntax-only -MMD -MP -MF $@.d -MT $@ -x c -
	@touch $@

BUF := build/npm/node_modules/.bin/buf
$(B)/schakel.binpb: $(PROTO)
	@mkdir -p $(@D)
	$(Q)protoc --include_imports -Iproto --descriptor_set_out=$@ $(PROTO)
proto-lint: $(if $(PROTO),$(B)/schakel.binpb)
	@$(if $(PROTO),$(PYTHON) tests/lint/proto_lint.py $(B)/schakel.binpb proto/fields.csv)
	@$(if $(PROTO),$(BUF) lint proto)
	@$(if $(PROTO),$(BUF) breaking proto --against proto/baseline.binpb || \
		{ echo "The wire is broken for its readers; \`make proto-baseline\` if that is meant."; false; })

## make proto-missing    prints the rows that proto/fields.csv lacks
proto-missing: $(B)/schakel.binpb
	@$(PYTHON) tests/lint/proto_lint.py --missing $(B)/schakel.binpb proto/fields.csv
## make proto-baseline   takes the wire as it is now for the one that may not be broken
proto-baseline:
	$(BUF) build proto --exclude-source-info -o proto/baseline.binpb

## make tidy cppcheck    static analysis; NODES=225000 follows more paths and takes much longer
TIDY := $(filter-out tests/%,$(OURS_C))
NODES := 8000
ANALYZER := $(addprefix --extra-arg=,-Xclang -analyzer-config -Xclang max-nodes=$(NODES))
tidy: $(TIDY:%.c=$(B)/%.tidy)
$(B)/%.tidy: %.c $(B)/%.o .clang-tidy
	@echo "  TIDY  $<"
	$(Q)clang-tidy --quiet $(ANALYZER) $< -- -std=c17 -D_GNU_SOURCE $(INCLUDE) 2>$@.log || { cat $@.log; false; }
	@touch $@

CPPCHECK := cppcheck --quiet -j$(J) --std=c11 --enable=warning,performance,portability \
	--error-exitcode=1 --inline-suppr --suppress=missingIncludeSystem --suppress='*:$(B)/*' \
	--cppcheck-build-dir=$(B)/cppcheck -D_GNU_SOURCE $(INCLUDE)
cppcheck: $(PB_C)
	@mkdir -p $(B)/cppcheck
	@$(if $(TIDY),$(CPPCHECK) $(TIDY))

## make symbols          cores, engine and simulators import no clock, thread, socket, randomness
symbols: $(B)/libschakel.a $(SIM)
	@sh tests/lint/symbols.sh $^

## make coverage         lines run by unit tests, simulators, command and demo; cores 95 %, total may not fall
coverage:
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=asan counted
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=asan SEEDS=40 sim
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=asan covered
# The unit tests, from which on lines are counted anew; and at last what only whole programs run.
counted: $(UNIT)
	@find $(B) -name '*.gcda' -delete
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=$(VARIANT) unit
COVERED := command compare gateway gateway_ws person_code fhir hsds
covered-scripts:
	@echo $(COVERED)
covered:
	@$(MAKE) --no-print-directory -j$(J) OUT=$(OUT) VARIANT=$(VARIANT) T="$(COVERED)" integ
	@$(PYTHON) tests/lint/coverage.py $(B) tests/lint/coverage.txt $(COVERAGE_FLAGS)
## make coverage-ratchet keeps the present total as the least that later changes must reach
coverage-ratchet:
	@$(MAKE) --no-print-directory coverage COVERAGE_FLAGS=--update

## make clean            removes what was built; the installed test tools in build/npm stay
clean:
	@rm -rf $(addprefix $(OUT)/,debug clang release asan ubsan mut log)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
