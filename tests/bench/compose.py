# SPDX-License-Identifier: EUPL-1.2
"""Teams of one request: how long the composer takes for its proof, alone and beside CBC."""
import os
import shutil
import subprocess
import time

import host

OFFERS = (1000, 10000, 100000)
NEEDS = (2, 4, 6, 8, 10, 12)
WANTED = {10000: {n: 500 for n in NEEDS if n <= 10},
          100000: {2: 2000, 4: 2000, 6: 2000, 8: 4000, 10: 4000}}
OPEN = 10 ** 7  # more than any team: CBC, too, leaves a need open only where it must


def region_rows(plan, table):
    for offers in OFFERS:
        for needs in NEEDS:
            got = [host.tool("compose", offers=offers, needs=needs, requests=30 if plan.quick else 300)
                   for _ in range(plan.rounds)]
            if len({g["sum"] for g in got}) != 1:
                raise RuntimeError("compose: not the same teams each time")
            name = "%s offers, %d needs" % ("{:,}".format(offers), needs)
            wanted = WANTED.get(offers, {}).get(needs)
            for at, label in (("find_p99_us", "candidates alone, p99"), ("p50_us", "to the team, p50"), ("p99_us", "to the team, p99")):
                said = "<= %d us" % wanted if wanted and at == "p99_us" else ""
                table.value("%s: %s" % (name, label), [g[at] for g in got], "us", said)
            table.note("%s: %d candidates, %d pairs on average, %d needs open in %d requests, teams %s" % (
                name, got[0]["candidates"], got[0]["options"], got[0]["open"], got[0]["n"], got[0]["sum"]))


def read(path):
    """The lab's text of one problem: partners' costs, offers, pairs."""
    partner, offer, pairs, team_max = {}, {}, [], 0
    for line in open(path, encoding="ascii"):
        w = line.split()
        if w[0] == "team_max":
            team_max = int(w[1])
        elif w[0] == "partner":
            partner[w[1]] = int(w[3])
        elif w[0] == "offer":
            offer[w[1]] = (w[3], int(w[5]))
        elif w[0] == "pair":
            pairs.append((w[1], w[2], int(w[4]), int(w[6])))
    return partner, offer, pairs, team_max


def write_lp(problem, needs, path):
    partner, offer, pairs, team_max = problem
    used = sorted({offer[o][0] for _, o, _, _ in pairs})
    cost = ["%d x%d" % (c, i) for i, (_, _, c, _) in enumerate(pairs)]
    cost += ["%d %s" % (partner[p], p) for p in used] + ["%d w%d" % (OPEN, n) for n in range(needs)]
    rows = []
    for n in range(needs):
        mine = ["x%d" % i for i, p in enumerate(pairs) if p[0] == "n%d" % n]
        rows.append(" + ".join(mine + ["w%d" % n]) + " = 1")
    hours = {}
    for i, (_, o, _, h) in enumerate(pairs):
        hours.setdefault(o, []).append("%d x%d" % (h, i))
        rows.append("x%d - %s <= 0" % (i, offer[o][0]))
    rows += ["%s <= %d" % (" + ".join(h), offer[o][1]) for o, h in hours.items()]
    rows.append(" + ".join(used) + " <= %d" % team_max)
    names = ["x%d" % i for i in range(len(pairs))] + used + ["w%d" % n for n in range(needs)]
    with open(path, "w", encoding="ascii") as f:
        f.write("Minimize\n obj: " + "\n + ".join(cost) + "\nSubject To\n")
        f.write("".join(" r%d: %s\n" % (i, r.replace(" + ", "\n + ")) for i, r in enumerate(rows)))
        f.write("Binary\n" + "\n".join(names) + "\nEnd\n")


def cbc(lp, out):
    """@return the objective and the seconds from start to end."""
    start = time.monotonic()
    p = subprocess.run(["cbc", lp, "ratioGap", "0", "allowableGap", "0", "solve", "solution", out],
                       capture_output=True, encoding="utf-8", timeout=600)
    took = time.monotonic() - start
    first = open(out, encoding="utf-8").readline() if p.returncode == 0 else p.stderr
    if not first.startswith("Optimal"):
        raise RuntimeError("cbc: " + first)
    return round(float(first.split()[-1])), took


def cbc_rows(plan, place, table):
    if shutil.which("cbc") is None:
        table.note("CBC is not here (coinor-cbc): its rows are left out")
        return
    for offers, needs in ((10000, 6), (10000, 10), (100000, 6)):
        ours, theirs = [], []
        for request in range(2 if plan.quick else 10):
            text, lp = place.path("team.txt"), place.path("team.lp")
            got = host.tool("compose", offers=offers, needs=needs, requests=1, **{"from": request}, file=text)
            write_lp(read(text), needs, lp)
            cost, took = cbc(lp, place.path("team.sol"))
            if cost // OPEN == got["open"] == 0 and cost != got["cost"]:
                raise RuntimeError("request %d: CBC has %d, we have %d" % (request, cost, got["cost"]))
            if cost // OPEN < got["open"]:
                raise RuntimeError("request %d: CBC seats more needs" % request)
            ours.append(got["team_p50_us"])
            theirs.append(took * 1e6)
            os.unlink(lp)
        table.compare("%s offers, %d needs: CBC" % ("{:,}".format(offers), needs), theirs, "us", "the team alone", ours, ">= 50")


def section_compose(plan, place, table):
    region_rows(plan, table)
    cbc_rows(plan, place, table)
