# SPDX-License-Identifier: EUPL-1.2
"""The order as a stranger judges it (tests/bench/lawful.py, written from the README alone): five weeks of the demo region, every amount
given and every plan made, nothing wrong; and each kind of untruth put into the files is found."""
import copy
import glob
import json
import os
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
sys.path.insert(0, os.path.join(ROOT, "tests/bench"))
import lawful  # noqa: E402  pylint: disable=wrong-import-position

SCHAKEL = os.path.join(os.environ["SCHAKEL_BIN"], "schakel")
HERE = os.environ["SCHAKEL_DIR"]
RULES = "plan_interval_s = 86400\nplan_rounds = 100\nforesee_interval_s = 0\ncost_scarcity_percent = 100\n"


def played(name):
    rules = os.path.join(HERE, "weeks.rules")
    with open(rules, "w", encoding="utf-8") as f:
        f.write(RULES)
    told = subprocess.run([SCHAKEL, "--lang", "en", "lab", "policy", rules, "--days", "35", "--seed", "4", "--region",
                           os.path.join(ROOT, "deploy/demo-region"), "--scratch", HERE, "--plans", os.path.join(HERE, name)],
                          capture_output=True, text=True, check=False, timeout=500)
    assert told.returncode == 0, told
    return os.path.join(HERE, name, "weeks")


def the_same(a, b):
    names = sorted(os.listdir(a))
    assert names == sorted(os.listdir(b))
    for name in names:
        with open(os.path.join(a, name), "rb") as x, open(os.path.join(b, name), "rb") as y:
            assert x.read() == y.read(), name


def passed_over(lines):
    """The first amount that somebody behind could have had as well: given to that one instead, while who stood before waits on."""
    j = lawful.Judge()
    for at, line in enumerate(lines):
        s = json.loads(line)
        gifts = j.step(copy.deepcopy(s))
        for g in gifts if s["parts"] == 1 and len(gifts) == 1 else []:
            pool = j.m.row["pool"][g["pool"]]
            behind = [k for k in j.m.waits if j.m.place(k) > j.m.place(g["need_id"]) and j.m.fits(k, pool, g["amount"]) is True]
            if pool["workers"] == 0 and not pool["school_atelier"] and not pool.get("network") and behind:
                return at, s, g["need_id"], copy.deepcopy(j.m.need(behind[0]))
    raise AssertionError("nobody is behind anybody: the weeks are too quiet for this test")


def swapped(lines):
    at, s, first, other = passed_over(lines)
    for row in s["rows"]:
        if row["row"] == "need" and row["id"] == first:
            other["seat_id"] = row.pop("seat_id")
        elif row["row"] == "seat" and row["need_id"] == first:
            row["need_id"], row["request_id"] = other["id"], other["request_id"]
    s["rows"].append(other)
    found = lawful.judge_steps([*lines[:at], json.dumps(s)]).faults
    assert any(first + " stands before it" in f for f in found), (s, found)


def written(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def plan_of(where):
    """The last one with a seat and with somebody who is open behind it."""
    for lab in sorted(glob.glob(os.path.join(where, "plan-*.lab")), reverse=True):
        plan = lawful.Plan(lab, lab[:-4] + ".txt")
        if plan.seats and len(plan.seats) < len(plan.needs):
            return lab, plan
    raise AssertionError("no plan seats anybody")


def tampered_plans(where):
    lab, plan = plan_of(where)
    with open(lab[:-4] + ".txt", encoding="utf-8") as f:
        text = f.read()
    other = os.path.join(HERE, "tampered.txt")
    assert not list(lawful.Plan(lab, lab[:-4] + ".txt").faults())
    seat = next(line for line in text.splitlines() if line.startswith("seat "))
    need = seat.split()[1]
    pool = next(p for p in plan.offer if p not in {q for q, _, _ in plan.needs[need][2]})
    for change, said in ((text.replace(seat + "\n", ""), "is open, and could have"),
                         (text.replace(seat, seat.replace(" %s " % seat.split()[2], " %s " % pool)), "none of its pairs"),
                         (text.replace("bound %d" % plan.said["bound"], "bound %d" % (plan.said["objective"] + 1)), "above the value"),
                         (text.replace("objective %d" % plan.said["objective"], "objective %d" % (plan.said["objective"] - 1)), "are said")):
        assert change != text
        written(other, change)
        assert any(said in f for f in lawful.Plan(lab, other).faults()), said


def number(text, fact):
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(fact + " "))


def read_back(where):
    """Each plan with teams that were there before is the same problem when the lab reads it: each one's bound holds for the other."""
    told = 0
    for lab in sorted(glob.glob(os.path.join(where, "plan-*.lab"))):
        with open(lab, encoding="utf-8") as problem, open(lab[:-4] + ".txt", encoding="utf-8") as answer:
            held, was = "\nheld " in problem.read(), answer.read()
        if held:
            told += 1
            now = subprocess.run([SCHAKEL, "lab", "plan", lab, "--rounds", "40", "--repair", "200"], capture_output=True, text=True, check=True,
                                 timeout=100).stdout
            assert number(now, "bound") <= number(was, "objective") and number(was, "bound") <= number(now, "objective"), (lab, was, now)
    assert told > 10, told


def main():
    where = played("plans")
    with open(os.path.join(where, "steps.jsonl"), encoding="utf-8") as f:
        lines = f.readlines()
    j = lawful.judge_steps(lines)
    lawful.judge_plans(where, j)
    assert not j.faults, j.faults[:5]
    assert j.count["seats given"] > 100 and j.count["who stood before"] > 1000 and j.count["plans"] > 20, j.count
    assert sum(j.unjudged.values()) < j.count["who stood before"] // 20, j.unjudged
    swapped(lines)
    tampered_plans(where)
    lab, _ = plan_of(where)
    told = subprocess.run([SCHAKEL, "lab", "plan", lab, "--rounds", "10", "--repair", "100"], capture_output=True, text=True, check=False,
                          timeout=100)
    assert told.returncode == 0 and told.stdout.startswith("objective "), told
    again = subprocess.run([SCHAKEL, "--lang", "en", "lab", "policy", os.path.join(HERE, "weeks.rules"), "--plans", HERE], check=False,
                           capture_output=True, text=True, timeout=20)
    assert again.returncode != 0 and "--plans" in again.stderr, again
    read_back(where)
    the_same(where, played("again"))


main()
