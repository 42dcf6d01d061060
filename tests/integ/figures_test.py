# SPDX-License-Identifier: EUPL-1.2
"""The figures of a year (TORTURE=1; else of half of one) against what was said of it (B9, B19, D3, D8, D11, A10): a year of requests, answers, starts and ends on real
daemons; every event of the three role logs is folded here, by other code, and must give what `schakel figures` tells."""
import collections
import datetime
import json
import os
import random

import node
from node import codes, engine
from schakel.v1 import event_pb2 as event
from schakel.v1 import frame_pb2 as frame

DAY = 86400000
YEAR_DAYS = 365 if os.environ.get("TORTURE") else 183
STEP_DAYS = 4
PARTNERS = ("huis-a", "huis-b", "huis-c")


def brussels_day(at_ms):
    """The local day, by the EU rule: summer time from the last Sunday of March to that of October, 01:00 UTC."""
    at = datetime.datetime.fromtimestamp(at_ms / 1000, datetime.timezone.utc)

    def change(month):
        day = datetime.datetime(at.year, month, 31, 1, tzinfo=datetime.timezone.utc)
        return day - datetime.timedelta(days=(day.weekday() + 1) % 7)
    summer = change(3) <= at < change(10)
    return (at + datetime.timedelta(hours=2 if summer else 1)).date()


class Fold:
    """What the events say, added up."""

    def __init__(self):
        self.entry = {}                             # need -> last event of its entry
        self.request = {}                           # request -> last event
        self.asked = set()
        self.inflow = self.again = self.outflow = self.in_term = self.late = self.breached = 0
        self.answers = collections.Counter()
        self.state = {}
        self.days = []
        self.started = set()

    def wait_entry(self, e):
        self.entry[e.need_id] = e
        # At first the rank date is the arrival; days of priority come later.
        self.arrival.setdefault(e.need_id, e.rank_ms)
        served = e.contribution_state == codes.CONTRIBUTION_STATE_STARTED
        if served and e.need_id not in self.started:
            self.started.add(e.need_id)
            self.days.append((brussels_day(self.start_ms.get(e.need_id, e.at_ms))
                              - brussels_day(self.arrival[e.need_id])).days)

    start_ms, arrival = {}, {}

    def contribution(self, e):
        was = self.state.get(e.object_id, 0)
        self.state[e.object_id] = e.contribution_state
        if not was:
            self.asked.add(e.object_id)
        answered = {codes.CONTRIBUTION_STATE_NOT_NOW: codes.ANSWER_KIND_NOT_NOW, codes.CONTRIBUTION_STATE_NOT_OURS:
                    codes.ANSWER_KIND_NOT_OURS, codes.CONTRIBUTION_STATE_CAN: codes.ANSWER_KIND_CAN,
                    codes.CONTRIBUTION_STATE_AGREED: codes.ANSWER_KIND_CAN, codes.CONTRIBUTION_STATE_LAPSED: 9}
        if was in (0, codes.CONTRIBUTION_STATE_ASKED) and e.contribution_state in answered:
            self.answers[answered[e.contribution_state]] += 1
        if e.contribution_state == codes.CONTRIBUTION_STATE_STARTED:
            self.start_ms.setdefault(e.need_id, e.at_ms)

    def intake(self, e):
        if e.kind == event.EVENT_KIND_REQUEST:
            before = self.request.get(e.request_id)
            self.request[e.request_id] = e
            if before is None:
                self.inflow += 1
            elif before.ended != e.ended:
                self.outflow += e.ended
                self.again += not e.ended
        elif e.kind == event.EVENT_KIND_TERM and e.ended:
            late = e.at_ms > e.due_ms
            self.late += late
            self.in_term += not late
        elif e.kind == event.EVENT_KIND_TERM and e.alarm == codes.ALARM_KIND_TERM_BREACHED:
            self.breached += 1

    def read(self, n):
        # matching first: the start that it tells of is what the list then says
        for daemon in ("matching", "intake", "waitlist"):
            c = n.client("dashboard", daemon)
            page = True
            while page:
                page = c.read_log(daemon, "@events", credit=256, wait_ms=100)
                for _, m in page:
                    e = m.event
                    if daemon == "intake":
                        self.intake(e)
                    elif e.kind == event.EVENT_KIND_WAIT_ENTRY:
                        self.wait_entry(e)
                    elif e.kind == event.EVENT_KIND_CONTRIBUTION:
                        self.contribution(e)

    def lively(self):
        """Something of every kind was seen. Whose turn it is follows from drawn names, so no seed makes this sure."""
        return bool(self.days and self.late and self.breached and self.outflow and self.answers[9])

    def waiting(self):
        return sum(1 for e in self.entry.values() if not e.ended and e.contribution_state == 0
                   and e.need_state != codes.NEED_STATE_AFTERCARE)


