#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Runs integration scripts, each in an empty directory of its own, $J at a time (1).
# Usage: run.sh BUILD SCRIPT...
# A script finds the binaries in $SCHAKEL_BIN, C helpers in $SCHAKEL_TOOLS, the generated Python
# messages on PYTHONPATH, its directory in $SCHAKEL_DIR and as working directory; TORTURE=1 asks
# for the long form. Exit code 77 means that the machine cannot run it; it is counted and named.
set -u
here=$(cd "$(dirname "$0")" && pwd)

# One script: what it printed if it failed, and one line; the same line is left for the sum.
one() {
	name=$(basename "$1")
	log=$build/tests/integ/$name.log
	SCHAKEL_DIR=$(mktemp -d "${TMPDIR:-/tmp}/schakel-integ.XXXXXX")
	export SCHAKEL_DIR
	case $name in
	*.py) with=/usr/bin/python3 ;;
	*) with="sh" ;;
	esac
	start=$(date +%s)
	(cd "$SCHAKEL_DIR" && exec timeout -k 10 "${INTEG_LIMIT_S:-900}" "$with" "$here/$name") \
		>"$log" 2>&1 </dev/null
	code=$?
	took=$(($(date +%s) - start))
	case $code in
	0) line="  ok    $name ($took s)" ;;
	77) line="  SKIPPED $name: $(tail -n 1 "$log")" ;;
	*) line="FAILED $name: exit code $code after $took s; log $log, files in $SCHAKEL_DIR" ;;
	esac
	case $code in
	0 | 77)
		rm -rf "$SCHAKEL_DIR"
		echo "$line"
		;;
	*) printf '%s\n%s\n' "$(tail -n 80 "$log")" "$line" ;;
	esac
	echo "$line" >"$log.line"
}

build=$(cd "$1" && pwd)
shift
export SCHAKEL_BIN="$build/bin" SCHAKEL_TOOLS="$build/tests/integ"
export PYTHONPATH="$build/py:$here" PYTHONDONTWRITEBYTECODE=1
if [ -n "${ONE:-}" ]; then
	one "$1"
	exit 0
fi
mkdir -p "$build/tests/integ"
rm -f "$build"/tests/integ/*.log.line
printf '%s\n' "$@" | ONE=1 xargs -P "${J:-1}" -n 1 sh "$here/run.sh" "$build"
sum() {
	cat "$build"/tests/integ/*.log.line 2>/dev/null | grep -c "^$1"
}
passed=$(sum '  ok ')
skipped=$(cat "$build"/tests/integ/*.log.line 2>/dev/null | sed -n 's/^  SKIPPED \([^:]*\):.*/ \1/p' | tr -d '\n')
echo "integration: $passed passed, $(sum FAILED) failed${skipped:+; SKIPPED:$skipped}"
[ $((passed + $(echo "$skipped" | wc -w))) -eq $# ] && [ $# -gt 0 ]
