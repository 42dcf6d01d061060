# SPDX-License-Identifier: EUPL-1.2
"""Explanations read against the data: each field of `schakel explain` is computed anew from what the lists say (capacity, waiting
list), by code of its own; the units that would start help are stated on one node, and one unit less on another. Then requests come
one by one, and the record of each decision is held against the lists as they stood just before it."""
import collections
import json

import node
from node import codes

CLASSES = ("CRISIS", "URGENT", "ACTIVE", "PREFERENCE", "PRECAUTION")
STEPS = (None, "NOW", "TONIGHT", "WITHIN_24H")
HELD = ("ASKED", "CAN", "CAN_IF", "AGREED", "STARTED")
# As they are asked; "" is a use that none of them keeps out.
RULES = ("EXPERTISE", "ZONE", "AGE", "COURT", "NETWORK", "DECLINED", "PAUSED", "INSURED", "OWN_CRISIS", "LIMIT", "STAFF", "AMOUNT", "")
CRISIS_HELP = {"CRISIS_INTERVENTION", "CRISIS_GUIDANCE", "CRISIS_STAY"}
DIAGNOSTICS, TABLE = 14, 15
# The one worker of a pool: what for, load elsewhere, cap, rests. No list tells of workers.
WORKERS = {"a-alleen": (DIAGNOSTICS, 1, 4, False), "c-rust": (DIAGNOSTICS, 0, 9, True), "b-ander": (TABLE, 0, 9, False)}
COSTS = {"PARTNER": 500, "PREFERENCE": 80, "DISTANCE": 3 * 30}
CONTINUITY = 350
PARTNERS_MAX = 2
STANDARD = {"urgency": codes.URGENCY_STANDARD}
CRISIS = {"urgency": codes.URGENCY_CRISIS, "reason": codes.DANGER_REASON_VIOLENCE}


def said(n, *args, party="net-west"):
    return json.loads(n.cli(*args, "--json", party=party).stdout)


def fill_pools(n):
    """Of every rule that keeps somebody out one pool or more."""
    n.act("net-west", "matching", put_network={"network": "stad", "name": "Stad", "kind": codes.NETWORK_KIND_IDEAL_WORLD,
                                               "partners": ["huis-a"], "zones": ["westhoek"]})
    n.put_pool("huis-a", "a-uren", 9, expertises=(11, 12))
    n.put_pool("huis-b", "b-uren", 5, expertises=(12, 13))
    n.put_pool("huis-c", "c-uren", 2, expertises=(11, 13))
    n.put_pool("huis-a", "a-ver", 50, expertises=(12,), zones=("rits",))
    n.put_pool("huis-b", "b-dicht", 0, expertises=(11, 12, 13))
    n.put_pool("huis-c", "c-pauze", 50, expertises=(12,))
    n.put_pool("huis-b", "b-rechtbank", 50, expertises=(11, 13), access=codes.ACCESS_COURT)
    n.put_pool("huis-a", "a-stad", 3, expertises=(12, 16), network="stad")
    n.put_pool("huis-b", "b-zeker", 3, expertises=(12, 24, 26), insured=True)
    n.put_pool("huis-c", "c-nacht", 2, expertises=(26,), zones=("rits",))
    for pool, (expertise, load, cap, rests) in WORKERS.items():
        house = "huis-" + pool[0]
        n.put_pool(house, pool, 9, expertises=(DIAGNOSTICS, TABLE))
        n.act(house, "matching", put_worker={"pool": pool, "worker": pool.encode().ljust(16), "expertises": [expertise], "load": load,
                                             "cap": cap, "rest_until_ms": n.status("matching").time_ms + 4 * node.WEEK_MS if rests else 0})
    for house, expertise in (("huis-a", 17), ("huis-b", 19), ("huis-c", 20)):
        n.put_pool(house, house[-1] + "-apart", 9, expertises=(expertise,))
    n.act("huis-c", "matching", pause_pool={"pool": "c-pauze", "based_on": 1, "paused": True, "reason": codes.PAUSE_REASON_STAFF})
    n.settle()


