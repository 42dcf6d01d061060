#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Runs files of browser tests one after another, each in an empty directory of its own.
# Usage: run.sh BUILD FILE...
# A file finds the programs in $SCHAKEL_BIN, the tree in $SCHAKEL_ROOT, its directory in $SCHAKEL_DIR.
# Pictures stay in BUILD/browser/NAME, also of a run that passed. BROWSER_TEST=name runs one test.
set -u
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/browser"
build=$(cd "$1" && pwd)
shift
SCHAKEL_ROOT=$(cd "$here/../.." && pwd)
SCHAKEL_BIN=$build/bin
SCHAKEL_SHOTS=$build/browser
export SCHAKEL_ROOT SCHAKEL_BIN SCHAKEL_SHOTS

failed=0
for file in "$@"; do
	name=$(basename "$file" _test.mjs)
	log=$build/browser/$name.log
	SCHAKEL_DIR=$(mktemp -d "${TMPDIR:-/tmp}/schakel-browser.XXXXXX")
	export SCHAKEL_DIR
	rm -rf "$build/browser/$name"
	start=$(date +%s)
	timeout -k 10 "${BROWSER_LIMIT_S:-600}" node "$here/run.mjs" "$here/$(basename "$file")" \
		${BROWSER_TEST:+"$BROWSER_TEST"} >"$log" 2>&1 </dev/null
	code=$?
	took=$(($(date +%s) - start))
	if [ "$code" -eq 0 ] && grep -q '^  [a-zA-Z]* ([0-9.]* s)$' "$log"; then
		rm -rf "$SCHAKEL_DIR"
		echo "  ok    $name: $(grep -c '^  [a-zA-Z]* ([0-9.]* s)$' "$log") passed"
	else
		tail -n 80 "$log"
		echo "FAILED $name: exit code $code after $took s; log $log, files in $SCHAKEL_DIR"
		failed=$((failed + 1))
	fi
done
[ "$failed" -eq 0 ]
