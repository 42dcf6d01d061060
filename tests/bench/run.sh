#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Runs the benchmarks one after another, nothing beside them.
# Usage: run.sh BUILD [NAME]    NAME as in tests/bench/NAME_bench.c or NAME_bench.py
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
only=${2:-*}
export SCHAKEL_BIN="$build/bin" PYTHONDONTWRITEBYTECODE=1
ran=0
# shellcheck disable=SC2231 # the pattern is meant
for bench in "$build"/tests/bench/${only}_bench "$here"/${only}_bench.py; do
	[ -f "$bench" ] || continue
	ran=$((ran + 1))
	echo "== $(basename "$bench")"
	case $bench in
	*.py) /usr/bin/python3 "$bench" ;;
	*) "$bench" ;;
	esac
done
[ "$ran" -gt 0 ] || {
	echo "no benchmark of that name" >&2
	exit 1
}
