# SPDX-License-Identifier: EUPL-1.2
"""Hostile input from an authenticated party: each is refused clearly or dropped, nothing is applied, the daemons stay up and
serve others."""
import random

import node
import wire
from node import codes, engine, frame

REFUSED_ENTRIES = 0
RANDOM_FRAMES = 800


def refused(c, message_bytes, code, field_end=""):
    """The one message, as a Frame; its answer must be a refusal with that code."""
    m = frame.Message.FromString(message_bytes) if field_end != "unreadable" else None
    c.send_raw(frame.Frame(message=message_bytes).SerializeToString(), 2)
    f = c.recv_frame(5)
    assert f is not None, "no answer"
    r = frame.Message.FromString(f.message).receipt
    assert r.outcome == engine.OUTCOME_REFUSED and r.code == code, (r, code)
    assert r.text_nl and r.text_en
    if field_end != "unreadable":
        assert r.field.endswith(field_end), (r.field, field_end)
    return m


sent = [0]


def noise(c, data):
    """The fifth of a connection would mute it, and the others would not reach the decoder."""
    sent[0] += 1
    if sent[0] % 4 == 0:
        c.recv_frame(0.02)  # what was sent is there before the connection ends
        c.reopen()
    c.send_raw(data, 2)


def muted(n, c, good):
    """Five frames that do not decode: that connection is heard no more for a while, another one of the same party is."""
    c.reopen()
    before = n.status("intake").refused_frames
    for _ in range(20):
        c.send_raw(b"\xff\xff\xff", 2)
    c.send_raw(frame.Frame(message=good).SerializeToString(), 2)
    assert c.recv_frame(1) is None, "it is still heard"
    n.settle()
    assert n.status("intake").refused_frames - before == 5, n.status("intake").refused_frames - before
    node.wait_for("the line", lambda: "event=muted party=clb seconds=60" in n.log_tail("intake"))


def main():
    n = node.Node()
    try:
        n.start()
        n.ready()
        c = n.client("clb", "intake")
        n.submit()
        n.settle()
        before = n.status("intake").sequence

        def message(**kw):
            m = n.submit_message(**kw)
            m.id = c.new_id()
            m.role = codes.ROLE_REQUESTER
            return m

        good = message().SerializeToString()
        # Truncated at every tenth byte: refused, or dropped when even the frame cannot be read.
        whole = frame.Frame(message=good).SerializeToString()
        for cut in range(1, len(whole), 10):
            noise(c, whole[:cut])
        for cut in range(20, len(good), 10):
            c.send_raw(frame.Frame(message=good[:cut]).SerializeToString(), 2)
        while c.recv_frame(0.5) is not None:
            pass
        # A field given twice, an unknown field, a wrong enum value, text with a NUL, with bad UTF-8, too long, too many elements.
        refused(c, good + b"\x30\x03", engine.REFUSAL_TOO_MANY, "role")
        refused(c, good + b"\xf8\x3f\x01", engine.REFUSAL_UNKNOWN_TYPE, "")
        zone = message().SerializeToString().replace(b"westhoek", b"west\x00oek")
        refused(c, zone, engine.REFUSAL_MALFORMED, "unreadable")
        zone = message().SerializeToString().replace(b"westhoek", b"west\xff\xfeek")
        refused(c, zone, engine.REFUSAL_MALFORMED, "unreadable")
        m = message()
        m.actor = "a" * 4097
        refused(c, m.SerializeToString(), engine.REFUSAL_MALFORMED, "actor")
        m = message()
        m.submit_request.languages.extend(["nl"] * 257)
        refused(c, m.SerializeToString(), engine.REFUSAL_TOO_MANY, "languages[256]")
        m = message()
        m.submit_request.urgency = 4
        refused(c, m.SerializeToString().replace(b"\x20\x04", b"\x20\x63", 1), engine.REFUSAL_UNKNOWN_CODE, "urgency")
        # Ids: none, too old, from the future.
        m = message()
        m.id = b"short"
        refused(c, m.SerializeToString(), engine.REFUSAL_MALFORMED, "id")
        m.id = wire.uuid7(c.time_ms + 3600000)
        refused(c, m.SerializeToString(), engine.REFUSAL_ID_IN_FUTURE, "id")
        # A fact of a daemon from a client, a daemon's role claimed by a client.
        m = frame.Message(id=c.new_id(), role=codes.ROLE_DAEMON)
        m.need_closed.request_id = b"1" * 16
        refused(c, m.SerializeToString(), engine.REFUSAL_UNKNOWN_TYPE, "need_closed")
        n.settle()
        left = n.status("intake").sequence - before
        assert left <= REFUSED_ENTRIES, f"refused input left {left} entries"
        # Fifty needs are taken, fifty-one are not; eight children are, nine are not.
        assert c.command(n.submit_message(expertises=[1 + i % 20 for i in range(50)]), codes.ROLE_REQUESTER).outcome == engine.OUTCOME_ACCEPTED
        r = c.command(n.submit_message(expertises=[1 + i % 20 for i in range(51)]), codes.ROLE_REQUESTER)
        assert r.code == engine.REFUSAL_TOO_MANY and "needs" in r.field, r
        m = n.submit_message()
        for _ in range(7):
            m.submit_request.children.add(age_years=5)
        assert c.command(m, codes.ROLE_REQUESTER).outcome == engine.OUTCOME_ACCEPTED
        m = n.submit_message()
        for _ in range(8):
            m.submit_request.children.add(age_years=5)
        r = c.command(m, codes.ROLE_REQUESTER)
        assert r.outcome == engine.OUTCOME_REFUSED and "children" in r.field, r
        n.settle()
        base = n.status("intake").sequence
        # Noise, more parts, and one byte past the limit (which ends that connection).
        rng = random.Random(7)
        for _ in range(RANDOM_FRAMES):
            noise(c, rng.randbytes(rng.randrange(0, 400)))
        muted(n, c, good)
        c.reopen()
        c.socket.send_multipart([b"a", b"b", b"c"])
        c.send_raw(b"x" * 65536, 2)
        c.send_raw(b"x" * 65537, 2)
        c.reopen()
        # Replayed log frames and questions about places that never were, as another daemon would send them.
        q = n.client("dashboard", "intake")
        for link, after in ((frame.Link(source="intake", destination="@events", incarnation=9, nonce=9), 5),
                            (frame.Link(source="intake", destination="waitlist", incarnation=1), 0),
                            (frame.Link(source="x" * 60, destination="@events"), 0)):
            q.send_raw(frame.Frame(link=link.SerializeToString(), after=after or 1 << 63, credit=9).SerializeToString(), 2)
        n.settle()
        view = n.status("intake")
        assert view.sequence == base and not view.reconciling, (view.sequence, base)
        assert view.refused_frames > 100
        for d in node.DAEMONS:
            assert n.procs[d].poll() is None, d + " ended"
        n.submit()
        n.stop()
    finally:
        n.end()


main()
