# SPDX-License-Identifier: EUPL-1.2
"""The made-up people of `schakel lab policy` leave nothing running for ever: help that was agreed starts or is released, help that started
ends in its time, and who hands on or is interrupted is let go by a successor or by the family's word that it was enough. Each state of
each contribution has a longest age; one that is passed names the contribution. The run goes beyond the end of summer time, when a planned
end, a day of the calendar, comes an hour later than so many weeks of 168 hours. Nobody waits for help of a crisis longer than a crisis can
last, no aftercare asks without end, and over ten years in which hardly anybody calls, what the network has free stays the same.
`python3 lab_life_test.py FILE.jsonl` looks at a run that was kept with --keep."""
import collections
import csv
import datetime
import json
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
DAYS = 320  # from 19 January
DAY = 86400
OVER = ("NOT_NOW", "NOT_OURS", "LAPSED", "RELEASED", "TAKEN_BACK", "STOPPED_BY_YOUTH", "ENDED")
ASKED_DAYS = 50  # asked, maybe with a start in ten days or a first meeting, and said by the family
AGREED_DAYS = 75  # started late, or its ground fell away and the family was asked anew, twice
LATE_DAYS = 24  # after the planned end: a house that is cut off, holidays, back from an interruption
ENOUGH_DAYS = 7 * 30  # asked each week, one in four says that it was: 0.75 ** 30 is one in 5,600
AFTER_STAY_WEEKS = 13
CRISIS = ("CRISIS_INTERVENTION", "CRISIS_GUIDANCE", "CRISIS_STAY")
CRISIS_WAIT_DAYS = 100  # the list asks after 90 whether it is needed still
AFTERCARE_TALKS = 6  # three days of asking, and one more word after each that was not well
YEARS = 10
FREE_DRIFT = 0.08  # of what is free in the third year: staff is ill now and then


def seconds(iso):
    return datetime.datetime.fromisoformat(iso.replace("Z", "+00:00")).timestamp()


def rows(*path):
    with open(os.path.join(ROOT, "deploy", *path), encoding="utf-8") as f:
        return list(csv.DictReader(f))


def read(path):
    """Contributions with the moments of their states, expertise of each need, and the run's end."""
    code = {int(r["number"]): r["code"] for r in rows("codes/expertise.csv")}
    of, need, end = {}, {}, 0
    with open(path, encoding="utf-8") as f:
        for line in map(json.loads, f):
            for n in line.get("request", {}).get("needs", ()):
                need[n["need_id"]] = code[n["expertise"]]
            if "run" in line:
                end = seconds(line["run"]["end"])
            e = line.get("event", {})
            if e.get("kind") == "NEED" and e["expertise"]:
                need[e["need_id"]] = e["expertise"]
            if e.get("kind") == "CONTRIBUTION":
                moments = of.setdefault(e["object_id"], (e["need_id"], []))[1]
                moments.append((seconds(e["at_ms"]), e["contribution_state"]))
    assert of and end, path
    return of, need, end


def longest(state, before, weeks, crisis):
    """Days from the first start, or from the state when nothing has started. @p before: the states that it had."""
    if state == "AGREED":
        return AGREED_DAYS
    if state in ("STARTED", "INTERRUPTED", "HANDING_ON"):
        calm = state == "STARTED" and "INTERRUPTED" not in before
        late = LATE_DAYS if calm or crisis else LATE_DAYS + ENOUGH_DAYS
        return 7 * weeks + late
    return ASKED_DAYS


def too_old(path):
    weeks = {}
    for r in rows("demo-region/needs.csv"):
        weeks[r["expertise"]] = max(weeks.get(r["expertise"], 0), int(r["weeks"]))
    of, need, end = read(path)
    found = []
    for name, (need_id, moments) in of.items():
        expertise = need[need_id]
        started = next((t for t, s in moments if s == "STARTED"), None)
        for i, (at, state) in enumerate(moments):
            until = moments[i + 1][0] if i + 1 < len(moments) else end
            since = started if started is not None and started <= at else at
            most = longest(state, [s for _, s in moments[:i]], weeks.get(expertise, AFTER_STAY_WEEKS), expertise in CRISIS)
            if state not in OVER and until - since > most * DAY:
                found.append("%s %s %s: %.1f days, at most %d" % (name, expertise, state, (until - since) / DAY, most))
    started = sum(any(s == "STARTED" for _, s in m) for _, m in of.values())
    ended = sum(m[-1][1] == "ENDED" for _, m in of.values())
    return found, started, ended


