# SPDX-License-Identifier: EUPL-1.2
"""A small file system fills up: commands that add data get BUSY with the disk's name before anything breaks, answers and withdrawals
go on, nothing acknowledged is lost, and with room made everything continues. Needs the right to mount."""
import os
import subprocess
import sys

import node
from node import codes, engine, frame

SIZE = 160 << 20
RESERVE = 64 << 20


def mount(path):
    os.makedirs(path)
    p = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d" % SIZE, "tmpfs", path], capture_output=True, encoding="utf-8")
    if p.returncode != 0:
        print("no right to mount a file system: " + p.stderr.strip())
        sys.exit(77)


def main():
    place = os.path.join(os.environ["SCHAKEL_DIR"], "small")
    mount(place)
    n = None
    try:
        n = node.Node(name="small/node")
        n.start()
        n.ready()
        receipts = [n.submit() for _ in range(20)]
        ballast = os.path.join(place, "ballast")
        free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
        with open(ballast, "wb") as f:
            f.write(b"\0" * max(0, free - RESERVE + (4 << 20)))
        c = n.client("clb", "intake")
        packed = c.pack(n.submit_message(), codes.ROLE_REQUESTER)
        r = c.call_bytes(packed).receipt
        for _ in range(50):  # reserves are looked at between batches
            if r.outcome == engine.OUTCOME_BUSY:
                break
            receipts.append(r)
            packed = c.pack(n.submit_message(), codes.ROLE_REQUESTER)
            r = c.call_bytes(packed).receipt
        assert r.outcome == engine.OUTCOME_BUSY and r.busy == engine.RESOURCE_DISK and "schijf" in r.text_nl, r
        # What takes work away goes on.
        m = frame.Message()
        m.withdraw_request.request_id = receipts[0].object_id
        m.withdraw_request.reason = codes.CLOSE_REASON_WITHDRAWN
        assert c.command(m, codes.ROLE_REQUESTER).outcome == engine.OUTCOME_ACCEPTED
        assert n.request(receipts[1].object_id) is not None
        os.unlink(ballast)
        n.settle()
        r = c.call_bytes(packed).receipt  # the same bytes: BUSY left no trace
        for _ in range(50):
            if r.outcome != engine.OUTCOME_BUSY:
                break
            r = c.call_bytes(packed).receipt
        assert r.outcome == engine.OUTCOME_ACCEPTED, r
        receipts.append(r)
        # Now entirely full: the daemons may end (the outcome of a write is unknown), never lose.
        free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
        try:
            with open(ballast, "wb", buffering=0) as f:
                f.write(b"\0" * free)
        except OSError:
            pass  # a daemon took the last of it first
        for d in node.DAEMONS:
            n.kill(d)
        os.unlink(ballast)
        n.start()
        n.ready()
        n.settle()
        for x in receipts:
            assert n.request(x.object_id) is not None, "an acknowledged request is lost"
        n.stop()
    finally:
        if n is not None:
            n.end()
        subprocess.run(["umount", place], check=False)


main()
