# SPDX-License-Identifier: EUPL-1.2
"""Known workers first, through the real daemons (B9): a child whose help by a worker of one house has ended asks something else, and
that worker is asked before nearer and lighter ones; another child with the same question is asked for elsewhere; and after the child
stopped a worker, that one is no longer put first."""
import node
from node import codes, engine

WORKER = bytes.fromhex("00112233445566778899aabbccddeeff")
FRESH = bytes.fromhex("ffeeddccbbaa99887766554433221100")
FIRST, SECOND, THIRD = 12, 13, 14


def put_worker(n, party, pool, worker, load):
    n.act(party, "matching", put_worker={"pool": pool, "worker": worker, "expertises": [FIRST, SECOND, THIRD], "load": load, "cap": 40})


def seat(n, request_id, expertise):
    """The seat of that need in the team, or None."""
    item = n.request(request_id)
    need = [x.need.need_id for x in item.needs if x.need.expertise == expertise][0]
    found = [s for s in item.team.seats if s.need_id == need]
    return found[0] if found else None


def starts(n, request_id, expertise):
    """Asked, can, yes of the young person, started; gives the contribution."""
    s = seat(n, request_id, expertise)
    n.act(s.partner, "matching", answer_ask={"contribution_id": s.contribution_id, "answer": codes.ANSWER_KIND_CAN})
    n.settle()
    version = n.request(request_id).team.proposal_version
    n.act("gezin", "intake", record_position={"request_id": request_id, "proposal_version": version,
                                              "speaker": codes.SPEAKER_YOUTH, "voice": codes.VOICE_AGREE})
    n.settle()
    n.act(s.partner, "matching", start_contribution={"contribution_id": s.contribution_id, "seen": True})
    n.settle()
    return s


def asks_more(n, request_id, expertise):
    m = node.frame.Message()
    a = m.amend_request
    a.request_id, a.based_on = request_id, n.request(request_id).request.request_version
    a.add_needs.add(expertise=expertise, intensity=1, duration_weeks=12, must=True)
    r = n.client("clb", "intake").command(m, node.ROLE["clb"])
    assert r.outcome == engine.OUTCOME_ACCEPTED, r
    n.settle()
    return seat(n, request_id, expertise)


def main():
    n = node.Node()
    try:
        n.start()
        n.ready()
        for party in ("huis-a", "huis-c"):
            n.put_pool(party, party + "-meer", 20, expertises=(SECOND, THIRD))
            put_worker(n, party, party + "-meer", FRESH, 0)
        n.settle()
        # Whom a child is asked for who knows nobody, so the child of this test is helped by the other house first.
        stranger = n.submit(expertises=(SECOND, THIRD)).object_id
        n.settle()
        usual, usual_third = seat(n, stranger, SECOND).partner, seat(n, stranger, THIRD).partner
        house = "huis-a" if usual == "huis-c" else "huis-c"
        n.put_pool(house, house + "-eerst", 20, expertises=(FIRST,))
        put_worker(n, house, house + "-eerst", WORKER, 0)
        put_worker(n, house, house + "-meer", WORKER, 30)
        n.settle()
        child = n.submit(expertises=(FIRST,), weeks=1).object_id
        n.settle()
        first = starts(n, child, FIRST)
        n.advance(node.WEEK_MS, node.WEEK_MS // 7)
        n.act(house, "matching", end_contribution={"contribution_id": first.contribution_id})
        n.settle()
        assert n.request(child).needs[0].need.state == codes.NEED_STATE_AFTERCARE
        s = asks_more(n, child, SECOND)
        assert s.partner == house, "the house that the child knows: %s" % s
        second = starts(n, child, SECOND)
        told = [c for x in n.request(child).needs for c in x.contributions if c.contribution_id == second.contribution_id]
        assert [c.worker for c in told] == [WORKER], "and the worker whom it knows, not who carries least: %s" % told
        # The child stops that help: the house is not put in front of it again.
        n.act("gezin", "matching", stop_contribution={"contribution_id": second.contribution_id})
        n.settle()
        s = asks_more(n, child, THIRD)
        assert s.partner == usual_third == usual, "who was stopped is not asked first: %s" % s
        n.stop()
    finally:
        n.end()


main()
