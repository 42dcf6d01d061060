#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The checks of `make test`, each with its time: those that compute one after another, and beside them,
# when the programs stand, those that mostly wait (integ, browser). Nothing begins after a failure.
# Usage: stages.sh [STAGE...]    all of them without an argument; OUT and J as in the Makefile
# Lines are counted in the asan build, from the stage unit on; coverage looks at the sum.
# unit-valgrind finds what is read before it is set. It follows one of the random lives of
# matching_law_test and leaves out the programs that take four seconds or more there (they go through
# hundreds of days or rows, or compute keys or plans), and those whose branches the others walk, too:
# all together they would add one in a hundred. What reads bytes from outside stays. The stage unit
# runs them all.
# Some unit programs mostly wait, so those two stages run four at a time.
# What a stage printed stands in $OUT/log/STAGE.log and is shown when it failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
OUT=${OUT:-build}
J=${J:-$(nproc)}
LIMIT_S=${STAGE_LIMIT_S:-1800}
valgrind='valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,possible'

declare -a names=()
declare -A does=()
stage() {
	names+=("$1")
	does[$1]=$2
}
stage format "format"
stage build-gcc "VARIANT=debug programs"
stage integ "VARIANT=debug J=4 integ"
stage browser "VARIANT=debug browser"
stage lint "VARIANT=debug lint"
stage symbols "VARIANT=debug symbols"
stage build-clang "VARIANT=clang compiled"
stage unit "VARIANT=asan J=4 counted"
stage fuzz-corpus "VARIANT=asan replay"
stage sim-asan "VARIANT=asan FIRST=201 SEEDS=40 sim"
stage coverage "VARIANT=asan J=4 covered"
stage sim "VARIANT=debug sim"
stage digest "digest"
stage mutants "mutants"
stage unit-valgrind "VARIANT=debug -j4 unit"
stage fuzz-smoke "FUZZ_S=3 fuzz-smoke"
stage cppcheck "VARIANT=debug cppcheck"
stage tidy "VARIANT=debug tidy"
first=' format build-gcc '
waiting=' integ browser '

# What stages leave out. Whole programs that stage coverage runs need not be run by integ, too.
skipped() {
	case $1 in
	integ) make -s --no-print-directory covered-scripts ;;
	unit-valgrind)
		echo 'waitlist_load intake_walk intake_ground intake_watch intake_clock intake_sibling' \
			'intake_order waitlist_stuck waitlist_help waitlist_rise matching_law' \
			'matching_proposal cli_person conf_rule engine_log engine_room gateway_hsds_damage' \
			'gateway_oidc gateway_hook ahead plan plan_deep plan_exact cover compose_exact' \
			'cli_lab matching_large matching_demand matching_why matching_least matching_table' \
			'matching_restore intake_age intake_fail waitlist_order large_open large_tight' \
			'compose matching_carry matching_sector intake_plain intake_file cli_example cli_help' \
			'laws_intake laws_states laws_matching laws_ground laws_waitlist laws matching_find' \
			'civil matching_order waitlist state_tables cli_refused waitlist_note' \
			'step_short waitlist_limit engine_commit civil_office intake_term demo_rand intake' \
			'intake_lay gateway_assets waitlist_query waitlist_figure intake_speak matching_team' \
			'intake_known matching_batch matching_seat waitlist_told waitlist_foreseen' \
			'intake_person intake_figure waitlist_peer gateway_rights matching_make intake_plan'
		;;
	esac
}

# One stage. What it says comes out whole, whatever runs beside it; its line goes into a list.
run_stage() {
	local name=$1 log=$OUT/log/$1.log start=$SECONDS code wrap=''
	[ "$name" != unit-valgrind ] || wrap="env SEEDS=1 $valgrind"
	# shellcheck disable=SC2086 # a stage is a list of words
	timeout -k 10 "$LIMIT_S" make --no-print-directory --output-sync=target -j"$J" J="$J" \
		OUT="$OUT" WRAP="$wrap" SKIP="$(skipped "$name")" ${does[$name]} >"$log" 2>&1 </dev/null
	code=$?
	{
		flock 9
		if [ "$code" -eq 0 ]; then
			grep -h -E '^[a-z]+: [0-9]+ passed|SKIPPED' "$log" | sed 's/^/      /'
			printf 'stage %-14s passed in %4d s%s\n' "$name" $((SECONDS - start)) "$(count_ok "$log")"
			echo "$name" >>"$OUT/log/passed"
		else
			tail -n 150 "$log"
			[ "$code" -ne 124 ] || echo "no end after $LIMIT_S s"
			printf 'stage %-14s FAILED after %4d s, whole log: %s\n' "$name" $((SECONDS - start)) "$log"
			echo "$name" >>"$OUT/log/failed"
		fi
	} 9>"$OUT/log/lock"
}

count_ok() {
	awk '/^  ok    / { n++ } /^  ok    .*: [0-9]+ passed/ { t += $(NF - 1) }
		END { if (t) printf "  (%d programs, %d tests)", n, t; else if (n) printf "  (%d)", n }' "$1"
}

# Stages one after another, as long as none has failed.
lane() {
	local name
	for name in "$@"; do
		[ ! -s "$OUT/log/failed" ] || return
		run_stage "$name"
	done
}

# Of the chosen stages those that stand in a list, or with "not" those that stand in none.
chosen() {
	local name
	for name in "${names[@]}"; do
		case "$1" in
		*" $name "*) echo "$name" ;;
		not) [[ "$first$waiting" == *" $name "* ]] || echo "$name" ;;
		esac
	done
}

[ $# -gt 0 ] && names=("$@")
for name in "${names[@]}"; do
	if [ -z "${does[$name]:-}" ]; then
		echo "no stage $name; there are: ${!does[*]}"
		exit 2
	fi
done
mkdir -p "$OUT/log"
: >"$OUT/log/passed"
: >"$OUT/log/failed"
begun=$SECONDS
# shellcheck disable=SC2046 # names of stages are words
{
	lane $(chosen "$first")
	lane $(chosen "$waiting") &
	renice -n 10 -p $BASHPID >/dev/null
	lane $(chosen not)
	wait
}
failed=$(wc -l <"$OUT/log/failed")
[ "$failed" -ne 0 ] || echo "all stages in $((SECONDS - begun)) s"
echo "stages: $(wc -l <"$OUT/log/passed") passed, $failed failed"
[ "$failed" -eq 0 ]
