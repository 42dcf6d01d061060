# SPDX-License-Identifier: EUPL-1.2
"""Problems by the recipes of published benchmark sets, in the form of the lab: the same for the same seed. Set cover (Beasley 1987; Steiner triples of
Fulkerson, Nemhauser and Trotter 1974; cycles of a cube by Grossman and Wool 1997), generalised assignment of types A to E (Chu and Beasley 1997; Laguna
and others 1995) and facility location with one source (Holmberg, Ronnqvist and Yuan 1999; Cornuejols and others 1991;
Delmaire and others 1999). Usage: published.py NAME [SEED]"""
import itertools
import math
import random
import sys

HEAD = "schakel-lab 1\n"


def cover_text(costs, rows):
    lines = ["partner c%d cost %d\noffer c%d partner c%d hours 0\n" % (j, cost, j, j) for j, cost in enumerate(costs)]
    lines += ["need r%d hours 0\n" % i for i in range(len(rows))]
    lines += ["pair r%d c%d\n" % (i, j) for i, row in enumerate(rows) for j in sorted(row)]
    return HEAD + "".join(lines)


def cover(r, m, n, density):
    """Costs 1 to 100; each row in two columns at least, each column with a row."""
    rows = [set(r.sample(range(n), 2)) for _ in range(m)]
    for j in set(range(n)) - set().union(*rows):
        rows[r.randrange(m)].add(j)
    left = round(m * n * density) - sum(map(len, rows))
    while left > 0:
        i, j = r.randrange(m), r.randrange(n)
        left -= j not in rows[i]
        rows[i].add(j)
    return cover_text([r.randint(1, 100) for _ in range(n)], rows)


def steiner(power):
    """The lines of the affine space over three: 9, 27 or 81 points."""
    points = list(itertools.product(range(3), repeat=power))
    at = {p: i for i, p in enumerate(points)}
    lines = {tuple(sorted((at[a], at[b], at[tuple((-x - y) % 3 for x, y in zip(a, b))]))) for a, b in itertools.combinations(points, 2)}
    return cover_text([1] * len(points), [set(line) for line in sorted(lines)])


def cycles(power):
    """Edges of a cube that meet each cycle of four."""
    edge = {}
    for v, b in itertools.product(range(1 << power), range(power)):
        if not v >> b & 1:
            edge[v, b] = len(edge)
    rows = [{edge[v, a], edge[v, b], edge[v | 1 << b, a], edge[v | 1 << a, b]}
            for v, (a, b) in itertools.product(range(1 << power), itertools.combinations(range(power), 2)) if not v >> a & 1 and not v >> b & 1]
    return cover_text([1] * len(edge), rows)


def colours(points):
    """Sets of four of which each colouring in two has one of one colour (property B)."""
    sets = list(itertools.combinations(range(points), 4))
    rows = [{j for j, four in enumerate(sets) if len({half >> v & 1 for v in four}) == 1} for half in range(1, 1 << (points - 1))]
    return cover_text([1] * len(sets), rows)


def unit_cover(r, m, n, density):
    """Costs of one: each row in two columns at least."""
    return cover_text([1] * n, [set(r.sample(range(n), max(2, round(n * density)))) for _ in range(m)])


def hours_and_costs(r, kind, m, n):
    cells = list(itertools.product(range(m), range(n)))
    if kind == "D":
        hours = {c: r.randint(1, 100) for c in cells}
        return hours, {c: 111 - hours[c] + r.randint(-10, 10) for c in cells}
    if kind == "E":
        hours = {c: max(1, int(1 - 10 * math.log(1 - r.random()))) for c in cells}
        return hours, {c: max(0, int(1000 / hours[c] - 10 * r.random())) for c in cells}
    return {c: r.randint(5, 25) for c in cells}, {c: r.randint(10, 50) for c in cells}


def assignment(r, kind, m, n):
    hours, costs = hours_and_costs(r, kind, m, n)
    room = [int(0.8 * sum(hours[i, j] for j in range(n)) / m) for i in range(m)]
    if kind in "AB":
        best = [min(range(m), key=lambda i, j=j: costs[i, j]) for j in range(n)]
        most = max(sum(hours[i, j] for j in range(n) if best[j] == i) for i in range(m))
        room = [int((0.6 * (n / m) * 15 + 0.4 * most) * (1 if kind == "A" else 0.7))] * m
    lines = ["partner a%d\noffer a%d partner a%d hours %d\n" % (i, i, i, room[i]) for i in range(m)]
    lines += ["need j%d hours 1\n" % j for j in range(n)]
    lines += ["pair j%d a%d cost %d hours %d\n" % (j, i, costs[i, j], hours[i, j]) for i in range(m) for j in range(n)]
    return HEAD + "".join(lines)


