# SPDX-License-Identifier: EUPL-1.2
"""The plan of the whole list in real daemons: one is made once there is demand and capacity, people are told how good it is, its inputs
replay to the same effects after kill -9 while plans are made (L11), one that is ended inside a plan by kill -9 or SIGTERM stands where it
stood and plans again, and what was given is told to a file that others judge (L7)."""
import json
import os
import re
import signal
import sys
import time

import node

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
sys.path.insert(0, os.path.join(ROOT, "tests/bench"))
import lawful  # noqa: E402  pylint: disable=wrong-import-position

SETTINGS = "plan_interval_s = 1\nplan_rounds = %d\n"


def told(n, party="net-west"):
    return json.loads(n.cli("waiting", "plan", "--json", party=party).stdout)


def fill(n, requests):
    """More need than there is room, so that there is something to weigh."""
    n.put_pool("huis-a", "huis-a-trauma", 4, expertises=(11, 12))
    n.put_pool("huis-b", "huis-b-trauma", 4, expertises=(12, 13))
    for i in range(requests):
        n.submit(expertises=(11 + i % 3, 11 + (i + 1) % 3))
    n.settle()


def plan_is_made(n):
    fill(n, 12)
    n.advance(2000, 1000)
    v = node.wait_for("a plan with needs in it", lambda: told(n).get("needs") and told(n))
    assert v["exact"] and v["current"] and v["covered"] <= v["needs"] and v["bound"] <= v["value"], v
    seen = told(n, "dashboard")
    assert not seen["exact"] and seen["needs"] == seen["value"] == 0 and seen["gap"] == v["gap"] and seen["at_ms"], (v, seen)
    said = n.cli("waiting", "plan", "--lang", "en", party="net-west").stdout
    assert "Last plan of the list" in said and "The order" in said and str(v["needs"]) in said, said
    assert "Laatste plan van de lijst" in n.cli("waiting", "plan", "--lang", "nl", party="net-west").stdout
    n.cli("waiting", "plan", party="huis-a", ok=(1, 2, 3, 4, 5))


def killed_while_planning(n):
    """Each start takes a copy anew; what was journaled stands, what was not is lost and costs nothing."""
    for _ in range(6):
        before = told(n)["proposed"]
        n.submit(expertises=(12,))
        n.advance(2000, 1000)
        node.wait_for("one more plan", lambda before=before: told(n)["proposed"] > before)
        n.submit(expertises=(11, 12))
        n.kill("matching", signal.SIGKILL)
        n.start("matching")
        n.ready("matching")
        n.settle()


def events(n):
    """Of plans, in the order of the log; from all starts of the daemon."""
    return re.findall(r" event=(plan|plan_begin) ", open(os.path.join(os.environ["SCHAKEL_DIR"], "matching.log"), encoding="utf-8").read())


def stands(n):
    """All that waits and where, who sits, and what is free."""
    waits = json.loads(n.cli("waiting", "list", "--json", "--limit", "0", party="net-west").stdout)["entries"]
    teams = {e["short_code"]: json.loads(n.cli("explain", e["short_code"], "--json", party="net-west").stdout)["matching"]["team"]
             for e in waits[::7]}
    return waits, teams, json.loads(n.cli("capacity", "list", "--json", party="net-west").stdout)["pools"]


def crowd(n):
    """A list whose plan is under way for seconds: what it holds is counted work, and the gap stays."""
    n.stop()
    path = n.dir + "/schakel.ini"
    text = open(path, encoding="utf-8").read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace("plan_rounds = 200\n", "plan_rounds = 400000\n"))
    n.start()
    n.ready()
    for i, party in enumerate(("huis-a", "huis-b", "huis-c")):
        for k in range(3):
            n.put_pool(party, "%s-%d" % (party, k), 3 + i, expertises=(11 + k, 11 + (k + 1) % 3))
    for i in range(40):
        n.submit(expertises=(11 + i % 3, 11 + (i + 1) % 3), intensity=1 + i % 3)
    n.settle()


def inside_a_plan(n, sig):
    """Ended while the worker plans: the log has its begin, and no plan after it. @return seconds until it was gone."""
    n.stop("matching")  # after a long plan it rests for as long nine times; one that starts does not
    n.submit(expertises=(12, 13))
    n.start("matching")
    n.ready("matching")
    n.settle()
    n.advance(2000, 1000)
    node.wait_for("a plan that is under way", lambda: events(n)[-1] == "plan_begin")
    before, begun = stands(n), len(events(n))
    at = time.monotonic()
    code = n.kill("matching", sig)
    took = time.monotonic() - at
    assert events(n)[-1] == "plan_begin" and len(events(n)) == begun, ("the plan was over before", events(n))
    assert code == (0 if sig == signal.SIGTERM else -sig), (code, n.log_tail("matching"))
    n.start("matching")
    n.ready("matching")
    n.settle()
    assert stands(n) == before, "what holds is what held"
    n.advance(2000, 1000)
    node.wait_for("a plan again", lambda: events(n)[begun:].count("plan") > 0, timeout_s=120)
    return took


def stop_limit_s():
    with open(os.path.join(ROOT, "deploy/systemd/schakel@.service"), encoding="utf-8") as f:
        return int(re.search(r"^TimeoutStopSec=(\d+)$", f.read(), re.M).group(1))


def judged_from_outside(n):
    """What matching gave on this node, told to a file and judged by code that shares nothing with it; a limit leaves out the newest."""
    where = os.path.join(os.environ["SCHAKEL_DIR"], "told")
    told = json.loads(n.cli("audit", "told", where, "--json").stdout)["told"][0]
    assert told["steps"] > 60 and told["left_out"] == 0, told
    lines = open(os.path.join(where, "steps.jsonl"), encoding="utf-8").readlines()
    j = lawful.judge_steps(lines)
    assert not j.faults and not lawful.judge_plans(where, j), j.faults
    assert j.count["seats given"] > 10 and j.count["who stood before"] > 10 and j.plan_steps, j.count
    less = json.loads(n.cli("audit", "told", where + "-less", "--limit", "50", "--json").stdout)["told"][0]
    assert less["steps"] == 50 and less["left_out"] == told["steps"] - 50, (less, told)
    with open(os.path.join(where + "-less", "steps.jsonl"), encoding="utf-8") as f:
        assert lines[:len(f.readlines())] == open(f.name, encoding="utf-8").readlines()
    n.cli("audit", "told", where, ok=(1, 2, 3, 4, 5))
    n.cli("journal", "checkpoint", "matching")
    later = n.dir + "/data/matching/checkpoints"
    later = os.path.join(later, sorted(os.listdir(later))[-1])
    n.cli("audit", "told", where + "-later", "--from", later)
    j = lawful.judge_steps(open(os.path.join(where + "-later", "steps.jsonl"), encoding="utf-8"))
    assert not j.faults and len(j.m.waits) > 10, (j.faults, j.count)


def main():
    n = node.Node(settings=SETTINGS % 200)
    try:
        n.start()
        n.ready()
        plan_is_made(n)
        killed_while_planning(n)
        crowd(n)
        inside_a_plan(n, signal.SIGKILL)
        took = inside_a_plan(n, signal.SIGTERM)
        assert took < stop_limit_s(), took
        judged_from_outside(n)
        n.stop()
        assert n.cli("audit", "replay", "matching", "--json").stdout, "replayed, all effects the same"
    finally:
        n.end()


main()
