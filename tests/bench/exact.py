#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Random problems in the format of the lab, solved by `schakel lab` and by GLPK and CBC out of a linear program that code
of its own writes. Usage: exact.py SCHAKEL compose|plan [--count N] [--seed N] [--keep DIR]

A proven answer equals both solvers' optimum: the same needs open, the same objective. A plan's bound and value have the
optimum between them. Any difference ends with 1, and the problem is kept. Shuffled lines must give the same answer,
fact by fact."""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

import exact_lab


def ordinary(r, needs, rules):
    """Offers with one to three expertises, tight hours, pairs with costs and hours of their own, vetoes."""
    partners, offers, skills = r.randint(1, 6), r.randint(1, 14), r.randint(1, 6)
    lines = [f"partner p{i} cost {r.choice([0, r.randint(1, 60), 400])}" for i in range(partners)]
    rich = r.random() < 0.5
    owners = [r.randrange(partners) for _ in range(offers)]
    for i in range(offers):
        cost = f" cost {r.randint(1, 50)}" if rich and r.random() < 0.4 and rules else ""
        mine = ",".join(sorted({f"x{r.randrange(skills)}" for _ in range(r.randint(1, 3))}))
        lines.append(f"offer o{i} partner p{owners[i]} hours {r.randint(0, 9)}{cost} expertise {mine}")
    body = []
    for i in range(needs):
        penalty = f" penalty {r.randint(0, 300)}" if r.random() < 0.5 else ""
        body.append(f"need n{i} hours {r.randint(0, 6)} expertise x{r.randrange(skills)}{penalty}")
    return lines + body + links(r, needs, offers, partners) + (ties(r, needs, partners) if rules else [])


def links(r, needs, offers, partners):
    lines, seen = [], set()
    for _ in range(r.randint(0, needs * 3)):
        pair = (r.randrange(needs), r.randrange(offers))
        if pair not in seen:
            seen.add(pair)
            hours = f" hours {r.randint(0, 8)}" if r.random() < 0.5 else ""
            lines.append(f"pair n{pair[0]} o{pair[1]} cost {r.randint(0, 90)}{hours}")
    for _ in range(r.randint(0, 2)):
        lines.append(f"forbid n{r.randrange(needs)} " + (f"o{r.randrange(offers)}" if r.random() < 0.5 else f"partner p{r.randrange(partners)}"))
    return lines


def ties(r, needs, partners):
    lines = []
    for _ in range(r.randint(0, 2) if needs > 1 else 0):
        a, b = r.sample(range(needs), 2)
        lines.append(f"{r.choice(['together', 'apart'])} n{a} n{b}")
    if r.random() < 0.4:
        lines.append("lead " + " ".join(f"p{i}" for i in sorted(r.sample(range(partners), r.randint(1, partners)))))
    return lines + held(r, partners, "one")


def held(r, partners, request):
    """Now and then some partners of a team already; the comment keeps lines of two requests apart."""
    if r.random() < 0.6:
        return []
    return ["held " + " ".join(f"p{i}" for i in r.sample(range(partners), r.randint(1, min(3, partners)))) + f" # {request}"]


def cover(r, needs, _):
    """Set cover: no hours, a partner for each column, all costs near each other."""
    lines, pairs = [], []
    for i in range(r.randint(needs, needs * 3)):
        lines += [f"partner p{i} cost {r.randint(3, 6)}", f"offer o{i} partner p{i} hours 0"]
        pairs += [f"pair n{k} o{i}" for k in sorted(r.sample(range(needs), r.randint(1, min(4, needs))))]
    return lines + [f"need n{k} hours 0" for k in range(needs)] + pairs


def sites(r, needs, _):
    """Facility location with one source: few sites, hours that nearly fill them."""
    hours = [r.randint(1, 40) for _ in range(needs)]
    count = r.randint(2, 5)
    lines, pairs = [], []
    for i in range(count):
        lines += [f"partner p{i} cost {r.randint(50, 300)}", f"offer o{i} partner p{i} hours {sum(hours) * r.randint(5, 9) // (5 * count) + 1}"]
        pairs += [f"pair n{k} o{i} cost {r.randint(1, 99)}" for k in range(needs)]
    return lines + [f"need n{k} hours {h}" for k, h in enumerate(hours)] + pairs


def assignment(r, needs, _):
    """Generalised assignment: cost falls as hours rise, four fifths of the hours can be had."""
    agents = r.randint(2, 4)
    hours = [[r.randint(5, 25) for _ in range(needs)] for _ in range(agents)]
    lines, pairs = [], []
    for i in range(agents):
        lines += [f"partner p{i}", f"offer o{i} partner p{i} hours {sum(hours[i]) * 4 // (5 * agents)}"]
        pairs += [f"pair n{k} o{i} cost {111 - hours[i][k] * 4 + r.randint(-5, 5)} hours {hours[i][k]}" for k in range(needs)]
    return lines + [f"need n{k} hours 0" for k in range(needs)] + pairs


FAMILIES = [ordinary, ordinary, cover, sites, assignment]


def problem(r, most, rules):
    make = r.choice(FAMILIES)
    head = ["schakel-lab 1"]
    if r.random() < 0.4:
        head.append(f"team_max {r.randint(1, 4)}")
    if r.random() < 0.4:
        head.append("objective penalty")
    return head + make(r, r.randint(1, most), rules)


def region(r, most, rules):
    """Several requests for the plan of the list: the needs of one problem dealt out over requests in their order."""
    lines = problem(r, most, rules)
    out = [line for line in lines if not line.startswith(("need ", "pair ", "forbid ", "team_max ", "objective ", "together ", "apart ", "held "))]
    share = r.choice([0, 0.3, 0.6, 1.0])
    count, of = 0, {}
    for line in lines:
        if line.startswith("need "):
            if count == 0 or r.random() < share:
                out.append(f"request r{count}" + (f" team_max {r.randint(1, 3)}" if r.random() < 0.3 else ""))
                count += 1
                out += held(r, sum(other.startswith("partner ") for other in lines), count) if rules else []
            of[line.split()[1]] = count
            out.append(line)
    tied = [line for line in lines if line.startswith(("together ", "apart "))]
    return out + [line for line in lines if line.startswith(("pair ", "forbid "))] + [t for t in tied if of[t.split()[1]] == of[t.split()[2]]]


def shuffled(r, lines):
    """The same problem: partners, offers, pairs and vetoes in another order; needs keep theirs, it is the law."""
    kinds = ["schakel-lab", "team_max", "objective", "partner", "offer", "order"]
    mixed = lines[:]
    r.shuffle(mixed)
    order = [line for line in lines if line.startswith(("need ", "request ", "held "))]
    rank = {line: i for i, line in enumerate(order)}
    kind = {line: "order" if line in rank else line.split()[0] for line in lines}
    return sorted(mixed, key=lambda line: (kinds.index(kind[line]) if kind[line] in kinds else 9, rank.get(line, 0)))


class Lab:
    def __init__(self, schakel, folder):
        self.schakel, self.folder = schakel, folder

    def run(self, lines, *words):
        path = os.path.join(self.folder, "p.lab")
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        out = subprocess.run([self.schakel, "--lang", "en", "lab", *words, path], capture_output=True, text=True, check=False)
        if out.returncode != 0:
            raise RuntimeError(f"exit {out.returncode}: {out.stderr}")
        return out.stdout[:out.stdout.index("time ")]


def facts(text):
    found = {"open": [], "seats": [], "proven": False}
    for line in text.splitlines():
        words = line.split()
        if words[0] == "open":
            found["open"].append(words[1])
        elif words[0] == "seat":
            found["seats"].append((words[1], words[2]))
        elif words[0] in ("objective", "bound", "cost"):
            found[words[0]] = int(words[1])
        elif words[0] == "proven":
            found["proven"] = True
    return found


def check(lab, lines, solvers):
    """@return what differs, or None."""
    said = facts(lab.run(lines, "compose"))
    p = exact_lab.Problem("\n".join(lines))
    names = list(p.needs)
    weight = sum(1 << (len(names) - 1 - names.index(n)) for n in said["open"])
    for solver in solvers:
        best, least = exact_lab.optimum(p, os.path.join(lab.folder, "p.lp"), solver, p.penalty)
        if least is not None and least != weight:
            return f"{solver}: open needs weigh {least}, ours {weight}"
        if said["proven"] and said["objective"] != best:
            return f"{solver}: optimum {best}, ours {said['objective']} (proven)"
        if not said["bound"] <= best <= said["objective"]:
            return f"{solver}: optimum {best} is not between our bound {said['bound']} and {said['objective']}"
    return None


def check_plan(lab, lines, solvers):
    """The bound of a plan, with the law and without, is no higher than the free optimum, and its value no lower.
    @return what differs, or None."""
    p = exact_lab.Problem("\n".join(lines))
    said = {law: facts(lab.run(lines, "plan", "--law", law, "--rounds", "60", "--repair", "500")) for law in ("on", "off")}
    for solver in solvers:
        best, _ = exact_lab.optimum(p, os.path.join(lab.folder, "p.lp"), solver, True)
        for law, it in said.items():
            if not it["bound"] <= best <= it["objective"]:
                return f"{solver}: optimum {best} is not between bound {it['bound']} and value {it['objective']} (law {law})"
            if it["proven"] and it["objective"] != best:
                return f"{solver}: optimum {best}, ours {it['objective']} (proven, law {law})"
    seats = dict(facts(lab.run(lines, "plan", "--rounds", "60", "--repair", "500", "--law", "on"))["seats"])
    fault = exact_lab.lawless(p, seats)
    if fault is None and len(p.requests) == 1:
        alone, plan = facts(lab.run(lines, "compose")), said["off" if p.penalty else "on"]
        if (alone["open"], alone["cost"]) != (plan["open"], plan["cost"]):
            return f"one request: a team that costs {alone['cost']}, a plan that costs {plan['cost']}, open {alone['open']} and {plan['open']}"
    return None if fault is None else f"the plan is not lawful: {fault}"


WAYS = {"compose": (problem, check, ["compose"]), "plan": (region, check_plan, ["plan", "--rounds", "60", "--repair", "500"])}


def one(lab, a, i, solvers):
    """@return what is wrong with problem i, or None."""
    make, judge, words = WAYS[a.way]
    r = random.Random(a.seed * 1000003 + i)
    lines = make(r, a.needs, a.rules)
    fault = judge(lab, lines, solvers)
    if fault is None and lab.run(lines, *words) != lab.run(shuffled(r, lines), *words):
        fault = "another order of the lines gives another answer"
    if fault is None:
        return None
    kept = os.path.join(a.keep, f"exact-{a.way}-{a.seed}-{i}.lab")
    with open(kept, "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    return f"problem {i} of seed {a.seed}: {fault}; kept in {kept}"


def main():
    args = argparse.ArgumentParser()
    args.add_argument("schakel")
    args.add_argument("way", choices=list(WAYS))
    args.add_argument("--count", type=int, default=2000)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--needs", type=int, default=8, help="most needs of a problem")
    args.add_argument("--rules", action="store_true", help="together, apart, lead, costs of offers")
    args.add_argument("--keep", default=".")
    a = args.parse_args()
    solvers = [s for s, program in (("glpk", "glpsol"), ("cbc", "cbc")) if shutil.which(program)]
    if not solvers:
        print("exact: neither glpsol nor cbc is installed (sh deploy/setup.sh test)", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="schakel-exact.") as folder:
        lab = Lab(a.schakel, folder)
        for i in range(a.count):
            fault = one(lab, a, i, solvers)
            if fault is not None:
                print("exact: " + fault, file=sys.stderr)
                return 1
    print(f"exact: {a.way}: {a.count} problems of seed {a.seed}: agrees with {' and '.join(solvers)}, in any order of lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
