#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Line coverage of a build that counts them (`asan`). Usage: coverage.py BUILD RATCHET [--update]

The cores of each service must reach 95 % of their lines; the total over common/ and services/ may
not fall below the figure in RATCHET (a line "total N"), which --update raises to the present one.
"""
import collections
import json
import pathlib
import subprocess
import sys

CORES = ("intake", "waitlist", "matching")
CORE_LEAST = 95.0
SLACK = 0.2  # timing-dependent lines of the loop


def gather(build):
    """{source: {line: count}}, from every object that was compiled, run or not."""
    hits = collections.defaultdict(lambda: collections.defaultdict(int))
    notes = [str(p) for p in pathlib.Path(build).rglob("*.gcno")]
    for start in range(0, len(notes), 32):
        out = subprocess.run(["gcov", "--json-format", "--stdout", *notes[start:start + 32]],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        for part in out.splitlines():
            if not part.strip():
                continue
            for file in json.loads(part)["files"]:
                if file["file"].startswith(("common/", "services/")) and file["file"][-2:] == ".c":
                    for line in file["lines"]:
                        hits[file["file"]][line["line_number"]] += line["count"]
    return hits


def share(hits, sources):
    lines = sum(len(hits[s]) for s in sources)
    run = sum(sum(1 for c in hits[s].values() if c) for s in sources)
    return (100.0 * run / lines if lines else 100.0), lines


def main():
    build, ratchet = sys.argv[1], pathlib.Path(sys.argv[2])
    hits = gather(build)
    failed = 0
    for service in CORES:
        sources = [s for s in hits if s.startswith(f"services/{service}/")
                   and not s.endswith("/main.c")]
        percent, lines = share(hits, sources)
        if lines:
            print(f"coverage {service}: {percent:.1f} % of {lines} lines, least {CORE_LEAST}")
        if percent < CORE_LEAST:
            failed += 1
            for source in sources:
                missed = [str(n) for n, c in sorted(hits[source].items()) if not c]
                if missed:
                    print(f"  {source}: not run: {' '.join(missed)}")
    percent, lines = share(hits, list(hits))
    least = float(ratchet.read_text().split()[-1])
    print(f"coverage total: {percent:.1f} % of {lines} lines, least {least}")
    for source in sorted(hits):
        print(f"  {share(hits, [source])[0]:5.1f} %  {source}")
    if "--update" in sys.argv:
        if percent > least:
            head = [s for s in ratchet.read_text().splitlines() if s.startswith("#")]
            ratchet.write_text("\n".join([*head, f"total {percent:.1f}"]) + "\n")
    elif percent < least - SLACK:
        print("FAILED: the total has fallen")
        failed += 1
    sys.exit(1 if failed else 0)


main()
