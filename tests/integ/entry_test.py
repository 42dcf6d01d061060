# SPDX-License-Identifier: EUPL-1.2
"""The broad entry, through the real daemons: one party both asks and helps, also for what it asked itself (D9, A5); a school sends a
request, and is told who holds and nothing of what others say (B16, D9)."""
import node
from node import codes, engine

PARTIES = node.PARTIES + (("caw", "REQUESTER FACILITY", "westhoek rits"), ("school-1", "REQUESTER BASIC_SUPPORT", "westhoek"),
                          ("school-2", "BASIC_SUPPORT", "westhoek"))
node.ROLE.update({"caw": codes.ROLE_REQUESTER, "school-1": codes.ROLE_REQUESTER, "school-2": codes.ROLE_BASIC_SUPPORT})


def helps(n, party, request_id):
    """That party is asked, can, and starts with the young person's yes."""
    item = n.request(request_id, "net-west")
    seat = [s for s in item.team.seats if s.partner == party][0]
    r = n.client(party, "matching").command(message(answer_ask={"contribution_id": seat.contribution_id,
                                                                "answer": codes.ANSWER_KIND_CAN}), codes.ROLE_FACILITY)
    assert r.outcome == engine.OUTCOME_ACCEPTED, r
    n.settle()
    version = n.request(request_id, "net-west").team.proposal_version
    n.act("gezin", "intake", record_position={"request_id": request_id, "proposal_version": version, "speaker": codes.SPEAKER_YOUTH,
                                              "voice": codes.VOICE_AGREE})
    n.settle()
    r = n.client(party, "matching").command(message(start_contribution={"contribution_id": seat.contribution_id, "seen": True}),
                                            codes.ROLE_FACILITY)
    assert r.outcome == engine.OUTCOME_ACCEPTED, r
    n.settle()
    assert n.request(request_id, "net-west").answered_ms > 0


def message(**body):
    m = node.frame.Message()
    for name, fields in body.items():
        sub = getattr(m, name)
        for k, v in fields.items():
            setattr(sub, k, v)
    return m


def main():
    n = node.Node(parties=PARTIES)
    try:
        n.start()
        n.ready()
        n.put_pool("caw", "caw-wonen", 9, expertises=(12,))
        n.settle()
        # D9: it helps a child for whom another one asked, and a child for whom it asked itself.
        for asker in ("clb", "caw"):
            request_id = n.submit(asker, expertises=(12,)).object_id
            n.settle()
            helps(n, "caw", request_id)
            holders = [h.party for h in n.request(request_id, "net-west").holders if h.until_ms == 0]
            assert "caw" in holders and "net-west" in holders, holders
        # B16: a school asks. It knows who holds and when an answer comes; the list is the same for it as for anybody.
        r = n.submit("school-1", expertises=(12,))
        n.settle()
        item = n.request(r.object_id, "school-1")
        assert "school-1" in [h.party for h in item.holders] and item.answer_due_ms > 0 and item.contact_party == "duty-west", item
        helps(n, "caw", r.object_id)
        # Basic support alone has its link, and asks by who may: it is refused in words and not lost in silence.
        m = n.submit_message(expertises=(12,))
        refused = n.client("school-2", "intake").command(m, codes.ROLE_BASIC_SUPPORT)
        assert refused.outcome == engine.OUTCOME_REFUSED, refused
        n.stop()
    finally:
        n.end()


main()
