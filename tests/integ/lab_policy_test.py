# SPDX-License-Identifier: EUPL-1.2
"""`schakel lab policy`: rules files side by side on one region with one luck. The same seed gives the same digest, also beside other
rules; another seed or other rules give another; the same people call under each; the CSV holds what the table holds; what is wrong in
a rules file is named by line and field. A small region: few wait at the gate, all else is that of the demo."""
import csv
import json
import os
import re
import shutil
import subprocess

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
SCHAKEL = os.path.join(os.environ["SCHAKEL_BIN"], "schakel")
HERE = os.environ["SCHAKEL_DIR"]
DAYS = 60
SHORT = 40


def small_region():
    path = os.path.join(HERE, "region")
    shutil.copytree(os.path.join(ROOT, "deploy/demo-region"), path)
    with open(os.path.join(path, "assumptions.csv"), encoding="utf-8") as f:
        text = f.read()
    text = re.sub(r"(?m)^gate_waiting,\d+", "gate_waiting,12", text)
    with open(os.path.join(path, "assumptions.csv"), "w", encoding="utf-8") as f:
        f.write(text)
    return path


def shipped(name):
    return os.path.join(ROOT, "deploy/rules", name + ".rules")


def lab(region, *words, seed=3, days=DAYS):
    told = subprocess.run([SCHAKEL, "--lang", "en", "--json", "lab", "policy", *words, "--region", region, "--days", str(days), "--seed",
                           str(seed), "--scratch", HERE], capture_output=True, text=True, check=False, timeout=300)
    assert told.returncode == 0, told
    return json.loads(told.stdout)


def figures(table):
    """(figure, class) -> a value for each run"""
    return {(f["figure"], f["class"]): f["values"] for f in table["figures"]}


