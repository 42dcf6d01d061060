# SPDX-License-Identifier: EUPL-1.2
"""Judges from outside that the order was kept (L7), by the files that `schakel lab policy --plans DIR` writes and what README.md says of
them: each plan of the list against its problem, and each amount that matching gave against everybody who waited. It shares no code with
what it judges. `lawful.py DIR` (with steps.jsonl and plans.csv) ends with 1 when anything is wrong, and says what it could not judge."""
import collections
import csv
import json
import os
import sys

CLASSES = ["", "CRISIS", "URGENT", "ACTIVE", "PREFERENCE", "PRECAUTION"]
STEPS = ["", "NOW", "TONIGHT", "WITHIN_24H"]
OPEN = ("OPEN", "ANSWERED", "SUPPORTED")
AMOUNT_MAX = 1000  # what one seat may take
REGION_MOST = {"team_partners_max": 5, "school_ateliers_max": 10, "partners_known_permille": 1000}


# --- plans ---

class Plan:
    """A problem in the form of `schakel lab` and an answer to it."""

    def __init__(self, lab, txt):
        self.cost, self.offer, self.group, self.needs, self.seats, self.said = {}, {}, [], {}, {}, {}
        self.now = {}
        for line in open(lab, encoding="utf-8"):
            self.read(line.split())
        for line in open(txt, encoding="utf-8"):
            w = line.split()
            if w[0] == "seat":
                self.seats[w[1]] = (w[2], int(w[5]), int(w[7]))
            elif w[0] != "open":
                self.said[w[0]] = int(w[1]) if w[1:] and w[1].isdigit() else w[1:]

    def read(self, w):
        if w[0] == "partner":
            self.cost[w[1]] = int(w[3])
        elif w[0] == "offer":
            self.offer[w[1]] = (w[3], int(w[5]))
            self.now[w[1]] = int(w[8])
        elif w[0] == "request":
            self.group.append((int(w[3]), set()))
        elif w[0] == "held":
            self.group[-1][1].update(w[1:])
        elif w[0] == "need":
            self.needs[w[1]] = (len(self.group) - 1, int(w[5]), [])
        elif "pair" in w[:3]:
            i = w.index("pair")
            self.needs[w[i + 1]][2].append((w[i + 2], int(w[i + 4]), int(w[i + 6])))

    def team(self, group, without=None):
        team = set(self.group[group][1])
        team.update(self.offer[s[0]][0] for n, s in self.seats.items() if n != without and self.needs[n][0] == group)
        return team

    def faults(self):
        """Each rule of the problem, then the order, then the sums."""
        names = list(self.needs)
        place = {n: i for i, n in enumerate(names)}
        given = collections.defaultdict(list)  # offer: place, amount
        for n, (pool, cost, amount) in self.seats.items():
            if (pool, cost, amount) not in self.needs[n][2]:
                yield "%s sits at %s, which is none of its pairs" % (n, pool)
            given[pool].append((place[n], amount))
        left = {o: hours - sum(a for _, a in given[o]) for o, (_, hours) in self.offer.items()}
        yield from ("%s gives %d more than it has" % (o, -v) for o, v in left.items() if v < 0)
        teams = [self.team(g) for g in range(len(self.group))]
        for g, team in enumerate(teams):
            if len(team) > max(self.group[g][0], len(self.group[g][1])):
                yield "team %d has %d partners" % (g + 1, len(team))
        for n in names:
            if n in self.seats:
                continue
            for pool, _, amount in self.needs[n][2]:
                could = left[pool] + sum(a for at, a in given[pool] if at > place[n])
                team = teams[self.needs[n][0]]
                if amount <= could and (self.offer[pool][0] in team or len(team) < self.group[self.needs[n][0]][0]):
                    yield "%s is open, and could have %d of %s, which only those behind it keep from it" % (n, amount, pool)
        yield from self.sums(teams)

    def sums(self, teams):
        cost = sum(s[1] for s in self.seats.values())
        cost += sum(self.cost[p] for g, team in enumerate(teams) for p in team - self.group[g][1])
        value = cost + sum(self.needs[n][1] for n in self.needs if n not in self.seats)
        if (self.said["objective"], self.said["cost"], int(self.said["covered"])) != (value, cost, len(self.seats)):
            yield "value %d, cost %d and covered %d are said to be %s" % (value, cost, len(self.seats), self.said)
        if self.said["bound"] > value:
            yield "the bound %d is above the value %d" % (self.said["bound"], value)


# --- what matching did ---

