# SPDX-License-Identifier: EUPL-1.2
"""SCENARIOS 5, eighteen in forty days (A9, D11): the entry of a young person of 17 is 200 days old, and forty days later the birthday
passes. The reminders were raised, capacity that serves past 18 still fits, the date in the order did not move, the parents' sight and
say ended at 00:00 in Brussels, the brother's part is as it was, and somebody holds. The codes on the family's pages and the own
key are left out here: they are tested with the pages; the family's channel asks as the parent and as the young person instead."""
import datetime

import node
from node import codes, engine, frame, wire

DAY, HOUR = 86400000, 3600000


def ms(year, month, day, hour=0, minute=0):
    return int(datetime.datetime(year, month, day, hour, minute, tzinfo=datetime.timezone.utc).timestamp() * 1000)


START = ms(2027, 2, 1, 9)
BIRTHDAY = ms(2027, 9, 28, 22)  # 00:00 of the 29th in Brussels, 240 days on
BORN, BROTHER = 20090929, 20160115


def submit(n):
    m = frame.Message()
    s = m.submit_request
    s.kind, s.zone, s.urgency = codes.REQUEST_KIND_SEARCH, "westhoek", codes.URGENCY_STANDARD
    s.children.add(born=BORN)
    s.children.add(born=BROTHER)
    s.adults.add(number=1, authority=True, home=True)
    for expertise, child in ((12, 0), (13, 1)):
        s.needs.add(expertise=expertise, intensity=1, duration_weeks=40, must=True, child=child)
    wire.seal(s.capsules.add(), n.capsule_key(), b'{"naam":"Kanarie-7391"}')
    s.callback_sealed = True
    r = n.client("clb", "intake").command(m, node.ROLE["clb"])
    assert r.outcome == engine.OUTCOME_ACCEPTED, r
    n.settle()
    return r.object_id


def entry(n, need_id):
    q = frame.Message()
    q.query_waiting.need_id = need_id
    return n.client("net-west", "waitlist").query(q, codes.ROLE_COORDINATOR).waiting_view.entries[0]


def view(n, request_id, child, adult=0):
    q = frame.Message()
    q.query_request.request_id = request_id
    q.query_request.speaker = codes.SPEAKER_ADULT if adult else codes.SPEAKER_YOUTH
    q.query_request.adult, q.query_request.child = adult, child
    a = n.client("gezin", "intake").query(q, codes.ROLE_FAMILY)
    assert a.WhichOneof("body") == "request_view", a
    return a.request_view.person


def alarms(n):
    c = n.client("dashboard", "intake")
    page, seen = True, getattr(n, "seen", [])
    while page:
        page = c.read_log("intake", "@events", credit=256, wait_ms=300)
        seen += [m.event for _, m in page]
    n.seen = seen
    return [(e.alarm, e.child) for e in seen
            if e.alarm in (codes.ALARM_KIND_AGE_12, codes.ALARM_KIND_AGE_17, codes.ALARM_KIND_AGE_18)]


def to(n, at_ms):
    """Reads what is told meanwhile as a subscriber would: a log keeps a month."""
    now = n.status("intake").time_ms
    while now < at_ms:
        now = n.advance(min(20 * DAY, at_ms - now), 5 * DAY)
        alarms(n)


def main():
    n = node.Node()
    try:
        n.start()
        n.ready()
        n.advance(START - n.status("intake").time_ms, 500 * DAY)
        request_id = submit(n)
        own, brother = [x.need for x in n.request(request_id).needs]
        first = entry(n, own.need_id)
        alarms(n)
        to(n, BIRTHDAY - 40 * DAY)
        before = entry(n, own.need_id)
        assert before.position == 1 and before.need.arrival_ms == own.arrival_ms, before
        assert alarms(n) == [(codes.ALARM_KIND_AGE_17, 0)], "17 and a half was not told"
        # The last minute of being 17: the parent sees and speaks for what law gives.
        to(n, BIRTHDAY - 60000)
        assert view(n, request_id, 0, adult=1).sees_child
        assert codes.ALARM_KIND_AGE_18 not in [a for a, _ in alarms(n)], "18 was told a day early"
        brother_before = view(n, request_id, 1, adult=1)
        n.put_pool("huis-a", "huis-a-jeugd", 20, expertises=(14,))  # to 17: for nobody of this story
        to(n, BIRTHDAY)
        n.settle()
        assert (codes.ALARM_KIND_AGE_18, 0) in alarms(n), alarms(n)
        after = view(n, request_id, 0, adult=1)
        assert not after.sees_child, "a parent still sees"
        assert not [x for x in after.needs if x.expertise == 12], after
        assert [x for x in view(n, request_id, 0).needs if x.expertise == 12], "the own view went too"
        assert view(n, request_id, 1, adult=1).needs == brother_before.needs
        assert view(n, request_id, 1, adult=1).sees_child
        now = entry(n, own.need_id)
        assert (now.need.arrival_ms, now.order.rank_ms) == (first.need.arrival_ms, first.order.rank_ms), (now, first)
        assert now.holders, "nobody holds"
        item = n.request(request_id)
        assert item.contact_party and item.holders and item.open, item
        assert [g.age_years for g in item.child_grounds] == [18, 11] and item.child_grounds[0].capable
        # Capacity to 17 does not fit any more; capacity that goes on past 18 does, at the same date.
        n.put_pool("huis-b", "huis-b-tot-17", 20)
        n.settle()
        assert not [x for x in n.request(request_id).team.seats if x.need_id == own.need_id], "a use to 17 took a person of 18"
        m = frame.Message()
        p = m.put_capacity
        p.pool, p.unit = "huis-c-tot-25", codes.UNIT_HOURS_WEEK
        p.total = p.funded = p.staffed = 20
        u = p.uses.add(use=1, supporter=codes.SUPPORTER_KIND_PROFESSIONAL, modality=codes.MODALITY_AMBULANT, age_from=0, age_to=25,
                       access=codes.ACCESS_DIRECT, continuum=codes.CONTINUUM_LIGHT, cost_units=1)
        u.expertises.append(12)
        u.zones.append("westhoek")
        r = n.client("huis-c", "matching").command(m, codes.ROLE_FACILITY)
        assert r.outcome == engine.OUTCOME_ACCEPTED, r
        n.settle()
        seat = [x for x in n.request(request_id).team.seats if x.need_id == own.need_id]
        assert len(seat) == 1 and seat[0].partner == "huis-c", seat
        n.act("huis-c", "matching", answer_ask={"contribution_id": seat[0].contribution_id, "answer": codes.ANSWER_KIND_CAN})
        n.settle()
        word = {"request_id": request_id, "proposal_version": n.request(request_id).team.proposal_version, "voice": codes.VOICE_AGREE}
        n.act("gezin", "intake", ok=(engine.OUTCOME_REFUSED,), record_position=dict(word, speaker=codes.SPEAKER_ADULT, adult=1))
        n.act("gezin", "intake", record_position=dict(word, speaker=codes.SPEAKER_YOUTH))
        n.settle()
        n.act("huis-c", "matching", start_contribution={"contribution_id": seat[0].contribution_id, "seen": True})
        n.settle()
        item = n.request(request_id)
        assert item.holders and item.contact_party, "help started and nobody holds"
        n.stop()
    finally:
        n.end()


main()
