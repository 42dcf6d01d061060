# SPDX-License-Identifier: EUPL-1.2
"""What a restore may not lose, in the cases beside restore_test.py: facts that nobody had read yet when the incarnation changed, two
daemons and all three from old copies at once, with the incarnation files lost, kept, or put back with the stores."""
import os
import shutil

import node
from node import codes, engine, frame  # noqa: F401

READERS = {"intake": "waitlist", "waitlist": "matching"}
# A few in CI, every pair and every way for `make torture`.
FEW = ((("waitlist", "matching"), "kept"), (("intake", "waitlist"), "old"), (("intake", "matching"), "lost"), (node.DAEMONS, "kept"),
       (node.DAEMONS, "old"))
ALL = [(d, s) for d in (("waitlist", "matching"), ("intake", "waitlist"), ("intake", "matching"), node.DAEMONS)
       for s in ("kept", "old", "lost")]


def place(n, *names):
    return os.path.join(n.dir, *names)


def seen_file(n, daemon):
    for root, _, files in os.walk(n.dir):
        if os.path.basename(root).startswith("incarnation") and daemon in files:
            return os.path.join(root, daemon)
    raise AssertionError("no incarnation file of " + daemon)


def take_copy(n, daemons):
    for d in daemons:
        dst = place(n, "..", "copy", d)
        shutil.rmtree(dst, ignore_errors=True)
        shutil.copytree(place(n, "data", d), os.path.join(dst, "data"))
        shutil.copy(seen_file(n, d), os.path.join(dst, "seen"))


def put_back(n, daemons, seen):
    """seen: "kept" (outside backups, as meant), "old" (put back with the store), "lost"."""
    for d in daemons:
        src = place(n, "..", "copy", d)
        shutil.rmtree(place(n, "data", d))
        shutil.copytree(os.path.join(src, "data"), place(n, "data", d))
        if seen == "old":
            shutil.copy(os.path.join(src, "seen"), seen_file(n, d))
        elif seen == "lost":
            os.unlink(seen_file(n, d))


def settled(n):
    """Nobody awaits anybody."""
    for d in node.DAEMONS:
        node.wait_for("%s has reconciled" % d, lambda d=d: (lambda v: v is not None and not v.reconciling)(n.status(d)), 90)
    n.settle()


def nothing_set_aside(n):
    q = frame.Message()
    q.query_quarantine.SetInParent()
    rows = [(d, r.peer, r.type, r.field) for d in node.DAEMONS
            for r in n.client("beheer", d).query(q, codes.ROLE_OPERATOR).quarantine_view.rows]
    assert not rows, rows


def has_team(n, request_id):
    item = n.request(request_id)
    return item is not None and len(item.team.seats) == 1


def promised(n):
    q = frame.Message()
    q.query_pools.partner = "huis-a"
    q.query_pools.limit = 50
    view = n.client("huis-a", "matching").query(q, codes.ROLE_FACILITY).pools_view
    return sum(p.promised for p in view.pools)


def link(n, daemon, peer):
    return next(k for k in n.status(daemon).links if k.peer == peer)


def unread_facts(daemon, reader):
    """The reader was away; then the writer lost its incarnation file, and nothing else."""
    n = node.Node(name="unread-" + daemon)
    try:
        n.start()
        n.ready()
        n.put_pool("huis-a", "huis-a-ambulant", 100)
        n.submit()
        n.settle()
        n.kill(reader, 15)
        late = n.submit()
        if daemon == "waitlist":
            node.wait_for("waitlist has read it", lambda: link(n, "waitlist", "intake").read_to == link(n, "intake", "waitlist").written_to)
        assert link(n, daemon, reader).written_to > link(n, daemon, reader).peer_read_to
        n.kill(daemon, 15)
        os.unlink(seen_file(n, daemon))
        n.start()
        n.ready()
        settled(n)
        assert n.status(daemon).incarnation == 2
        node.wait_for("the late request has a team", lambda: has_team(n, late.object_id), 30)
        assert promised(n) == 2, promised(n)
        nothing_set_aside(n)
        n.stop()
    finally:
        n.end()


def at_once(daemons, seen):
    n = node.Node(name="both-%s-%s" % ("-".join(daemons), seen))
    try:
        n.start()
        n.ready()
        n.put_pool("huis-a", "huis-a-ambulant", 100)
        before = n.submit()
        n.settle()
        for d in daemons:
            n.kill(d, 15)
        take_copy(n, daemons)
        n.start()
        n.ready()
        after = n.submit()
        n.settle()
        assert has_team(n, after.object_id)
        for d in daemons:
            n.kill(d, 15)
        put_back(n, daemons, seen)
        n.start()
        n.ready()
        settled(n)
        assert has_team(n, before.object_id)
        last = n.submit()
        n.settle()
        node.wait_for("a new request has a team", lambda: has_team(n, last.object_id), 30)
        everybody = len(daemons) == 3
        # Who lost it all knows two. Else the one between came back, by way of the daemon that was left: that may take longer than
        # intake waits for its peers, and what matching says of it meanwhile waits for it.
        if not everybody:
            node.wait_for("the request between has its team again", lambda: has_team(n, after.object_id), 30)
        assert promised(n) == (2 if everybody else 3), promised(n)
        if seen != "old":
            nothing_set_aside(n)  # else: facts about what was lost, read before that showed; a person is told
        n.stop()
    finally:
        n.end()


def main():
    for daemon, reader in READERS.items():
        unread_facts(daemon, reader)
        print("facts unread, incarnation lost:", daemon, flush=True)
    for daemons, seen in ALL if os.environ.get("TORTURE") else FEW:
        at_once(daemons, seen)
        print("restored at once:", " ".join(daemons), "files", seen, flush=True)


main()
