#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Runs the benchmarks, nothing beside them. Usage: run.sh BUILD [SECTION,...]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
shift
export SCHAKEL_BIN="$build/bin" SCHAKEL_BENCH="$build/tests/bench/schakel_bench" PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 "$here/bench.py" "$@"
