# SPDX-License-Identifier: EUPL-1.2
"""A volunteers' house helps a child through the real daemons (D14, D15, L10): it learns what is asked of it and whom to call, and
reads nothing of what was told, by no question; a house with paid people that helps the same child reads it."""
import node
from node import codes, engine
from schakel.v1 import frame_pb2 as frame


def put(n, party, expertise, kind):
    m = frame.Message()
    p = m.put_capacity
    p.pool, p.unit = party + "-pool", codes.UNIT_HOURS_WEEK
    p.total = p.funded = p.staffed = 9
    u = p.uses.add(use=1, modality=codes.MODALITY_AMBULANT, age_to=17, access=codes.ACCESS_DIRECT, cost_units=1,
                   continuum=codes.CONTINUUM_LIGHT, supporter=kind)
    u.expertises.append(expertise)
    u.zones.append("westhoek")
    r = n.client(party, "matching").command(m, codes.ROLE_FACILITY)
    assert r.outcome == engine.OUTCOME_ACCEPTED, r


def main():
    n = node.Node()
    try:
        n.start()
        n.ready()
        put(n, "huis-a", 12, codes.SUPPORTER_KIND_VOLUNTEER)
        put(n, "huis-b", 13, codes.SUPPORTER_KIND_UNSPECIFIED)  # a house that says nothing else: paid people
        n.settle()
        request_id = n.submit(expertises=(12, 13)).object_id
        n.settle()
        seats = {s.partner: s for s in n.request(request_id).team.seats}
        assert sorted(seats) == ["huis-a", "huis-b"], seats
        for party, s in sorted(seats.items()):
            n.act(party, "matching", answer_ask={"contribution_id": s.contribution_id, "answer": codes.ANSWER_KIND_CAN})
        n.settle()
        version = n.request(request_id).team.proposal_version
        for who in ({"speaker": codes.SPEAKER_YOUTH}, {"speaker": codes.SPEAKER_ADULT, "adult": 1}):
            n.act("gezin", "intake", record_position={"request_id": request_id, "proposal_version": version,
                                                      "voice": codes.VOICE_AGREE, **who})
        n.settle()
        for party, s in sorted(seats.items()):
            n.act(party, "matching", start_contribution={"contribution_id": s.contribution_id, "seen": True})
        n.settle()
        lay, paid = n.request(request_id, "huis-a"), n.request(request_id, "huis-b")
        assert paid.capsules and paid.children and paid.request.zone == "westhoek", paid
        assert not lay.capsules and not lay.children and not lay.adults and not lay.holders and not lay.request.zone, lay
        assert [x.need.expertise for x in lay.needs] == [12] and lay.contact_party == "duty-west", lay
        code = request_id.hex()
        text = n.cli("request", "show", code, "--story", party="huis-a", ok=(0, 1, 2, 3, 4)).stdout
        assert "Kanarie-7391" not in text and "huis-b" not in text and "westhoek" not in text.lower(), text
        assert "duty-west" in text and "leeftijd" not in text and "versie" not in text, text
        # Children are counted from 1: a 0 is refused in words, not taken for the first.
        for words in (("fit", code, seats["huis-b"].contribution_id.hex(), "ja"),
                      ("contribution", "shield", code, seats["huis-b"].contribution_id.hex())):
            wrong = n.cli(*words, "--child", "0", party="gezin", ok=(2,))
            assert "het eerste kind is 1" in wrong.stderr + wrong.stdout, wrong
        shown = n.cli("plan", "show", code, party="huis-a", ok=(1, 2, 3, 4))
        assert "huis-b" not in shown.stdout, shown.stdout
        n.stop()
    finally:
        n.end()


main()
