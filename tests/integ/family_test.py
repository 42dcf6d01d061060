# SPDX-License-Identifier: EUPL-1.2
"""Who speaks with the key of the family reads sentences wherever a worker reads a table, asks why it waits in its own words, and
is told whom to call when the code is lost (B1, B11, B17, L10)."""
import json

import node
from node import codes

TABLE = ("rangdatum", "versie", "wachtlijst", "toestand", "houdt vast", "hulpvraag", "houdt_vast",
         "wat nog ontbreekt", "dagen voorrang", "Niets te tonen")


def plain(n, *args, ok=(0,)):
    p = n.cli(*args, party="gezin", ok=ok)
    text = " ".join(p.stdout.split())
    for word in TABLE:
        assert word not in text, (args, word, text)
    return text, p.stderr


def main():
    n = node.Node()
    try:
        n.start()
        n.ready()
        code = n.submit().short_code
        n.settle()
        for command in (("request", "show"), ("waiting", "show"), ("explain",), ("plan", "show")):
            parent, hint = plain(n, *command, code)
            assert "De vraag om hulp van jullie gezin" in parent and "laten jullie niet los" in parent, parent
            assert "Dit is gevraagd op" in parent and "Nu is het zo:" in parent, parent
            assert "--view youth" in hint, hint
            assert "mee kiezen" not in parent and "jouw ja niet nodig" not in parent, parent  # nothing is proposed yet
            youth, _ = plain(n, *command, code, "--view", "youth")
            assert "Jouw vraag om hulp" in youth and "laten je niet los" in youth, youth
        plain(n, "request", "wish", code, "--until", "2026-03-01")
        n.settle()
        assert "Jullie kozen om te wachten tot 1 maart 2026" in plain(n, "request", "show", code)[0]
        over, _ = plain(n, "request", "wish", code, "--over")
        assert "wacht niet meer zelf" in over, over
        n.settle()
        assert "Jullie kozen om te wachten" not in plain(n, "request", "show", code)[0]
        # What its key may not do, and a code that is wrong, is said to a family; no name of a field.
        for words in (("support", "list"), ("contribution", "meet", "zzzzzzzzzz", "--yes"),
                      ("request", "other", code, "--contribution", "zzzzzzzzzz")):
            _, refused = plain(n, *words, ok=(1,))
            assert "veld" not in refused and "beheert" not in refused, refused
            assert "aanspreekpunt" in refused or "zzzzzzzzzz" in refused, refused
        # A word and "it is not clear" together is no word.
        both = n.cli("request", "position", code, "ja", "--unclear", party="clb", ok=(2,))
        assert "Kies een van beide" in both.stderr, both
        assert "Jouw vraag om hulp" in n.cli("plan", "show", code, "--view", "youth", party="youth").stdout
        # A safe place tonight, and no day in months; a yes that is asked once is printed once.
        crisis = n.submit("meldpunt", urgency=codes.URGENCY_CRISIS, crisis_step=codes.CRISIS_STEP_TONIGHT,
                          reason=codes.DANGER_REASON_VIOLENCE, age=9).short_code
        n.settle()
        pressing = n.cli("call", "list", party="meldpunt").stdout
        assert crisis in pressing and "Crisis zonder plek" in pressing, pressing
        for view in ("youth", "parent"):
            assert "nog geen hulp? Dan bekijken" not in plain(n, "request", "show", crisis, "--view", view)[0]
        n.put_pool("huis-a", "a-pool", 5, expertises=(13,), modality=codes.MODALITY_MOBILE)
        nine = n.submit(expertises=(13,), age=9).short_code
        n.settle()
        worker = n.cli("request", "show", nine, party="clb").stdout
        assert "een ja van ouder of opvoeder 1" in worker and "een van deze ouders" not in worker, worker
        # A program still gets what its key may see, as data.
        assert json.loads(n.cli("request", "show", code, "--json", party="gezin").stdout)["short_code"] == code
        # Nobody but the family is answered so.
        assert "antwoord vóór" in n.cli("request", "show", code, party="clb").stdout
        for command in (("request", "show"), ("waiting", "list")):
            lost, _ = plain(n, *command)
            assert "Weet je de code niet meer?" in lost and "Proef duty-west" in lost and "Proef meldpunt" in lost, lost
            assert code not in lost, lost
        _, wrong = plain(n, "request", "show", "zzzzzzzzzz", ok=(1,))
        assert "zegt wie je belt" in wrong, wrong
        n.stop()
    finally:
        n.end()


main()
