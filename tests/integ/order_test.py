# SPDX-License-Identifier: EUPL-1.2
"""Daemons start in any order, any of them may be away, and intake takes requests with all others down; they catch up by themselves."""
import itertools

import node
from node import codes, engine  # noqa: F401


def main():
    n = node.Node()
    try:
        n.start("intake")
        n.ready("intake")
        first = n.submit()  # nobody else is there
        n.start("matching")
        n.ready("matching")
        n.put_pool("huis-a", "huis-a-ambulant", 100)
        n.start("waitlist")
        n.ready()
        n.settle()
        assert len(n.request(first.object_id).team.seats) == 1
        for order in itertools.permutations(node.DAEMONS):
            for d in order:
                n.kill(d)
            late = None
            for d in order:
                n.start(d)
                n.ready(d)
                if d == "intake":
                    late = n.submit()
            n.settle()
            assert len(n.request(late.object_id).team.seats) == 1, order
        n.stop()
    finally:
        n.end()


main()