def figures(n, kind, *more):
    """{code: row} without months, added up."""
    rows = json.loads(n.cli("figures", "--kind", kind, "--json", *more, party="net-west").stdout)["rows"]
    return rows


def count(rows, code=None, now=False):
    return sum(r["count"] for r in rows if (code is None or r.get("code", 0) == code) and (r.get("month", 0) == 0) == now)


def percentile(days, permille):
    return sorted(days)[(len(days) * permille + 999) // 1000 - 1]


class Life:
    """People who ask, answer, agree, begin and end, by luck of one seed."""

    def __init__(self, n):
        self.n, self.luck, self.requests = n, random.Random(7391), []
        self.running, self.closed = [], set()

    def ask(self):
        urgency = self.luck.choice((codes.URGENCY_STANDARD, codes.URGENCY_STANDARD, codes.URGENCY_PREVENTIVE))
        r = self.n.submit(weeks=4, zone=self.luck.choice(("westhoek", "rits")), urgency=urgency, age=self.luck.randrange(3, 17),
                          expertises=tuple(self.luck.sample((11, 12, 13), self.luck.randrange(1, 3))))
        self.requests.append(r.object_id)

    def answer(self, partner):
        for a in self.n.asks(partner):
            if a.state != codes.CONTRIBUTION_STATE_ASKED or a.standby or self.luck.random() < 0.4:
                continue
            kind = self.luck.choice((codes.ANSWER_KIND_CAN,) * 4 + (codes.ANSWER_KIND_NOT_NOW, codes.ANSWER_KIND_NOT_OURS))
            body = {"contribution_id": a.contribution_id, "answer": kind}
            if kind == codes.ANSWER_KIND_NOT_NOW:
                body["until_ms"] = self.n.status("matching").time_ms + 30 * DAY
            self.n.act(partner, "matching", ok=(engine.OUTCOME_ACCEPTED, engine.OUTCOME_REFUSED, engine.OUTCOME_LATE), answer_ask=body)

    def agree(self, request_id):
        item = self.n.request(request_id)
        if item is None or not item.open or not item.team.seats or self.luck.random() < 0.2:
            return
        can = (codes.CONTRIBUTION_STATE_CAN, codes.CONTRIBUTION_STATE_AGREED)
        if not any(s.state in can for s in item.team.seats):
            return
        for speaker, adult in ((codes.SPEAKER_YOUTH, 0), (codes.SPEAKER_ADULT, 1)):
            self.n.act("gezin", "intake", ok=(engine.OUTCOME_ACCEPTED, engine.OUTCOME_REFUSED, engine.OUTCOME_LATE),
                       record_position={"request_id": request_id, "proposal_version": item.team.proposal_version, "speaker": speaker,
                                        "adult": adult, "voice": codes.VOICE_AGREE, "child_heard": True})

    def begin(self, partner):
        for a in self.n.asks(partner):
            if a.state == codes.CONTRIBUTION_STATE_AGREED and self.luck.random() < 0.7:
                self.n.act(partner, "matching", ok=(engine.OUTCOME_ACCEPTED, engine.OUTCOME_REFUSED),
                           start_contribution={"contribution_id": a.contribution_id, "seen": True})
                self.running.append((partner, a.contribution_id))

    def end(self):
        for partner, contribution in list(self.running):
            if self.luck.random() < 0.08:
                r = self.n.act(partner, "matching", ok=(engine.OUTCOME_ACCEPTED, engine.OUTCOME_REFUSED, engine.OUTCOME_LATE),
                               end_contribution={"contribution_id": contribution})
                if r.code != engine.REFUSAL_NO_SUCCESSOR:  # else it goes on until its planned end
                    self.running.remove((partner, contribution))

    def leave(self):
        for request in self.requests:
            if request not in self.closed and self.luck.random() < 0.02:
                self.closed.add(request)
                self.n.act("clb", "intake", ok=(engine.OUTCOME_ACCEPTED, engine.OUTCOME_REFUSED),
                           withdraw_request={"request_id": request, "reason": codes.CLOSE_REASON_WITHDRAWN})

    def step(self):
        self.ask()
        self.n.settle()
        for p in PARTNERS:
            self.answer(p)
        self.n.settle()
        for r in self.requests[-40:]:
            self.agree(r)
        self.n.settle()
        for p in PARTNERS:
            self.begin(p)
        self.end()
        self.leave()
        self.n.settle()


def supply(n, life):
    """Who offers says again what it can; without that its pools are not confirmed any more."""
    for i, p in enumerate(PARTNERS):
        q = frame.Message()
        q.query_pools.limit = 20
        pools = {v.capacity.pool: v for v in n.client(p, "matching").query(q, node.ROLE[p]).pools_view.pools}
        known = pools.get(p + "-pool")
        n.put_pool(p, p + "-pool", 5 + life.luck.randrange(3), expertises=(11 + i, 11 + (i + 1) % 3), unit=codes.UNIT_PLACE,
                   based_on=known.version if known else 0)


def compare(n, f):
    now = figures(n, "WAITING")
    assert count(now, now=True) == f.waiting(), (count(now, now=True), f.waiting())
    inflow = figures(n, "INFLOW")
    assert (count(inflow, 1), count(inflow, 2)) == (f.inflow, f.again), (inflow, f.inflow, f.again)
    outflow = figures(n, "OUTFLOW")
    assert count(outflow) == f.outflow, (outflow, f.outflow)
    term = figures(n, "ANSWERED_IN_TERM")
    assert (count(term, 1), count(term, 2)) == (f.in_term, f.late), (term, f.in_term, f.late)
    assert count(figures(n, "BREACHED")) == f.breached
    assert count(figures(n, "ASKS")) == len(f.asked)
    answers = figures(n, "ANSWERS")
    for kind in (codes.ANSWER_KIND_CAN, codes.ANSWER_KIND_NOT_NOW, codes.ANSWER_KIND_NOT_OURS, 9):
        assert count(answers, kind * 100) == f.answers[kind], (kind, answers, f.answers)
    starts = figures(n, "TIME_TO_START")
    assert count(starts) == len(f.days), (count(starts), len(f.days))
    assert sum(r["sum"] for r in starts) == sum(f.days)
    return starts


def months(n, f):
    """Percentiles of the whole time, from the rows that a program gets."""
    q = frame.Message()
    q.query_figures.kind = codes.FIGURE_KIND_TIME_TO_START
    days = []
    while True:
        v = n.client("net-west", "waitlist").query(q, codes.ROLE_COORDINATOR).figures_view
        for r in v.rows:
            for b in r.buckets:
                days += [b.value] * b.count
        if not v.next:
            break
        q = frame.Message()
        q.query_figures.kind = codes.FIGURE_KIND_TIME_TO_START
        q.query_figures.after = v.next
    assert sorted(days) == sorted(f.days)
    for p in (500, 750, 900):
        assert percentile(days, p) == percentile(f.days, p)


def held_back(n):
    """Others see months that are over, and nothing below 5."""
    for kind in ("WAITING", "TIME_TO_START", "INFLOW"):
        rows = json.loads(n.cli("figures", "--kind", kind, "--json", party="dashboard").stdout)["rows"]
        assert all(r["month"] != 0 and r["count"] >= 5 for r in rows), rows


def main():
    n = node.Node()
    try:
        n.start()
        n.ready()
        f, life = Fold(), Life(n)
        for day in range(0, 4 * YEAR_DAYS, STEP_DAYS):
            if day >= YEAR_DAYS and f.lively():
                break
            if day % 12 == 0:
                supply(n, life)
            life.step()
            f.read(n)
            n.advance(STEP_DAYS * DAY, STEP_DAYS * DAY)
        f.read(n)
        compare(n, f)
        months(n, f)
        held_back(n)
        assert f.lively(), "four years were too quiet to prove anything"
        text = n.cli("figures", "--by", "expertise,zone", "--print", party="net-west").stdout
        assert "blad 1 van" in text and "node" in text
        n.stop()
    finally:
        n.end()


main()