def ask(n, party="clb", without=(), rather=(), **more):
    m = n.submit_message(**dict({"zone": "westhoek"}, **more))
    m.submit_request.excluded_partners.extend(without)
    m.submit_request.preferred_partners.extend(rather)
    return n.client(party, "intake").command(m, node.ROLE[party]).short_code


def fill(n):
    """More need than room."""
    fill_pools(n)
    for i in range(24):
        ask(n, age=4 + i % 14, expertises=(11 + i % 3, 11 + (i + 1) % 3)[:1 + i % 2], intensity=1 + i % 3,
            urgency=codes.URGENCY_PREVENTIVE if i % 4 == 3 else codes.URGENCY_STANDARD, without=["huis-b"] if i % 5 == 4 else [])
    for i in range(5):
        ask(n, expertises=(12, 16), network="stad", rather=["huis-c"])
        ask(n, expertises=(DIAGNOSTICS,), intensity=1 + i % 2)
    ask(n, expertises=(17, 19, 20))
    for i in range(6):
        ask(n, "meldpunt", expertises=(24,) if i % 2 else (12,), crisis_step=(codes.CRISIS_STEP_TONIGHT, codes.CRISIS_STEP_NOW)[i % 3 == 2],
            **CRISIS)
    n.settle()


def place_of(order):
    return (CLASSES.index(order["wait_class"]), STEPS.index(order.get("crisis_step")), order["rank_ms"], int(order["lottery"]))


class World:
    """What the lists say, and what is said of each request."""

    def __init__(self, n, views=True):
        self.pools = {p["capacity"]["pool"]: p for p in said(n, "capacity", "list")["pools"]}
        self.entries = {e["need"]["need_id"]: e for e in said(n, "waiting", "list", "--limit", "0")["entries"]}
        self.views = {c: said(n, "explain", c) for c in {e["short_code"] for e in self.entries.values()} if views}
        self.seats = [dict(s, request=c) for c, v in self.views.items() for s in v["matching"]["team"]["seats"]]

    def rule(self, e, p, u):
        """The first rule by which that use of a pool is not for that need."""
        cap, need, request = p["capacity"], e["need"], e["request"]
        amount = u["cost_units"] * (need["intensity"] if cap["unit"] in ("HOURS_WEEK", "CONSULT") else 1)
        crisis = e["order"]["wait_class"] == "CRISIS"
        worker = WORKERS.get(cap["pool"])
        # What a pool of one worker has promised is what the worker carries.
        carries = worker is None or (need["expertise"] == ("DIAGNOSTICS", "CONSULTATION_TABLE")[worker[0] - DIAGNOSTICS] and
                                     worker[1] + p["promised"] + amount <= worker[2] and not worker[3])
        return ("ZONE" if request["ring"] == "OWN_ZONES" and request["zone"] not in u["zones"] else
                "AGE" if not u["age_from"] <= request["age_years"] <= u["age_to"] else
                "COURT" if u["access"] == "COURT" and not need["by_order"] else
                "NETWORK" if cap.get("network", request.get("network")) != request.get("network") else
                "DECLINED" if cap["partner"] in request["excluded_partners"] else
                "PAUSED" if p["state"] == "PAUSED" else
                "INSURED" if cap["insured"] and not crisis else
                "OWN_CRISIS" if need["own_crisis"] and not cap["insured"] and not CRISIS_HELP & set(sum((x["expertises"] for x in cap["uses"]), [])) else
                "STAFF" if not carries else
                "AMOUNT" if amount > p["free"] else "")

    def filters(self, e, partner=None):
        """By hand, each use (of one partner) under the first rule that keeps it out."""
        return collections.Counter(self.rule(e, p, u) for p in self.pools.values() for u in p["capacity"]["uses"]
                                   if partner in (None, p["capacity"]["partner"]) and e["need"]["expertise"] in u["expertises"])

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
        full = any(e["need"]["expertise"] in u["expertises"] and w.rule(e, p, u) == "AMOUNT" for u in p["capacity"]["uses"])
        count = w.went_first(code, e, pool) if full else (0, 0)
        assert first.get(pool, (0, 0)) == count, (code, pool, first, count)
    return set(told) | ({"FITS"} if filters[""] else set())


