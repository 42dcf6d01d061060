# SPDX-License-Identifier: EUPL-1.2
"""What the command says to people: a refusal names what was typed, the rule and what to do, as JSON when that was asked; what is
shown never contradicts what holds."""
import json
import os
import re
import subprocess

import node
from node import codes


def refused(n, party, *args, code=1):
    """What is said about a command that must not pass; with --json the same as a document."""
    p = n.cli(*args, party=party, ok=(code,))
    j = json.loads(n.cli(*args, "--json", party=party, ok=(code,)).stdout)
    assert j["outcome"] and "code" in j and "field" in j, j
    return p.stderr


def shown(n, party, *args):
    return n.cli(*args, party=party).stdout


def conditions(n, request, ask):
    """A partner that can under a condition: what holds, and how it starts."""
    assert "--start 2020-01-01" in refused(n, "huis-a", "ask", "answer", ask, "CAN", "--start", "2020-01-01")
    assert "--suggests nergens" in refused(n, "huis-a", "ask", "answer", ask, "NOT_OURS", "--suggests", "nergens")
    n.cli("ask", "answer", ask, "CAN_IF", "--if", "INTERPRETER", party="huis-a")
    assert "wij kunnen, als er een tolk is" in shown(n, "huis-a", "ask", "list")
    assert "wij kunnen, als er een tolk is" in shown(n, "clb", "request", "show", request)
    assert "schakel ask answer %s CAN" % ask in refused(n, "huis-a", "contribution", "start", ask, "--seen")
    assert "schakel ask list" in refused(n, "huis-a", "request", "show", request)
    assert "het voorstel is nu 1" in refused(n, "clb", "request", "position", request, "ja", "--version", "9")
    assert "--adult" in refused(n, "clb", "request", "position", request, "ja", "--speaker", "ADULT", code=2)
    n.cli("ask", "answer", ask, "CAN", party="huis-a")


def places(n, request):
    for party in ("clb", "net-west"):
        rows = json.loads(n.cli("waiting", "list", "--json", party=party).stdout)["entries"]
        assert [r["position"] for r in rows] == [1], rows
    assert "op de lijst" not in n.cli("waiting", "list", party="clb").stderr
    assert "1 op de lijst" in n.cli("waiting", "list", party="net-west").stderr
    assert "rits, westhoek" in refused(n, "clb", "waiting", "list", "--zone", "nergens", code=2)
    assert request in shown(n, "clb", "waiting", "list")
    holds = [x for x in shown(n, "net-west", "waiting", "show", request).splitlines() if x.startswith("Wie vasthoudt: ")]
    assert shown(n, "clb", "waiting", "review", request + "/1") == "Opnieuw bekeken.\n"
    assert holds and "(clb): " in holds[0], holds


def closed(n, request):
    before = shown(n, "clb", "request", "show", request)
    assert "voorlopig, nog niet benoemd" in before and "schakel request contact" in before
    assert "Nog nodig voor een akkoord" in before and "Wat het gezin zegt" not in before
    n.cli("request", "withdraw", request, party="clb")
    assert "al afgerond of ingetrokken" in refused(n, "clb", "request", "withdraw", request)
    after = shown(n, "clb", "request", "show", request)
    assert after.splitlines()[1].split() == ["toestand", "ingetrokken"], after
    assert "Nog nodig" not in after


def speakers(n):
    assert "U spreekt als beheer" in refused(n, None, "ask", "list")
    assert "U spreekt als" not in refused(n, "clb", "node", "drain")


def capacity(n):
    n.put_pool("huis-b", "huis-b-vol", 2, expertises=(14,))
    n.submit(expertises=(14,))
    n.settle()
    said = n.cli("capacity", "put", "huis-b-vol", "--staffed", "0", party="huis-b").stderr
    assert "er is meer beloofd (1) dan er nu kan (0 bemand" in said, said


