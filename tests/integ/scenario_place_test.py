# SPDX-License-Identifier: EUPL-1.2
"""SCENARIOS 2, who may say "not in the right place" (C1, B17): a living group that wants a boy moved signals so and asks a friendly
facility to confirm: no days of priority; the boy and a third partner confirm: 30 days, once; overdue reviews and repeated asks to a
known refuser add nothing; the total is never above 60. The help that he has goes on."""
import node
from node import codes, engine
from schakel.v1 import frame_pb2 as frame

DAY = 86400000
REFUSED = (engine.OUTCOME_REFUSED,)


def entry(n, need_id):
    q = frame.Message()
    q.query_waiting.need_id = need_id
    a = n.client("net-west", "waitlist").query(q, codes.ROLE_COORDINATOR)
    assert a.WhichOneof("body") == "waiting_view", a
    return a.waiting_view.entries[0]


def listed(n):
    q = frame.Message()
    q.query_waiting.misplaced = True
    a = n.client("net-west", "waitlist").query(q, codes.ROLE_COORDINATOR)
    return [e.need.need_id for e in a.waiting_view.entries]


def live_with(n, house, pool, expertise=1):
    """A child of 13 who lives there, on its own word."""
    n.put_pool(house, pool, 4, expertises=(expertise,), unit=codes.UNIT_BED, modality=codes.MODALITY_RESIDENTIAL)
    r = n.submit(expertises=(expertise,))
    n.settle()
    seat = n.request(r.object_id).team.seats[0]
    n.act(house, "matching", answer_ask={"contribution_id": seat.contribution_id, "answer": codes.ANSWER_KIND_CAN})
    n.settle()
    version = n.request(r.object_id).team.proposal_version
    for speaker, adult in ((codes.SPEAKER_YOUTH, 0), (codes.SPEAKER_ADULT, 1)):
        n.act("gezin", "intake", record_position={"request_id": r.object_id, "proposal_version": version, "speaker": speaker,
                                                  "adult": adult, "voice": codes.VOICE_AGREE})
    n.settle()
    n.act(house, "matching", start_contribution={"contribution_id": seat.contribution_id, "seen": True})
    n.settle()
    return r.object_id, seat.need_id


def main():
    parties = node.PARTIES + (("huis-d", "FACILITY", "westhoek"),)
    node.ROLE["huis-d"] = codes.ROLE_FACILITY
    n = node.Node(parties=parties)
    try:
        n.start()
        n.ready()
        request, boy = live_with(n, "huis-a", "huis-a-leefgroep")
        sister, _ = live_with(n, "huis-d", "huis-d-leefgroep", expertise=2)
        before = entry(n, boy)
        assert before.served and before.position == 0
        # The living group signals; the facility that it hopes for, and the group itself, confirm nothing.
        n.act("huis-a", "waitlist", signal_misplaced={"need_id": boy, "hoped_partner": "huis-b"})
        n.act("huis-b", "waitlist", ok=REFUSED, confirm_misplaced={"need_id": boy})
        n.act("huis-a", "waitlist", ok=REFUSED, confirm_misplaced={"need_id": boy})
        n.act("huis-a", "waitlist", ok=REFUSED, confirm_misplaced={"need_id": boy, "speaker": codes.SPEAKER_YOUTH})
        # A friendly one that is neither may say so: alone it counts for nothing.
        n.act("huis-c", "waitlist", confirm_misplaced={"need_id": boy})
        n.settle()
        e = entry(n, boy)
        assert (e.misplaced, e.days_of_priority, e.position) == (codes.MISPLACED_STATE_SIGNALLED, 0, 0), e
        assert listed(n) == []
        # The boy himself.
        n.act("gezin", "waitlist", confirm_misplaced={"need_id": boy, "speaker": codes.SPEAKER_YOUTH})
        n.settle()
        e = entry(n, boy)
        assert (e.misplaced, e.days_of_priority, e.position) == (codes.MISPLACED_STATE_CONFIRMED, 30, 1), e
        assert e.served and e.order.rank_ms == before.order.rank_ms - 30 * DAY
        assert [(p.ground, p.days) for p in e.priority] == [(codes.PRIORITY_GROUND_NOT_RIGHT_PLACE, 30)]
        assert listed(n) == [boy]
        # Once: over, and said again by all.
        n.act("gezin", "waitlist", confirm_misplaced={"need_id": boy, "speaker": codes.SPEAKER_YOUTH, "over": True})
        n.act("gezin", "waitlist", signal_misplaced={"need_id": boy})
        n.act("huis-c", "waitlist", confirm_misplaced={"need_id": boy})
        n.act("gezin", "waitlist", confirm_misplaced={"need_id": boy, "speaker": codes.SPEAKER_TRUSTED_PERSON})
        n.settle()
        assert entry(n, boy).days_of_priority == 30
        # An overdue review adds nothing.
        n.advance(75 * DAY, 2 * DAY)
        e = entry(n, boy)
        assert e.days_of_priority == 30 and e.review_ms < n.status("waitlist").time_ms, e
        # His sister is with huis-d: on a mere word, while it is not known that she is his sister, no days.
        sibling = {"need_id": boy, "ground": codes.PRIORITY_GROUND_SIBLING_THERE, "sibling_partner": "huis-d"}
        r = n.act("meldpunt", "waitlist", ok=REFUSED, give_priority=sibling)
        assert (r.code, r.field) == (engine.REFUSAL_STATE, "sibling_partner"), r
        out = n.cli("waiting", "priority", f"{n.request(request).short_code}/1", "huis-d", party="meldpunt", ok=(1, 2, 3, 4))
        assert "schakel family join" in out.stdout + out.stderr and "sibling" not in out.stdout + out.stderr, out
        n.act("meldpunt", "intake", join_families={"request_id": request, "with_request_id": sister})
        n.settle()
        # Said by who gains nothing, once; then the sum is full.
        n.act("huis-a", "waitlist", ok=REFUSED, give_priority=sibling)
        n.act("huis-d", "waitlist", ok=REFUSED, give_priority=sibling)
        n.act("meldpunt", "waitlist", give_priority=sibling)
        n.act("meldpunt", "waitlist", ok=REFUSED, give_priority=sibling)
        n.settle()
        assert entry(n, boy).days_of_priority == 60
        # Nobody can be found now, again and again: a known refuser adds nothing, and never above 60.
        n.put_pool("huis-b", "huis-b-leefgroep", 1, expertises=(1,), unit=codes.UNIT_BED, modality=codes.MODALITY_RESIDENTIAL)
        n.settle()
        for ask in n.asks("huis-b"):
            n.act("huis-b", "matching", answer_ask={"contribution_id": ask.contribution_id, "answer": codes.ANSWER_KIND_NOT_OURS})
        n.settle()
        e = entry(n, boy)
        assert e.days_of_priority == 60 and sum(p.days for p in e.priority) == 60, e
        # DOMAIN 7: the contact point, which may not read his file, says by its code that he is missing, or in danger.
        code = n.request(request).short_code
        n.cli("request", "show", code, party="meldpunt", ok=(1, 2, 3, 4))
        n.cli("request", "missing", code, party="meldpunt")
        n.cli("request", "missing", code, "--found", party="meldpunt")
        n.cli("request", "rung", f"{code}/1", "DANGER", "--danger", "VIOLENCE", party="meldpunt")
        # What he has goes on all the while.
        assert e.served
        n.cli("waiting", "show", n.request(request).short_code, party="net-west")
        out = n.cli("waiting", "list", "--misplaced", party="net-west").stdout
        assert "CONFIRMED" not in out, out
        n.stop()
    finally:
        n.end()


main()
