# SPDX-License-Identifier: EUPL-1.2
"""Power cuts: what a recorded daemon wrote is cut at every boundary, with any subset of what was not synced; each image must open, hold
every acknowledged input, and have the content that an independent fold of the journal gives. 1,000 images; TORTURE=1: 100,000."""
import os
import shutil
import struct
import subprocess
import time

import node
from node import codes, engine

IMAGES = 100000 if os.environ.get("TORTURE") else 1000
TOOLS = os.environ["SCHAKEL_TOOLS"]
HERE = os.environ["SCHAKEL_DIR"]


class Recorder:
    def __init__(self, n, daemon):
        self.daemon = daemon
        self.root = os.path.join(n.dir, "data", daemon)
        self.base = os.path.join(HERE, daemon + ".base")
        self.log, self.count, self.acks = (os.path.join(HERE, daemon + s) for s in (".log.bin", ".count", ".acks"))
        shutil.copytree(self.root, self.base)
        open(self.acks, "w", encoding="ascii").close()
        n.preload[daemon] = {"LD_PRELOAD": os.path.join(TOOLS, "power_preload.so"), "SK_RECORD_DIR": self.root,
                             "SK_RECORD_LOG": self.log, "SK_RECORD_COUNT": self.count}

    def ack(self, sequence):
        """A receipt is here: whatever was done until now was enough to keep it."""
        with open(self.count, "rb") as f:
            count = struct.unpack("=Q", f.read(8))[0]
        with open(self.acks, "a", encoding="ascii") as f:
            f.write("%d %d\n" % (count, sequence))

    def kill(self, n):
        """kill -9 between two operations: in the middle of one the record would tell what was not done (power_preload.c)."""
        self.stop(1)
        end = time.monotonic() + 30
        while self.busy() and n.procs[self.daemon].poll() is None:
            assert time.monotonic() < end, "%s stays in one operation on its files" % self.daemon
            time.sleep(0.001)
        n.kill(self.daemon)
        self.stop(0)

    def busy(self):
        with open(self.count, "rb") as f:
            return struct.unpack("=QII", f.read(16))[1] != 0

    def stop(self, value):
        with open(self.count, "r+b") as f:
            f.seek(12)
            f.write(struct.pack("=I", value))

    def check(self):
        p = subprocess.run([os.path.join(TOOLS, "power_tool"), self.daemon, self.base, self.root, self.log, self.acks, "-",
                            str(IMAGES // 2), "7"], capture_output=True, encoding="utf-8", timeout=3600)
        assert p.returncode == 0, "exit %d: %s%s" % (p.returncode, p.stdout, p.stderr)
        print(self.daemon, p.stdout.strip())


def main():
    n = node.Node()
    recorders = {d: Recorder(n, d) for d in ("intake", "matching")}
    try:
        n.start()
        n.ready()
        for cycle in range(4):
            r = n.put_pool("huis-a", "uren-%d" % cycle, 40, expertises=(11, 12, 13))
            recorders["matching"].ack(r.sequence)
            for i in range(30):
                r = n.submit(expertises=(11, 12, 13)[: 1 + i % 3])
                recorders["intake"].ack(r.sequence)
                if i % 10 == 0:
                    time.sleep(0.03)  # lets a commit behind happen: the daemon commits when idle
            n.settle()
            for a in n.asks("huis-a"):
                if a.state == codes.CONTRIBUTION_STATE_ASKED:
                    r = n.act("huis-a", "matching", ok=(engine.OUTCOME_ACCEPTED, engine.OUTCOME_LATE, engine.OUTCOME_REFUSED),
                              answer_ask={"contribution_id": a.contribution_id, "answer": codes.ANSWER_KIND_CAN})
                    recorders["matching"].ack(r.sequence)
            # A kill in between: what was in the page cache must be flushed again before it is built on.
            recorders["intake" if cycle % 2 == 0 else "matching"].kill(n)
            n.start()
            n.ready()
            n.settle()
        n.stop()
    finally:
        n.end()
    for r in recorders.values():
        r.check()


main()
