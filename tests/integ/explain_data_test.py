# SPDX-License-Identifier: EUPL-1.2
"""Explanations read against the data: each field of `schakel explain` is computed anew from what the lists say (capacity, waiting
list), by code of its own; the units that would start help are stated on one node, and one unit less on another."""
import collections
import json

import node
from node import codes

CLASSES = ("CRISIS", "URGENT", "ACTIVE", "PREFERENCE", "PRECAUTION")
HELD = ("ASKED", "CAN", "CAN_IF", "AGREED", "STARTED")


def said(n, *args, party="net-west"):
    return json.loads(n.cli(*args, "--json", party=party).stdout)


def fill(n):
    """Of every rule that keeps somebody out one pool or more, and more need than room."""
    n.put_pool("huis-a", "a-uren", 9, expertises=(11, 12))
    n.put_pool("huis-b", "b-uren", 5, expertises=(12, 13))
    n.put_pool("huis-c", "c-uren", 2, expertises=(11, 13))
    n.put_pool("huis-a", "a-ver", 50, expertises=(12,), zones=("rits",))
    n.put_pool("huis-b", "b-dicht", 0, expertises=(11, 12, 13))
    n.put_pool("huis-c", "c-pauze", 50, expertises=(12,))
    n.put_pool("huis-b", "b-rechtbank", 50, expertises=(11, 13), access=codes.ACCESS_COURT)
    n.act("huis-c", "matching", pause_pool={"pool": "c-pauze", "based_on": 1, "paused": True, "reason": codes.PAUSE_REASON_STAFF})
    for i in range(24):
        m = n.submit_message(zone="westhoek", age=4 + i % 14, expertises=(11 + i % 3, 11 + (i + 1) % 3)[:1 + i % 2], intensity=1 + i % 3,
                             urgency=codes.URGENCY_PREVENTIVE if i % 4 == 3 else codes.URGENCY_STANDARD)
        if i % 5 == 4:
            m.submit_request.excluded_partners.append("huis-b")
        n.client("clb", "intake").command(m, node.ROLE["clb"])
    n.settle()


def place_of(order):
    return (CLASSES.index(order["wait_class"]), order["rank_ms"], int(order["lottery"]))


class World:
    """What the lists say, and what is said of each request."""

    def __init__(self, n):
        self.pools = {p["capacity"]["pool"]: p for p in said(n, "capacity", "list")["pools"]}
        self.entries = {e["need"]["need_id"]: e for e in said(n, "waiting", "list", "--limit", "0")["entries"]}
        self.views = {c: said(n, "explain", c) for c in {e["short_code"] for e in self.entries.values()}}
        self.seats = [dict(s, request=c) for c, v in self.views.items() for s in v["matching"]["team"]["seats"]]

    def filters(self, e, partner=None):
        """By hand, each use (of one partner) under the first rule that keeps it out."""
        count = collections.Counter()
        for p in (p for p in self.pools.values() if partner in (None, p["capacity"]["partner"])):
            cap = p["capacity"]
            for u in cap["uses"]:
                if e["need"]["expertise"] not in u["expertises"]:
                    continue
                amount = u["cost_units"] * (e["need"]["intensity"] if cap["unit"] in ("HOURS_WEEK", "CONSULT") else 1)
                rule = ("ZONE" if e["request"]["zone"] not in u["zones"] else
                        "AGE" if not u["age_from"] <= e["request"]["age_years"] <= u["age_to"] else
                        "COURT" if u["access"] == "COURT" and not e["need"].get("by_order") else
                        "DECLINED" if cap["partner"] in e["request"]["excluded_partners"] else
                        "PAUSED" if p["state"] == "PAUSED" else
                        "AMOUNT" if amount > p["free"] else "")
                count[rule] += 1
        return count

    def went_first(self, code, e, pool):
        """Who holds there for another request, and stands before it."""
        mine = place_of(e["order"])
        ahead = [s for s in self.seats if s["pool"] == pool and s["request"] != code and s["state"] in HELD and
                 place_of(self.entries[s["need_id"]]["order"]) < mine]
        return len(ahead), sum(s["amount"] for s in ahead)


def check_waiting(w, code, e, lines):
    by = {x["kind"]: x for x in lines}
    filters = w.filters(e)
    told = {x["kind"][len("FILTERED_"):]: x["number"] for x in lines if x["kind"].startswith("FILTERED_")}
    assert told == {k: v for k, v in filters.items() if k}, (code, told, filters)
    assert by["OFFERS"]["number"] == sum(filters.values()) and by["OFFERS"]["amount"] == filters[""], (by["OFFERS"], filters)
    first = {x["pool"]: (x["number"], x["amount"]) for x in lines if x["kind"] == "WENT_FIRST"}
    for pool, p in w.pools.items():
        reached = e["need"]["expertise"] in sum((u["expertises"] for u in p["capacity"]["uses"]), [])
        full = reached and pool not in ("a-ver", "c-pauze", "b-rechtbank") and p["capacity"]["partner"] not in e["request"]["excluded_partners"]
        count = w.went_first(code, e, pool) if full and p["free"] < e["need"]["intensity"] else (0, 0)
        assert first.get(pool, (0, 0)) == count, (code, pool, first, count)


