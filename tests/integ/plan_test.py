# SPDX-License-Identifier: EUPL-1.2
"""The plan of the whole list in real daemons: one is made once there is demand and capacity, people are told how good it is, its inputs
replay to the same effects after kill -9 while plans are made (L11), and a long search does not keep a daemon from ending."""
import json
import signal

import node

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


def ends_in_a_long_search(n):
    """Rounds without end: the worker is stopped with the daemon."""
    n.shrink("")
    path = n.dir + "/schakel.ini"
    text = open(path, encoding="utf-8").read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace("plan_rounds = 200\n", "plan_rounds = 1000000\n"))
    n.start()
    n.ready()
    n.submit(expertises=(12, 13))
    n.advance(2000, 1000)
    n.stop("matching")  # fails when it does not end in a minute, or not well


def main():
    n = node.Node(settings=SETTINGS % 200)
    try:
        n.start()
        n.ready()
        plan_is_made(n)
        killed_while_planning(n)
        n.stop()
        assert n.cli("audit", "replay", "matching", "--json").stdout, "replayed, all effects the same"
        ends_in_a_long_search(n)
    finally:
        n.end()


main()
