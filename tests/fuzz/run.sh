#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Runs one libFuzzer target for some seconds. New inputs go beside the binary, not into the corpus
# that is kept; a crashing input must be mended, then moved into tests/fuzz/corpus/TARGET.
# Usage: run.sh PROGRAM SECONDS
set -u
program=$1
seconds=$2
target=$(basename "$program" _fuzz)
kept=$(dirname "$0")/corpus/$target
work=$program.work
log=$program.log
mkdir -p "$work"
if ! "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	-artifact_prefix="$program." "$work" "$kept" >"$log" 2>&1; then
	tail -n 60 "$log"
	echo "FAILED fuzz target $target: the input stands beside $program"
	exit 1
fi
echo "  ok    fuzz $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs in $seconds s"
