#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Runs files of browser tests, each in an empty directory of its own, $J at a time (1).
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

# One file: what it printed if it failed, and one line; it is counted by the line that it leaves.
one() {
	name=$(basename "$1" _test.mjs)
	log=$build/browser/$name.log
	SCHAKEL_DIR=$(mktemp -d "${TMPDIR:-/tmp}/schakel-browser.XXXXXX")
	export SCHAKEL_DIR
	rm -rf "$build/browser/$name"
	start=$(date +%s)
	timeout -k 10 "${BROWSER_LIMIT_S:-600}" node "$here/run.mjs" "$here/$(basename "$1")" \
		${BROWSER_TEST:+"$BROWSER_TEST"} >"$log" 2>&1 </dev/null
	code=$?
	took=$(($(date +%s) - start))
	if [ "$code" -eq 0 ] && grep -q '^  [a-zA-Z]* ([0-9.]* s)$' "$log"; then
		rm -rf "$SCHAKEL_DIR"
		line="  ok    $name: $(grep -c '^  [a-zA-Z]* ([0-9.]* s)$' "$log") passed"
		echo "$line"
		echo "$line" >"$log.ok"
	else
		printf '%s\n%s\n' "$(tail -n 80 "$log")" \
			"FAILED $name: exit code $code after $took s; log $log, files in $SCHAKEL_DIR"
	fi
}

if [ -n "${ONE:-}" ]; then
	one "$1"
	exit 0
fi
rm -f "$build"/browser/*.log.ok
printf '%s\n' "$@" | ONE=1 xargs -P "${J:-1}" -n 1 sh "$here/run.sh" "$build"
[ $# -gt 0 ] && [ "$(cat "$build"/browser/*.log.ok 2>/dev/null | wc -l)" -eq $# ]