def check_costs(w, team):
    """Each partner of the team counts once; of the rest what the request and the pool's zones say."""
    partners = [s["partner"] for s in team["seats"] for c in s["costs"] if c["kind"] == "PARTNER"]
    assert sorted(partners) == sorted({s["partner"] for s in team["seats"]}), team
    for s in team["seats"]:
        e, use = w.entries[s["need_id"]], w.pools[s["pool"]]["capacity"]["uses"][0]
        rather = e["request"]["preferred_partners"]
        want = {"PREFERENCE"} if rather and s["partner"] not in rather else set()
        want |= set() if e["request"]["zone"] in use["zones"] else {"DISTANCE"}
        assert {c["kind"] for c in s["costs"]} - {"PARTNER"} == want, (s, e["request"])
        assert all(int(c["cost"]) == COSTS[c["kind"]] for c in s["costs"]), s
    assert sum(int(c["cost"]) for s in team["seats"] for c in s["costs"]) == int(team["cost"]) == int(team["bound"]), team
    assert team["exact"] and team["gap"] == 0 and len({s["partner"] for s in team["seats"]}) <= PARTNERS_MAX, team


def check_place(w, code, x):
    e = w.entries[x["need_id"]]
    before = [o for o in w.entries.values() if o["need"]["expertise"] == e["need"]["expertise"] and o["position"] and
              o["request"]["zone"] == e["request"]["zone"] and (place_of(o["order"]), o["need"]["ordinal"]) < (place_of(e["order"]), e["need"]["ordinal"])]
    assert x["number"] == len(before) + 1 == e["position"], (code, x, len(before))
    assert x["wait_class"] == e["order"]["wait_class"], (code, x, e["order"])
    assert x["arrival_ms"] == e["need"]["arrival_ms"] and x["days"] == e["days_of_priority"] == 0


def check(w):
    kinds = collections.Counter()
    for code, v in w.views.items():
        team = v["matching"]["team"]
        check_costs(w, team)
        assert v["matching"]["proven"] and int(v["matching"]["bound"]) == int(team["cost"])
        lines = collections.defaultdict(list)
        for x in v["matching"]["lines"]:
            lines[x["need_id"]].append(x)
        for need, mine in lines.items():
            costs = sorted((x["cost_kind"], int(x["cost"])) for x in mine if x["kind"] == "COST")
            seat = [s for s in team["seats"] if s["need_id"] == need]
            assert costs == sorted((c["kind"], int(c["cost"])) for s in seat for c in s["costs"]), (costs, seat)
            kinds["seated" if seat else "waits"] += 1
            kinds.update([] if seat else check_waiting(w, code, w.entries[need], mine))
            for x in (x for x in mine if x["kind"] == "CHOSEN"):
                assert (x["pool"], x["number"], x["state"]) == (seat[0]["pool"], seat[0]["amount"], seat[0]["state"]), (x, seat)
                assert x["unit"] == w.pools[x["pool"]]["capacity"]["unit"]
        for x in (x for x in v["waitlist"]["lines"] if x["kind"] == "ORDER" and x["number"]):
            check_place(w, code, x)
    missing = {"FITS"} | set(RULES) - {"EXPERTISE", "AGE", "LIMIT", ""} - set(kinds)
    assert kinds["seated"] > 4 and kinds["waits"] > 10 and missing <= {"FITS"} and kinds["FITS"], (kinds, missing)


