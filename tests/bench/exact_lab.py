# SPDX-License-Identifier: EUPL-1.2
"""A problem of the lab in code of its own (the format: README.md), random ones, and what GLPK and CBC
say its optimum is. Shares nothing with services/cli and common/plan."""
import re
import subprocess

TIME_LIMIT_S = 60


class Problem:
    """What a file says: partners {name: cost}, offers {name: (partner, hours, cost, expertises)},
    requests [(name, team_max)], held [partners of the team already, per request], needs {name: (request, hours, expertise, penalty)}."""

    def __init__(self, text):
        self.partners, self.offers, self.requests, self.held, self.needs = {}, {}, [], [], {}
        self.team_max, self.penalty = None, False
        self.together, self.apart, self.leads = [], [], set()
        explicit, vetoes = {}, set()
        for line in text.splitlines():
            words = line.split("#")[0].split()
            if words and words[0] != "schakel-lab":
                self.statement(words, explicit, vetoes)
        self.pairs = {}  # (need, offer): (cost, hours)
        for need, (_, hours, expertise, _) in self.needs.items():
            for offer, (partner, _, _, skills) in self.offers.items():
                if (need, offer) in vetoes or (need, "partner", partner) in vetoes:
                    continue
                if (need, offer) in explicit:
                    cost, own = explicit[need, offer]
                    self.pairs[need, offer] = (cost, hours if own is None else own)
                elif expertise is not None and expertise in skills:
                    self.pairs[need, offer] = (0, hours)

    def statement(self, words, explicit, vetoes):
        kind, rest = words[0], words[1:]
        if kind == "partner":
            self.partners[rest[0]] = int(keys(rest[1:]).get("cost", 0))
        elif kind == "offer":
            k = keys(rest[1:])
            self.offers[rest[0]] = (k["partner"], int(k["hours"]), int(k.get("cost", 0)), k.get("expertise", "").split(","))
        elif kind == "request":
            self.request(rest[0], int(keys(rest[1:]).get("team_max", 0)) or None)
        elif kind == "held":
            if not self.requests:
                self.request("", None)
            self.held[-1].update(rest)
        elif kind == "need":
            k = keys(rest[1:])
            if not self.requests:
                self.request("", None)
            penalty = int(k["penalty"]) if "penalty" in k else None
            self.needs[rest[0]] = (len(self.requests) - 1, int(k["hours"]), k.get("expertise"), penalty)
        elif kind == "pair":
            k = keys(rest[2:])
            explicit[rest[0], rest[1]] = (int(k.get("cost", 0)), int(k["hours"]) if "hours" in k else None)
        elif kind == "forbid":
            vetoes.add(tuple(rest))
        elif kind in ("together", "apart"):
            getattr(self, kind).append(tuple(rest))
        elif kind == "lead":
            self.leads.update(rest)
        elif kind == "team_max":
            self.team_max = int(rest[0])
        elif kind == "objective":
            self.penalty = rest[0] == "penalty"

    def request(self, name, team_max):
        self.requests.append((name, team_max))
        self.held.append(set())

    def open_cost(self, need):
        """Its penalty: as given, or one more than its dearest pair with offer and partner."""
        given = self.needs[need][3]
        if given is not None:
            return given
        ways = [cost + self.offers[o][2] + self.partners[self.offers[o][0]] for (n, o), (cost, _) in self.pairs.items() if n == need]
        return max(ways, default=0) + 1


def keys(words):
    return dict(zip(words[::2], words[1::2]))


class Program:
    """The problem as a linear program in integers, in the LP format that both solvers read."""

    def __init__(self, p):
        self.p, self.rows, self.x, self.z, self.y = p, [], {}, {}, {}
        needs, offers = list(p.needs), list(p.offers)
        for (n, o) in p.pairs:
            request, partner = p.needs[n][0], p.offers[o][0]
            x = self.x[n, o] = f"x{needs.index(n)}_{offers.index(o)}"
            z = self.z.setdefault((request, o), f"z{request}_{offers.index(o)}")
            y = self.y.setdefault((request, partner), f"y{request}_{list(p.partners).index(partner)}")
            self.rows += [f"{x} - {z} <= 0", f"{x} - {y} <= 0"]
        self.open = {n: f"w{i}" for i, n in enumerate(needs)}
        for n in needs:
            self.rows.append(" + ".join([v for (m, _), v in self.x.items() if m == n] + [self.open[n]]) + " = 1")
        for o in offers:
            taken = [f"{p.pairs[n, q][1]} {v}" for (n, q), v in self.x.items() if q == o]
            if taken:
                self.rows.append(" + ".join(taken) + f" <= {p.offers[o][1]}")
        self.teams()
        self.ties()

    def at(self, need, partner, other=False):
        return [v for (n, o), v in self.x.items() if n == need and (self.p.offers[o][0] == partner) != other]

    def teams(self):
        p = self.p
        for r, (_, own) in enumerate(p.requests):
            team = [v for (s, q), v in self.y.items() if s == r and q not in p.held[r]]
            most = own if own is not None else p.team_max
            if team and most is not None:
                self.rows.append(" + ".join(team) + f" <= {max(0, most - len(p.held[r]))}")
            # A partner is in a team only with a seat; so a lead that is there for nothing is no lead.
            for (s, partner), y in self.y.items():
                if s == r:
                    mine = [v for (n, o), v in self.x.items() if p.needs[n][0] == r and p.offers[o][0] == partner]
                    self.rows.append(y + "".join(f" - {v}" for v in mine) + " <= 0")
            if p.leads and not p.leads & p.held[r]:
                leads = [v for (s, q), v in self.y.items() if s == r and q in p.leads]
                for (n, _), v in self.x.items():
                    if p.needs[n][0] == r:
                        self.rows.append(v + "".join(f" - {y}" for y in leads) + " <= 0")

    def ties(self):
        for a, b in self.p.together:
            for partner in self.p.partners:
                here, there = self.at(a, partner), self.at(b, partner, other=True)
                if here and there:
                    self.rows.append(" + ".join(here + there) + " <= 1")
        for a, b in self.p.apart:
            for partner in self.p.partners:
                both = self.at(a, partner) + self.at(b, partner)
                if len(both) > 1:
                    self.rows.append(" + ".join(both) + " <= 1")

    def cost(self):
        p = self.p
        terms = [(p.pairs[k][0], v) for k, v in self.x.items()]
        terms += [(p.offers[o][2], v) for (_, o), v in self.z.items()]
        terms += [(p.partners[q], v) for (r, q), v in self.y.items() if q not in p.held[r]]
        return [t for t in terms if t[0]]

    def penalties(self):
        return [(self.p.open_cost(n), w) for n, w in self.open.items()]

    def text(self, terms, more):
        names = list(self.x.values()) + list(self.z.values()) + list(self.y.values()) + list(self.open.values())
        goal = " + ".join(f"{c} {v}" for c, v in terms) or f"0 {names[0]}"
        rows = "\n".join(f" r{i}: {row}" for i, row in enumerate(self.rows + more))
        return f"Minimize\n obj: {goal}\nSubject To\n{rows}\nBinary\n " + "\n ".join(names) + "\nEnd\n"