class Matching:
    """Its rows as they are after the step that was read last."""

    def __init__(self):
        self.row = collections.defaultdict(dict)
        self.uses = collections.defaultdict(dict)    # pool: use
        self.of_request = collections.defaultdict(set)
        self.waits = set()
        self.setting = dict(REGION_MOST)

    def apply(self, row):
        kind = row["row"]
        key = (row["pool"], row["use"]) if kind in ("use", "use_week") else (row["need"], row["partner"]) if kind == "exclude" else \
            row.get("id", row.get("network", ""))
        was = self.row[kind].pop(key, None)
        if not row.get("gone"):
            self.row[kind][key] = row
        if kind == "use":
            self.uses[key[0]].pop(key[1], None)
            if not row.get("gone"):
                self.uses[key[0]][key[1]] = row
        elif kind == "config":
            self.setting.update((s["key"], int(s["value"])) for s in row["settings"])
        elif kind == "need":
            self.follow(key, row)
        return was

    def follow(self, key, n):
        self.waits.discard(key)
        if n.get("gone") or "order" not in n or "need" not in n:
            return
        self.of_request[n["request_id"]].add(key)
        if n["known"] and not n["closed"] and not n["served"] and n["need"].get("state") in OPEN and not n.get("seat_id"):
            self.waits.add(key)

    def need(self, key):
        return self.row["need"][key]

    def place(self, key):
        n = self.need(key)
        o = n["order"]
        tried = o.get("rank_class")  # an order that the lab tries: one class by its own name, crisis steps say nothing in it
        return (CLASSES.index(tried or o.get("wait_class", "")), 0 if tried else STEPS.index(o.get("crisis_step", "")), o.get("rank_ms", ""), int(o["lottery"]),
                n["request_id"], n["need"]["ordinal"])

    def child(self, n):
        r = self.row["request"][n["request_id"]]["request"]
        children = r.get("children", [])
        return children[n["need"]["child"]] if n["need"]["child"] < len(children) else {"age_years": r["age_years"]}

    def set_aside(self, n):
        """The child is missing, or the family itself waits: nobody new is asked."""
        r = self.row["request"][n["request_id"]]["request"]
        wish = r.get("family_wish_until_ms") and n["order"].get("wait_class") != "CRISIS"
        return bool(self.child(n).get("missing") or wish)

    def heir(self, network):
        row = self.row["network"].get(network)
        seen = set()
        while row and row.get("ended") and row.get("network", {}).get("successor") and network not in seen:
            seen.add(network)
            network = row["network"]["successor"]
            row = self.row["network"].get(network)
        return network

    def gives(self, p, n):
        crisis = n["order"].get("wait_class") == "CRISIS"
        if p["shut"] or p["paused"] or p["overcommitted"] or p.get("answer") in ("NONE", "NONE_WAITLIST"):
            return False
        if n["need"]["own_crisis"] and not (p["insured"] or p["crisis"]):
            return False
        return crisis if p["insured"] else not p["unconfirmed"]

    def excluded(self, key, n, p):
        out = set(self.row["request"][n["request_id"]].get("excluded_partners", []))
        return any(q in out or (key, q) in self.row["exclude"] for q in [p["partner"], *p.get("joint_partners", [])])

    def use_fits(self, n, u):
        r = self.row["request"][n["request_id"]]["request"]
        child = self.child(n)
        region = n["order"].get("wait_class") == "CRISIS" or r.get("ring") in ("REGION", "NEIGHBOURS")
        zones = child.get("zones") or [r.get("zone")]
        return n["need"]["expertise"] in u["expertises"] and u["age_from"] <= child["age_years"] <= u["age_to"] and \
            (region or any(z in u.get("zones", []) for z in zones)) and (u.get("access") != "COURT" or n["need"]["by_order"])

    def amount(self, n, p, u):
        times = n["need"]["intensity"] if p["unit"] in ("HOURS_WEEK", "CONSULT") else 1
        return u["cost_units"] * (times or 1)

    def has_room(self, n, partner):
        team = {self.row["seat"][self.need(o)["seat_id"]]["partner"] for o in self.of_request[n["request_id"]]
                if o in self.row["need"] and self.need(o).get("seat_id") in self.row["seat"]}
        return partner in team or len(team) < self.setting["team_partners_max"]

    def within(self, p, use, amount, behind):
        """The limit of the week of a use, without what this step gave to those behind."""
        for limit in p.get("limits", []):
            if limit["use"] == use:
                week = self.row["use_week"].get((p["id"], use))
                units = week["units"] if week and week["week"] == p["week"] else 0
                units -= sum(s["amount"] for s in behind if s["use"] == use)
                if units + amount > limit["units_week"]:
                    return False
        return True

    def fits(self, key, p, most, behind=()):
        """True, False, or why it cannot be told."""
        n = self.need(key)
        if n["request_id"] not in self.row["request"] or self.set_aside(n) or not self.gives(p, n) or self.excluded(key, n, p):
            return False
        r = self.row["request"][n["request_id"]]["request"]
        if p.get("network") and self.heir(p["network"]) != self.heir(r.get("network", "")):
            return False
        if not self.has_room(n, p["partner"]):
            return False
        holder = p.get("reserved_need")
        if holder in self.waits and holder != key and self.place(holder) < self.place(key):
            return "kept for one before it who needs more"
        for use, u in self.uses[p["id"]].items():
            amount = self.amount(n, p, u)
            if self.use_fits(n, u) and amount <= min(most, AMOUNT_MAX) and self.within(p, use, amount, behind):
                if p["workers"] > 0:
                    return "hands"  # what a worker carries is told nobody outside the house
                if p["school_atelier"]:
                    return "school ateliers"
                return "partners known" if self.setting["partners_known_permille"] < 1000 else True
        return False


