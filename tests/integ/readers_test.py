# SPDX-License-Identifier: EUPL-1.2
"""A dead reader and a slow one: the daemon goes on, memory stays bounded, the slow one gets every event once and in order, and
who comes back after the log was trimmed is told so."""
import threading

import node
import wire

REQUESTS = 300


def rss_kib(pid):
    for line in open("/proc/%d/status" % pid, encoding="ascii"):
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


def main():
    n = node.Node()
    try:
        n.start()
        n.ready()
        dead = n.client("dashboard", "intake")
        for _ in range(20):  # asks for everything, takes nothing
            place = dead.logs.setdefault(("intake", "@events"), [0, 0, 0])
            dead.ask_log("intake", "@events", place, 1024, 30000)
        dead.socket.setsockopt(wire.zmq.RCVHWM, 1)
        before = rss_kib(n.procs["intake"].pid)
        for _ in range(REQUESTS):
            n.submit()
        after = rss_kib(n.procs["intake"].pid)
        assert after - before < 64 * 1024, "memory grew by %d KiB behind a dead reader" % (after - before)
        own, server = n.key("net-west"), n.key("intake")
        slow = wire.Client(n.endpoint("intake"), server["public"], own["public"], own["secret"], demo=True)
        seen = []
        pause = threading.Event()
        while True:
            page = slow.read_log("intake", "@events", credit=16, wait_ms=200)
            if not page:
                break
            seen += page
            pause.wait(0.002)
            if len(seen) in range(200, 216):  # the writer dies in the middle
                n.kill("intake")
                n.start("intake")
                n.ready("intake")
        slow.close()
        numbers = [s for s, _ in seen]
        assert numbers == list(range(1, len(numbers) + 1)), "lost or doubled"
        requests = {m.event.object_id for _, m in seen if m.event.kind == 1}
        assert len(requests) == REQUESTS, len(requests)
        n.stop()
    finally:
        n.end()


main()
