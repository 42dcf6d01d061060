# SPDX-License-Identifier: EUPL-1.2
"""kill -9 of each daemon at random moments under load: no acknowledged request is lost or doubled, the three agree in the end, and
replaying every input gives the same effects (L1, L11). 50 cycles; TORTURE=1 runs until TORTURE_CYCLES (10,000)."""
import os
import random
import threading
import time

import node
import wire
from node import codes, engine, frame

CYCLES = int(os.environ.get("TORTURE_CYCLES", "10000")) if os.environ.get("TORTURE") else 50
SEED = int(os.environ.get("SEED", "1"))


class Load(threading.Thread):
    """Submits without pause; keeps the bytes until a receipt comes, as a contact point would."""

    def __init__(self, n, party, number):
        super().__init__(daemon=True)
        self.n, self.party, self.number = n, party, number
        self.receipts, self.error, self.halt, self.doubled = [], None, threading.Event(), 0
        own, server = n.key(party), n.key("intake")
        self.client = wire.Client(n.endpoint("intake"), server["public"], own["public"], own["secret"],
                                  context=wire.zmq.Context())
        self.random = random.Random(SEED * 1000 + number)

    def run(self):
        try:
            while not self.halt.is_set():
                m = self.n.submit_message(zone=self.random.choice(("westhoek", "rits")), age=self.random.randrange(3, 18),
                                          expertises=self.random.sample((11, 12, 13, 14), self.random.randrange(1, 4)))
                packed = self.client.pack(m, node.ROLE[self.party])
                while True:
                    try:
                        a = self.client.call_bytes(packed, 60).receipt
                    except wire.NoAnswer:
                        if self.halt.is_set():
                            return
                        continue
                    if a.outcome == engine.OUTCOME_BUSY:
                        time.sleep(0.05)
                        continue
                    break
                assert a.outcome in (engine.OUTCOME_ACCEPTED, engine.OUTCOME_DUPLICATE), a
                self.doubled += a.outcome == engine.OUTCOME_DUPLICATE
                self.receipts.append((a.object_id, a.short_code, len(a.object_ids)))
        except Exception as e:  # told to the main thread
            self.error = e
        finally:
            self.client.close()


class Partner(threading.Thread):
    """Answers every ask with CAN, so that holds, releases and recompositions happen under the kills."""

    def __init__(self, n, party):
        super().__init__(daemon=True)
        self.n, self.party, self.error, self.halt, self.answers = n, party, None, threading.Event(), 0
        own, server = n.key(party), n.key("matching")
        self.client = wire.Client(n.endpoint("matching"), server["public"], own["public"], own["secret"],
                                  context=wire.zmq.Context())

    def run(self):
        try:
            while not self.halt.is_set():
                try:
                    page = self.client.read_log("matching", self.party, credit=32, wait_ms=200, timeout_s=5)
                    for _, m in page:
                        if m.WhichOneof("body") == "ask" and m.ask.state == codes.CONTRIBUTION_STATE_ASKED:
                            c = frame.Message()
                            c.answer_ask.contribution_id = m.ask.contribution_id
                            c.answer_ask.answer = codes.ANSWER_KIND_CAN
                            r = self.client.command(c, codes.ROLE_FACILITY, 60)
                            assert r.outcome != engine.OUTCOME_REFUSED or r.code == engine.REFUSAL_STATE, r
                            self.answers += 1
                except (wire.NoAnswer, LookupError):
                    continue
        except Exception as e:
            self.error = e
        finally:
            self.client.close()


def count_requests(n, party):
    """Every request of the party, page by page: id -> needs."""
    found, after = {}, b""
    while True:
        q = frame.Message()
        q.query_request.limit = 20
        q.query_request.after = after
        v = n.client(party, "intake").query(q, node.ROLE[party]).request_view
        for item in v.requests:
            assert item.request.request_id not in found, "a request twice in the pages"
            found[item.request.request_id] = item
        after = v.next
        if not after:
            return found


def main():
    rng = random.Random(SEED)
    print("seed %d, %d cycles" % (SEED, CYCLES), flush=True)
    n = node.Node(demo=False, settings="log_soft_bytes = 1073741824\nlog_hard_bytes = 2147483648\n")
    parties = ("clb", "meldpunt")
    try:
        n.start()
        n.ready()
        for p in ("huis-a", "huis-b", "huis-c"):
            n.put_pool(p, p + "-uren", 400, expertises=(11, 12, 13))
        loads = [Load(n, p, i) for i, p in enumerate(parties)]
        partners = [Partner(n, p) for p in ("huis-a", "huis-b", "huis-c")]
        for t in loads + partners:
            t.start()
        for _ in range(CYCLES):
            time.sleep(rng.uniform(0.02, 0.4))
            for d in rng.sample(node.DAEMONS, rng.choice((1, 1, 1, 2, 3))):
                n.kill(d)
                n.start(d)
            for t in loads + partners:
                if t.error:
                    raise t.error
        for t in partners + loads:
            t.halt.set()
        n.ready()
        for t in loads + partners:
            t.join(90)
            if t.error:
                raise t.error
        n.settle(120)
        acked = sum(len(t.receipts) for t in loads)
        for t in loads:
            found = count_requests(n, t.party)
            ids = [r[0] for r in t.receipts]
            assert len(set(ids)) == len(ids), "one object for two requests"
            lost = [i for i in ids if i not in found]
            assert not lost, "%d acknowledged requests are lost" % len(lost)
            # A request in flight at the end may be in without its receipt: at most one a client.
            assert len(found) <= len(ids) + 1, "%d requests for %d receipts: doubled" % (len(found), len(ids))
            for id_, code, needs in t.receipts:
                assert found[id_].short_code == code and len(found[id_].needs) == needs
        waiting = n.status("waitlist")
        assert waiting.quarantined == 0 and n.status("matching").quarantined == 0 and n.status("intake").quarantined == 0
        n.stop()
        for d in node.DAEMONS:
            out = n.cli("audit", "replay", d, "--json").stdout
            assert out, d
        print("%d requests acknowledged, %d of them after a retry, %d answers: none lost, none doubled"
              % (acked, sum(t.doubled for t in loads), sum(t.answers for t in partners)))
        assert acked > CYCLES / 2
    finally:
        n.end()


main()