def advice(n):
    """Whether advice was enough is said where the advice is; its words are for whoever asked."""
    asked = json.dumps({"kind": "CONSULT", "zone": "westhoek", "urgency": "STANDARD", "told": [{"callback": "x", "story": "wat nu?"}]})
    told = json.loads(n.cli("request", "submit", "-", "--json", party="clb", text=asked).stdout)
    code = re.search(r'"short_code": "([0-9a-z]{10})"', json.dumps(told)).group(1)
    n.cli("consult", "answer", code, "-", party="meldpunt", text="bel de school")
    assert "--enough" in refused(n, "clb", "consult", "confirm", code, code=2)
    n.cli("consult", "confirm", code, "--enough", party="clb")
    assert "afgerond" in shown(n, "clb", "consult", "show", code)


def followed(n):
    """Events: not more than were asked for, of a snapshot too; figures say why a list is empty; the mirror speaks of whole months."""
    n.cli("network", "put", "kust", "--name", "Kust", "--kind", "ONE_PLAN", "--zones", "westhoek", party="net-west")
    n.settle()
    assert "netwerk kust: 1 gezin" in shown(n, "net-west", "events", "tail", "--from", "1", "--no-wait", "--daemon", "matching")
    for count in (1, 3):
        seen = shown(n, "net-west", "events", "tail", "--from", "snapshot", "--no-wait", "--daemon", "matching", "--count", str(count))
        assert len(seen.splitlines()) == count, seen
    small = "geen getal onder 5"
    assert small in n.cli("figures", party="dashboard").stderr
    assert small not in n.cli("figures", party="net-west").stderr
    assert "--months" in refused(n, "huis-a", "mirror", "--months", "0", code=2)
    head, row = shown(n, "huis-a", "mirror").splitlines()[:2]
    assert "op 1000" not in head and "%" in head and not row[:6].isdigit(), (head, row)


def court(n):
    """DOMAIN 2: a court confirms what was written and no more than that; each outcome has its own sentence."""
    family = json.dumps({"kind": "SEARCH", "zone": "westhoek", "urgency": "STANDARD", "children": [{"age_years": 13}, {"age_years": 9}],
                         "needs": [{"expertise": 14, "intensity": 2, "duration_weeks": 8, "must": True, "child": 2}],
                         "told": [{"callback": "x"}]})
    told = n.cli("request", "submit", "-", "--json", party="clb", text=family).stdout
    code = re.search(r'"short_code": "([0-9a-z]{10})"', told).group(1)
    until = ("--until", "2027-03-01")
    note = shown(n, "clb", "request", "order", code, "2026/30", *until, "--child", "2")
    assert "geldt nog niet" in note, note
    refused(n, "rechtbank", "request", "show", code)
    waits = shown(n, "rechtbank", "request", "show", code, "--order", "2026/30")
    assert "kind 2" in waits and "nog te bevestigen" in waits and "clb" not in waits, waits
    refused(n, "rechtbank", "request", "show", code, "--order", "2026/31")
    wider = refused(n, "rechtbank", "request", "order", code, "2026/30", *until, code=2)
    assert "--child 2" in wider and "--all-children" in wider, wider
    assert "nog te bevestigen" in shown(n, "clb", "request", "show", code)
    assert "u bevestigt ze, en ze geldt" in shown(n, "rechtbank", "request", "order", code, "2026/30", *until, "--child", "2")
    assert "kind 2" in shown(n, "rechtbank", "request", "show", code)
    refused(n, "rechtbank", "request", "order", code, "2026/30", *until, code=2)
    other = refused(n, "rechtbank", "request", "order", code, "2026/30", *until, "--child", "1")
    assert "andere of minder kinderen" in other and "--wider" in other, other
    n.cli("request", "order", code, "2026/30", *until, "--child", "1", "--wider", party="rechtbank")
    assert "kind 1" in shown(n, "rechtbank", "request", "show", code)
    n.cli("request", "order", code, "2026/30", *until, "--all-children", party="rechtbank")
    assert "alle kinderen" in shown(n, "rechtbank", "request", "show", code)
    assert "nu beëindigd" in shown(n, "rechtbank", "request", "order", code, "2026/30", "--ends-now")


