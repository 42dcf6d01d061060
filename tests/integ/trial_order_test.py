# SPDX-License-Identifier: EUPL-1.2
"""The orders that the lab tries, on a node: by weight of the days waited (order_rule 2) and by the day that help is due (3). Each gives
the one place to whom neither the law nor the date of asking gives it, says so, and keeps its order over a restart and over the day on
which weights are counted anew."""
import node
from node import codes

DAY_MS = 86400000
# What the law and the arrival put first, these put last.
TRIED = (("order_rule = 2\norder_weight_standard = 1\norder_weight_preventive = 9\norder_again_days = 3\n",
          "each day waited counts for more the more urgent it is"),
         ("order_rule = 3\norder_due_standard_days = 300\norder_due_preventive_days = 100\n", "who must be helped soonest is first"))


def places(n, codes_of):
    """Their places on the list for that help, in the order in which they asked."""
    shown = [n.cli("waiting", "show", code, "--lang", "en", party="net-west").stdout for code in codes_of]
    return [int(text.split("Place ", 1)[1].split(":", 1)[0]) for text in shown], shown


def seated(n, r):
    return len(n.request(r.object_id).team.seats)


def tried(settings, words):
    n = node.Node(name="trial%s" % settings[13], settings=settings)
    try:
        n.start()
        n.ready()
        standard = n.submit(urgency=codes.URGENCY_STANDARD)
        early = n.submit(urgency=codes.URGENCY_PREVENTIVE)
        n.advance(3600000)  # the clock of the node stands; asked at once, the lottery decides
        late = n.submit(urgency=codes.URGENCY_PREVENTIVE)
        n.settle()
        short = [r.short_code for r in (standard, early, late)]
        found, shown = places(n, short)
        assert found == [3, 1, 2], (found, shown)
        assert all(words in text and "how urgent" not in text for text in shown), shown
        n.advance(4 * DAY_MS)
        n.settle()
        assert places(n, short)[0] == [3, 1, 2], places(n, short)
        n.stop()
        n.start()
        n.ready()
        assert places(n, short)[0] == [3, 1, 2], places(n, short)
        n.put_pool("huis-a", "huis-a-ambulant", 1)
        n.settle()
        assert [seated(n, r) for r in (standard, early, late)] == [0, 1, 0], "the place went to another"
        assert words in n.cli("explain", early.short_code, "--lang", "en", party="net-west").stdout
        n.stop()
    finally:
        n.end()


def main():
    for settings, words in TRIED:
        tried(settings, words)


main()
