#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The checks of `make test`, one after another, each with its time. Stops at the first that fails.
# Usage: stages.sh [STAGE...]    all of them without an argument; OUT and J as in the Makefile
# The stage unit counts the lines that are run, too; unit-valgrind runs what the debug build made.
# unit-valgrind follows one of the random lives of matching_law_test and leaves out the programs that
# go through hundreds of days or rows (half a minute to minutes each there); unit-asan runs them all.
# What a stage printed stands in $OUT/log/STAGE.log and is shown when it failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
OUT=${OUT:-build}
J=${J:-$(nproc)}
LIMIT_S=${STAGE_LIMIT_S:-1200}
valgrind='valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,possible'

declare -a names=()
declare -A does=()
stage() {
	names+=("$1")
	does[$1]=$2
}
stage format "format"
stage build-gcc "VARIANT=debug programs"
stage build-clang "VARIANT=clang compiled"
stage lint "VARIANT=debug lint"
stage symbols "VARIANT=debug symbols"
stage unit "coverage"
stage unit-asan "VARIANT=asan unit"
stage fuzz-corpus "VARIANT=asan replay"
stage sim "VARIANT=debug sim"
stage sim-asan "VARIANT=asan SEEDS=100 sim"
stage digest "digest"
stage mutants "mutants"
stage unit-valgrind "VARIANT=debug unit"
stage integ "VARIANT=debug integ"
stage browser "VARIANT=debug browser"
stage fuzz-smoke "fuzz-smoke"
stage cppcheck "VARIANT=debug cppcheck"
stage tidy "VARIANT=debug tidy"

run_stage() {
	local name=$1 log=$OUT/log/$1.log start=$SECONDS code wrap=''
	local skip=''
	if [ "$name" = unit-valgrind ]; then
		wrap="env SEEDS=1 $valgrind"
		skip='waitlist_load intake_walk intake_ground intake_watch intake_clock'
		skip="$skip waitlist_stuck waitlist_help waitlist_rise cli_person gateway_hsds_damage"
	fi
	# shellcheck disable=SC2086 # a stage is a list of words
	timeout -k 10 "$LIMIT_S" make --no-print-directory --output-sync=target -j"$J" J="$J" \
		OUT="$OUT" WRAP="$wrap" SKIP="$skip" ${does[$name]} >"$log" 2>&1 </dev/null
	code=$?
	if [ "$code" -ne 0 ]; then
		tail -n 150 "$log"
		[ "$code" -ne 124 ] || echo "no end after $LIMIT_S s"
		printf 'stage %-14s FAILED after %4d s, whole log: %s\n' "$name" $((SECONDS - start)) "$log"
		return 1
	fi
	grep -h -E '^[a-z]+: [0-9]+ passed|SKIPPED' "$log" | sed 's/^/      /'
	printf 'stage %-14s passed in %4d s%s\n' "$name" $((SECONDS - start)) "$(count_ok "$log")"
}

count_ok() {
	awk '/^  ok    / { n++ } /^  ok    .*: [0-9]+ passed/ { t += $(NF - 1) }
		END { if (t) printf "  (%d programs, %d tests)", n, t; else if (n) printf "  (%d)", n }' "$1"
}

[ $# -gt 0 ] && names=("$@")
mkdir -p "$OUT/log"
passed=0
begun=$SECONDS
for name in "${names[@]}"; do
	if [ -z "${does[$name]:-}" ]; then
		echo "no stage $name; there are: ${!does[*]}"
		exit 2
	fi
	if ! run_stage "$name"; then
		echo "stages: $passed passed, 1 failed"
		exit 1
	fi
	passed=$((passed + 1))
done
echo "all stages in $((SECONDS - begun)) s"
echo "stages: $passed passed, 0 failed"
