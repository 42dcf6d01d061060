# SPDX-License-Identifier: EUPL-1.2
"""One daemon comes back from an older copy. It notices, takes a new incarnation, grants nothing until the others told what it
lacks, and the node agrees again; what only the lost part held comes back with a person and a date."""
import os
import shutil

import node
from node import codes, engine, frame  # noqa: F401


def copy_of(n, daemon):
    src = os.path.join(n.dir, "data", daemon)
    dst = os.path.join(os.environ["SCHAKEL_DIR"], "copy-" + daemon)
    shutil.rmtree(dst, ignore_errors=True)
    shutil.copytree(src, dst)
    return dst


def put_back(n, daemon, copy):
    place = os.path.join(n.dir, "data", daemon)
    shutil.rmtree(place)
    shutil.copytree(copy, place)


def one(daemon):
    n = node.Node(name="node-" + daemon)
    try:
        n.start()
        n.ready()
        n.put_pool("huis-a", "huis-a-ambulant", 100)
        before = n.submit()
        n.settle()
        n.kill(daemon, 15)
        copy = copy_of(n, daemon)
        n.start(daemon)
        n.ready(daemon)
        after = n.submit()
        n.settle()
        seats = {r.object_id: n.request(r.object_id).team.seats[0].contribution_id for r in (before, after)}
        n.kill(daemon, 15)
        put_back(n, daemon, copy)
        n.start(daemon)
        n.ready(daemon)
        node.wait_for("the daemon has reconciled", lambda: (lambda v: v is not None and v.incarnation == 2 and not v.reconciling)(
            n.status(daemon)), 60)
        n.settle()
        if daemon == "intake":
            item = n.request(after.object_id, party="duty-west")
            assert item is not None, "the others knew it: it must come back"
            assert [h for h in item.holders if h.until_ms == 0], "nobody holds the recovered request"
        else:
            assert n.request(after.object_id).team.seats[0].partner == "huis-a"
        promised = sum(p.promised for p in pools(n, "huis-a"))
        assert promised == 2, "promised %d after the restore" % promised
        last = n.submit()
        n.settle()
        assert len(n.request(last.object_id).team.seats) == 1
        assert sum(p.promised for p in pools(n, "huis-a")) == 3
        n.stop()
    finally:
        n.end()


def pools(n, partner):
    q = frame.Message()
    q.query_pools.partner = partner
    q.query_pools.limit = 50
    return n.client(partner, "matching").query(q, codes.ROLE_FACILITY).pools_view.pools


def main():
    for daemon in ("waitlist", "matching", "intake"):
        one(daemon)
        print("restored", daemon, flush=True)


main()
