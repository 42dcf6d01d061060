# SPDX-License-Identifier: EUPL-1.2
"""Weights are a readable file with a version: a change of [settings] is taken over only with a higher rules_version, and each seat
says under which version it was given, before and after."""
import os
import re
import signal

import node


def log(n, d):
    return open(os.path.join(os.environ["SCHAKEL_DIR"], d + ".log"), encoding="utf-8", errors="replace").read()


def change(n, old, new):
    path = os.path.join(n.dir, "schakel.ini")
    text = open(path, encoding="utf-8").read()
    assert re.search(old, text) or not old, text
    with open(path, "w", encoding="utf-8") as f:
        f.write(re.sub(old, new, text, count=1) if old else text + new)


def hup(n, event):
    before = {d: log(n, d).count(event) for d in node.DAEMONS}
    for d in node.DAEMONS:
        n.procs[d].send_signal(signal.SIGHUP)
    for d in node.DAEMONS:
        node.wait_for("%s says %s" % (d, event), lambda d=d: log(n, d).count(event) > before[d])


def versions(n, code):
    said = n.cli("explain", code, "--lang", "en", party="net-west").stdout
    return sorted(set(re.findall(r"version (\d+)", said))), said


def tried_order_is_said(n, code):
    """Of a place that the law did not give it is not said that the law did."""
    for said in (n.cli("explain", code, "--lang", "en", party="net-west").stdout,
                 n.cli("waiting", "show", code, "--lang", "en", party="net-west").stdout):
        assert "this node runs on a trial order, not the lawful one: who asked first is first" in said, said
        assert "how urgent" not in said and "more urgent" not in said, said


def main():
    n = node.Node(settings="cost_partner = 500\n")
    try:
        n.start()
        n.ready()
        n.put_pool("huis-a", "huis-a-trauma", 40, expertises=(12,))
        first = n.submit(expertises=(12,)).short_code
        n.settle()
        assert versions(n, first)[0] == ["1"], versions(n, first)
        change(n, "cost_partner = 500", "cost_partner = 450")
        hup(n, "event=config_refused")
        assert "rules_version" in log(n, "matching"), log(n, "matching")
        second = n.submit(expertises=(12,)).short_code
        n.settle()
        assert versions(n, second)[0] == ["1"], versions(n, second)
        change(n, r"\[node\]\n", "[node]\nrules_version = 2\n")
        hup(n, "event=config_applied")
        third = n.submit(expertises=(12,)).short_code
        n.settle()
        assert versions(n, third)[0] == ["2"], versions(n, third)
        assert versions(n, first)[0] == ["1"], versions(n, first)
        # An order that is not the law's is never in force unnoticed.
        assert not any("order_not_lawful" in log(n, d) for d in node.DAEMONS), log(n, "waitlist")
        assert "order_rule" not in n.cli("node", "doctor", "--lang", "en", ok=(0, 1)).stdout
        change(n, "cost_partner = 450", "order_rule = 1")
        change(n, "rules_version = 2", "rules_version = 3")
        hup(n, "event=order_not_lawful setting=order_rule value=1")
        told = n.cli("node", "doctor", "--lang", "en", ok=(1,))
        assert "order_rule = 1: the list does not run by the law" in told.stdout, told
        late = n.submit(expertises=(12,), age=25).short_code
        n.settle()
        tried_order_is_said(n, late)
        n.stop()
        n.start()
        n.ready()
        assert all(log(n, d).count("order_not_lawful") == 2 for d in node.DAEMONS), log(n, "waitlist")
        n.stop()
    finally:
        n.end()


main()
