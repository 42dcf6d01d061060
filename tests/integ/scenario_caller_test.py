# SPDX-License-Identifier: EUPL-1.2
"""SCENARIOS 6, the caller who would not give a name (D1, D5, A13, C1): three calls are three consults; on the third the caller gives
the number of the first and a name: one conversion, the clock begins then, the story is offered and not typed again, and nothing links
the calls to a child before that. Told through the command, as the desk would do it."""
import json

import node
from node import codes

DAY = 86400000


def consult(n, text):
    """One anonymous call, as the contact point writes it down."""
    story = {"kind": "CONSULT", "zone": "westhoek", "urgency": "STANDARD", "told": [{"story": text}]}
    out = n.cli("request", "submit", "-", "--json", party="meldpunt", text=json.dumps(story))
    return json.loads(out.stdout)["receipts"][0]["short_code"]


def events(n):
    c = n.client("dashboard", "intake")
    page = True
    while page:
        page = c.read_log("intake", "@events", credit=256, wait_ms=300)
        n.events = getattr(n, "events", []) + [m.event for _, m in page]
    return n.events


def show(n, code, party="meldpunt", ok=(0,)):
    out = n.cli("consult", "show", code, "--json", party=party, ok=ok)
    return json.loads(out.stdout)


def main():
    n = node.Node()
    try:
        n.start()
        n.ready()
        first = consult(n, "een meisje van dertien komt niet meer buiten")
        n.advance(DAY, 12 * 3600000)
        second = consult(n, "nog altijd niet")
        n.cli("consult", "answer", second, "-", party="meldpunt", text="bel het CLB, en vraag naar de brugfiguur")
        n.advance(DAY, 12 * 3600000)
        third = consult(n, "nu zijn we radeloos")
        told = [e for e in events(n) if e.consult_state == codes.CONSULT_STATE_RESPONSE_REQUIRED]
        assert len({e.object_id for e in told}) == 3, told
        assert not [e for e in n.events if e.short_code in (first, second, third)], "an event tells a number"
        assert not [e for e in n.events if e.alarm or e.due_ms], "a clock runs for nobody"
        listed = json.loads(n.cli("request", "show", "--json", party="meldpunt").stdout)
        assert not listed.get("requests"), listed
        assert show(n, first)["state"].endswith("RESPONSE_REQUIRED")
        n.cli("consult", "show", first, party="huis-a", ok=(1,))
        # The third call: a name, a way to call back, and the number of the first.
        named = {"kind": "SEARCH", "zone": "westhoek", "urgency": "STANDARD", "children": [{"age_years": 13}],
                 "adults": [{"number": 1, "authority": True, "home": True}],
                 "needs": [{"expertise": "MENTAL_HEALTH", "intensity": 1, "duration_weeks": 12, "must": True}],
                 "told": [{"name": "Lies", "callback": "0470 00 00 00"}]}
        before = n.status("intake").time_ms
        out = n.cli("request", "submit", "-", "--from-consult", first, "--json", party="clb", text=json.dumps(named))
        code = json.loads(out.stdout)["receipts"][0]["short_code"]
        item = json.loads(n.cli("request", "show", code, "--json", party="clb").stdout)
        assert item["from_consult"] == first
        held = n.request(bytes.fromhex(item["request"]["request_id"]))
        assert len(held.capsules) == 2, "the story and the way to call back"
        assert held.retellings == 0, "the story was told once"
        assert held.answer_due_ms > before + 27 * DAY, held.answer_due_ms
        assert item["contact_party"] == "duty-west", item
        assert show(n, first, party="clb")["converted_to"] == code
        assert not show(n, second).get("converted_to") and not show(n, third).get("converted_to")
        converted = [e for e in events(n) if e.consult_state == codes.CONSULT_STATE_CONVERTED]
        assert len(converted) == 1, converted
        n.cli("request", "submit", "-", "--from-consult", first, party="clb", text=json.dumps(named), ok=(1,))
        n.stop()
    finally:
        n.end()


main()
