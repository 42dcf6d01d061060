# SPDX-License-Identifier: EUPL-1.2
"""Starts the gateway of a node of tests/integ/node.py on loopback ports of its own."""
import json
import os
import socket

import node


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def start(n, port=None, more=""):
    """Starts what does not run yet. @return (port, port of /metrics)."""
    path = os.path.join(n.dir, "schakel.ini")
    text = open(path, encoding="utf-8").read()
    if "[gateway]" not in text:
        n.web = port or free_port(), free_port()
        with open(path, "a", encoding="utf-8") as f:
            f.write("\n[gateway]\nbind = 127.0.0.1:%d\nmetrics_bind = 127.0.0.1:%d\nmap_bytes = %d\n%s" % (*n.web, 256 << 20, more))
    n.start("intake", "waitlist", "matching", "gateway")
    node.wait_for("the gateway listens", lambda: listens(n.web[0]))
    return n.web


def token(n, party):
    return json.loads(n.cli("--json", "access", "token", party).stdout)["token"]


def code(n, party):
    return json.loads(n.cli("--json", "access", "code", party).stdout)["code"]
