# SPDX-License-Identifier: EUPL-1.2
"""A family with five children asks fifty things at once: one team, and what is proven of it is said as it is; the same after
matching was killed, as they asked and later (B1, B4, C8)."""
import json

import node

EXPERTISES = ["GROUP_LIVING", "BEHAVIOUR", "DISABILITY", "MENTAL_HEALTH", "CONTEXT_STRENGTHENING", "FOSTER_CARE",
              "DEVELOPMENTAL_NEEDS", "AGGRESSION_HANDLING", "STRENGTH_SOLUTION", "TRAJECTORY_GUIDANCE"]


NEEDS = 50


def family(times=1):
    return {"kind": "SEARCH", "zone": "westhoek", "urgency": "STANDARD",
            "children": [{"born": 20100412 + 20000 * i, "stays": [{"zone": "westhoek", "days": 127, "adult": 1}]}
                         for i in range(5)],
            "adults": [{"number": 1, "authority": True, "home": True}],
            "needs": [{"expertise": EXPERTISES[i % 10], "intensity": times * (1 + i % 2), "duration_weeks": 12, "must": True,
                       "child": i % 5 + 1} for i in range(NEEDS)],
            "told": [{"name": "Voorbeeld", "callback": "0470 00 00 00 (voorbeeld)", "story": "Vijf kinderen."}]}


def explained(n, code):
    said = n.cli("explain", code, party="net-west").stdout
    view = json.loads(n.cli("explain", code, "--json", party="net-west").stdout)["matching"]
    assert f"Alle {NEEDS} vragen zijn samen bekeken." in said, said
    assert "Nagerekend toen elke hulp gegeven werd" in said and "(regels: versie 1)" in said, said
    assert view["proven"] and view["bound"] == view["team"]["cost"], view
    assert view["together_needs"] == NEEDS and view["together_covered"] and view["together_gap"] == 0, view
    assert len(view["team"]["seats"]) == NEEDS and not view["team"]["open"], view["team"]
    # Without what is said of the plan of the list, which is made when it is made.
    return said.split("Nagerekend")[0], sorted({s["partner"] for s in view["team"]["seats"]})


def waits(n, code):
    """Of many that wait the lines come in pages: every need has its own, once, and on paper its number."""
    said = n.cli("explain", code, party="net-west").stdout
    view = json.loads(n.cli("explain", code, "--json", party="net-west").stdout)["matching"]
    assert len(set(view["need_ids"])) == NEEDS == len(view["need_ids"]) and "next" not in view, view["need_ids"]
    assert len(view["lines"]) > 2 * NEEDS and f"  {NEEDS}. " in said, (len(view["lines"]), said)
    lacks = [line["need_id"] for line in view["lines"] if line["kind"] == "STILL_LACKS"]
    assert set(lacks) == {o["need_id"] for o in view["team"]["open"]} and lacks, (lacks, view["team"]["open"])


def codes_of(n):
    return {e["short_code"] for e in json.loads(n.cli("waiting", "list", "--json", "--limit", "0", party="net-west").stdout)["entries"]}


def main():
    n = node.Node("large")
    try:
        n.start()
        n.ready()
        for party in ("huis-a", "huis-b"):
            n.put_pool(party, party + "-1", 200, expertises=(1, 2, 3, 4, 5, 6))
        n.put_pool("huis-b", "huis-b-2", 200, expertises=(7, 8, 9, 10))
        many = family()
        many["needs"].append(many["needs"][0])
        refused = n.cli("request", "submit", "-", text=json.dumps(many), party="clb", ok=(1, 2))
        assert f"ten hoogste {NEEDS}" in refused.stderr, refused
        made = n.cli("request", "submit", "-", "--json", text=json.dumps(family()), party="clb").stdout
        n.settle()
        code = n.cli("waiting", "list", "--json", party="net-west", ok=(0, 1)).stdout
        code = json.loads(code)["entries"][0]["short_code"]
        first, partners = explained(n, code)
        assert partners == ["huis-b"], (partners, made)
        n.kill("matching")
        n.start("matching")
        n.ready()
        assert explained(n, code) == (first, partners)
        # A second family asks while matching lies dead.
        n.kill("matching")
        n.cli("request", "submit", "-", text=json.dumps(family()), party="clb")
        n.start("matching")
        n.ready()
        n.settle()
        codes = codes_of(n)
        assert len(codes) == 2, codes
        assert explained(n, (codes - {code}).pop())[1] == ["huis-b"]
        assert explained(n, code) == (first, partners)
        # A third asks ten times as much: most of it waits.
        n.cli("request", "submit", "-", text=json.dumps(family(10)), party="clb")
        n.settle()
        waits(n, (codes_of(n) - codes).pop())
    finally:
        n.end()


if __name__ == "__main__":
    main()
