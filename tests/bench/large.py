# SPDX-License-Identifier: EUPL-1.2
"""Section `large`: one team for the problems of published.py, with what is proven of it."""
import json
import os
import subprocess

import host
import published

QUICK = ("scp4", "sts9", "gapA5x100", "gapC5x100")


def answer(name, seed):
    p = subprocess.run([os.path.join(host.BIN, "schakel"), "lab", "compose", "-", "--json"], input=published.text_of(name, seed),
                       capture_output=True, encoding="utf-8", check=True)
    return json.loads(p.stdout)


def section_large(plan, place, table):
    for name in QUICK if plan.quick else published.SETS:
        known = published.SETS[name][1]
        told = [answer(name, seed) for seed in ((1,) if plan.quick or known else range(1, plan.rounds + 1))]
        for a in told:
            assert a["bound"] <= a["objective"] and (known is None or a["bound"] <= known <= a["objective"]), (name, a)
        table.value(name, [a["time_us"] / 1e6 for a in told], "s")
        gaps = [a["gap_percent"] for a in told]
        table.note("%s: %d of %d proven, gap mean %.2f %%, worst %.2f %%%s" % (
            name, sum(a["proven"] for a in told), len(told), sum(gaps) / len(gaps), max(gaps),
            "" if known is None else "; optimum %d, found %d" % (known, told[0]["objective"])))
