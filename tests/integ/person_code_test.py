# SPDX-License-Identifier: EUPL-1.2
"""A person of a family signs in with a code and speaks with the key of all families: whatever it names (ids, short codes, query
parameters, fields of a body) it reaches its own request, its own child and its own voice, and nothing else."""
import http.client
import json
import os
import re
import time
import uuid

import node
from node import codes


class Web:
    """One browser: a cookie, and the token that goes with it."""

    def __init__(self, port):
        self.port, self.cookie, self.csrf, self.me = port, "", "", None

    def ask(self, method, path, body=None, key=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        head = {"Cookie": self.cookie, "X-CSRF": self.csrf, "Content-Type": "application/json",
                "Idempotency-Key": key or str(uuid.uuid4())}
        c.request(method, path, json.dumps(body) if body is not None else None, head)
        r = c.getresponse()
        text = r.read().decode()
        if r.headers.get("Set-Cookie"):
            self.cookie = r.headers["Set-Cookie"].split(";")[0]
        c.close()
        return r.status, json.loads(text) if text.startswith("{") else text

    def sign_in(self, code):
        status, self.me = self.ask("POST", "/session", {"code": code})
        assert status == 200, self.me
        self.csrf = self.me["csrf"]
        return self

    def api(self, method, path, body=None, key=None):
        return self.ask(method, "/api/v1/" + path, body, key)

    def must(self, method, path, body=None, key=None):
        status, doc = self.api(method, path, body, key)
        assert status in (200, 201), (method, path, body, status, doc)
        return doc


def family(port, age=15, adults=2, marker="x", children=1, speaker="YOUTH"):
    """A family that asks for help itself; one person id for each, so that each has a story of its own."""
    ids = [uuid.uuid4().hex for _ in range(children + adults)]
    body = {"kind": "SEARCH", "zone": "westhoek", "urgency": "STANDARD", "callback_sealed": True,
            "children": [{"age_years": age, "person_id": i} for i in ids[:children]],
            "adults": [{"number": n + 1, "authority": True, "home": n == 0, "person_id": i}
                       for n, i in enumerate(ids[children:])],
            "needs": [{"expertise": "TRAUMA", "intensity": 1, "duration_weeks": 12, "must": True, "child": n} for n in range(children)],
            "capsules": [{"person_id": ids[0], "version": 1, "content": {"callback": "0470", "story": marker}}]}
    status, _ = Web(port).api("POST", "family/requests", body)
    assert status == 400, status  # who asks is not guessed: that one alone gets a code
    status, doc = Web(port).api("POST", "family/requests?speaker=" + speaker, body)
    assert status == 201, doc
    assert json.dumps(doc).count(doc["short_code"] + "-") == 1, doc
    return doc, ids


def asked(speaker):
    ids = [uuid.uuid4().hex for _ in range(2)]
    return "family/requests?speaker=" + speaker, {
        "kind": "SEARCH", "zone": "westhoek", "urgency": "STANDARD", "callback_sealed": True,
        "children": [{"age_years": 15, "person_id": ids[0]}],
        "adults": [{"number": 1, "authority": True, "home": True, "person_id": ids[1]}],
        "needs": [{"expertise": "TRAUMA", "intensity": 1, "duration_weeks": 12, "must": True, "child": 0}],
        "capsules": [{"person_id": ids[0], "version": 1, "content": {"callback": "0470", "story": "x"}}]}


def a_key_is_of_one_asker(port):
    """Found: the same Idempotency-Key with another speaker gave the code of the first asker's request to the other."""
    v7 = "%08x-%04x-7%s-8%s-%s" % ((int(time.time() * 1000) >> 16), int(time.time() * 1000) & 0xffff, uuid.uuid4().hex[:3],
                                   uuid.uuid4().hex[:3], uuid.uuid4().hex[:12])
    for key in (str(uuid.uuid4()), v7):
        path, body = asked("YOUTH")
        first = Web(port).must("POST", path, body, key)
        again = Web(port).must("POST", path, body, key)
        assert (again["code"], again["object_id"]) == (first["code"], first["object_id"]), again
        status, doc = Web(port).api("POST", path.replace("YOUTH", "ADULT"), body, key)
        assert status == 422 and doc["code"] == "KEY_USED" and first["short_code"] not in json.dumps(doc), (status, doc)


def log_tells_of_nobody(n, words):
    """A line for each request: organisation, roles, the route's pattern, how it went; nothing by which a person is known."""
    text = open(os.path.join(os.environ["SCHAKEL_DIR"], "gateway.log"), encoding="utf-8").read()
    lines = [line for line in text.splitlines() if "event=request " in line]
    assert len(lines) > 300, len(lines)
    shape = re.compile(r"party=[a-z0-9-]+ roles=[A-Z_,-]+ method=(GET|POST|PUT|PATCH|DELETE) route=([A-Za-z0-9/{}*._$-]+) status=\d{3} ms=\d+ bytes=\d+$")
    for line in lines:
        assert shape.search(line), line
        assert not re.search(r"[0-9a-f]{32}|\b[0-9a-z]{10}-[0-9a-z]{8}\b|\?|127\.0", line.split("event=")[1]), line
    for word in words:
        assert word not in "\n".join(lines), word
    for want in ("party=gezin roles=- method=POST route=/api/v1/family/requests status=201", "route=/api/v1/requests/{request} status=200",
                 "roles=FAMILY method=GET route=/api/v1/requests/{request} status=40", "method=POST route=/session status=401"):
        assert want in text, want


def given(n, port, told, who):
    """The code that the holder of the request gives to one of the family."""
    return Web(port).sign_in(n.code("duty-west")).must("POST", "requests/%s/codes" % told["short_code"], who)["code"]


def view(web, extra=""):
    return web.must("GET", "requests/%s%s" % (web.me["request"], extra))["person"]


def help_of(n, port, web):
    """The one house is asked, can, the person says yes, help starts. @return its contribution, as the person sees it"""
    n.settle()
    house = Web(port).sign_in(n.code("huis-a"))
    asks = [a for a in house.must("GET", "asks")["asks"] if a["state"] == "ASKED"]
    ask = max(a["contribution_id"] for a in asks)  # ids rise: the newest is of who has just asked
    house.must("POST", "asks/%s/answer" % ask, {"answer": "CAN"})
    n.settle()
    v = view(web)
    web.must("POST", "requests/%s/position" % web.me["request"], {"proposal_version": v["proposal_version"], "voice": "AGREE"})
    n.settle()
    house.must("POST", "contributions/%s/start" % ask, {"seen": True})
    n.settle()
    return view(web)["needs"][0]["help"][0]


def refused(web, method, path, body=None, statuses=(403, 404)):
    status, doc = web.api(method, path, body)
    assert status in statuses, "%s %s %s: %s %s" % (method, path, body, status, doc)
    return doc


def everything(code, rid, need, help_, pid):
    """Every path that a person may use and many that it may not, about another family: (method, path, body)."""
    hid, hcode = help_["contribution_id"], help_["short_code"]
    for name in (code, rid):
        yield "GET", "requests/" + name, None
        for q in ("", "?speaker=YOUTH&child=0", "?speaker=ADULT&adult=1"):
            yield "GET", "requests/%s%s" % (name, q), None
            yield "GET", "requests/%s/file%s" % (name, q), None
        for face in ("plan", "explain", "order", "waiting", "contributions", "case-tables", "call-list"):
            yield "GET", "requests/%s/%s" % (name, face), None
        yield "PATCH", "requests/" + name, {"based_on": 1, "exclude_partners": ["huis-b"]}
        yield "PATCH", "requests/" + name, {"based_on": 1, "capsules": [{"person_id": pid, "version": 2, "content": {"story": "weg"}}]}
        yield "POST", "requests/%s/cancel" % name, {"reason": "WITHDRAWN", "need_ids": [need]}
        yield "POST", "requests/%s/position" % name, {"proposal_version": 1, "voice": "NOT"}
        yield "POST", "requests/%s/other" % name, {"wanted": "CONTACT_PERSON"}
        yield "POST", "requests/%s/family-wish" % name, {"until_ms": "2030-01-01T00:00:00Z"}
        yield "POST", "requests/%s/ask-file" % name, {"speaker": "YOUTH"}
        yield "POST", "requests/%s/fit" % name, {"short_code": hcode, "moment": "END", "fit": "NO"}
        yield "POST", "requests/%s/shield" % name, {"short_code": hcode, "shielded": True}
        yield "POST", "requests/%s/let-know" % name, {"short_code": hcode, "known": True}
        yield "POST", "requests/%s/confirm-consult" % name, {"enough": True}
        yield "POST", "requests/%s/codes" % name, {"speaker": "YOUTH", "child": 0}
    for name in (hid, hcode):
        for verb, body in (("stop", {}), ("meeting", {"allowed": True}), ("end", {}), ("start", {"seen": True}),
                           ("hand-on", {}), ("interrupt", {"reason": "SAFETY"}), ("resume", {})):
            yield "POST", "contributions/%s/%s" % (name, verb), body
    for verb, body in (("reopen", {}), ("check-in", {"well": True}), ("close", {"reason": "DECEASED"}), ("rung", {"reason": "CHILD"}),
                       ("review", {}), ("bridging", {"party": "huis-a"}), ("priority", {"ground": "SIBLING_THERE"}), ("misplaced", {}),
                       ("confirm-misplaced", {"speaker": "YOUTH"})):
        yield "POST", "needs/%s/%s" % (need, verb), body
    yield "GET", "needs/%s/similar" % need, None
    yield "GET", "waiting/" + need, None
    yield "GET", "consults/" + code, None


def lists_are_closed(web):
    """No list holds what is another's, with any question put to it."""
    own = web.me["request"]
    for path in ("requests", "requests?request_id=", "waiting", "case-tables", "offers", "workers", "networks", "asks", "call-list", "mirror",
                 "links", "signals", "help-calls", "figures/intake", "conversions", "shared", "more", "list-plan"):
        refused(web, "GET", path)
    for face in ("plan", "waiting", "contributions", "order", "case-tables"):  # own, but more than this person may see
        refused(web, "GET", "requests/%s/%s" % (own, face))
    for path, body in (("requests", {"kind": "SEARCH"}), ("signals", {"rule": "AGE"}), ("help-calls", {"addressee": "PEER"}),
                       ("requests/%s/judgement" % own, {"child": 0, "capable": True}), ("requests/%s/concern" % own, {}),
                       ("requests/%s/missing" % own, {"child": 0, "missing": True}), ("requests/%s/codes" % own, {"speaker": "ADULT", "adult": 1}),
                       ("requests/%s/join" % own, {"with_short_code": own}), ("requests/%s/contact-person" % own, {"party": "huis-b"})):
        refused(web, "POST", path, body)


def fields_do_not_lead_away(web, other, rid, need, help_, pid):
    """The path is the own one; a field of the body or of the question names another's."""
    own, mine = web.me["request"], view(web)
    my_need, version = mine["needs"][0]["need_id"], mine["request_version"]
    for q in ("short_code=" + other, "order_number=1", "to_call=true", "open_only=true"):
        refused(web, "GET", "requests/%s?%s" % (mine["request_id"], q))
    assert view(web, "?request_id=" + rid)["short_code"] == own  # the path counts
    for body in ({"request_id": rid, "voice": "NOT", "proposal_version": 1, "ground": "EMERGENCY"},
                 {"voice": "NOT", "proposal_version": 1, "choices": [{"need_id": need, "partner": "huis-a"}]},
                 {"voice": "NOT", "proposal_version": 1, "second_party": "huis-b"},
                 {"voice": "AGREE", "proposal_version": 1, "child_heard": True}):
        refused(web, "POST", "requests/%s/position" % own, body)
    for body in ({"reason": "WITHDRAWN"}, {"reason": "WITHDRAWN", "need_ids": []}, {"reason": "WITHDRAWN", "need_ids": [need]},
                 {"reason": "WITHDRAWN", "need_ids": [my_need, need]}, {"reason": "WITHDRAWN", "need_ids": need}):
        refused(web, "POST", "requests/%s/cancel" % own, body)
    for body in ({"adults": []}, {"children": [{"age_years": 18}]}, {"urgency": "CRISIS"}, {"zone": "rits"}, {"add_needs": []}):
        refused(web, "PATCH", "requests/" + own, dict(body, based_on=version))
    for field, value in (("contribution_id", help_["contribution_id"]), ("short_code", help_["short_code"])):
        refused(web, "POST", "requests/%s/fit" % own, {field: value, "moment": "END", "fit": "NO"})
        refused(web, "POST", "requests/%s/shield" % own, {field: value, "shielded": True})
        refused(web, "POST", "requests/%s/other" % own, {field: value, "wanted": "WORKER"})
    # The id of another person in a capsule: the words come to stand under who signed in.
    web.must("PATCH", "requests/" + own, {"based_on": version, "capsules": [
        {"person_id": pid, "version": mine["told_versions"] + 1, "about": True, "content": {"story": "eigen woorden"}}]})
    assert view(web)["told_versions"] == mine["told_versions"] + 1


def voices_stay_apart(n, port):
    """One family: the young person and each parent; nobody speaks as another, and a parent stops nothing of a child that is capable."""
    told, _ = family(port, marker="Zeldzaam-woord-van-het-kind")
    youth = Web(port).sign_in(told["code"])
    parent = Web(port).sign_in(given(n, port, told, {"speaker": "ADULT", "adult": 1}))
    own = youth.me["request"]
    assert view(parent, "?speaker=YOUTH")["speaker"] == "ADULT"
    assert view(parent, "?speaker=ADULT&adult=2")["adult"] == 1
    assert view(youth, "?speaker=ADULT&adult=1&child=3")["speaker"] == "YOUTH"
    help_ = help_of(n, port, youth)
    # Helping goes on: the parent that sees it may not end it in the child's name, nor hide it, nor wait for it, nor take it back.
    need = view(youth)["needs"][0]["need_id"]
    for path, body in (("contributions/%s/stop" % help_["short_code"], {}), ("requests/%s/shield" % own, {"short_code": help_["short_code"], "shielded": True}),
                       ("requests/%s/family-wish" % own, {"until_ms": "2030-01-01T00:00:00Z"}),
                       ("requests/%s/cancel" % own, {"reason": "WITHDRAWN", "need_ids": [need]})):
        refused(parent, "POST", path, body)
    refused(parent, "PATCH", "requests/" + own, {"based_on": view(parent)["request_version"], "allow_partners": ["huis-b"]})
    assert view(youth)["needs"][0]["help"], "it goes on"
    # What the child shields is no object of a parent's, even by its code.
    youth.must("POST", "requests/%s/shield" % own, {"short_code": help_["short_code"], "shielded": True})
    n.settle()
    assert help_["short_code"] not in json.dumps(view(parent))
    refused(parent, "POST", "requests/%s/fit" % own, {"short_code": help_["short_code"], "moment": "END", "fit": "NO"})
    parent.must("POST", "requests/%s/ask-file" % own, {})
    page = parent.must("GET", "requests/%s/file" % own)
    assert "Zeldzaam-woord-van-het-kind" not in json.dumps(page), page
    refused(parent, "GET", "requests/%s/file?speaker=TRUSTED_PERSON&request_id=x" % own, statuses=(400, 200))
    # A cursor of the child's file in the parent's question opens nothing of the child's.
    youth.must("POST", "requests/%s/ask-file" % own, {})
    mine = youth.must("GET", "requests/%s/file?limit=1" % own)
    while mine.get("next"):
        status, page = parent.api("GET", "requests/%s/file?after=%s" % (own, mine["next"]))
        assert "Zeldzaam-woord-van-het-kind" not in json.dumps(page), page
        mine = youth.must("GET", "requests/%s/file?limit=1&after=%s" % (own, mine["next"]))
    # The young person stops, without a reason; again after a lost answer changes nothing and says so.
    youth.must("POST", "contributions/%s/stop" % help_["short_code"], {})
    n.settle()
    assert not view(youth)["needs"][0].get("help")
    over = refused(youth, "POST", "contributions/%s/stop" % help_["short_code"], {})
    assert over["code"] == "UNKNOWN_OBJECT" and over == refused(youth, "POST", "contributions/%s/stop" % help_["short_code"], {}), over


def small_children(n, port):
    """Of a child that is not judged capable a parent speaks; a small child's parent does not speak for the big one of the same request."""
    told, ids = family(port, age=8, children=2, speaker="ADULT")
    parent = Web(port).sign_in(told["code"])
    n.settle()
    assert view(parent)["speaks_for_child"] and view(parent, "?child=1")["child"] == 1
    two = view(parent, "?child=1")["needs"][0]["need_id"]
    parent.must("POST", "requests/%s/cancel" % parent.me["request"], {"reason": "WITHDRAWN", "need_ids": [two]})
    assert view(parent, "?child=1")["needs"][0]["state"] == "WITHDRAWN" and view(parent)["needs"][0]["state"] == "OPEN"


def codes_are_taken_back(n, port, told):
    """A code that somebody else read is withdrawn by who holds: it and its sessions are over, also after a kill; the others go on."""
    point = Web(port).sign_in(n.code("duty-west"))
    path = "requests/%s/codes" % told["short_code"]
    child, adult = {"speaker": "YOUTH", "child": 0}, {"speaker": "ADULT", "adult": 1}
    old = point.must("POST", path, child)["code"]
    assert old == told["code"] and old == point.must("POST", path, child)["code"]
    youth, parent = Web(port).sign_in(old), Web(port).sign_in(given(n, port, told, adult))
    refused(parent, "POST", path + "/withdraw", child)
    refused(Web(port).sign_in(n.code("huis-b")), "POST", path + "/withdraw", child)
    assert youth.ask("GET", "/api/v1/me")[0] == 200
    point.must("POST", path + "/withdraw", child)

    def over():
        assert youth.ask("GET", "/api/v1/me")[0] == 401 and Web(port).ask("POST", "/session", {"code": old})[0] == 401
        assert parent.ask("GET", "/api/v1/me")[0] == 200
    over()
    fresh = point.must("POST", path, child)["code"]
    assert fresh != old
    signed = Web(port).sign_in(fresh)
    stolen = Web(port)
    stolen.cookie, stolen.csrf = signed.cookie, signed.csrf
    assert signed.ask("DELETE", "/session")[0] == 200
    n.kill("gateway")
    n.gateway()
    over()
    assert stolen.ask("GET", "/api/v1/me")[0] == 401, "what was signed out"
    assert Web(port).sign_in(fresh).me["speaker"] == "YOUTH"
    assert point.ask("GET", "/api/v1/me")[0] == 200


def bad_codes(port, told):
    """A code that is nearly one is none, and guesses are counted."""
    code = told["code"]
    request, end = code.split("-")
    for typed in (request, code[:-1], request + "-" + "a" * 8, request + "-" + end[::-1], "' or 1=1 --"):
        status, _ = Web(port).ask("POST", "/session", {"code": typed})
        assert status in (400, 401), (typed, status)
    status, _ = Web(port).ask("POST", "/session", {"code": 5})
    assert status == 400, status


def keys_on_a_real_clock():
    """On a node that is no demo a UUIDv7 is the id of the command itself, and its place is kept all the same."""
    n = node.Node(name="clock", demo=False).with_gateway()
    try:
        n.start()
        n.gateway()
        a_key_is_of_one_asker(n.port)
        n.stop()
    finally:
        n.end()


def main():
    n = node.Node().with_gateway("access_log = all\n")
    port = n.port
    try:
        n.start()
        n.gateway()
        n.put_pool("huis-a", "huis-a-uren", 9, expertises=(12,))
        n.settle()
        told, ids = family(port, marker="Geheim-van-de-andere")
        other = Web(port).sign_in(told["code"])
        help_ = help_of(n, port, other)
        theirs = view(other)
        attacker = family(port)[0]
        attackers = [Web(port).sign_in(code) for code in (attacker["code"], given(n, port, attacker, {"speaker": "ADULT", "adult": 1}))]
        n.settle()
        for web in attackers:
            tried = 0
            for method, path, body in everything(other.me["request"], theirs["request_id"], theirs["needs"][0]["need_id"], help_, ids[0]):
                said = json.dumps(refused(web, method, path, body))
                assert "Geheim-van-de-andere" not in said and "huis-a" not in said, said
                tried += 1
            assert tried > 60, tried
            lists_are_closed(web)
        fields_do_not_lead_away(attackers[0], other.me["request"], theirs["request_id"], theirs["needs"][0]["need_id"], help_, ids[0])
        now = view(other)
        assert now == theirs, (now, theirs)  # nothing of all that came through
        voices_stay_apart(n, port)
        small_children(n, port)
        codes_are_taken_back(n, port, attacker)
        bad_codes(port, told)
        a_key_is_of_one_asker(port)
        log_tells_of_nobody(n, [told["code"], told["short_code"], attacker["short_code"], theirs["request_id"], help_["short_code"],
                                "Geheim", "Zeldzaam", "0470", "speaker"] + ids)
        n.stop()
    finally:
        n.end()


if __name__ == "__main__":
    main()
    keys_on_a_real_clock()
