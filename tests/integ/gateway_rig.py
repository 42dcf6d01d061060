# SPDX-License-Identifier: EUPL-1.2
"""A node with its gateway, and clients of it: polite ones over http.client, rude ones over a bare socket."""
import http.client
import json
import socket
import threading
import time
import uuid

import node


class Gateway:
    def __init__(self, settings=""):
        self.node = node.Node().with_gateway(settings)
        self.port, self.metrics = self.node.port, self.node.metrics
        self.start, self.token, self.code = self.node.gateway, self.node.token, self.node.code

    def __enter__(self):
        self.node.start()
        self.node.ready()
        self.start()
        return self

    def __exit__(self, kind, value, trace):
        self.node.end()

    def in_hand(self, count):
        """Waits until so many requests are being worked at."""
        def working():
            text = self.ask("GET", "/metrics", port=self.metrics)[2].decode()
            return int(text.split("\nschakel_gateway_working ")[1].split("\n")[0]) >= count
        node.wait_for("%d requests are in hand" % count, working)

    def ask(self, method, path, body=None, party=None, port=None, source=None, timeout=30, **head):
        """@return status, headers, the document (or bytes)"""
        c = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=timeout,
                                       source_address=(source, 0) if source else None)
        head = {k.replace("_", "-"): v for k, v in head.items()}
        if party:
            head["Authorization"] = "Bearer " + self.token(party)
        if body is not None and not isinstance(body, (bytes, str)) and not hasattr(body, "__next__"):
            body = json.dumps(body)
        try:
            c.request(method, path, body, head, encode_chunked=hasattr(body, "__next__"))
            r = c.getresponse()
            data = r.read()
        finally:
            c.close()
        is_json = "json" in r.headers.get("Content-Type", "")
        return r.status, r.headers, json.loads(data) if is_json else data

    def raw(self, data, silent_s=1, source="127.0.0.1"):
        """Sends bytes as they are. @return everything that comes until the other side closes or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), 20, (source, 0)) as s:
            try:
                s.sendall(data)
            except OSError:
                pass
            s.settimeout(silent_s)
            out = b""
            try:
                while True:
                    more = s.recv(65536)
                    if not more:
                        break
                    out += more
            except OSError:
                pass
            return out


def request_body(marker="x", **more):
    body = {"kind": "SEARCH", "zone": "westhoek", "urgency": "STANDARD", "callback_sealed": True, "children": [{"age_years": 13}],
            "adults": [{"number": 1, "authority": True, "home": True}],
            "needs": [{"expertise": "TRAUMA", "intensity": 1, "duration_weeks": 12, "must": True}],
            "capsules": [{"version": 1, "content": {"callback": "0470", "story": marker}}]}
    body.update(more)
    return body


def key():
    return str(uuid.uuid4())


class Subscriber(threading.Thread):
    """Reads a stream and comes back at the place where it was, whatever happens to the other side."""

    def __init__(self, g, party, after, source=None):
        super().__init__(daemon=True)
        self.g, self.party, self.last, self.source = g, party, after, source
        self.token = g.token(party)
        self.got, self.resets, self.done, self.hello = [], 0, False, threading.Event()

    def run(self):
        while not self.done:
            try:
                self.read_one()
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.1)

    def read_one(self):
        c = http.client.HTTPConnection("127.0.0.1", self.g.port, timeout=40,
                                       source_address=(self.source, 0) if self.source else None)
        try:
            c.request("GET", "/api/v1/events", headers={"Accept": "text/event-stream", "Last-Event-ID": self.last,
                                                        "Authorization": "Bearer " + self.token})
            r = c.getresponse()
            if r.status != 200:
                raise OSError(r.status)
            block = {}
            while not self.done:
                line = r.readline()
                if not line:
                    return
                line = line.decode().rstrip("\n")
                if line:
                    name, _, value = line.partition(": ")
                    block[name] = value
                    continue
                self.take(block)
                block = {}
        finally:
            c.close()

    def take(self, block):
        kind = block.get("event")
        if kind == "hello":
            self.hello.set()
        elif kind == "reset":
            self.resets += 1
        elif "data" in block and kind != "state":
            doc = json.loads(block["data"])
            self.got.append((doc["source"], int(doc["sequence"])))
        self.last = block.get("id", self.last)


def page_of_all(g, party, after):
    """Every event behind a place, by pages. @return the events, the place behind them"""
    out = []
    while True:
        status, _, doc = g.ask("GET", "/api/v1/events?limit=200&after=" + after, party=party)
        assert status == 200 and not doc["missed"], doc
        out += [(e["source"], int(e["sequence"])) for e in doc["events"]]
        if doc["next"] == after:
            return out, after
        after = doc["next"]
