# SPDX-License-Identifier: EUPL-1.2
"""A facility that looks at no page: a question comes as a mail over TLS with a link that opens it, once, whatever is killed;
a reminder when the ask's clock has one, unless it answered; help that a child keeps to itself is asked of its house by mail
and nobody else hears of it; the log of the gateway holds no address and no link."""
import os
import re
import signal

import outside
from node import DAEMONS, codes, wait_for

DAY = 86400000


def link_of(mail):
    return re.search(r"/a/(\S+)", mail["text"]).group(1)


def ask_of(mail):
    return link_of(mail).split(".")[2]


def shielded(w):
    """A child shields its help; the house cannot go on, and its place is asked anew: the event names nobody."""
    asked = {a.contribution_id for a in w.asks("huis-a")}
    receipt = w.submit()
    w.settle()
    ask = next(a for a in w.asks("huis-a") if a.contribution_id not in asked)
    w.act("huis-a", "matching", answer_ask={"contribution_id": ask.contribution_id, "answer": codes.ANSWER_KIND_CAN})
    w.settle()
    version = w.request(receipt.object_id).team.proposal_version
    for who in ({"speaker": codes.SPEAKER_YOUTH}, {"speaker": codes.SPEAKER_ADULT, "adult": 1}):
        w.act("gezin", "intake", record_position={"request_id": receipt.object_id, "proposal_version": version,
                                                  "voice": codes.VOICE_AGREE, **who})
    w.settle()
    w.act("huis-a", "matching", start_contribution={"contribution_id": ask.contribution_id, "seen": True})
    w.settle()
    w.act("gezin", "intake", shield_contribution={"request_id": receipt.object_id, "contribution_id": ask.contribution_id,
                                                  "shielded": True})
    w.settle()
    before = len(w.mail.mails)
    w.put_pool("huis-b", "bij-b", 40)
    w.act("huis-a", "matching", interrupt_contribution={"contribution_id": ask.contribution_id,
                                                        "reason": codes.INTERRUPT_REASON_STAFF_ABSENT})
    w.settle()
    anew = lambda: [a.contribution_id.hex() for a in w.asks("huis-b")]
    wait_for("the place is asked anew", lambda: len(anew()) == 1)
    mine = lambda: [m for m in w.mail.mails[before:] if ask_of(m) in anew()]
    wait_for("its house is mailed", lambda: len(mine()) == 1, 60)
    assert mine()[0]["to"] == "onthaal@huis-b.voorbeeld.be", mine()
    events = w.web("GET", "/api/v1/events?limit=200", Authorization=w.as_party("net-west"), Accept="application/json")
    assert not [e for e in events[1]["events"] if e["data"].get("object_id") == anew()[0] and e["data"].get("party")], events
    w.advance(6 * DAY)
    wait_for("its house is reminded", lambda: len(mine()) == 2, 60)
    assert {m["to"] for m in mine()} == {"onthaal@huis-b.voorbeeld.be"}, mine()


def main():
    w = outside.World()
    path = os.path.join(w.dir, "parties.ini")
    text = open(path, encoding="utf-8").read()
    for party in ("huis-b", "huis-c", "meldpunt"):  # who could be mailed too
        text = text.replace("[party.%s]\n" % party, "[party.%s]\nmail = onthaal@%s.voorbeeld.be\n" % (party, party))
    open(path, "w", encoding="utf-8").write(text)
    try:
        w.start()
        w.ready()
        w.mail.fail = 1
        w.gateway()
        w.put_pool("huis-a", "mobiel", 40)
        w.submit()
        # A mail server that is not willing is asked again a minute later; this mail stays in the outbox over the kill.
        wait_for("the mail server was tried", lambda: w.mail.fail < 1)
        w.kill("gateway", signal.SIGKILL)
        w.submit()
        w.gateway()
        asked = lambda: sorted(a.contribution_id.hex() for a in w.asks("huis-a"))
        mailed = lambda: sorted(ask_of(m) for m in w.mail.mails)
        wait_for("both requests were asked", lambda: len(asked()) >= 2)
        wait_for("each ask was mailed once", lambda: mailed() == asked(), 150)
        mail = w.mail.mails[0]
        links = [link_of(m) for m in w.mail.mails]
        first = links[0]
        assert mail["to"] == "onthaal@huis-a.voorbeeld.be" and "Auto-Submitted: auto-generated" in mail["head"]
        assert "Waar: Westhoek" in mail["text"] and "Please answer before" in mail["text"], mail["text"]
        assert w.mail.open_tries == 0, "a mail was offered before TLS and password"
        for token in links:
            status, doc, _ = w.web("GET", "/api/v1/links/" + token)
            assert status == 200 and doc["kind"] == "ask" and doc["party"] == "huis-a", (status, doc)
        assert w.web("GET", "/api/v1/links/" + first[:-1] + ("a" if first[-1] != "a" else "b"))[0] in (401, 403, 404, 410)
        # One answers; the other is reminded. Told anew, nothing is mailed again.
        w.act("huis-a", "matching", answer_ask={"contribution_id": bytes.fromhex(ask_of(mail)), "answer": 1})
        w.kill("gateway", signal.SIGKILL)
        model = os.path.join(w.dir, "data", "gateway", "model")
        for name in os.listdir(model):
            os.remove(os.path.join(model, name))
        os.rmdir(model)
        w.gateway()
        w.advance(6 * DAY)
        still = sorted(ask_of(m) for m in w.mail.mails[1:])
        reminded = lambda: sorted(ask_of(m) for m in w.mail.about("wacht nog"))
        wait_for("a reminder of each that waits", lambda: set(still) <= set(reminded()), 150)
        told = [(ask_of(m), "wacht nog" in m["text"]) for m in w.mail.mails]  # asks that came later among them
        assert len(told) == len(set(told)), told
        shielded(w)
        log = open(os.path.join(os.environ["SCHAKEL_DIR"], "gateway.log"), encoding="utf-8").read()
        assert "event=out " in log and "kind=mail" in log
        for secret in ["voorbeeld.be", "een geheim"] + links:
            assert secret not in log, "the log holds " + secret
        w.kill("gateway", signal.SIGTERM)
        for d in DAEMONS:
            w.kill(d, signal.SIGTERM)
    finally:
        w.end()


main()
