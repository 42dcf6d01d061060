# SPDX-License-Identifier: EUPL-1.2
"""WebSocket, both ways: events come with their place, requests go by the same routes and rights as over HTTP; another site's page
cannot connect; what is broken is answered or closed, and the gateway lives; after kill -9 nothing is lost or doubled."""
import base64
import hashlib
import http.client
import json
import os
import signal
import socket
import struct
import time

import node


class Socket:
    """A WebSocket client in plain sockets, from RFC 6455."""

    def __init__(self, port, token=None, after="", origin=None, cookie=None, protocol="cloudevents.json"):
        self.s = socket.create_connection(("127.0.0.1", port), 10)
        key = base64.b64encode(os.urandom(16)).decode()
        head = ["GET /ws%s HTTP/1.1" % ("?after=" + after if after else ""), "Host: 127.0.0.1:%d" % port, "Upgrade: websocket",
                "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + key,
                "Sec-WebSocket-Protocol: " + protocol]
        head += ["Authorization: Bearer " + token] if token else []
        head += ["Origin: " + origin] if origin else []
        head += ["Cookie: " + cookie] if cookie else []
        self.s.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        self.buf = b""
        while b"\r\n\r\n" not in self.buf:
            more = self.s.recv(4096)
            assert more, "closed in the handshake"
            self.buf += more
        text, self.buf = self.buf.split(b"\r\n\r\n", 1)
        self.head = text.decode()
        self.status = int(self.head.split()[1])
        if self.status == 101:
            want = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
            assert want in self.head, self.head

    def _take(self, n):
        while len(self.buf) < n:
            more = self.s.recv(65536)
            if not more:
                raise EOFError
            self.buf += more
        part, self.buf = self.buf[:n], self.buf[n:]
        return part

    def frame(self, opcode, data):
        mask = os.urandom(4)
        n = len(data)
        size = struct.pack("!B", 0x80 | n) if n < 126 else struct.pack("!BH", 0x80 | 126, n) if n < 65536 else \
            struct.pack("!BQ", 0x80 | 127, n)
        self.s.sendall(bytes([0x80 | opcode]) + size + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def text(self, doc):
        self.frame(1, (doc if isinstance(doc, str) else json.dumps(doc)).encode())

    def next(self, wait_s=20):
        """The next text as JSON; pings are answered; ("close", code) at the end."""
        self.s.settimeout(wait_s)
        while True:
            first, second = self._take(2)
            n = second & 127
            n = struct.unpack("!H", self._take(2))[0] if n == 126 else struct.unpack("!Q", self._take(8))[0] if n == 127 else n
            data = self._take(n)
            if first & 15 == 9:
                self.frame(10, data)
            elif first & 15 == 8:
                return "close", struct.unpack("!H", data[:2])[0] if data else 0
            elif first & 15 == 1:
                return json.loads(data)

    def reply(self):
        """The next answer, or the end; events are passed over."""
        while True:
            got = self.next()
            if isinstance(got, tuple) or "status" in got:
                return got

    def answer(self, doc):
        self.text(doc)
        while True:
            got = self.reply()
            if isinstance(got, tuple) or got.get("id") == doc.get("id"):
                return got

    def close(self):
        self.s.close()


REQUEST = {"kind": "SEARCH", "zone": "westhoek", "urgency": "STANDARD", "callback_sealed": True, "children": [{"age_years": 13}],
           "adults": [{"number": 1, "authority": True, "home": True}],
           "needs": [{"expertise": "TRAUMA", "intensity": 1, "duration_weeks": 12, "must": True}],
           "capsules": [{"content": {"name": "Voorbeeld", "callback": "0470 00 00 00", "story": "wat het gezin vertelt"}}]}


def submit(ws, number):
    return ws.answer({"id": number, "method": "POST", "path": "/api/v1/requests", "key": "ws-%d" % number, "body": REQUEST})


def test_both_ways(n, port, clb):
    ws = Socket(port, clb)
    assert ws.status == 101 and "cloudevents.json" in ws.head, ws.head
    got = submit(ws, 1)
    assert got["status"] == 201 and got["body"]["outcome"] == "ACCEPTED", got
    again = submit(ws, 1)
    assert again["body"]["outcome"] == "DUPLICATE" and again["body"]["object_id"] == got["body"]["object_id"], again
    code = got["body"]["short_code"]
    seen = Socket(port, clb, after="0")
    event = seen.next()
    assert event["type"].startswith("be.jeugdhulp.") and event["place"].count(",") == 2, event
    seen.close()
    page = ws.answer({"id": 2, "method": "GET", "path": "/api/v1/requests", "query": {"limit": "5"}})
    assert page["status"] == 200 and code in json.dumps(page["body"]), page
    bad = ws.answer({"id": 3, "method": "POST", "path": "/api/v1/requests", "body": dict(REQUEST, urgency="SOON")})
    assert bad["status"] == 400 and bad["body"]["field"] == "urgency" and bad["body"]["text_nl"] != bad["body"]["text_en"], bad
    assert ws.answer({"id": 4, "method": "GET", "path": "/api/v1/links"})["status"] == 403   # not of a requester
    for face in ("order", "explain", "plan", "waiting"):   # by the number that people see
        asked = {"id": face, "method": "GET", "path": "/api/v1/requests/%s/%s" % (code, face)}
        node.wait_for(face, lambda asked=asked: ws.answer(asked)["status"] == 200)   # the list follows within a moment
    assert ws.answer({"id": 5, "method": "GET", "path": "/nowhere/at/all"})["status"] in (200, 404)
    ws.close()


def test_hostile(n, port, clb):
    assert Socket(port, "clb.nothing").status == 401
    assert Socket(port).status == 401
    code = n.code("clb")
    c = http.client.HTTPConnection("127.0.0.1", port)
    c.request("POST", "/session", json.dumps({"code": code}))
    cookie = c.getresponse().headers["Set-Cookie"].split(";")[0]
    c.close()
    assert Socket(port, cookie=cookie, origin="http://elsewhere.example").status == 426
    assert Socket(port, cookie=cookie).status == 426
    good = Socket(port, cookie=cookie, origin="http://127.0.0.1:%d" % port)
    assert good.status == 101
    for text in ("no json", "[]", "{}", "{\"method\":1,\"path\":2}", "{\"method\":\"GET\",\"path\":\"\"}", "nul\u0000"):
        good.text(text)
        assert good.reply()["status"] in (400, 404), text
    good.frame(2, b"binary")
    assert good.reply()[0] == "close"
    for opcode, data in ((1, b"\xff\xfe bad utf-8"), (3, b"unknown opcode"), (1, b"x" * 70000)):
        ws = Socket(port, clb)
        ws.frame(opcode, data)
        try:
            while not isinstance(ws.next(5), tuple):
                pass
        except (EOFError, ConnectionError):
            pass
        ws.close()
    half = Socket(port, clb)
    half.s.sendall(b"\x81\xfe\x40")
    half.close()
    many = Socket(port, clb)
    for i in range(40):
        many.text({"id": i, "method": "GET", "path": "/api/v1/requests"})
    states = [many.reply()["status"] for _ in range(40)]
    assert set(states) <= {200, 429} and 200 in states, states
    assert many.answer({"id": "z", "method": "GET", "path": "/api/v1/me"})["status"] == 200
    many.close()


def test_signed_out(n, port, clb):
    """Found: a WebSocket and a stream of who signed out went on until the next heartbeat, and asked in its name."""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    c.request("POST", "/session", json.dumps({"code": n.code("clb")}))
    r = c.getresponse()
    cookie, csrf = r.headers["Set-Cookie"].split(";")[0], json.loads(r.read())["csrf"]
    ws = Socket(port, cookie=cookie, origin="http://127.0.0.1:%d" % port)
    bystander = Socket(port, clb)
    stream = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    stream.request("GET", "/api/v1/events", headers={"Cookie": cookie, "Accept": "text/event-stream"})
    events = stream.getresponse()
    assert events.status == 200 and b"retry" in events.fp.peek()
    assert ws.answer({"id": 1, "method": "GET", "path": "/api/v1/me"})["status"] == 200
    c.request("DELETE", "/session", headers={"Cookie": cookie, "X-CSRF": csrf})
    assert c.getresponse().status == 200
    began = time.monotonic()
    ws.text({"id": 2, "method": "GET", "path": "/api/v1/requests"})
    got = ws.reply()
    while not isinstance(got, tuple):
        assert got["status"] == 401, got
        got = ws.reply()
    assert got == ("close", 1008), got
    events.read()  # to its end
    assert time.monotonic() - began < 5, "at once, not at the next heartbeat"
    assert bystander.answer({"id": 3, "method": "GET", "path": "/api/v1/me"})["status"] == 200
    for path, query in (("/api/v1/requests/a\u0001b", {}), ("/api/v1/requests", {"after": "\u0007"}), ("/api/v1/requests", {"\u0007": "1"})):
        got = bystander.answer({"id": 4, "method": "GET", "path": path, "query": query})
        assert got["status"] == 400, got  # no broken question to a daemon
    # What a house helps a family to send over an open path is not the house's.
    got = bystander.answer({"id": 5, "method": "POST", "path": "/api/v1/family/requests", "query": {"speaker": "ADULT"}, "body": REQUEST})
    assert got["status"] == 201, got
    page = bystander.answer({"id": 6, "method": "GET", "path": "/api/v1/requests", "query": {"limit": "50"}})
    assert got["body"]["short_code"] not in json.dumps(page), page
    c.close()
    stream.close()


def drain(ws, have, until):
    """Reads events until that many requests were seen."""
    while sum(1 for e in have if e["type"] == "be.jeugdhulp.request.received.v1") < until:
        got = ws.next()
        assert not isinstance(got, tuple), got
        if "place" in got:
            have.append(got)
        else:
            assert got["type"] != "be.jeugdhulp.stream.reset.v1", got


def test_kill(n, port, coordinator, clb):
    have = []
    ws = Socket(port, coordinator, after="0")
    writer = Socket(port, clb)
    for i in range(10, 20):
        assert submit(writer, i)["status"] == 201
    drain(ws, have, 5)
    n.kill("gateway", signal.SIGKILL)
    n.gateway()
    ws = Socket(port, coordinator, after=have[-1]["place"])
    writer = Socket(port, clb)
    for i in range(20, 25):
        assert submit(writer, i)["status"] == 201
    drain(ws, have, 16)
    ids = [(e["source"], e["sequence"]) for e in have]
    assert len(ids) == len(set(ids)), "an event came twice"
    for source in {s for s, _ in ids}:
        numbers = [int(q) for s, q in ids if s == source]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "a hole in %s: %s" % (source, numbers)
    ws.close()


def main():
    n = node.Node().with_gateway()
    try:
        n.start()
        n.gateway()
        port, clb, coordinator = n.port, n.token("clb"), n.token("net-west")
        test_both_ways(n, port, clb)
        test_hostile(n, port, clb)
        test_signed_out(n, port, clb)
        test_kill(n, port, coordinator, clb)
        began = time.monotonic()
        n.stop()
        assert time.monotonic() - began < 20
    finally:
        n.end()


main()
