#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Runs integration scripts one after another, each in an empty directory of its own.
# Usage: run.sh BUILD SCRIPT...
# A script finds the binaries in $SCHAKEL_BIN, C helpers in $SCHAKEL_TOOLS, the generated Python
# messages on PYTHONPATH, its directory in $SCHAKEL_DIR and as working directory; TORTURE=1 asks
# for the long form. Exit code 77 means that the machine cannot run it; it is counted and named.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
shift
export SCHAKEL_BIN="$build/bin" SCHAKEL_TOOLS="$build/tests/integ"
export PYTHONPATH="$build/py:$here" PYTHONDONTWRITEBYTECODE=1
passed=0
failed=0
skipped=''
for script in "$@"; do
	name=$(basename "$script")
	SCHAKEL_DIR=$(mktemp -d "${TMPDIR:-/tmp}/schakel-integ.XXXXXX")
	export SCHAKEL_DIR
	case $name in
	*.py) with=/usr/bin/python3 ;;
	*) with="sh" ;;
	esac
	log=$build/tests/integ/$name.log
	mkdir -p "$build/tests/integ"
	start=$(date +%s)
	(cd "$SCHAKEL_DIR" && exec timeout -k 10 "${INTEG_LIMIT_S:-900}" "$with" "$here/$name") \
		>"$log" 2>&1 </dev/null
	code=$?
	took=$(($(date +%s) - start))
	case $code in
	0)
		passed=$((passed + 1))
		echo "  ok    $name ($took s)"
		rm -rf "$SCHAKEL_DIR"
		;;
	77)
		skipped="$skipped $name"
		echo "  SKIPPED $name: $(tail -n 1 "$log")"
		rm -rf "$SCHAKEL_DIR"
		;;
	*)
		failed=$((failed + 1))
		tail -n 80 "$log"
		echo "FAILED $name: exit code $code after $took s; log $log, files in $SCHAKEL_DIR"
		;;
	esac
done
echo "integration: $passed passed, $failed failed${skipped:+; SKIPPED:$skipped}"
[ "$failed" -eq 0 ]
