# SPDX-License-Identifier: EUPL-1.2
"""SCENARIOS 1, two homes, two regions, one safe address (D4, C11, L3, L9), within one node: a child of 13 lives in two zones, the
parents ask for help the same day at different desks. One child, one plan, one contact person; who may see the one request does not
see the other by it; and apart again each has its own."""
import json

import node
from node import codes, frame

DAY = 86400000


def plan(n, request_id, party):
    q = frame.Message()
    q.query_plan.request_id = request_id
    a = n.client(party, "intake").query(q, node.ROLE[party])
    return a.plan_view if a.WhichOneof("body") == "plan_view" else None


def start_help(n, r, party, seat):
    n.act(party, "matching", answer_ask={"contribution_id": seat.contribution_id, "answer": codes.ANSWER_KIND_CAN})
    n.settle()
    version = n.request(r.object_id, "net-west").team.proposal_version
    for speaker, adult in ((codes.SPEAKER_YOUTH, 0), (codes.SPEAKER_ADULT, 1)):
        n.act("gezin", "intake", record_position={"request_id": r.object_id, "proposal_version": version, "speaker": speaker,
                                                  "adult": adult, "voice": codes.VOICE_AGREE})
    n.settle()
    n.act(party, "matching", start_contribution={"contribution_id": seat.contribution_id, "seen": True})
    n.settle()


def main():
    n = node.Node()
    try:
        n.start()
        n.ready()
        father = n.submit(party="clb", zone="westhoek", expertises=(11, 12))
        n.advance(3600000)
        mother = n.submit(party="duty-west", zone="rits", expertises=(11, 13))
        n.settle()
        n.cli("family", "join", father.short_code, mother.short_code, "--same-child", "1=1", party="meldpunt")
        n.settle()
        assert n.request(father.object_id, "clb") is not None
        assert n.request(mother.object_id, "clb") is None, "joining opened a view"
        both = [n.request(father.object_id, "net-west"), n.request(mother.object_id, "net-west")]
        assert both[0].contact_party == both[1].contact_party and both[0].stand_in_party == both[1].stand_in_party
        assert both[0].request.family_id == both[1].request.family_id != b""
        arrivals = [x.need.arrival_ms for r in both for x in r.needs if x.need.expertise == 11]
        assert len(arrivals) == 2 and arrivals[0] == arrivals[1], "one child, one date"
        # A contact person is named once, for both homes, within five working days.
        n.cli("request", "contact", father.object_id.hex(), "clb", "duty-west", party="clb")
        both = [n.request(father.object_id, "net-west"), n.request(mother.object_id, "net-west")]
        assert [r.contact_party for r in both] == ["clb", "clb"], both
        # Two organisations, one in each home: one plan.
        n.put_pool("huis-a", "huis-a-west", 20, expertises=(12,), zones=("westhoek",))
        n.put_pool("huis-b", "huis-b-rits", 20, expertises=(13,), zones=("rits",))
        n.settle()
        for r, party in ((father, "huis-a"), (mother, "huis-b")):
            start_help(n, r, party, n.request(r.object_id, "net-west").team.seats[0])
        plans = [plan(n, r.object_id, "net-west") for r in (father, mother)]
        assert plans[0].plan_id == plans[1].plan_id != b"", plans
        assert len(plans[0].request_ids) == 2 and len(plans[0].contributions) == 2
        # No byte of the mother's home in what is shown of the father's request to the family's channel.
        seen = plan(n, father.object_id, "gezin")
        assert list(seen.request_ids) == [father.object_id]
        blob = seen.SerializeToString() + n.request(father.object_id, "gezin").SerializeToString()
        assert b"rits" not in blob and b"huis-b" not in blob and mother.object_id not in blob
        text = json.dumps(json.loads(n.cli("plan", "show", father.object_id.hex(), "--json", party="gezin").stdout))
        assert "rits" not in text and "huis-b" not in text
        # Apart again: each has its own contact person, date and plan.
        n.cli("family", "split", mother.object_id.hex(), party="clb")
        n.settle()
        both = [n.request(father.object_id, "net-west"), n.request(mother.object_id, "net-west")]
        assert [r.contact_party for r in both] == ["clb", "duty-rits"], [r.contact_party for r in both]
        arrivals = [x.need.arrival_ms for r in both for x in r.needs if x.need.expertise == 11]
        assert arrivals[0] != arrivals[1], "each has its own date again"
        assert not both[0].request.family_id and not both[1].request.family_id
        n.stop()
    finally:
        n.end()


main()
