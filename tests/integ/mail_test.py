# SPDX-License-Identifier: EUPL-1.2
"""A facility that looks at no page: a question comes as a mail over TLS with a link that opens it, once, whatever is killed; half
way a reminder, unless it answered; the log of the gateway holds no address and no link."""
import os
import re
import signal

import outside
from node import DAEMONS, wait_for

DAY = 86400000


def link_of(mail):
    return re.search(r"/a/(\S+)", mail["text"]).group(1)


def ask_of(mail):
    return link_of(mail).split(".")[2]


def main():
    w = outside.World()
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
        # One answers; the other is reminded half way. Told anew, nothing is mailed again.
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
        wait_for("a reminder of each that waits", lambda: reminded() == still, 60)
        told = [(ask_of(m), "wacht nog" in m["text"]) for m in w.mail.mails]  # asks that came later among them
        assert len(told) == len(set(told)), told
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
