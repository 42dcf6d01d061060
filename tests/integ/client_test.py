# SPDX-License-Identifier: EUPL-1.2
"""An independent client, written from proto/README.md, walks one request from its submission to help that has started and
ended, against real daemons; retries, conflicts, queries, logs and the snapshot are as the page says."""
import os
import re

import node
import wire
from node import codes, engine, frame

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "proto", "README.md")


def page_bytes():
    """The frames of the worked exchange: each line says its offset and its bytes."""
    with open(PAGE, encoding="utf-8") as f:
        text = f.read().split("## 8. ")[1].split("## 9. ")[0]
    frames = []
    for block in re.findall(r"```\n(.*?)```", text, re.S):
        raw = b""
        for line in block.splitlines():
            assert int(line[:4], 16) == len(raw), (line, len(raw))
            raw += bytes.fromhex(re.match("(?:[0-9a-f]{2} )+", line[6:] + " ").group(0))
        frames.append(frame.Frame.FromString(raw))
    ask, answer, log = frames
    ask, answer, link = (frame.Message.FromString(ask.message), frame.Message.FromString(answer.message),
                         frame.Link.FromString(log.link))
    assert ask.role == codes.ROLE_CONTACT_POINT and ask.withdraw_request.reason == codes.CLOSE_REASON_WITHDRAWN, ask
    assert len(answer.id) == 16 and answer.correlation == ask.id and answer.receipt.outcome == engine.OUTCOME_ACCEPTED, answer
    assert (link.source, link.destination, link.incarnation, link.nonce) == ("intake", "@events", 1, 0x0123456789ABCDEF), link
    assert (log.after, log.credit, log.wait_ms) == (41, 2, 2000), log