def whole(value):
    """A solver's number; what it gives is whole in all our problems."""
    n = round(float(value))
    if abs(float(value) - n) > 1e-4:
        raise RuntimeError(f"a solver says {value}, which is not whole")
    return n


def glpk(path):
    out = subprocess.run(["glpsol", "--lp", path, "--tmlim", str(TIME_LIMIT_S), "-o", path + ".sol"], capture_output=True, text=True, check=True)
    if "INTEGER OPTIMAL SOLUTION FOUND" not in out.stdout:
        raise RuntimeError("GLPK has no proven optimum:\n" + out.stdout[-400:])
    with open(path + ".sol", encoding="utf-8") as f:
        return whole(re.search(r"^Objective:\s+obj = (\S+)", f.read(), re.M).group(1))


def cbc(path):
    out = subprocess.run(["cbc", path, "ratio", "0", "allow", "0", "sec", str(TIME_LIMIT_S), "solve", "solution", path + ".sol"], capture_output=True, text=True,
                         check=True)
    with open(path + ".sol", encoding="utf-8") as f:
        first = f.readline()
    if not first.startswith("Optimal"):
        raise RuntimeError("CBC has no proven optimum: " + first + out.stdout[-400:])
    return whole(first.split()[-1])


SOLVERS = {"glpk": glpk, "cbc": cbc}


def solve(program, terms, more, path, solver):
    with open(path, "w", encoding="utf-8") as f:
        f.write(program.text(terms, more))
    return SOLVERS[solver](path)


def optimum(p, path, solver, penalty):
    """@return (objective, open weight): with coverage first, the weight of what stays open in the lawful
    order (an earlier need weighs more than all later ones together), then the least cost beside it."""
    program = Program(p)
    if penalty:
        return solve(program, program.cost() + program.penalties(), [], path, solver), None
    weights = [(1 << (len(p.needs) - 1 - i), w) for i, w in enumerate(program.open.values())]
    least = solve(program, weights, [], path, solver)
    fixed = " + ".join(f"{c} {v}" for c, v in weights) + f" = {least}"
    return solve(program, program.cost(), [fixed], path, solver), least


def keeps_rules(p, seats, request):
    """Whether the team of one request (its needs among seats {need: offer}) keeps every rule of the file but the hours."""
    team = {n: p.offers[o][0] for n, o in seats.items() if p.needs[n][0] == request}
    most = p.requests[request][1] if p.requests[request][1] is not None else p.team_max
    whole = set(team.values()) | p.held[request]
    if (most is not None and len(whole) > max(most, len(p.held[request]))) or (p.leads and team and not p.leads & whole):
        return False
    for pairs, same in ((p.together, True), (p.apart, False)):
        if any(a in team and b in team and (team[a] == team[b]) != same for a, b in pairs):
            return False
    return True


def lawless(p, seats):
    """The law of the order, by trying: could an open need sit somewhere, its team keeping its rules with its other seats as
    they are, on hours that nobody has or that only requests behind it have? @return where, or None."""
    for request in range(len(p.requests)):
        if not keeps_rules(p, seats, request):
            return f"the team of request {request} breaks a rule"
    for need, (request, _, _, _) in p.needs.items():
        if need in seats:
            continue
        for (n, offer), (_, hours) in p.pairs.items():
            if n != need:
                continue
            taken = sum(p.pairs[m, o][1] for m, o in seats.items() if o == offer and p.needs[m][0] <= request)
            if taken + hours <= p.offers[offer][1] and keeps_rules(p, {**seats, need: offer}, request):
                return f"{need} could have {offer}"
    return None