def check(w):
    kinds = collections.Counter()
    for code, v in w.views.items():
        team = v["matching"]["team"]
        assert sum(int(c["cost"]) for s in team["seats"] for c in s["costs"]) == int(team["cost"])
        assert not v["matching"]["proven"] or int(v["matching"]["bound"]) == int(team["cost"])
        lines = collections.defaultdict(list)
        for x in v["matching"]["lines"]:
            lines[x["need_id"]].append(x)
        for need, mine in lines.items():
            e = w.entries[need]
            costs = sorted((x["cost_kind"], int(x["cost"])) for x in mine if x["kind"] == "COST")
            seat = [s for s in team["seats"] if s["need_id"] == need]
            assert costs == sorted((c["kind"], int(c["cost"])) for s in seat for c in s["costs"]), (costs, seat)
            kinds["seated" if seat else "waits"] += 1
            if not seat:
                check_waiting(w, code, e, mine)
            for x in (x for x in mine if x["kind"] == "CHOSEN"):
                assert (x["pool"], x["number"], x["state"]) == (seat[0]["pool"], seat[0]["amount"], seat[0]["state"]), (x, seat)
                assert x["unit"] == w.pools[x["pool"]]["capacity"]["unit"]
        for x in (x for x in v["waitlist"]["lines"] if x["kind"] == "ORDER" and x["number"]):
            e = w.entries[x["need_id"]]
            before = [o for o in w.entries.values() if o["need"]["expertise"] == e["need"]["expertise"] and o["position"] and
                      (place_of(o["order"]), o["need"]["ordinal"]) < (place_of(e["order"]), e["need"]["ordinal"])]
            assert x["number"] == len(before) + 1 == e["position"], (code, x, len(before))
            assert x["arrival_ms"] == e["need"]["arrival_ms"] and x["days"] == e["days_of_priority"] == 0
    assert kinds["seated"] > 4 and kinds["waits"] > 10, kinds


def why_not_is_by_data(n, w):
    """The rule that keeps a partner out of what waits: one that keeps out each of its uses, by the count of the lists."""
    kinds = collections.Counter()
    for code, v in w.views.items():
        for partner in ("huis-b", "huis-c"):
            for x in said(n, "explain", code, "--why-not", partner)["matching"]["why_not"]:
                e = w.entries[x["need_id"]]
                rules = set(w.filters(e, partner))
                kinds[x["kind"]] += 1
                if x["kind"] == "FILTERED":
                    assert x["filter"][len("FILTERED_"):] in rules and "" not in rules, (code, partner, x, rules)
                    kinds[x["filter"]] += 1
                elif x["kind"] == "IN_TEAM" and x["need_id"] in {s["need_id"] for s in w.seats}:
                    assert partner in {s["partner"] for s in w.seats if s["need_id"] == x["need_id"]}, (code, partner, x)
    assert kinds["FILTERED"] > 10 and kinds["FILTERED_DECLINED"] and kinds["IN_TEAM"], kinds


def last_with_more(w):
    """The need that stands last of those that some units would start; which one is the same on each node."""
    at = [(place_of(w.entries[x["need_id"]]["order"]), x) for v in w.views.values() for x in v["matching"]["lines"]
          if x["kind"] == "ONE_MORE"]
    assert len(at) > 10, at
    return max(at, key=lambda a: (a[0], a[1]["need_id"]))[1]


def more_is_stated(n, w, less):
    x = last_with_more(w)
    pool = w.pools[x["pool"]]["capacity"]
    code = w.entries[x["need_id"]]["short_code"]
    staffed = pool["staffed"] + x["number"] - less
    n.cli("capacity", "put", x["pool"], "--staffed", str(staffed), "--total", str(staffed), "--funded", str(staffed),
          party=pool["partner"])
    n.settle()
    seats = said(n, "explain", code)["matching"]["team"]["seats"]
    sits = [s["pool"] for s in seats if s["need_id"] == x["need_id"]]
    assert sits == ([] if less else [x["pool"]]), (less, x, sits)


def main():
    for less in (0, 1):
        n = node.Node("node%d" % less, settings="plan_interval_s = 0\n")
        try:
            n.start()
            n.ready()
            fill(n)
            w = World(n)
            check(w)
            why_not_is_by_data(n, w)
            more_is_stated(n, w, less)
        finally:
            n.end()


main()
