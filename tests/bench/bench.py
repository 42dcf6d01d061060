#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Measures a node beside its limits and its peers, interleaved, in one run. README.md says how to
read the table. Usage: bench.py [SECTION,...]   (SCHAKEL_BIN, SCHAKEL_BENCH: where the binaries are)

BENCH_QUICK=1      short: tens of seconds, one round, 20,000 entries
BENCH_ROUNDS=n     rounds (3)
BENCH_ENTRIES=n    waiting entries (1,000,000)
BENCH_DIR=path     where stores are made (a directory of its own under /var/tmp): a real disk
BENCH_RESULTS=file appends the table as Markdown
BENCH_BEFORE=1     as root, on a machine that others use: in real time, before them
"""
import os
import signal
import sys
import time

import host
import rows
import sections


def main():
    only = sys.argv[1] if len(sys.argv) > 1 else None
    wanted = only.split(",") if only else list(sections.ALL)
    if not set(wanted) <= set(sections.ALL):
        sys.exit("bench: sections are " + ", ".join(sections.ALL))
    plan = sections.Plan(only)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended too
    table = rows.Table()
    start = time.monotonic()
    if plan.before:
        host.stand_before_others()
    with host.Place() as place:
        about = host.about(place, plan)
        print("\n".join(about), flush=True)
        for name, run in sections.ALL.items():
            if name in wanted:
                run(plan, place, table)
                table.show(name)
    print("took %.0f s" % (time.monotonic() - start))
    path = os.environ.get("BENCH_RESULTS")
    if path:
        table.write(path, about)


main()
