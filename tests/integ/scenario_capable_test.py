# SPDX-License-Identifier: EUPL-1.2
"""SCENARIOS 3, eleven and wise, thirteen and not (B1, L5): of two children the one of 11, judged capable by a named worker, starts
on its own yes; the one of 13, judged not capable today, needs a yes of authority; known conflict between parents demands both; help
at home needs the parent of that home too; a trusted person's word alone starts nothing. Pages of the family are left out here: what
they show is tested with the pages."""
import node
from node import codes, engine, wire

WORKER = "00112233445566778899aabbccddeeff"


def submit(n, children, adults, needs):
    """One request; a need is (expertise, child), an adult its fields."""
    m = node.frame.Message()
    s = m.submit_request
    s.kind, s.zone, s.urgency = codes.REQUEST_KIND_SEARCH, "westhoek", codes.URGENCY_STANDARD
    for age in children:
        s.children.add(age_years=age)
    for number, fields in enumerate(adults, 1):
        s.adults.add(number=number, **fields)
    for expertise, child in needs:
        s.needs.add(expertise=expertise, intensity=1, duration_weeks=12, must=True, child=child)
    wire.seal(s.capsules.add(), n.capsule_key(), b'{"naam":"Kanarie-7391"}')
    s.callback_sealed = True
    r = n.client("clb", "intake").command(m, node.ROLE["clb"])
    assert r.outcome == engine.OUTCOME_ACCEPTED, r
    n.settle()
    return r.object_id


def can(n, request_id, party):
    """Every seat of that party says that it can; gives the contribution of each need by its expertise."""
    out = {}
    for x in n.request(request_id).needs:
        for seat in n.request(request_id).team.seats:
            if seat.need_id == x.need.need_id:
                n.act(party, "matching", answer_ask={"contribution_id": seat.contribution_id, "answer": codes.ANSWER_KIND_CAN})
                out[x.need.expertise] = seat.contribution_id
    n.settle()
    return out


def say(n, request_id, speaker, child=0, adult=0, heard=False):
    version = n.request(request_id).team.proposal_version
    n.act("gezin", "intake", record_position={"request_id": request_id, "proposal_version": version, "speaker": speaker,
                                              "child": child, "adult": adult, "voice": codes.VOICE_AGREE, "child_heard": heard})
    n.settle()


def starts(n, party, contribution_id):
    r = n.act(party, "matching", ok=(engine.OUTCOME_ACCEPTED, engine.OUTCOME_REFUSED),
              start_contribution={"contribution_id": contribution_id, "seen": True})
    n.settle()
    return r.outcome == engine.OUTCOME_ACCEPTED


def two_children(n):
    ten_and_one = submit(n, (11, 13), ({"authority": True, "home": True},), ((12, 0), (12, 1)))
    code = ten_and_one.hex()
    n.cli("request", "judge", code, "UNDERSTANDS", "--capable", "--child", "1", "--worker", WORKER, party="clb")
    n.cli("request", "judge", code, "CRISIS_OF_MOMENT", "--not-capable", "--child", "2", "--worker", WORKER, party="clb")
    n.settle()
    item = n.request(ten_and_one)
    assert [g.capable for g in item.child_grounds] == [True, False], item.child_grounds
    assert [j.by_worker.hex() for j in item.judgements] == [WORKER, WORKER], "who judged is kept"
    seat = {}
    for s in item.team.seats:
        n.act("huis-a", "matching", answer_ask={"contribution_id": s.contribution_id, "answer": codes.ANSWER_KIND_CAN})
        child = [x.need.child for x in item.needs if x.need.need_id == s.need_id][0]
        seat[child] = s.contribution_id
    n.settle()
    assert sorted(seat) == [0, 1], "a seat for each child"
    # A trusted person stands beside, and starts nothing for anybody.
    say(n, ten_and_one, codes.SPEAKER_TRUSTED_PERSON)
    say(n, ten_and_one, codes.SPEAKER_TRUSTED_PERSON, child=1)
    assert not starts(n, "huis-a", seat[0]) and not starts(n, "huis-a", seat[1])
    # Eleven and wise: its own word alone.
    say(n, ten_and_one, codes.SPEAKER_YOUTH)
    assert starts(n, "huis-a", seat[0]), n.request(ten_and_one).child_grounds
    # Thirteen and not: its own word is heard, the word of authority counts.
    say(n, ten_and_one, codes.SPEAKER_YOUTH, child=1, heard=True)
    assert not starts(n, "huis-a", seat[1])
    text = n.cli("request", "show", code, "--lang", "nl", party="clb").stdout
    assert "Nog nodig voor een akkoord, kind 2" in text and "begrijpt waar het over gaat" in text, text
    say(n, ten_and_one, codes.SPEAKER_ADULT, child=1, adult=1, heard=True)
    assert starts(n, "huis-a", seat[1]), n.request(ten_and_one).child_grounds


def conflict(n):
    parents = ({"authority": True, "home": True, "conflict": True}, {"authority": True})
    request_id = submit(n, (9,), parents, ((12, 0),))
    seat = can(n, request_id, "huis-a")[12]
    say(n, request_id, codes.SPEAKER_ADULT, adult=1, heard=True)
    assert not starts(n, "huis-a", seat), "one parent spoke for both in a known conflict"
    say(n, request_id, codes.SPEAKER_ADULT, adult=2, heard=True)
    assert starts(n, "huis-a", seat), n.request(request_id).child_grounds


def home(n):
    """A parent at whose home the help works has a say, with or without authority."""
    request_id = submit(n, (15,), ({"authority": True}, {"home": True}), ((13, 0),))
    seat = can(n, request_id, "huis-b")[13]
    say(n, request_id, codes.SPEAKER_YOUTH)
    assert not starts(n, "huis-b", seat), "help came into a home that did not say yes"
    say(n, request_id, codes.SPEAKER_ADULT, adult=1)
    assert not starts(n, "huis-b", seat), "the yes of the other home counted"
    say(n, request_id, codes.SPEAKER_ADULT, adult=2)
    assert starts(n, "huis-b", seat), n.request(request_id).child_grounds


def main():
    n = node.Node()
    try:
        n.start()
        n.ready()
        n.put_pool("huis-a", "huis-a-ambulant", 20, expertises=(12,))
        n.put_pool("huis-b", "huis-b-thuis", 20, expertises=(13,), modality=codes.MODALITY_MOBILE)
        n.settle()
        two_children(n)
        conflict(n)
        home(n)
        n.stop()
    finally:
        n.end()


main()