def why_not_is_by_data(n, w):
    """The rule that keeps a partner out of what waits: of its uses the one that comes furthest through the rules."""
    kinds = collections.Counter()
    for code, v in w.views.items():
        for partner in ("huis-b", "huis-c"):
            for x in said(n, "explain", code, "--why-not", partner)["matching"]["why_not"]:
                rules = w.filters(w.entries[x["need_id"]], partner)
                furthest = max(rules, key=RULES.index, default="EXPERTISE")
                kinds[x["kind"]] += 1
                if x["kind"] == "FILTERED":
                    assert x["filter"][len("FILTERED_"):] == furthest, (code, partner, x, rules)
                    kinds[x["filter"]] += 1
                elif x["kind"] == "IN_TEAM" and x["need_id"] in {s["need_id"] for s in w.seats}:
                    assert partner in {s["partner"] for s in w.seats if s["need_id"] == x["need_id"]}, (code, partner, x)
    assert kinds["FILTERED"] > 10 and kinds["FILTERED_DECLINED"] and kinds["FILTERED_STAFF"] and kinds["IN_TEAM"], kinds


def last_with_more(w):
    """The need that stands last of those that some units would start; which one is the same on each node."""
    at = [(place_of(w.entries[x["need_id"]]["order"]), x) for v in w.views.values() for x in v["matching"]["lines"]
          if x["kind"] == "ONE_MORE"]
    assert len(at) > 10, at
    return max(at, key=lambda a: (a[0], a[1]["need_id"]))[1]


def more_is_stated(n, w, less):
    """Just so many units start it. Who is seated by what came free at one pool was offered that alone, as its record says."""
    x = last_with_more(w)
    pool = w.pools[x["pool"]]["capacity"]
    code = w.entries[x["need_id"]]["short_code"]
    staffed = pool["staffed"] + x["number"] - less
    n.cli("capacity", "put", x["pool"], "--staffed", str(staffed), "--total", str(staffed), "--funded", str(staffed),
          party=pool["partner"])
    n.settle()
    team = said(n, "explain", code)["matching"]["team"]
    sits = [s["pool"] for s in team["seats"] if s["need_id"] == x["need_id"]]
    assert sits == ([] if less else [x["pool"]]), (less, x, sits)
    weighed = [a for a in team["weighed"] if a["need_id"] == x["need_id"]][0]
    assert weighed["one_pool"] == (not less) and (less or weighed["uses"] == weighed["fit"] == len(pool["uses"])), weighed


def decisions_are_recorded(n):
    """One request after the other: what was counted for each need is what the lists said just before it came."""
    kinds = collections.Counter()
    for more in (dict(expertises=(11,)), dict(expertises=(12, 13), intensity=2), dict(expertises=(12,), age=18), dict(expertises=(19,)),
                 dict(expertises=(12,), without=["huis-b", "huis-a"]), dict(expertises=(16, 12), network="stad"), dict(expertises=(15,)),
                 dict(expertises=(17, 19, 20)), dict(expertises=(DIAGNOSTICS,), zone="rits"), dict(expertises=(12,), zone="rits"),
                 dict(party="meldpunt", expertises=(26,), crisis_step=codes.CRISIS_STEP_NOW, **CRISIS),
                 dict(party="meldpunt", expertises=(11,), crisis_step=codes.CRISIS_STEP_WITHIN_24H, **CRISIS)):
        before = World(n, views=False)
        code = ask(n, **more)
        n.settle()
        after = World(n, views=False)
        team = said(n, "explain", code)["matching"]["team"]
        seated = {s["need_id"] for s in team["seats"]}
        assert {a["need_id"] for a in team["weighed"]} == set(after.entries) - set(before.entries), (more, team)
        for a in team["weighed"]:
            told = {x["filter"][len("FILTERED_"):]: x["uses"] for x in a["out"]}
            want = before.filters(after.entries[a["need_id"]])
            assert a["fit"] == want[""] and told == {k: v for k, v in want.items() if k} and not a["one_pool"], (more, a, want)
            assert a["uses"] == a["fit"] + sum(told.values()) and [RULES.index(k) for k in told] == sorted(map(RULES.index, told)), a
            kinds.update(list(told) + ["seated" if a["need_id"] in seated else "waits"])
    assert set(kinds) >= set(RULES) - {"EXPERTISE", "LIMIT", ""} and kinds["seated"] > 3 and kinds["waits"] > 3, kinds


