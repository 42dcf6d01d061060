# SPDX-License-Identifier: EUPL-1.2
"""Streams that lose and double nothing over kills and a model made anew; and rude clients, whom the others do not notice."""
import os
import random
import resource
import shutil
import socket
import threading
import time

import gateway_rig as rig
import node

LONG = os.environ.get("TORTURE") == "1"
READER = "net-west"  # a coordinator: it may see what happens to every request
SUBSCRIBERS, REQUESTS, IDLE = (50, 40, 10000 if LONG else 2000)


class Others(threading.Thread):
    """A polite client all the while: each of its requests is served in half of the ten seconds that a slow one has."""

    def __init__(self, g):
        super().__init__(daemon=True)
        self.g, self.done, self.worst, self.asked, self.failed = g, False, 0.0, 0, None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, value, trace):
        while kind is None and self.asked < 3 and self.failed is None:
            time.sleep(0.05)   # what was done took no time: the others have theirs all the same
        self.done = True
        self.join()
        if kind is None:
            assert self.failed is None and self.asked > 2 and self.worst < 5, (self.failed, self.asked, self.worst)

    def run(self):
        while not self.done and self.failed is None:
            start = time.monotonic()
            try:
                status, _, doc = self.g.ask("GET", "/api/v1/offers?limit=1", party="huis-a", source="127.0.0.44", timeout=10)
                self.failed = None if status == 200 else (status, doc)
            except OSError as e:
                self.failed = e
            self.worst = max(self.worst, time.monotonic() - start)
            self.asked += 1
            time.sleep(0.05)


def connect(g, source=None):
    s = socket.socket()
    if source:
        s.bind((source, 0))
    s.settimeout(20)
    s.connect(("127.0.0.1", g.port))
    return s


def is_closed(s, within_s):
    s.settimeout(within_s)
    try:
        while s.recv(65536):
            pass
        return True
    except socket.timeout:
        return False
    except OSError:
        return True


def streams_over_kills(g, remove_model):
    _, start = rig.page_of_all(g, READER, "0")
    begun = {d: g.node.status(d).sequence for d in node.DAEMONS}
    subs = [rig.Subscriber(g, READER, start, "127.0.1.%d" % (n + 1)) for n in range(SUBSCRIBERS)]
    for s in subs:
        s.start()
    for s in subs:
        assert s.hello.wait(20)
    made = [0]

    def make():
        for _ in range(REQUESTS):
            g.node.submit("clb")
            made[0] += 1
    t = threading.Thread(target=make)
    t.start()
    for kill in range(2):
        node.wait_for("some more", lambda k=kill: made[0] > (k + 1) * REQUESTS // 4 or not t.is_alive())
        g.node.kill("gateway")
        if remove_model and kill == 1:
            shutil.rmtree(os.path.join(g.node.dir, "data", "gateway", "model"))
        g.start()
    t.join()
    g.node.settle()

    assert made[0] == REQUESTS, made
    pages = [None]

    def all_there():
        before, pages[0] = pages[0], rig.page_of_all(g, READER, start)[0]
        return pages[0] if len(pages[0]) >= 3 * REQUESTS and pages[0] == before and all(len(s.got) >= len(before) for s in subs) else None
    want = node.wait_for("every subscriber has every event", all_there, 30, 0.3)
    assert all(g.node.status(d).sequence > begun[d] for d in ("intake", "waitlist")), begun
    for s in subs:
        s.done = True
        assert len(s.got) == len(set(s.got)), "doubled: %s" % sorted(x for x in set(s.got) if s.got.count(x) > 1)[:5]
        assert sorted(s.got) == sorted(want) and s.resets == 0, (len(s.got), len(want), s.resets)
        for source in {x[0] for x in s.got}:
            own = [n for where, n in s.got if where == source]
            assert own == sorted(own), "each log comes in its order"
    return len(want)


def a_long_log_for_few(g):
    """Who reads from the beginning and may see next to nothing does not hold up who may."""
    with Others(g):
        g.node.put_pool("huis-b", "huis-b-uren", 9)  # the last that all may see
        g.node.settle()
        subs = [rig.Subscriber(g, "huis-c", "0", "127.0.2.%d" % (n + 1)) for n in range(20)]
        for s in subs:
            s.start()
        seen = node.wait_for("the last", lambda: (rig.page_of_all(g, "huis-c", "0")[0] or [None])[1:])
        node.wait_for("they are at the end", lambda: all(s.got and s.got[-1] == seen[-1] for s in subs), 20)
        for s in subs:
            s.done = True


def serves_on(g, after):
    assert b" 200 " in g.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 3)[:16], after[:80]


