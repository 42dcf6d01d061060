# SPDX-License-Identifier: EUPL-1.2
"""What the dashboard file for operators draws is what /metrics says; a daemon that is gone shows there and in /readyz, not in /healthz."""
import json
import os
import re
import signal
import urllib.error
import urllib.request

import node

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def get(port, path):
    try:
        with urllib.request.urlopen("http://127.0.0.1:%d%s" % (port, path), timeout=30) as r:
            return r.status, r.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


def main():
    n = node.Node().with_gateway()
    try:
        n.start()
        n.gateway()
        port, ops = n.port, n.metrics
        text = get(ops, "/metrics")[1]
        drawn = set(re.findall(r"schakel_[a-z0-9_]+", open(os.path.join(ROOT, "deploy/grafana/schakel.json"), encoding="utf-8").read()))
        said = set(re.findall(r"(?m)^(schakel_[a-z0-9_]+)[{ ]", text))
        assert len(drawn) > 10 and drawn <= said, drawn - said
        for line in text.splitlines():
            assert re.match(r"(# (HELP|TYPE) schakel_\w+ .+|schakel_\w+(\{\w+=\"[^\"]*\"(,\w+=\"[^\"]*\")*\})? -?[0-9.e+]+)$", line), line
        assert get(port, "/metrics")[0] == 404 or "schakel_up" not in get(port, "/metrics")[1], "metrics are for the local address alone"
        n.kill("matching", signal.SIGKILL)
        node.wait_for("not ready", lambda: get(port, "/readyz")[0] == 503)
        assert json.loads(get(port, "/readyz")[1])["matching"] == "unreachable"
        assert get(port, "/healthz")[0] == 200
        assert 'schakel_up{daemon="matching"} 0' in get(ops, "/metrics")[1]
        n.start("matching")
        node.wait_for("ready again", lambda: get(port, "/readyz")[0] == 200)
        n.stop()
    finally:
        n.end()


main()
