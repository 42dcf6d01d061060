# SPDX-License-Identifier: EUPL-1.2
"""SCENARIOS 4, "Everything about me" (C4, L10): a 16-year-old with 3 NOT_OURS, 2 LAPSED, one confidential parent note, one court
report. The timeline shows no partner's answer; the file gives all five as the partners' words, names the two exceptions with their
ground, lists who looked, and stays within level B1."""
import json
import os
import re

import node
import wire
from node import codes

DAY = 86400000
HOUSES = ["huis-a", "huis-b", "huis-c", "huis-d", "huis-e"]
SECRET_NOTE, SECRET_REPORT, OWN = "Notitie-van-ouder-8813", "Verslag-voor-rechter-5527", "Mijn-eigen-woorden-4410"
WORDS_MAX = 15


def submit(n):
    m = n.submit_message(age=16)
    s = m.submit_request
    del s.capsules[:]
    child, parent, court = os.urandom(16), os.urandom(16), os.urandom(16)
    s.children[0].person_id = child
    s.adults[0].person_id = parent
    for person, text in ((child, OWN), (parent, SECRET_NOTE), (court, SECRET_REPORT)):
        wire.seal(s.capsules.add(), n.capsule_key(), json.dumps({"story": text}).encode(), person)
    r = n.client("clb", "intake").command(m, codes.ROLE_REQUESTER)
    assert r.code == 0, r
    n.settle()
    return r, child


def open_asks(n, house):
    return [a for a in n.asks(house) if a.state == codes.CONTRIBUTION_STATE_ASKED]


def refuse_three(n):
    """Three say that it is not theirs; the two others say nothing, and lapse."""
    said = []
    while len(said) < 3:
        house = next(h for h in HOUSES if h not in said and open_asks(n, h))
        n.act(house, "matching", answer_ask={"contribution_id": open_asks(n, house)[0].contribution_id,
                                             "answer": codes.ANSWER_KIND_NOT_OURS})
        n.settle()
        said.append(house)
    n.advance(29 * DAY, DAY)
    return said


def shown(n, *args, party="youth"):
    return n.cli("plan", "show", *args, party=party).stdout


def keep_back(n, code, text, ground):
    doc = json.loads(n.cli("request", "show", code, "--story", "--json", party="duty-west").stdout)
    number = next(t["number"] for t in doc["story"] if t.get("story") == text)
    n.cli("plan", "keep-back", code, str(number), ground, party="duty-west")


def assert_level(text):
    """At most 15 words a sentence (the whole measure stands in tests/unit/cli_person_test.c)."""
    for line in re.sub(r"\n +", " ", text).split("\n"):
        for sentence in re.split(r"[.?!:](?: |$)", line):
            assert len(sentence.split()) <= WORDS_MAX + 8, sentence  # names of parties and days


def main():
    n = node.Node(parties=node.PARTIES + tuple((h, "FACILITY", "westhoek rits") for h in HOUSES[3:]))
    for h in HOUSES:
        node.ROLE[h] = codes.ROLE_FACILITY
    try:
        n.start()
        n.ready()
        for h in HOUSES:
            n.put_pool(h, h + "-ambulant", 10)
        r, child = submit(n)
        said = refuse_three(n)
        assert len(set(said)) == 3
        timeline = shown(n, r.short_code)
        for answer in ("zei over zichzelf", "wij niet", "geen antwoord", "nu niet, wel"):
            assert answer not in timeline, timeline
        assert re.search(r"laten? je niet los", timeline), timeline
        assert re.search(r"(op|vóór) \d+ \w+ 20\d\d", re.sub(r"\s+", " ", timeline)), timeline
        assert_level(timeline)
        parent = shown(n, r.short_code, party="parent")
        assert "jullie" in parent and "wij niet" not in parent, parent
        english = shown(n, r.short_code, "--lang", "en")
        assert "stay with you" in english, english

        keep_back(n, r.short_code, SECRET_NOTE, "confidential")
        keep_back(n, r.short_code, SECRET_REPORT, "for-court")
        # Not asked: not given. Asked: logged, and there at once.
        file = shown(n, r.short_code, "--file")
        assert file.count("zei over zichzelf: wij niet") == 3, file
        assert file.count("gaf geen antwoord") == 2, file
        assert "iemand vertelde dit in vertrouwen" in file and "dit is geschreven voor de rechter" in file, file
        assert "Proef duty-west besliste dat op" in re.sub(r"\s+", " ", file), file
        assert OWN in file, file
        whole = file + json.dumps(json.loads(shown(n, r.short_code, "--file", "--json")))
        assert SECRET_NOTE not in whole and SECRET_REPORT not in whole, whole
        assert "om alles te zien. Dat liep via Proef gezin." in re.sub(r"\s+", " ", file), file
        assert_level(file.replace(OWN, ""))
        # A parent of a child of own judgement has its own part of the file only.
        own = shown(n, r.short_code, "--file", party="parent")
        assert OWN not in own and "zei over zichzelf" not in own, own
        # The child's own version stands before what was told first.
        m = wire.frame.Message()
        a = m.amend_request
        a.request_id = r.object_id
        a.based_on = n.request(r.object_id).request.request_version
        wire.seal(a.capsules.add(), n.capsule_key(), json.dumps({"story": "Zo-was-het-echt-9902"}).encode(), child, version=2)
        assert n.client("gezin", "intake").command(m, codes.ROLE_FAMILY).code == 0
        file = shown(n, r.short_code, "--file")
        assert 0 < file.index("Zo-was-het-echt-9902") < file.index(OWN), file
        assert "Jouw eigen versie staat vooraan" in file
        n.stop()
    finally:
        n.end()


main()
