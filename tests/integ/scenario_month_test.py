# SPDX-License-Identifier: EUPL-1.2
"""SCENARIOS 7, the honest month (D3, L6): a request of 31 January with three must-needs; an intake talk and a token contact do not
answer it; warnings at D-10 and D-3, breach at the end of 28 (29) February; the first real start shows 1 of 3."""
import datetime

import node
from node import codes, engine
from schakel.v1 import event_pb2 as event

DAY = 86400000


def ms(year, month, day, hour=0, minute=0):
    return int(datetime.datetime(year, month, day, hour, minute, tzinfo=datetime.timezone.utc).timestamp() * 1000)


def alarms(n):
    c = n.client("dashboard", "intake")
    page, out = True, []
    while page:
        page = c.read_log("intake", "@events", credit=256, wait_ms=300)
        out += page
    n.events = getattr(n, "events", []) + [m.event for _, m in out]
    return [(e.alarm, e.at_ms) for e in n.events if e.alarm]


def main():
    n = node.Node()
    try:
        n.start()
        n.ready()
        now = n.status("intake").time_ms
        start = ms(2027, 1, 31, 9)
        if now < start:
            n.advance(start - now, 400 * DAY)
        n.put_pool("huis-a", "huis-a-ambulant", 100, expertises=(11,))
        r = n.submit(expertises=(11, 12, 13))
        n.settle()
        item = n.request(r.object_id)
        end = ms(2027, 2, 28, 23) - 1  # the end of the day in Brussels is 23:00 UTC in winter
        assert item.answer_due_ms == end, (item.answer_due_ms, end)
        seat = item.team.seats[0]
        n.act("huis-a", "matching", answer_ask={"contribution_id": seat.contribution_id, "answer": codes.ANSWER_KIND_CAN,
                                                "until_ms": ms(2027, 4, 1)})
        n.settle()
        version = n.request(r.object_id).team.proposal_version
        for speaker, adult in ((codes.SPEAKER_YOUTH, 0), (codes.SPEAKER_ADULT, 1)):
            n.act("gezin", "intake", record_position={"request_id": r.object_id, "proposal_version": version, "speaker": speaker,
                                                      "adult": adult, "voice": codes.VOICE_AGREE})
        n.settle()
        # An intake talk on 10 February: nobody was seen for help, so it is not a start that answers.
        n.advance(ms(2027, 2, 10, 10) - n.status("intake").time_ms, 12 * 3600000)
        n.act("huis-a", "matching", ok=(engine.OUTCOME_ACCEPTED, engine.OUTCOME_REFUSED),
              start_contribution={"contribution_id": seat.contribution_id, "seen": False})
        n.settle()
        assert n.request(r.object_id).answered_ms == 0, "an intake talk answered the month"
        n.advance(ms(2027, 2, 27, 10) - n.status("intake").time_ms, 12 * 3600000)
        warned = [a for a in alarms(n) if a[0] == codes.ALARM_KIND_TERM_WARNING]
        assert len(warned) == 2, warned
        assert not [a for a in alarms(n) if a[0] == codes.ALARM_KIND_TERM_BREACHED]
        n.advance(ms(2027, 3, 1, 10) - n.status("intake").time_ms, 3600000)
        breached = [a for a in alarms(n) if a[0] == codes.ALARM_KIND_TERM_BREACHED]
        assert len(breached) == 1, breached
        item = n.request(r.object_id)
        assert item.open and item.answered_ms == 0
        # "Na de examens": only the family can say so, the term is over all the same, and it is counted apart.
        wish = ms(2027, 6, 30)
        n.act("clb", "intake", ok=(engine.OUTCOME_REFUSED,), set_family_wish={"request_id": r.object_id, "until_ms": wish})
        n.act("gezin", "intake", set_family_wish={"request_id": r.object_id, "until_ms": wish})
        item = n.request(r.object_id)
        assert (item.family_wish_until_ms, item.answer_due_ms, item.answered_ms) == (wish, end, 0), item
        n.act("huis-a", "matching", start_contribution={"contribution_id": seat.contribution_id, "seen": True})
        n.settle()
        item = n.request(r.object_id)
        assert item.answered_ms > end
        alarms(n)
        told = [e for e in n.events if e.kind == event.EVENT_KIND_TERM and e.ended]
        assert [e.until_ms for e in told] == [wish], told
        started = [x for x in item.needs if x.need.state in (codes.NEED_STATE_ANSWERED, codes.NEED_STATE_SUPPORTED)]
        assert (len(started), len(item.needs)) == (1, 3), item.needs
        n.stop()
    finally:
        n.end()


main()