def help_ends(n, code, request):
    """What is asked starts, and has ended a week later."""
    seat = n.request(request).team.seats[0]
    n.act(seat.partner, "matching", answer_ask={"contribution_id": seat.contribution_id, "answer": codes.ANSWER_KIND_CAN})
    n.settle()
    n.act("gezin", "intake", record_position={"request_id": request, "proposal_version": n.request(request).team.proposal_version,
                                              "speaker": codes.SPEAKER_YOUTH, "voice": codes.VOICE_AGREE})
    n.settle()
    n.act(seat.partner, "matching", start_contribution={"contribution_id": seat.contribution_id, "seen": True})
    n.settle()
    n.advance(node.WEEK_MS, node.WEEK_MS)
    n.act(seat.partner, "matching", end_contribution={"contribution_id": seat.contribution_id})
    n.settle()


def known_are_first(n):
    """A child whose help by a worker has ended asks more: whom it knows costs nothing, another of that house half, anybody else all."""
    def crew(pool, expertise, worker):
        n.put_pool("huis-" + pool[0], pool, 9, expertises=(expertise,))
        n.act("huis-" + pool[0], "matching", put_worker={"pool": pool, "worker": worker.ljust(16), "expertises": [expertise], "cap": 9})
    crew("a-eerst", 12, b"gekend")
    n.settle()
    request = n.submit(expertises=(12,), weeks=1).object_id
    n.settle()
    code = said(n, "waiting", "list", "--limit", "0")["entries"][0]["short_code"]
    help_ends(n, code, request)
    crew("a-zelfde", 13, b"gekend")
    crew("c-vreemd", 13, b"vreemd")
    crew("a-ander", 14, b"ander")
    crew("c-ander", 14, b"ander")
    crew("c-enig", 15, b"vreemd")
    half = CONTINUITY // 2
    # With the second one elsewhere both had better be: one more house costs more than to leave who is known.
    for expertise, pool, cost, other in ((13, "a-zelfde", 0, CONTINUITY), (14, "a-ander", half, CONTINUITY + half),
                                         (15, "c-enig", CONTINUITY, None)):
        m = node.frame.Message()
        m.amend_request.request_id, m.amend_request.based_on = request, n.request(request).request.request_version
        m.amend_request.add_needs.add(expertise=expertise, intensity=1, duration_weeks=12, must=True)
        n.client("clb", "intake").command(m, node.ROLE["clb"])
        n.settle()
        v = said(n, "explain", code, "--why-not", "huis-c")["matching"]
        seat = v["team"]["seats"][-1]
        assert (seat["pool"], sum(int(c["cost"]) for c in seat["costs"] if c["kind"] == "CONTINUITY")) == (pool, cost), seat
        why = [x for x in v["why_not"] if x["need_id"] == seat["need_id"]][0]
        more = {x["kind"]: int(x["cost"]) for x in why["more"]}
        assert other is None or (why["kind"], more.get("CONTINUITY")) == ("COSTS_MORE", other), why
        assert [x["cost"] for x in v["lines"] if x["need_id"] == seat["need_id"] and x.get("cost_kind") == "CONTINUITY"] == [cost][:cost > 0]


def main():
    n = node.Node("known")
    try:
        n.start()
        n.ready()
        known_are_first(n)
    finally:
        n.end()
    for less in (0, 1):
        n = node.Node("node%d" % less, settings="plan_interval_s = 0\nteam_partners_max = %d\n" % PARTNERS_MAX)
        try:
            n.start()
            n.ready()
            fill(n)
            w = World(n)
            check(w)
            if not less:
                why_not_is_by_data(n, w)
                decisions_are_recorded(n)
                w = World(n)
                check(w)
            more_is_stated(n, w, less)
        finally:
            n.end()


main()