def sites(r, m, n, ratio):
    """Places on a square, all capacity `ratio` times the demand."""
    place = [[(r.uniform(10, 200), r.uniform(10, 200)) for _ in range(k)] for k in (m, n)]
    hours = [r.randint(10, 50) for _ in range(n)]
    share = [r.uniform(0.6, 1.4) for _ in range(m)]
    return located(hours, [int(sum(hours) * ratio * s / sum(share)) for s in share], [r.randint(300, 900) for _ in range(m)],
                   lambda j, i: round(math.dist(place[0][i], place[1][j]) * 0.03 * hours[j]))


def unit_square(r, m, n, ratio):
    """As Cornuejols, Sridharan and Thizy 1991: places on a unit square, a site costs by the root of its capacity."""
    place = [[(r.random(), r.random()) for _ in range(k)] for k in (m, n)]
    hours = [r.randint(5, 35) for _ in range(n)]
    share = [r.randint(10, 160) for _ in range(m)]
    room = [max(1, int(s * ratio * sum(hours) / sum(share))) for s in share]
    return located(hours, room, [int(r.randint(0, 90) + r.uniform(100, 110) * math.sqrt(s)) for s in share],
                   lambda j, i: round(math.dist(place[0][i], place[1][j]) * 10 * hours[j]))


def any_costs(r, m, n, ratio):
    """Costs that follow from no place, as Delmaire and others 1999."""
    hours = [r.randint(5, 40) for _ in range(n)]
    mean = ratio * sum(hours) / m
    room = [r.randint(int(0.7 * mean), int(1.3 * mean)) for _ in range(m)]
    once = [r.randint(200, 600) for _ in range(m)]
    costs = {(j, i): r.randint(5, 100) for j in range(n) for i in range(m)}
    return located(hours, room, once, lambda j, i: costs[j, i])


def located(hours, room, once, cost):
    lines = ["partner s%d cost %d\noffer s%d partner s%d hours %d\n" % (i, once[i], i, i, h) for i, h in enumerate(room)]
    lines += ["need k%d hours %d\n" % (j, h) for j, h in enumerate(hours)]
    lines += ["pair k%d s%d cost %d\n" % (j, i, cost(j, i)) for j in range(len(hours)) for i in range(len(room))]
    return HEAD + "".join(lines)


