# SPDX-License-Identifier: EUPL-1.2
"""Time is right (L6, D3): a node is off for a week. Each clock that fell due meanwhile is handled once, in order, at the first
instant after the start; a breach is dated as it was due; nobody is told twice, not after a kill either; the clock is not set back."""
import node
from node import DAEMONS, codes, engine
from schakel.v1 import event_pb2 as event
from schakel.v1 import frame_pb2 as frame

MINUTE = 60000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LEFT = 4 * DAY + HOUR  # of the month, when the node goes off
OFF = 8 * DAY
ASKED = 4 * DAY  # before that; an ask is open for 7 of the partner's opening days


class Log:
    """All events of one daemon, in their order."""

    def __init__(self, n, daemon):
        self.c, self.daemon, self.all = n.client("dashboard", daemon), daemon, []

    def read(self):
        """@return what is new."""
        fresh, page = [], True
        while page:
            page = self.c.read_log(self.daemon, "@events", credit=256, wait_ms=300)
            fresh += [m.event for _, m in page if m.WhichOneof("body") == "event"]
        self.all += fresh
        return fresh


def alarms(events, of):
    return [e.alarm for e in events if e.alarm and e.request_id == of]


def clock(n, daemon, to_ms):
    m = frame.Message()
    m.clock_advance.to_ms = to_ms
    return n.client("beheer", daemon).command(m, codes.ROLE_OPERATOR)


def begin(n):
    """A request in its last days, and a crisis of today in which agreement is unclear."""
    month = n.submit(expertises=(12,)).object_id
    n.settle()
    due = n.request(month).answer_due_ms
    n.advance(due - LEFT - ASKED - n.status("intake").time_ms, 2 * DAY)
    n.put_pool("huis-a", "huis-a-ambulant", 100, expertises=(11,))
    asked = n.submit(expertises=(11,)).object_id
    n.settle()
    n.advance(ASKED, 2 * DAY)
    crisis = n.submit(party="meldpunt", urgency=codes.URGENCY_CRISIS, expertises=(13,), crisis_step=codes.CRISIS_STEP_NOW,
                      reason=codes.DANGER_REASON_VIOLENCE).object_id
    n.act("meldpunt", "intake", record_position={"request_id": crisis, "ground": codes.GROUND_UNCLEAR})
    n.settle()
    return month, due, crisis, asked


def back(n, intake, month, due, crisis):
    """What is told at the first instant after the week."""
    told = intake.read()
    late = [e for e in told if e.request_id == month and e.alarm]
    # The warning of D-3 fell in the week as well: of what is over nobody is warned any more.
    assert [e.alarm for e in late] == [codes.ALARM_KIND_TERM_BREACHED], late
    assert late[0].due_ms == due < n.status("intake").time_ms, (late[0].due_ms, due)
    of_crisis = alarms(told, crisis)
    for once in (codes.ALARM_KIND_CRISIS_UNHELD, codes.ALARM_KIND_CRISIS_UNANSWERED, codes.ALARM_KIND_OVER_72H):
        assert of_crisis.count(once) == 1, (once, of_crisis)
    # What the hours would have reminded of is past: nobody is reminded of what is over.
    assert codes.ALARM_KIND_AGREEMENT_UNCLEAR not in of_crisis[of_crisis.index(codes.ALARM_KIND_OVER_72H):], of_crisis
    clocks = [codes.ALARM_KIND_CRISIS_UNHELD, codes.ALARM_KIND_CRISIS_UNANSWERED, codes.ALARM_KIND_OVER_72H]
    assert [a for a in of_crisis if a in clocks] == clocks, ("in the order of their dates", of_crisis)
    item = n.request(crisis, "meldpunt")
    assert item.open and item.holders, "the child is held all the same (L2)"


def lapsed(matching, asked):
    return [e.object_id for e in matching.all if e.kind == event.EVENT_KIND_CONTRIBUTION and e.request_id == asked and
            e.contribution_state == codes.CONTRIBUTION_STATE_LAPSED]


def main():
    n = node.Node()
    try:
        n.start()
        n.ready()
        month, due, crisis, asked = begin(n)
        intake, matching = Log(n, "intake"), Log(n, "matching")
        intake.read()
        matching.read()
        assert alarms(intake.all, month).count(codes.ALARM_KIND_TERM_WARNING) == 1, alarms(intake.all, month)
        assert not lapsed(matching, asked)
        n.stop()
        n.start()
        n.ready()
        end = n.advance(OFF, OFF)
        back(n, intake, month, due, crisis)
        matching.read()
        assert len(lapsed(matching, asked)) == 1, "the ask of seven days"
        # Set back: refused, nothing moves, and nothing fires twice; not after a kill either.
        for d in DAEMONS:
            r = clock(n, d, end - DAY)
            assert (r.outcome, r.code) == (engine.OUTCOME_REFUSED, engine.REFUSAL_CLOCK_BACK), r
            assert n.status(d).time_ms >= end
        for d in DAEMONS:
            n.kill(d)
        n.start()
        n.ready()
        n.advance(MINUTE, MINUTE)
        again = [e for e in intake.read() if e.alarm]
        assert not again, again
        matching.read()
        assert len(lapsed(matching, asked)) == 1
        n.stop()
    finally:
        n.end()


main()