def waits_of_crisis(path, need):
    """Entries for help of a crisis that waited longer than a crisis can last."""
    since, found, end = {}, [], 0
    with open(path, encoding="utf-8") as f:
        for line in map(json.loads, f):
            e = line.get("event", {})
            end = seconds(line["run"]["end"]) if "run" in line else end
            if e.get("kind") != "WAIT_ENTRY" or need.get(e["need_id"]) not in CRISIS:
                continue
            at, name = seconds(e["at_ms"]), e["need_id"]
            if e["ended"] or e.get("contribution_state") == "STARTED":
                found.append((at - since.pop(name, at), name))
            else:
                since.setdefault(name, at)
    found += [(end - at, name) for name, at in since.items()]
    return ["%s %s waits: %.1f days" % (name, need[name], s / DAY) for s, name in found if s > CRISIS_WAIT_DAYS * DAY]


def talks_too_often(path):
    """Needs of which aftercare was asked more often than it has days, each time that help ended."""
    times, ends = collections.Counter(), collections.Counter()
    with open(path, encoding="utf-8") as f:
        for line in map(json.loads, f):
            e = line.get("event", {})
            times[e.get("need_id")] += e.get("alarm") == "AFTERCARE_DAY"
            ends[e.get("need_id")] += e.get("kind") == "NEED" and e.get("need_state") == "AFTERCARE"
    return ["%s: %d talks of aftercare" % (n, t) for n, t in times.items() if t > AFTERCARE_TALKS * max(1, ends[n])]


def small_region(here, waiting, calls):
    path = os.path.join(here, "region-%d" % calls)
    shutil.copytree(os.path.join(ROOT, "deploy/demo-region"), path)
    with open(os.path.join(path, "assumptions.csv"), encoding="utf-8") as f:
        text = f.read()
    text = re.sub(r"(?m)^gate_waiting,\d+", "gate_waiting,%d" % waiting, text)
    text = re.sub(r"(?m)^calls_per_year,\d+", "calls_per_year,%d" % calls, text)
    with open(os.path.join(path, "assumptions.csv"), "w", encoding="utf-8") as f:
        f.write(text)
    return path


def lab(here, region, *more):
    told = subprocess.run([os.path.join(os.environ["SCHAKEL_BIN"], "schakel"), "--lang", "en", "lab", "policy",
                           os.path.join(ROOT, "deploy/rules/law.rules"), "--region", region, "--scratch", here, *more],
                          capture_output=True, text=True, check=False, timeout=300)
    assert told.returncode == 0, told


def free_hours(path):
    """Of each full year, the mean of its months."""
    of = collections.defaultdict(list)
    with open(path, encoding="utf-8") as f:
        for r in csv.DictReader(f):
            if r["figure"] == "idle_hours" and r["month"] != "all":
                of[r["month"][:4]].append(int(r["value"]))
    return [sum(v) / len(v) for _, v in sorted(of.items()) if len(v) == 12]


def look(path):
    found, started, ended = too_old(path)
    found += waits_of_crisis(path, read(path)[1]) + talks_too_often(path)
    return found, started, ended


def main():
    here = os.environ["SCHAKEL_DIR"]
    kept, table = os.path.join(here, "kept"), os.path.join(here, "years.csv")
    lab(here, small_region(here, 12, 450), "--days", str(DAYS), "--keep", kept)
    found, started, ended = look(os.path.join(kept, "law.jsonl"))
    assert started > 200 and ended > started / 2, (started, ended)
    assert not found, "\n".join(found)
    lab(here, small_region(here, 12, 12), "--years", str(YEARS), "--csv", table)
    free = free_hours(table)
    third, last = free[2], free[-1]
    assert abs(last - third) <= FREE_DRIFT * third, free
    print("lab life: %d contributions started, %d ended, none runs too long; free %.0f hours in year three, %.0f in the last" % (
        started, ended, third / 1000, last / 1000))


if len(sys.argv) > 1:
    old, all_started, all_ended = look(sys.argv[1])
    sys.exit("\n".join(old) or None)
main()
