# SPDX-License-Identifier: EUPL-1.2
"""The gateway: a request by REST beside the bare socket path, and a read model made anew."""
import json
import os
import re
import shutil
import socket
import statistics
import time

import host

ASKS = 300  # in a row; the gateway lets one party send 400 at once and 200 a second
PAUSE_S = 2
FOLD_LIMIT_S = 30.0
REST_LIMIT = 1.5
BODY = {"kind": "SEARCH", "zone": "westhoek", "urgency": "STANDARD", "callback_sealed": True, "children": [{"age_years": 13}],
        "adults": [{"number": 1, "authority": True, "home": True}],
        "needs": [{"expertise": "TRAUMA", "intensity": 1, "duration_weeks": 12, "must": True}],
        "capsules": [{"version": 1, "content": {"callback": "0470", "story": "x" * 100}}]}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def uuid7():
    b = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    b[6], b[8] = 0x70 | b[6] & 0x0F, 0x80 | b[8] & 0x3F
    h = b.hex()
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))


def answer_of(s):
    got = b""
    while b"\r\n\r\n" not in got:
        got += s.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    left = int(re.search(rb"(?i)content-length: (\d+)", head).group(1)) - len(body)
    while left > 0:
        left -= len(s.recv(65536))
    return int(head.split(b" ")[1])


def rest_p50_us(port, token):
    """One client, one connection, each answer awaited; the times from the first byte out to the last in."""
    body, took = json.dumps(BODY).encode(), []
    with socket.create_connection(("127.0.0.1", port), 10) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(ASKS):
            data = ("POST /api/v1/requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s\r\n"
                    "Content-Length: %d\r\n\r\n" % (token, uuid7(), len(body))).encode() + body
            start = time.perf_counter_ns()
            s.sendall(data)
            status = answer_of(s)
            took.append((time.perf_counter_ns() - start) / 1e3)
            if status != 201:
                raise RuntimeError("a request was answered with %d" % status)
    time.sleep(PAUSE_S)
    return statistics.median(took)


def section_gateway(plan, place, table):
    node = place.keep(host.Node(place, "gw"))
    port = free_port()
    with open(os.path.join(node.dir, "schakel.ini"), "a", encoding="utf-8") as f:
        f.write("\n[gateway]\nbind = 127.0.0.1:%d\nmetrics_bind = 127.0.0.1:%d\n" % (port, free_port()))
    node.start("intake", "gateway")
    said = host.sh(os.path.join(host.BIN, "schakel"), "access", "token", "clb", "--json", "--node", node.dir)
    token = json.loads(said)["token"]
    rest, bare = [], []
    rest_p50_us(port, token)  # connections are made with the first
    for _ in range(plan.rounds):
        bare.append(host.tool("submit", node=node.dir, clients=1, window=1, ms=plan.ms)["p50_us"])
        rest.append(rest_p50_us(port, token))
    table.compare("REST submit to 201, one client, p50", rest, "us", "bare socket path", bare, "<= %.1f" % REST_LIMIT)
    place.drop(node)
    fold(plan, place, table)


def fold(plan, place, table):
    count = 100000 if plan.quick else 1000000
    took = []
    for n in range(plan.rounds):
        where = place.path("model%d" % n)
        took.append(host.tool("fold", dir=where, count=count)["seconds"])
        shutil.rmtree(where)
    table.compare("{:,} events folded into a fresh read model".format(count), took, "s", "limit",
                  [FOLD_LIMIT_S * count / 1000000] * len(took), "<= 1")
