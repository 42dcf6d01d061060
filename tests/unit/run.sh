#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Runs one unit test program, under a wrapper (valgrind ...) if one is given, and says one line.
# What it printed is shown when it failed. A program that ran no test has failed.
# Usage: run.sh PROGRAM [WRAPPER...]
set -u
program=$1
shift
log=$program.log

"$@" "$program" >"$log" 2>&1
code=$?
ran=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
skipped=$(grep '^\[  SKIPPED \] [a-z]' "$log" | sort -u | wc -l)
if [ "$code" -ne 0 ] || [ "$ran" -eq 0 ]; then
	cat "$log"
	echo "FAILED $program: exit code $code, $ran passed"
	exit 1
fi
printf '  ok    %s: %s passed' "$program" "$ran"
if [ "$skipped" -gt 0 ]; then
	printf ', %s SKIPPED: %s' "$skipped" \
		"$(sed -n 's/^\[  SKIPPED \] \([a-z]\)/\1/p' "$log" | sort -u | tr '\n' ' ')"
fi
echo