def last_place(n):
    """C4: who decides between two children sees which they are, and the command that is advised works as it stands."""
    crisis = {"urgency": codes.URGENCY_CRISIS, "crisis_step": codes.CRISIS_STEP_NOW, "reason": 1, "expertises": (1,)}
    both = [n.submit(party="meldpunt", age=age, **crisis).short_code for age in (9, 10)]
    n.settle()
    n.put_pool("huis-c", "huis-c-bed", 1, expertises=(1,), unit=codes.UNIT_BED, modality=codes.MODALITY_RESIDENTIAL,
               insured=True)
    n.settle()
    p = n.cli("place", "show", "huis-c-bed", party="meldpunt")
    assert all(code + "/1" in p.stdout for code in both), p
    advised = re.search(r"schakel (place sign huis-c-bed (\S+)/1 --version \d+ --by) UW-CODE", p.stderr)
    assert advised and advised.group(2) in both, p.stderr
    assert "vaste code" in refused(n, "meldpunt", *advised.group(1).split(), "1", code=2)
    n.cli(*advised.group(1).split(), "0123456789abcdef0123456789abcdef", party="meldpunt")
    n.settle()
    assert "huis-c" in shown(n, "meldpunt", "request", "show", advised.group(2))


def why_and_more(n):
    """C8: why not that partner, and which units more would start help, in sentences; each for whom it concerns."""
    n.put_pool("huis-b", "huis-b-trede", 0, expertises=(3,))
    code = n.submit(expertises=(3,)).short_code
    n.settle()
    more = shown(n, "net-west", "waiting", "more")
    assert "huis-b-trede (huis-b): 1 meer" in more and "start 1\n" in more and "1 keer " in more, more
    assert "huis-b-trede" not in shown(n, "huis-a", "waiting", "more")
    assert "huis-b-trede" in shown(n, "huis-b", "waiting", "more", "--units", "3")
    told = shown(n, "clb", "explain", code)
    assert "met nog 1 uur per week bij huis-b-trede" in told, told
    why = shown(n, "clb", "explain", code, "--why-not", "huis-a")
    assert "kan niet voor deze hulpvraag (biedt dit niet aan)" in why, why
    why = shown(n, "clb", "explain", code, "--why-not", "huis-b")
    assert "te weinig vrij" in why and "met nog 1 uur per week bij huis-b-trede, na wie ervoor staat: wel gekozen" in why, why
    assert "punten" not in told + why + more
    refused(n, "clb", "explain", code, "--why-not", "niemand")
    refused(n, "huis-a", "explain", code)


def usage():
    for d in node.DAEMONS:
        for args in ([], ["--nonsense"]):
            p = subprocess.run([os.path.join(node.BIN, "schakel-%sd" % d)] + args, capture_output=True, check=False)
            assert p.returncode == 2, p


def main():
    usage()
    n = node.Node(parties=node.PARTIES + (("rechtbank", "MANDATED", "westhoek rits"),))
    try:
        n.start()
        n.ready()
        n.put_pool("huis-a", "huis-a-ambulant", 10)
        request = n.submit().short_code
        n.settle()
        ask = json.loads(n.cli("ask", "list", "--json", party="huis-a").stdout)["asks"][0]["short_code"]
        places(n, request)
        conditions(n, request, ask)
        closed(n, request)
        speakers(n)
        capacity(n)
        advice(n)
        followed(n)
        court(n)
        why_and_more(n)
        last_place(n)
        empty = n.cli("request", "submit", "-", party="clb", text="[]", ok=(2,))
        assert "geen aanmelding" in empty.stderr, empty
        n.stop()
    finally:
        n.end()


main()