def walk_request(n):
    n.put_pool("huis-a", "huis-a-ambulant", 10)
    n.put_pool("huis-b", "huis-b-ambulant", 10)
    r = n.submit(weeks=1)
    assert len(r.short_code) == 10 and len(r.object_ids) == 1 and r.version == 1
    n.settle()
    team = n.request(r.object_id).team
    assert len(team.seats) == 1 and not team.open, team
    seat = team.seats[0]
    other = {"huis-a": "huis-b", "huis-b": "huis-a"}[seat.partner]
    mine = [a for a in n.asks(seat.partner) if a.contribution_id == seat.contribution_id]
    assert len(mine) == 1 and mine[0].zone == "westhoek" and not mine[0].standby
    n.act(seat.partner, "matching", answer_ask={"contribution_id": seat.contribution_id, "answer": codes.ANSWER_KIND_CAN})
    n.settle()
    # The stand-by was released in the same step: its late answer changes nothing.
    standby = n.asks(other)
    assert not [a for a in standby if a.state == codes.CONTRIBUTION_STATE_ASKED], standby
    # L5: no start without a ground.
    early = n.act(seat.partner, "matching", ok=(engine.OUTCOME_REFUSED,),
                  start_contribution={"contribution_id": seat.contribution_id, "seen": True})
    assert early.code in (engine.REFUSAL_NO_GROUND, engine.REFUSAL_STATE) and early.text_nl and early.text_en
    version = n.request(r.object_id).team.proposal_version
    n.act("gezin", "intake", record_position={"request_id": r.object_id, "proposal_version": version, "speaker": codes.SPEAKER_YOUTH,
                                              "voice": codes.VOICE_AGREE})
    n.act("gezin", "intake", record_position={"request_id": r.object_id, "proposal_version": version, "speaker": codes.SPEAKER_ADULT,
                                              "adult": 1, "voice": codes.VOICE_AGREE})
    n.settle()
    n.act(seat.partner, "matching", start_contribution={"contribution_id": seat.contribution_id, "seen": True})
    n.settle()
    item = n.request(r.object_id)
    assert item.answered_ms > 0, item
    assert seat.partner in [h.party for h in item.holders if h.until_ms == 0], item.holders
    assert item.needs[0].need.state in (codes.NEED_STATE_ANSWERED, codes.NEED_STATE_SUPPORTED), item.needs
    # A11, D13: nobody leaves before the next has started, or the planned end has come.
    early = n.act(seat.partner, "matching", ok=(engine.OUTCOME_REFUSED,), end_contribution={"contribution_id": seat.contribution_id})
    assert early.code == engine.REFUSAL_NO_SUCCESSOR, early
    n.advance(node.WEEK_MS, node.WEEK_MS // 7)
    n.act(seat.partner, "matching", end_contribution={"contribution_id": seat.contribution_id})
    n.settle()
    item = n.request(r.object_id)
    assert item.needs[0].need.state == codes.NEED_STATE_AFTERCARE, item.needs
    return r


def retries(n):
    c = n.client("clb", "intake")
    packed = c.pack(n.submit_message(), codes.ROLE_REQUESTER)
    first = c.call_bytes(packed).receipt
    again = c.call_bytes(packed).receipt
    assert first.outcome == engine.OUTCOME_ACCEPTED and again.outcome == engine.OUTCOME_DUPLICATE
    assert (again.object_id, again.short_code, again.sequence, again.first) == (
        first.object_id, first.short_code, first.sequence, engine.OUTCOME_ACCEPTED)
    other = n.submit_message(zone="rits")
    other.id = frame.Message.FromString(packed).id
    r = c.command(other, codes.ROLE_REQUESTER)
    assert (r.outcome, r.code, r.field) == (engine.OUTCOME_REFUSED, engine.REFUSAL_ID_REUSED, "id"), r
    for ms, code in ((c.time_ms - 31 * 86400000, engine.REFUSAL_ID_TOO_OLD), (c.time_ms + 11 * 60000, engine.REFUSAL_ID_IN_FUTURE)):
        m = n.submit_message()
        m.id = wire.uuid7(ms)
        r = c.command(m, codes.ROLE_REQUESTER)
        assert (r.outcome, r.code) == (engine.OUTCOME_REFUSED, code), r
    refused = n.submit_message(zone="nergens")
    packed = c.pack(refused, codes.ROLE_REQUESTER)
    for _ in range(2):
        r = c.call_bytes(packed).receipt
        assert r.code == engine.REFUSAL_UNKNOWN_CODE and r.field.endswith("zone") and r.text_nl, r


def roles(n):
    q = frame.Message()
    q.withdraw_request.request_id = b"x" * 16
    r = n.client("dashboard", "intake").command(q, codes.ROLE_DASHBOARD)
    assert (r.outcome, r.code) == (engine.OUTCOME_REFUSED, engine.REFUSAL_UNAUTHORISED), r
    key = n.key("clb")
    pub, sec = wire.zmq.curve_keypair()
    stranger = wire.Client(n.endpoint("intake"), n.key("intake")["public"], pub.decode(), sec.decode())
    try:
        stranger.query(q, codes.ROLE_REQUESTER, 2)
        raise AssertionError("a key that is not in the party table was served")
    except wire.NoAnswer:
        pass
    finally:
        stranger.close()
    assert key


def logs(n):
    d = n.client("dashboard", "intake")
    seen = []
    while True:
        page = d.read_log("intake", "@events", credit=7, wait_ms=300)
        if not page:
            break
        seen += page
    assert [s for s, _ in seen] == list(range(1, len(seen) + 1)), "a log has no holes"
    assert all(m.WhichOneof("body") == "event" for _, m in seen)
    # Another party's log is not served, and nothing is said of it.
    other = n.client("huis-c", "matching")
    place = other.logs.setdefault(("matching", "huis-a"), [0, 0, 0])
    other.ask_log("matching", "huis-a", place, 10, 200)
    answer = other.recv_frame(1.0)
    link = frame.Link.FromString(answer.link)
    assert answer.message == b"" and link == frame.Link(source="matching", destination="huis-a", refused=True)
    # Snapshot plus what comes after it is the same picture.
    state, after, first = {}, b"", None
    while True:
        q = frame.Message()
        q.query_snapshot.after = after
        v = d.query(q, codes.ROLE_DASHBOARD).snapshot_view
        first = first or v
        for e in v.events:
            state[(e.kind, e.object_id)] = e.version
        after = v.next
        if not after:
            break
    assert first.sequence >= len(seen) and state


def main():
    page_bytes()
    n = node.Node()
    try:
        n.start()
        n.ready()
        walk_request(n)
        retries(n)
        roles(n)
        logs(n)
        for d in node.DAEMONS:
            text = open(n.dir + "/../" + d + ".log", encoding="utf-8", errors="replace").read()
            assert "Kanarie" not in text, "content of a capsule in a log"
        n.stop()
    finally:
        n.end()


main()