def nonsense(g):
    """Whatever comes is refused or closed; the process lives and serves on."""
    ok = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    long_path = b"GET /" + b"a" * 7000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    for data, statuses in (
            (b"\r\n\r\n\r\n", None), (b"\x00" * 4000, None), (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", None), (b"GET\r\n\r\n", None),
            (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", (400, 505)), (b"FOO /healthz HTTP/1.1\r\nHost: x\r\n\r\n", (405,)),
            (b"G" * 3000 + b" / HTTP/1.1\r\nHost: x\r\n\r\n", None), (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", (200, 404, 405)),
            (b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", None), (b"GET /api/v1/me%00x HTTP/1.1\r\nHost: x\r\n\r\n", (200, 401, 404)),
            (b"GET /../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", (200, 404)), (b"GET /..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n", (200, 404)),
            (b"GET /%zz%1 HTTP/1.1\r\nHost: x\r\n\r\n", None), (long_path, (200, 404, 414)),
            (b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n", None), (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", None),
            (ok + b"Content-Length: -1\r\n\r\n", (400,)), (ok + b"Content-Length: 99999999999999999999999\r\n\r\n", (400, 413)),
            (ok + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", None),
            (ok + b"Transfer-Encoding: gzip\r\n\r\nabc", None), (ok + b"X" * 3000 + b"\r\n\r\n", None), (ok + b": v\r\n\r\n", None),
            (ok + b"Cookie: " + b"a=b;" * 1500 + b"\r\nConnection: close\r\n\r\n", None),
            (ok + b"Range: bytes=0-,5-\r\nUpgrade: h2c\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n", None)):
        got = g.raw(data, 0.25)
        status = int(got.split(b" ")[1]) if got.startswith(b"HTTP/1.") else None
        assert status is None or status < 500 or status in (501, 505), (data[:60], got[:200])
        assert statuses is None or status in statuses, (data[:60], got[:200])
        assert b"root:" not in got
        serves_on(g, data)
    post = b"POST /session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    for chunks in (b"zz\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n0\r\n\r\n", b"ffffffffffffffffffff\r\n{}", b"2;" + b"e" * 30000 + b"\r\n{}\r\n0\r\n\r\n",
                   b"2\r\n{}xx0\r\n\r\n", b"2\n{}\n0\n\n", b"\r\n\r\n"):
        got = g.raw(post + chunks, 0.25)
        assert got == b"" or b" 4" in got[:13], (chunks[:40], got[:200])
        serves_on(g, chunks)
    assert "gateway" in g.node.procs and g.node.procs["gateway"].poll() is None


def pipelined(g):
    """Many questions at once in one connection: as many answers, in their order, each whole."""
    paths = ["/healthz" if random.random() < 0.5 else "/api/v1/nergens" for _ in range(60)]
    data = b"".join(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % p.encode() for p in paths[:-1])
    data += b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % paths[-1].encode()
    got = g.raw(data, 3)
    statuses = [int(part.split(b" ")[0]) for part in got.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200 if p == "/healthz" else 404 for p in paths], statuses


def slow_and_idle(g):
    """A byte a second, connections that say nothing, a reader that never reads: each has its time, and costs nobody else any."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * IDLE + 2000), hard))
    with Others(g):
        idle = [connect(g, "127.0.3.%d" % (n % 250 + 1)) for n in range(min(IDLE, min(hard, 2 * IDLE + 2000) - 1000))]
        slow = [connect(g, "127.0.0.60") for _ in range(50)]
        deaf = []
        for n in range(20):
            s = connect(g, "127.0.0.61")
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nLast-Event-ID: 0\r\nAuthorization: Bearer %s\r\n\r\n"
                      % g.token(READER).encode())
            deaf.append(s)
        late = g.ask("GET", "/metrics", port=g.metrics)[2]
        end = time.monotonic() + 12.5
        start = b"GET /api/v1/me HTTP/1.1\r\nHost: slow\r\nX-Pad: aaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        for b in start:
            for s in slow:
                try:
                    s.send(bytes([b]))
                except OSError:
                    pass
            if time.monotonic() > end:
                break
            time.sleep(1)
        assert all(is_closed(s, 2) for s in slow), "a request has ten seconds to arrive"
        assert all(is_closed(s, 2) for s in idle[::50]), "a connection that says nothing too"
        text = g.ask("GET", "/metrics", port=g.metrics)[2]
        assert count(text) >= count(late) + len(slow), text
        for s in idle + slow + deaf:
            s.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def count(text):
    return int([line.split()[1] for line in text.decode().splitlines() if line.startswith("schakel_gateway_late_total ")][0])


def main():
    with rig.Gateway() as g:
        g.node.put_pool("huis-a", "huis-a-uren", 9)
        for step, args in ((nonsense, ()), (pipelined, ()), (streams_over_kills, (False,)), (streams_over_kills, (True,)),
                           (a_long_log_for_few, ()), (slow_and_idle, ())):
            start = time.monotonic()
            step(g, *args)
            print("%-34s %.1f s" % (step.__name__, time.monotonic() - start), flush=True)
        g.node.stop()


if __name__ == "__main__":
    main()
