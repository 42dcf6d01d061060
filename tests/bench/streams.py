# SPDX-License-Identifier: EUPL-1.2
"""Many who read the stream of events at once, over kills of the gateway; and many connections that say nothing."""
import json
import os
import re
import resource
import selectors
import signal
import socket
import time
import urllib.request

import gateway
import host

SUBSCRIBERS, SUBMITS, KILLS, IDLE = 2000, 60, 2, 10000
DEADLINE_S = 120
RETRY_S = 0.2


class Reader:
    """One subscriber: it comes back at the place where it was, whatever happens to the other side."""

    def __init__(self, many, number):
        self.many, self.source = many, "127.0.%d.%d" % (1 + number // 200, 1 + number % 200)
        self.last, self.got, self.resets, self.hello, self.sock, self.again = many.start, [], 0, False, None, 0.0

    def connect(self):
        self.buf = b""
        s = socket.socket()
        s.setblocking(False)
        s.bind((self.source, 0))
        s.connect_ex(("127.0.0.1", self.many.port))
        self.sock = s
        self.many.sel.register(s, selectors.EVENT_WRITE, self)

    def close(self):
        if self.sock is not None:
            self.many.sel.unregister(self.sock)
            self.sock.close()
        self.sock, self.again = None, time.monotonic() + RETRY_S

    def ready(self, mask):
        try:
            if mask & selectors.EVENT_WRITE:
                self.sock.send(("GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nLast-Event-ID: %s\r\n"
                                "Authorization: Bearer %s\r\n\r\n" % (self.last, self.many.token)).encode())
                self.many.sel.modify(self.sock, selectors.EVENT_READ, self)
                return
            data = self.sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self.buf += data
        while b"\n\n" in self.buf:
            block, self.buf = self.buf.split(b"\n\n", 1)
            self.take(block.decode())

    def take(self, block):
        kind = re.search(r"^event: (.*)$", block, re.M)
        place = re.search(r"^id: (.*)$", block, re.M)
        kind = kind.group(1).strip() if kind else ""
        self.hello |= kind == "hello"
        self.resets += kind == "reset"
        if kind.startswith("be."):
            doc = json.loads(re.search(r"^data: (.*)$", block, re.M).group(1))
            self.got.append((doc["source"], int(doc["sequence"])))
        if place:
            self.last = place.group(1).strip()


class Many:
    def __init__(self, port, token, start, count):
        self.port, self.token, self.start = port, token, start
        self.sel = selectors.DefaultSelector()
        self.readers = [Reader(self, n) for n in range(count)]

    def turn(self, wait_s=0.05):
        now = time.monotonic()
        for r in self.readers:
            if r.sock is None and now >= r.again:
                r.connect()
        for key, mask in self.sel.select(wait_s):
            key.data.ready(mask)

    def until(self, what, done):
        end = time.monotonic() + DEADLINE_S
        while not done():
            if time.monotonic() > end:
                raise RuntimeError("not within %d s: %s" % (DEADLINE_S, what))
            self.turn()


def page(port, token, after):
    """Every event behind a place. @return them, and the place behind them"""
    out = []
    while True:
        r = urllib.request.Request("http://127.0.0.1:%d/api/v1/events?limit=200&after=%s" % (port, after),
                                   headers={"Authorization": "Bearer " + token})
        doc = json.load(urllib.request.urlopen(r, timeout=30))
        out += [(e["source"], int(e["sequence"])) for e in doc["events"]]
        if doc["next"] == after:
            return out, after
        after = doc["next"]


def one_round(node, port, token, count):
    _, start = page(port, token, "0")
    many = Many(port, token, start, count)
    many.until("everybody is greeted", lambda: all(r.hello for r in many.readers))
    memory = node.memory_mib("gateway")[0]
    cpu, began = node.cpu_s("gateway"), time.monotonic()
    used = 0.0
    for part in range(KILLS + 1):
        host.tool("submit", node=node.dir, clients=1, window=1, count=SUBMITS // (KILLS + 1))
        many.turn()
        if part < KILLS:
            used += node.cpu_s("gateway") - cpu
            node.stop("gateway", how=signal.SIGKILL)
            node.start("gateway")
            cpu = 0.0
    want = []

    def all_there():
        nonlocal want
        want, _ = page(port, token, start)
        return len(want) >= SUBMITS and all(len(r.got) >= len(want) for r in many.readers)
    many.until("everybody has every event", all_there)
    used += node.cpu_s("gateway") - cpu
    wrong = sum(sorted(r.got) != sorted(want) or r.resets != 0 for r in many.readers)
    for r in many.readers:
        r.close()
    if wrong:
        raise RuntimeError("%d subscribers lost or doubled events" % wrong)
    return {"events": len(want), "seconds": time.monotonic() - began, "cpu": used, "memory": memory}


def section_streams(plan, place, table):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count, quiet = (200, 1000) if plan.quick else (SUBSCRIBERS, min(IDLE, hard - SUBSCRIBERS - 100))
    node = place.keep(host.Node(place, "st"))
    port = gateway.free_port()
    with open(os.path.join(node.dir, "schakel.ini"), "a", encoding="utf-8") as f:
        f.write("\n[gateway]\nbind = 127.0.0.1:%d\nmetrics_bind = 127.0.0.1:%d\nstreams = %d\nconnections = 20000\n"
                % (port, gateway.free_port(), 2 * SUBSCRIBERS))
    node.start("intake", "waitlist", "matching", "gateway")
    said = host.sh(os.path.join(host.BIN, "schakel"), "access", "token", "net-west", "--json", "--node", node.dir)
    token = json.loads(said)["token"]
    took = [one_round(node, port, token, count) for _ in range(plan.rounds)]
    what = "%d subscribers, %d events each, %d kills of the gateway, none lost or doubled" % (count, took[0]["events"], KILLS)
    table.value(what + ": until all have all", [t["seconds"] for t in took], "s")
    table.value("the same: the gateway's processor", [t["cpu"] for t in took], "s")
    table.value("the same: its resident memory, all connected", [t["memory"] for t in took], "MiB")
    silent(plan, node, port, table, quiet)
    place.drop(node)


def silent(plan, node, port, table, count):
    """A request by REST while so many say nothing, half of them in the middle of a head, beside one without them."""
    said = host.sh(os.path.join(host.BIN, "schakel"), "access", "token", "clb", "--json", "--node", node.dir)
    token = json.loads(said)["token"]
    alone, beside = [], []
    gateway.rest(port, token)
    for _ in range(plan.rounds):
        alone.append(gateway.rest(port, token))
        held = []
        for n in range(count):
            s = socket.socket()
            s.bind(("127.0.%d.%d" % (101 + n // 200, 1 + n % 200), 0))
            s.connect(("127.0.0.1", port))
            if n % 2:
                s.send(b"GET / HTTP/1.1\r\nX-Slow: ")
            held.append(s)
        beside.append(gateway.rest(port, token))
        for s in held:
            s.close()
    table.compare("REST submit beside %d connections that say nothing, p50" % count, beside, "us", "without them", alone)
