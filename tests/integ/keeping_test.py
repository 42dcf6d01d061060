# SPDX-License-Identifier: EUPL-1.2
"""What comes free is kept for one who waits and needs more (reserve_days): the partner and the region see it, who does not get it is told
why, it outlives kill -9 of all daemons, and the one it is kept for is the next who is asked."""
import json

import node

DAY = 24 * 3600000
SETTINGS = "reserve_days = 60\nreserve_after_days = 0\n"
SMALL, LARGE, LAST = (2, 6), (4, 30), (2, 30)


def pool(n):
    return next(p for p in json.loads(n.cli("capacity", "list", "--json", party="huis-a").stdout)["pools"] if p["capacity"]["pool"] == "uren")


def kept_units(n):
    rows = json.loads(n.cli("figures", "--kind", "KEPT_FREE", "--json", party="net-west").stdout)["rows"]
    return max((int(r["count"]) for r in rows), default=0)


def frees(n, code):
    n.cli("request", "withdraw", code, party="clb")
    n.settle()


def asks(n):
    """Amount and weeks of what the partner is asked."""
    return sorted((a.amount, a.duration_weeks) for a in n.asks("huis-a"))


def two_by_two(n):
    """Four hours, given to two by two; behind them one waits who needs four, then one who needs two."""
    n.put_pool("huis-a", "uren", 4, expertises=(12,))
    small = [n.submit(intensity=SMALL[0], weeks=SMALL[1]) for _ in range(2)]
    n.settle()
    n.advance(DAY)  # of one day the lottery says who is first
    n.submit(intensity=LARGE[0], weeks=LARGE[1])
    n.settle()
    n.advance(DAY)
    last = n.submit(intensity=LAST[0], weeks=LAST[1])
    node.wait_for("two of four are asked", lambda: asks(n) == [SMALL, SMALL])
    n.settle()
    return small, last


def main():
    n = node.Node(settings=SETTINGS)
    try:
        n.start()
        n.ready()
        small, last = two_by_two(n)
        assert kept_units(n) == 0 and "reserved_until_ms" not in pool(n)
        frees(n, small[0].short_code)
        node.wait_for("what is free is kept", lambda: "reserved_until_ms" in pool(n))
        until = pool(n)["reserved_until_ms"]
        assert asks(n) == [SMALL] and kept_units(n) == 2, (asks(n), kept_units(n))
        assert "kept until" in n.cli("capacity", "list", "--lang", "en", party="huis-a").stdout
        said = n.cli("explain", last.short_code, "--why-not", "huis-a", "--lang", "en", party="net-west").stdout
        assert "kept for one who waits longer and needs more" in said, said
        for d in node.DAEMONS:
            n.kill(d)
        n.start()
        n.ready()
        assert pool(n)["reserved_until_ms"] == until and asks(n) == [SMALL]
        frees(n, small[1].short_code)
        node.wait_for("the large one is asked", lambda: asks(n) == [LARGE])
        assert "reserved_until_ms" not in pool(n) and kept_units(n) == 0
        n.stop()
    finally:
        n.end()


main()