def families(r, count, needs, offers):
    """Not published: large families that want the same hours, of which there are just enough (`schakel lab plan`)."""
    partners = max(2, offers // 2)
    lines = ["schakel-lab 1\n"] + ["partner p%d cost %d\n" % (i, r.randint(0, 60)) for i in range(partners)]
    room = count * needs * 4
    kinds = lambda: ",".join(sorted({"x%d" % r.randrange(6) for _ in range(r.randint(1, 3))}))
    lines += ["offer o%d partner p%d hours %d expertise %s\n" % (i, r.randrange(partners),
              max(4, int(room * r.uniform(.6, 1.3) / offers)), kinds()) for i in range(offers)]
    for g in range(count):
        lines.append("request r%d\n" % g)
        lines += ["need n%d hours %d expertise x%d penalty %d\n" % (g * needs + k, r.randint(1, 7), r.randrange(6),
                  r.randint(150, 400)) for k in range(needs)]
    pairs = {(r.randrange(count * needs), r.randrange(offers)) for _ in range(count * needs * 4)}
    return "".join(lines + ["pair n%d o%d cost %d\n" % (n, o, r.randint(0, 90)) for n, o in sorted(pairs)])


# Hours of all offers as a part of those asked, hours of a need, hours of an offer, most partners of a team.
LISTS = {"scarce": (.4, (1, 8), (4, 40), None), "tight": (.9, (1, 8), (4, 40), None), "ample": (1.3, (1, 8), (4, 40), None),
         "small": (.75, (1, 3), (1, 4), None), "pack": (.75, (30, 70), (100, 100), None), "two": (.75, (1, 8), (4, 40), 2)}


def waiting(r, kind, requests):
    """Not published: a list of requests of one to six needs, each pair with a cost of its own, one in seven vetoed (`schakel lab plan`)."""
    part, asks, gives, team = LISTS[kind]
    partners, skills, needs = max(6, requests // 5), ["x%d" % i for i in range(8)], []
    lines = [HEAD] + (["team_max %d\n" % team] if team else []) + ["partner p%d cost %d\n" % (i, r.randint(5, 60)) for i in range(partners)]
    for g in range(requests):
        needs += [(g, x, r.randint(*asks)) for x in r.sample(skills, r.choice((1, 1, 2, 2, 3, 4, 6)))]
    left, offers = int(part * sum(h for _, _, h in needs)), []
    while left > 0:
        hours = min(r.randint(*gives), max(left, gives[0]))
        left -= hours
        offers.append(r.sample(skills, r.choice((1, 1, 2, 3, 4))))
        lines.append("offer o%d partner p%d hours %d cost %d expertise %s\n"
                     % (len(offers) - 1, r.randrange(partners), hours, r.choice((0, 0, r.randint(1, 20))), ",".join(offers[-1])))
    last, worth = -1, 0
    for n, (g, x, hours) in enumerate(needs):
        if g != last:
            last, worth = g, r.choice((200, 400, 1000, 3000))
            lines.append("request r%d\n" % g)
        lines.append("need n%d hours %d expertise %s penalty %d\n" % (n, hours, x, worth))
        lines += ["forbid n%d o%d\n" % (n, o) if r.random() < .15 else "pair n%d o%d cost %d\n" % (n, o, r.randint(0, 50))
                  for o, has in enumerate(offers) if x in has]
    return "".join(lines)


# Name: (how it is made of a source of chance, optimum where it is known).
SETS = {
    "scp4": (lambda r: cover(r, 200, 1000, 0.02), None), "scp5": (lambda r: cover(r, 200, 2000, 0.02), None),
    "scp6": (lambda r: cover(r, 200, 1000, 0.05), None), "scpa": (lambda r: cover(r, 300, 3000, 0.02), None),
    "scpb": (lambda r: cover(r, 300, 3000, 0.05), None), "scpc": (lambda r: cover(r, 400, 4000, 0.02), None),
    "scpd": (lambda r: cover(r, 400, 4000, 0.05), None), "scpe": (lambda r: unit_cover(r, 50, 500, 0.2), None),
    "scpnre": (lambda r: cover(r, 500, 5000, 0.1), None), "scpnrf": (lambda r: cover(r, 500, 5000, 0.2), None),
    "scpnrg": (lambda r: cover(r, 1000, 10000, 0.02), None), "scpnrh": (lambda r: cover(r, 1000, 10000, 0.05), None),
    "unit5": (lambda r: unit_cover(r, 200, 400, 0.05), None), "clr10": (lambda r: colours(10), 25), "clr11": (lambda r: colours(11), 23),
    "sts9": (lambda r: steiner(2), 5), "sts27": (lambda r: steiner(3), 18), "sts81": (lambda r: steiner(4), 61), "cyc6": (lambda r: cycles(6), 60),
    "hol10x50": (lambda r: sites(r, 10, 50, 2.0), None), "hol20x50": (lambda r: sites(r, 20, 50, 2.5), None), "hol30x150": (lambda r: sites(r, 30, 150, 2.5), None),
}
SETS.update({"corn%dx%dr%s" % (m, n, ratio): (lambda r, m=m, n=n, q=ratio: unit_square(r, m, n, q), None)
             for m, n, ratio in ((30, 200, 1.5), (30, 200, 2), (30, 200, 5), (60, 200, 2), (60, 300, 3), (80, 400, 2))})
SETS.update({"del%dx%d" % (m, n): (lambda r, m=m, n=n, q=ratio: any_costs(r, m, n, q), None)
             for m, n, ratio in ((10, 30, 2.5), (20, 50, 2.5), (30, 75, 3), (30, 90, 2.2))})
SETS.update({"fam%dx%d" % (g, n): (lambda r, g=g, n=n, o=o: families(r, g, n, o), None) for g, n, o in ((3, 20, 30), (4, 15, 30))})
SETS.update({"%s%d" % (kind, n): (lambda r, k=kind, n=n: waiting(r, k, n), None) for kind in LISTS for n in (50, 100, 200)})
SETS.update({"gap%s%dx%d" % (kind, m, n): (lambda r, k=kind, m=m, n=n: assignment(r, k, m, n), None)
             for kind in "ABCDE" for m, n in ((5, 100), (10, 100), (20, 100), (10, 200))})


def text_of(name, seed=1):
    return SETS[name][0](random.Random("%s %s" % (name, seed)))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.stdout.write(text_of(sys.argv[1], *sys.argv[2:]))