def write(name, text):
    path = os.path.join(HERE, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def refusals():
    cases = [("no_such_thing = 1\n", "line 1", "no_such_thing"), ("\n# words\nasks_at_once = 4\n", "line 3", "asks_at_once"),
             ("asks_at_once = two\n", "line 1", "asks_at_once"), ("asks_at_once = 1\nasks_at_once = 1\n", "line 2", "asks_at_once"),
             ("order_rule = 4\n", "line 1", "order_rule", "from 0 to 3"), ("team_whole = 2\n", "line 1", "team_whole"),
             ("order_weight_urgent = 0\n", "line 1", "order_weight_urgent"), ("order_by_arrival = 1\n", "line 1", "no such setting"),
             ("asks_at_once 1\n", "line 1", "name = number"), ("asks_at_once = -1\n", "line 1", "from 1 to 3")]
    for text, *named in cases:
        told = subprocess.run([SCHAKEL, "--lang", "en", "lab", "policy", write("wrong.rules", text)], capture_output=True, text=True,
                              check=False, timeout=20)
        assert told.returncode == 2 and all(n in told.stderr for n in named), (text, told)
    for words, named in ((["--days", "31"], "--days"), (["--years", "11"], "10"), (["--years", "1", "--days", "40"], "not both"),
                         ([shipped("law")], "both named")):
        told = subprocess.run([SCHAKEL, "--lang", "en", "lab", "policy", shipped("law"), *words], capture_output=True, text=True,
                              check=False, timeout=20)
        assert told.returncode == 2 and named in told.stderr, (words, told)


def main():
    region = small_region()
    refusals()
    plot = os.path.join(HERE, "plot.csv")
    kept = os.path.join(HERE, "kept")
    both = lab(region, shipped("law"), shipped("one-facility"), "--csv", plot, "--keep", kept)
    again = lab(region, *map(shipped, ("one-facility", "law", "arrival", "urgency")))
    other = lab(region, shipped("prices"), seed=4, days=SHORT)
    digest = {r["rules"]: r["digest"] for r in both["runs"]}
    assert digest.items() <= {r["rules"]: r["digest"] for r in again["runs"]}.items(), (both["runs"], again["runs"])
    assert len({*digest.values(), other["runs"][0]["digest"]}) == 3, (digest, other["runs"])
    here = figures(both)
    assert here == {k: [v[1], v[0]] for k, v in figures(again).items()}
    # A plan of the list is made where the rules ask for one, and what it says of itself holds.
    planned = figures(other)
    assert here[("plans", "all")] == [None, None] and planned[("plans", "all")][0] >= (SHORT - 2) * 1000, planned[("plans", "all")]
    assert 0 <= planned[("plan_gap", "all")][0] < 100, planned
    # What the order costs is in points, beside the needs that are planned with it and without it.
    units = {f["figure"]: f["unit"] for f in other["figures"]}
    assert units["law_cost"] == "thousandths of a point" and units["planned_needs"] == "thousandths of a need", units
    assert planned[("law_cost", "all")][0] >= 0 and planned[("points_per_need", "all")][0] > 0, planned
    assert planned[("planned_needs", "all")][0] > 0 and planned[("planned_needs_without_order", "all")][0] > 0, planned
    # Each file that is shipped is a way of its own.
    names = sorted(n[:-len(".rules")] for n in os.listdir(os.path.join(ROOT, "deploy/rules")) if n != "prices.rules")
    every = lab(region, *map(shipped, names), days=SHORT)
    assert len({r["digest"] for r in every["runs"]}) == len(names) >= 8, every["runs"]
    # A whole team that breaks on the cap of a worker is not asked and let go without end: in August of this life.
    assert lab(os.path.join(ROOT, "deploy/demo-region"), shipped("one-to-one"), seed=1, days=260)["runs"][0]["digest"]
    # One facility for everything: less help starts than with one at a time.
    started = dict(zip(names, figures(every)[("needs_helped_per_request", "all")]))
    assert 0 < started["one-to-one"] < started["one-facility"], started
    # One facility at a time: fewer partners come to a family, and fewer of them are asked.
    law, one = here[("partners_per_team", "all")]
    assert law > one > 0, here
    law, one = here[("asks_per_child", "all")]
    assert law > one > 0, here
    # Each class has its requests: what was told as urgent is so for a month, and counts as urgent after it too.
    assert here[("requests", "crisis")][0] > 20000 and here[("requests", "urgent")][0] > 2000, here
    with open(plot, encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    for i, name in enumerate(("law", "one-facility")):
        whole = {(r["figure"], r["class"]): r["value"] for r in rows if r["rules"] == name and r["month"] == "all"}
        assert whole == {k: "" if v[i] is None else str(v[i]) for k, v in here.items()}, whole
        months = [r for r in rows if r["rules"] == name and r["month"] != "all" and r["figure"] == "requests"]
        assert len(months) == 3 and all(re.fullmatch(r"\d{4}-\d\d", r["month"]) for r in months), months
    # The same people call, whatever the rules.
    called = [[r["value"] for r in rows if r["rules"] == n and r["month"] != "all" and r["figure"] == "requests"] for n in ("law", "one-facility")]
    assert called[0] == called[1] and sum(map(int, called[0])) > 60, called
    # What happened under each file is kept, as it was told; a directory that is there already is not written into.
    assert sorted(os.listdir(kept)) == ["law.jsonl", "one-facility.jsonl"], os.listdir(kept)
    for name in ("law", "one-facility"):
        with open(os.path.join(kept, name + ".jsonl"), encoding="utf-8") as f:
            told = [json.loads(line) for line in f]
        assert "run" in told[-1] and sum("request" in t for t in told) > 60, told[-1]
        assert any(t.get("event", {}).get("contribution_state") == "STARTED" for t in told), name
    again = subprocess.run([SCHAKEL, "--lang", "en", "lab", "policy", shipped("law"), "--keep", kept], capture_output=True, text=True,
                           check=False, timeout=20)
    assert again.returncode == 1 and "choose a directory" in again.stderr, again
    left = [n for n in os.listdir(HERE) if n not in ("region", "wrong.rules", "plot.csv", "kept")]
    assert not [n for n in left if "scratch" in n], left
    print("lab policy: %d days, %s" % (DAYS, ", ".join("%s %s" % (r["rules"], r["digest"]) for r in both["runs"])))


main()
