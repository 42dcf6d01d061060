# SPDX-License-Identifier: EUPL-1.2
"""Section `plan`: the plan of the whole list on the regions of the public generator, beside the
optimum of CBC where that finds one, and its own certified gap."""
import re
import shutil
import subprocess

import host

SMALL = ((50, 100), (100, 200), (200, 400))
SEEDS = 5
LARGE = ((500, 1000), (1000, 2000), (2000, 4000))


def optimum(lp, limit_s):
    """@return the optimum by CBC, or None where it was not proven in that time."""
    p = subprocess.run(["cbc", lp, "ratio", "0", "sec", str(limit_s), "solve"], capture_output=True,
                       encoding="utf-8", timeout=limit_s * 10 + 60)
    found = re.search(r"^Objective value:\s+([0-9.]+)", p.stdout, re.M)
    proven = "Result - Optimal solution found" in p.stdout
    return float(found.group(1)) if found and proven else None


def one(requests, offers, seed, **more):
    return host.tool("plan", requests=requests, offers=offers, seed=seed, **more)


def percent(values):
    return "mean %.3f %%, worst %.3f %%" % (100 * sum(values) / len(values), 100 * max(values))


def small_rows(plan, place, table):
    """Beside CBC, SEEDS regions of each size whatever the rounds: a mean of fewer says little."""
    limit_s = 5 if plan.quick else 300
    for requests, offers in SMALL[:1] if plan.quick else SMALL:
        gaps, law, own, took = [], [], [], []
        for seed in range(1, (2 if plan.quick else SEEDS) + 1):
            lp = place.path("plan.lp")
            free = one(requests, offers, seed, law=0, lp=lp)
            lawful = one(requests, offers, seed, law=1)
            best = optimum(lp, limit_s) if shutil.which("cbc") else None
            took.append(free["seconds"])
            own.append(free["gap"])
            if best is not None:
                if not free["bound"] <= best <= free["value"]:
                    raise RuntimeError("%d requests, seed %d: CBC's optimum %.0f is not between %d and %d" % (
                        requests, seed, best, free["bound"], free["value"]))
                gaps.append(free["value"] / best - 1)
                law.append(lawful["value"] / best - 1)
        name = "plan of %d requests, %d offers" % (requests, offers)
        if gaps:
            table.note("%s: above CBC's optimum %s (%d of %d regions proven by CBC; expected: mean 0.3 %%, worst 1 %%); with the law %s" % (
                name, percent(gaps), len(gaps), len(took), percent(law)))
        table.note("%s: own certified gap %s" % (name, percent(own)))
        table.value(name + ": value and bound", took, "s")


def large_rows(plan, table):
    for requests, offers in LARGE[:1] if plan.quick else LARGE:
        name = "plan of %d requests, %d offers" % (requests, offers)
        runs = {law: one(requests, offers, 1, law=law) for law in (0, 1)}
        table.value(name + ": value and bound", [runs[0]["seconds"]], "s")
        table.value(name + ": anew after one event, with the law", [runs[1]["again_s"]], "s", "<= 0.1 at 500")
        table.note("%s: certified gap %.2f %% (expected: 3 %%), with the law %.2f %%; open by urgency, least first: %s, with the law %s" % (
            name, 100 * runs[0]["gap"], 100 * runs[1]["gap"], runs[0]["open"], runs[1]["open"]))


def section_plan(plan, place, table):
    small_rows(plan, place, table)
    large_rows(plan, table)
