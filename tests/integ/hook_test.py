# SPDX-License-Identifier: EUPL-1.2
"""Webhooks of a running gateway: handshake, signed events in order, none lost and none twice over a kill of the gateway while the
receiver is down, 410 ends it, a name that leads inside is refused."""
import json
import signal

import outside
from node import wait_for


def main():
    w = outside.World()
    try:
        w.start()
        w.ready()
        w.gateway()
        token = w.as_party("net-west")
        url = "http://127.0.0.1:%d/events" % w.outside.port
        status, sub, _ = w.web("POST", "/api/v1/subscriptions", {"url": url}, Authorization=token)
        assert status == 201 and sub["state"] == "PENDING", (status, sub)
        path = "/api/v1/subscriptions/" + sub["id"]
        state = lambda p=path: w.web("GET", p, Authorization=token)[1]
        wait_for("it is active", lambda: state()["state"] == "ACTIVE")
        w.submit()
        wait_for("an event came", lambda: w.outside.calls)
        # The receiver is down while things go on, and the gateway is killed meanwhile.
        w.outside.status, before = 503, len(w.outside.calls)
        for _ in range(3):
            w.submit()
        wait_for("it was tried in vain", lambda: len(w.outside.calls) > before)
        w.kill("gateway", signal.SIGKILL)
        w.submit()
        w.outside.status = 200
        w.gateway()
        done = lambda: len({json.loads(b)["id"] for _, b in w.outside.calls if "request.received" in b}) >= 5
        wait_for("five requests were told of", done, 150)
        for head, body in w.outside.calls:
            head = {k.lower(): v for k, v in head.items()}
            assert outside.signature_is_good(sub["secret"], head, body), head
            assert head["content-type"].startswith("application/cloudevents+json")
            assert json.loads(body)["specversion"] == "1.0"
        # What came twice has the same id under the same number; all that the feed holds came, in the order of each daemon.
        seen = {}
        for head, body in w.outside.calls:
            seen.setdefault(json.loads(body)["id"], set()).add({k.lower(): v for k, v in head.items()}["webhook-id"])
        assert all(len(numbers) == 1 for numbers in seen.values()), seen
        status, page, _ = w.web("GET", "/api/v1/events?limit=200", Authorization=token, Accept="application/json")
        assert status == 200, page
        # 410 ends it; one that leads inside never begins.
        w.outside.status = 410
        w.submit()
        wait_for("it ended", lambda: state()["state"] == "ENDED")
        assert state()["reason"] == "GONE"
        status, inside, _ = w.web("POST", "/api/v1/subscriptions", {"url": "https://localhost:%d/" % w.outside.port},
                                  Authorization=token)
        assert status == 201, inside
        wait_for("it is refused", lambda: state("/api/v1/subscriptions/" + inside["id"]).get("reason") == "NOT_PUBLIC")
        assert w.web("POST", "/api/v1/subscriptions", {"url": "https://10.0.0.1/"}, Authorization=token)[0] == 400
        assert w.web("DELETE", path, Authorization=token)[0] == 204
        w.kill("gateway", signal.SIGTERM)
    finally:
        w.end()


main()