class Judge:
    def __init__(self):
        self.m = Matching()
        self.count = collections.Counter()
        self.unjudged = collections.Counter()
        self.faults = []
        self.plan_steps = []

    def step(self, s):
        gifts, changed = [], set()
        for row in s["rows"]:
            was = self.m.apply(row)
            if row["row"] == "seat":
                now = row.get("held", 0)
                changed.update((row.get("request_id"), (was or {}).get("request_id")))
                if now > 0 and not (was and (was["held"] > 0 or was["state"] == "INTERRUPTED")):
                    gifts.append(row)
            elif row["row"] in ("need", "request"):
                changed.update((row.get("request_id"), row["id"]))
            elif row["row"] == "exclude":
                changed.add(self.m.row["need"].get(row["need"], {}).get("request_id"))
            elif row["row"] == "plan":
                self.plan_steps.append((s, row))
        self.count["steps"] += 1
        if s["input"] in ("begin", "reconcile_item"):
            return gifts
        for g in gifts:
            self.gift(s, g, gifts, changed)
        return gifts

    def gift(self, s, g, gifts, changed):
        m = self.m
        if g["need_id"] not in m.row["need"] or g["pool"] not in m.row["pool"]:
            return
        p, to = m.row["pool"][g["pool"]], m.place(g["need_id"])
        self.count["seats given"] += 1
        for key in m.waits:
            at = m.place(key)
            if at >= to:
                continue
            self.count["who stood before"] += 1
            behind = [x for x in gifts if x["pool"] == g["pool"] and m.place(x["need_id"]) > at]
            free = max(0, p["staffed"] - p["used_elsewhere"] - p["promised"])
            most = free + sum(x["amount"] for x in behind)
            if s["parts"] != 1:  # steps one after the other in one: only who is the same in all of them is known
                if m.need(key)["request_id"] in changed or p.get("limits"):
                    self.unjudged["several due rows in one step"] += 1
                    continue
                most = g["amount"]
            self.verdict(s, g, key, p, m.fits(key, p, most, behind))

    def verdict(self, s, g, key, p, could):
        n, to = self.m.need(key), self.m.need(g["need_id"])
        if could is True and g.get("signed_by") and s["input"] == "sign_last_place" and \
                all(x["order"].get("wait_class") == "CRISIS" for x in (n, to)) and \
                n["order"].get("crisis_step") == to["order"].get("crisis_step"):
            self.count["signed by a person"] += 1
        elif could is True:
            self.faults.append("step %d: %s gave %d to %s, and %s stands before it and fits" %
                               (s["step"], p["id"], g["amount"], g["need_id"], key))
        elif could:
            self.unjudged[could] += 1


def judge_steps(lines):
    j = Judge()
    for line in lines:
        j.step(json.loads(line))
    return j


def judge_plans(where, j):
    """Each plan, and what became of the seats that it proposed."""
    became = collections.Counter()
    step_of = {(r["last_sequence"], r["needs"], r["value"]): (s, r) for s, r in j.plan_steps}
    with open(os.path.join(where, "plans.csv"), encoding="utf-8") as f:
        for row in csv.DictReader(f):
            name = os.path.join(where, "plan-%05d" % int(row["plan"]))
            plan = Plan(name + ".lab", name + ".txt")
            j.count["plans"] += 1
            j.faults += ["plan %s: %s" % (row["plan"], f) for f in plan.faults()]
            proposed = [tuple(w.split(":", 1)) for w in row["proposed"].split()]
            for need, at in proposed:
                if plan.seats.get(need, ("",))[0] != at.rsplit("/", 1)[0]:
                    j.faults.append("plan %s proposes %s at %s, which it does not hold" % (row["plan"], need, at))
            s, told = step_of.get((int(row["sequence"]), int(row["needs"]), int(row["value"])), (None, None))
            if told is None:
                became["not taken as a whole"] += len(proposed)
                continue
            if len(told["verdicts"]) != min(len(proposed), 256):
                j.faults.append("plan %s: %d seats, %d verdicts" % (row["plan"], len(proposed), len(told["verdicts"])))
            given = {r["need_id"] for r in s["rows"] if r["row"] == "seat" and not r.get("gone") and r["held"] > 0}
            for (need, at), v in zip(proposed, told["verdicts"]):
                became[v] += 1
                if v == "SEATED" and need not in given:
                    j.faults.append("plan %s: %s is said to sit at %s, and nothing was given" % (row["plan"], need, at))
    return became


def main():
    where = sys.argv[1]
    with open(os.path.join(where, "steps.jsonl"), encoding="utf-8") as f:
        j = judge_steps(f)
    became = judge_plans(where, j)
    for what, n in [*j.count.items(), *(("seats proposed: " + k, v) for k, v in became.items()),
                    *(("not judged: " + k, v) for k, v in j.unjudged.items())]:
        print("%-44s %d" % (what, n))
    for fault in j.faults[:20]:
        print("WRONG " + fault)
    print("%d wrong" % len(j.faults))
    return 1 if j.faults else 0


if __name__ == "__main__":
    sys.exit(main())
