# SPDX-License-Identifier: EUPL-1.2
"""A house wants to meet first, through the real daemons and the command, as a family does it (C5, B1, C4, L10): the view asks it
with a code, the family's key answers by that code, and by the code of its help it asks for another worker."""
import re

import node
from node import codes


def said(n, code, *view):
    """The view as one line of words: it is wrapped on paper."""
    p = n.cli("plan", "show", code, *view, party="gezin")
    return " ".join(p.stdout.split()), p.stderr


def agree(n, request_id):
    version = n.request(request_id).team.proposal_version
    for who in ({"speaker": codes.SPEAKER_YOUTH}, {"speaker": codes.SPEAKER_ADULT, "adult": 1}):
        n.act("gezin", "intake", record_position={"request_id": request_id, "proposal_version": version,
                                                  "voice": codes.VOICE_AGREE, **who})
    n.settle()


def main():
    n = node.Node()
    try:
        n.start()
        n.ready()
        n.put_pool("huis-a", "a-pool", 5)
        n.settle()
        receipt = n.submit()
        code = receipt.short_code
        n.settle()
        ask = n.asks("huis-a")[0]
        before, _ = said(n, code, "--view", "youth")
        assert "ontmoeten" not in before, before
        n.act("huis-a", "matching", answer_ask={"contribution_id": ask.contribution_id, "answer": codes.ANSWER_KIND_CAN_IF,
                                                "can_if": codes.CAN_IF_MEET_FIRST})
        n.settle()
        youth, hint = said(n, code, "--view", "youth")
        parent, parents_hint = said(n, code, "--view", "parent")
        found = re.search(r"Proef huis-a wil je eerst ontmoeten\. Jij kiest of dat mag\. "
                          r"Zeg ja of nee tegen Proef duty-west\. Zeg er deze code bij: ([0-9a-z]{10})\.", youth)
        assert found, youth
        meet = found.group(1)
        assert "Proef huis-a wil jullie eerst ontmoeten" in parent and meet in parent, parent
        assert "schakel contribution meet %s --yes --as gezin" % meet in hint, hint
        assert "--yes --adult 1 --as gezin" in parents_hint, parents_hint
        assert "wij kunnen" not in youth + parent, youth + parent
        done = n.cli("contribution", "meet", meet, "--yes", party="gezin")
        assert "kan doorgaan" in done.stdout, done.stdout
        n.settle()
        assert n.asks("huis-a")[0].meeting_open
        for args, party in ((("ask", "list"), "huis-a"), (("request", "show", code), "clb")):
            heard = " ".join(n.cli(*args, party=party).stdout.split())
            assert "het gezin zegt ja" in heard, heard
        youth, hint = said(n, code, "--view", "youth")
        assert "Het is ja: Proef huis-a mag je ontmoeten" in youth and "wil je eerst ontmoeten" not in youth, youth
        n.act("huis-a", "matching", answer_ask={"contribution_id": ask.contribution_id, "answer": codes.ANSWER_KIND_CAN})
        n.settle()
        agree(n, receipt.object_id)
        n.act("huis-a", "matching", start_contribution={"contribution_id": ask.contribution_id, "seen": True})
        n.settle()
        other = n.cli("request", "other", code, "--contribution", meet, party="gezin")
        assert "Gevraagd" in other.stdout, other.stdout
        assert n.request(receipt.object_id).others_wanted[0].contribution_id == ask.contribution_id
        # What the child keeps to itself is in no list of the family's key, and yet it can be shown again.
        n.cli("contribution", "shield", code, meet, party="gezin")
        n.settle()
        assert "Proef huis-a" not in said(n, code, "--view", "parent")[0]
        n.cli("contribution", "shield", code, meet, "--off", party="gezin")
        n.settle()
        assert "Proef huis-a" in said(n, code, "--view", "parent")[0]
        wrong = n.cli("contribution", "meet", meet, "--yes", party="gezin", ok=(1, 6))
        assert "bekend" not in wrong.stderr, wrong.stderr
        n.stop()
    finally:
        n.end()


main()
