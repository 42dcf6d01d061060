# SPDX-License-Identifier: EUPL-1.2
"""The gateway: a request by REST beside the bare socket path, and a read model made anew."""
import json
import os
import shutil
import socket
import time

import host

ASKS = 300  # in a row; the gateway lets one party send 400 at once and 200 a second
PAUSE_S = 2
FOLD_LIMIT_S = 30.0
REST_LIMIT = 1.5
PAINT_LIMIT_S = 1.0
HERE = os.path.dirname(os.path.abspath(__file__))
BODY = {"kind": "SEARCH", "zone": "westhoek", "urgency": "STANDARD", "callback_sealed": True, "children": [{"age_years": 13}],
        "adults": [{"number": 1, "authority": True, "home": True}],
        "needs": [{"expertise": "TRAUMA", "intensity": 1, "duration_weeks": 12, "must": True}],
        "capsules": [{"version": 1, "content": {"callback": "0470", "story": "x" * 100}}]}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def rest(port, token):
    """One client, one connection, each answer awaited."""
    figures = host.tool("rest", port=port, token=token, body=json.dumps(BODY), clients=1, window=1, count=ASKS)
    time.sleep(PAUSE_S)
    return figures["p50_us"]


def section_gateway(plan, place, table):
    node = place.keep(host.Node(place, "gw"))
    port = free_port()
    with open(os.path.join(node.dir, "schakel.ini"), "a", encoding="utf-8") as f:
        f.write("\n[gateway]\nbind = 127.0.0.1:%d\nmetrics_bind = 127.0.0.1:%d\n" % (port, free_port()))
    node.start("intake", "gateway")
    said = host.sh(os.path.join(host.BIN, "schakel"), "access", "token", "clb", "--json", "--node", node.dir)
    token = json.loads(said)["token"]
    took, sealed, bare = [], [], []
    rest(port, token)  # connections are made with the first
    for _ in range(plan.rounds):
        args = {"node": node.dir, "clients": 1, "window": 1, "ms": plan.ms}
        sealed.append(host.tool("submit", seal=1, **args)["p50_us"])
        took.append(rest(port, token))
        bare.append(host.tool("submit", **args)["p50_us"])
    # Who takes the bare socket path seals what was told itself; by REST the gateway does it.
    table.compare("REST submit to 201, one client, p50", took, "us", "bare socket path, the text sealed by the caller", sealed,
                  "<= %.1f" % REST_LIMIT)
    table.compare("the same", took, "us", "bare socket path, bytes that were sealed before", bare)
    paint(plan, table, port)
    place.drop(node)
    fold(plan, place, table)


def paint(plan, table, port):
    """All files fetched by a browser that has none of them."""
    if not os.path.isdir(os.path.join(HERE, "..", "..", "build", "npm", "node_modules", "playwright-core")):
        table.note("first paint of the page: npm tools lack (sh deploy/setup.sh test)")
        return
    said = host.sh("node", os.path.join(HERE, "paint.mjs"), "http://127.0.0.1:%d/aanbod" % port, str(plan.rounds + 1))
    took = [ms / 1000 for ms in json.loads(said)["ms"][1:]]  # the first one starts the browser too
    table.compare("first paint of the page, no file kept", took, "s", "limit", [PAINT_LIMIT_S] * len(took), "<= 1")


def fold(plan, place, table):
    count = 100000 if plan.quick else 1000000
    took = []
    for n in range(plan.rounds):
        where = place.path("model%d" % n)
        took.append(host.tool("fold", dir=where, count=count)["seconds"])
        shutil.rmtree(where)
    table.compare("{:,} events folded into a fresh read model".format(count), took, "s", "limit",
                  [FOLD_LIMIT_S * count / 1000000] * len(took), "<= 1")
