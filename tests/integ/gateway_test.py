# SPDX-License-Identifier: EUPL-1.2
"""The REST face of the gateway against real daemons: what it takes, what it refuses and how, what a kill in the middle does."""
import json
import os
import re
import signal
import subprocess
import threading
import time

import jsonschema

import gateway_rig as rig
import node

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BODY_MAX, HEAD_MAX = 65536, 8192


def submit(g, body=None, party="clb", **head):
    return g.ask("POST", "/api/v1/requests", rig.request_body() if body is None else body, party, **head)


def is_problem(answer, status, field=None, code=None):
    got, head, doc = answer
    assert got == status, (status, answer)
    assert head["Content-Type"] == "application/problem+json" and doc["status"] == status, doc
    assert doc["text_nl"] and doc["text_en"] and doc["text_nl"] != doc["text_en"] and doc["code"], doc
    assert field is None or field in doc.get("field", ""), (field, doc)
    assert code is None or doc["code"] == code, doc
    return doc


def requests_of(g, party="clb"):
    status, _, doc = g.ask("GET", "/api/v1/requests?limit=50", party=party)
    assert status == 200, doc
    return [r["short_code"] for r in doc.get("requests", [])]


def retry_is_one_request(g):
    k = rig.key()
    status, head, first = submit(g, Idempotency_Key=k)
    assert status == 201 and head["Location"] == "/api/v1/requests/" + first["short_code"], (status, first)
    status, _, again = submit(g, Idempotency_Key=k)
    assert status == 201 and again["short_code"] == first["short_code"], again
    is_problem(submit(g, rig.request_body(urgency="CRISIS"), Idempotency_Key=k), 409, code="ID_REUSED")
    status, _, other = submit(g, party="meldpunt", Idempotency_Key=k)  # another party's key is its own
    assert status == 201 and other["short_code"] != first["short_code"], other
    assert requests_of(g) == [first["short_code"]]
    for bad in ("", "a b", "x" * 201, "\x7f"):
        is_problem(submit(g, Idempotency_Key=bad), 400, "Idempotency-Key")
    return first["short_code"]


def kill_between_sending_and_answer(g):
    """The daemon has it, the gateway dies before the answer: who asks again with the same key made one request."""
    before = requests_of(g)
    k = rig.key()
    intake = g.node.procs["intake"]
    intake.send_signal(signal.SIGSTOP)
    lost = []

    def send():
        try:
            lost.append(submit(g, Idempotency_Key=k))
        except OSError as e:
            lost.append(e)
    t = threading.Thread(target=send)
    t.start()
    g.in_hand(1)
    g.node.kill("gateway")
    intake.send_signal(signal.SIGCONT)
    t.join()
    assert isinstance(lost[0], Exception), lost
    g.start()
    status, _, doc = submit(g, Idempotency_Key=k)
    assert status == 201, doc
    assert sorted(requests_of(g)) == sorted(before + [doc["short_code"]])


def versions(g, code):
    path = "/api/v1/requests/" + code
    status, head, _ = g.ask("GET", path, party="clb")
    assert status == 200 and re.fullmatch(r'"\d+"', head["ETag"]), dict(head)
    change = {"exclude_partners": ["huis-b"]}
    status, _, doc = g.ask("PATCH", path, change, "clb", If_Match=head["ETag"], Idempotency_Key=rig.key())
    assert status == 200, doc
    is_problem(g.ask("PATCH", path, change, "clb", If_Match=head["ETag"], Idempotency_Key=rig.key()), 412, code="CONFLICT")
    is_problem(g.ask("PATCH", path, dict(change, based_on=1), "clb", Idempotency_Key=rig.key()), 409, code="CONFLICT")
    for bad in ("7", "*", '"x"', '"1', '""', '"99999999999999999999"'):
        is_problem(g.ask("PATCH", path, change, "clb", If_Match=bad), 400, "If-Match")


def merge_patch(g, code):
    """RFC 7396 on what GET shows: what differs becomes one amendment, what is the same is no change."""
    path, kind = "/api/v1/requests/" + code, "application/merge-patch+json"

    def shown():
        _, head, doc = g.ask("GET", path, party="clb")
        return doc["requests"][0], head["ETag"]

    def patch(doc, **head):
        return g.ask("PATCH", path, json.dumps(doc).encode(), "clb", Content_Type=kind, Idempotency_Key=rig.key(), **head)
    g.node.settle()
    now, tag = shown()
    status, _, doc = patch(now, If_Match=tag)
    assert status == 200 and shown()[1] == tag, ("the whole as it is: nothing changes", doc)
    status, _, doc = patch({"request": {"excluded_partners": ["huis-c"], "zone": now["request"]["zone"]}}, If_Match=tag)
    assert status == 200, doc
    assert shown()[0]["request"]["excluded_partners"] == ["huis-c"], shown()
    is_problem(patch({"request": {"excluded_partners": []}}, If_Match=tag), 412, code="CONFLICT")
    is_problem(patch({}, If_Match=tag), 412, code="CONFLICT")
    assert patch({"request": {"excluded_partners": None}})[0] == 200 and "huis-c" not in json.dumps(shown()[0]["request"])
    needs = [{"need": dict(n["need"])} for n in shown()[0]["needs"]]
    weeks = needs[0]["need"]["duration_weeks"] + 1
    needs[0]["need"]["duration_weeks"] = weeks
    added = {"need": {"expertise": needs[0]["need"]["expertise"], "intensity": 1, "duration_weeks": 4, "must": True}}
    status, _, doc = patch({"needs": needs + [added]})
    assert status == 200, doc
    after = [n["need"] for n in shown()[0]["needs"]]
    assert len(after) == len(needs) + 1 and after[0]["duration_weeks"] == weeks, after
    for doc, status, field in (({"zoen": 1}, 400, "zoen"), ({"request": {"zoen": 1}}, 400, "request.zoen"), ({"needs": []}, 422, "needs"),
                               ({"request": None}, 422, "request"), ({"request": {"zone": None}}, 422, "request.zone"),
                               ({"open": False}, 422, "open"), ({"request": {"requester": "huis-a"}}, 422, "request.requester"),
                               ({"needs": [{"need": {"need_id": "0" * 32}}]}, 422, "needs[0].need"), ({"children": None}, 422, "children"),
                               ({"capsules": []}, 422, "capsules"), ({"request": {"urgency": "HAAST"}}, 400, "urgency"), ([], 400, None)):
        is_problem(patch(doc), status, field)
    assert g.ask("PATCH", path, b"{}", "meldpunt", Content_Type=kind)[0] in (403, 404), "another's request"


def vendor(g, code):
    """What a stranger's client sends that is nearly right."""
    v1 = "/api/v1/"
    for query, field in (("requests?foo=1", "foo"), ("requests?open_only=maybe", "open_only"), ("events?limit=-1", "limit"),
                         ("requests?after=zz", "after"), ("requests?limit=-1", "limit"), ("events?limit=1.5", "limit")):
        is_problem(g.ask("GET", v1 + query, party="clb"), 400, field)
    status, head, _ = g.ask("OPTIONS", v1 + "requests", party="clb")
    assert status == 204 and head["Allow"] == "GET, HEAD, POST, OPTIONS", (status, head["Allow"])
    text = json.dumps(rig.request_body()).encode()
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json; charset=latin1", "nonsense"):
        is_problem(g.ask("POST", v1 + "requests", text, "clb", Content_Type=kind), 415, "Content-Type")
    for kind in ("application/json; charset=UTF-8", "application/vnd.schakel+json"):
        assert g.ask("POST", v1 + "requests", text, "clb", Content_Type=kind)[0] == 201, kind
    for bad in ('"1"x', '"1", "2"', 'W/"1"'):
        is_problem(g.ask("PATCH", v1 + "requests/" + code, {"exclude_partners": ["huis-b"]}, "clb", If_Match=bad), 400, "If-Match")
    status, _, doc = g.ask("GET", v1 + "proposals/" + code, party="clb")
    assert status == 200 and "need_ids" in doc, doc
    status, head, _ = g.ask("GET", "/codes/urgency")
    tag = head["ETag"]
    for known, want in ((tag, 304), ('"x", ' + tag, 304), ("*", 304), ('"x"', 200)):
        assert g.ask("GET", "/codes/urgency", If_None_Match=known)[0] == want, known


def sizes(g):
    text = json.dumps(rig.request_body()).encode()
    at = text + b" " * (BODY_MAX - len(text))
    for body in (at, iter([at[:1], at[1:40000], at[40000:]])):  # with a length, and in chunks
        status, _, doc = submit(g, body)
        assert status == 201, doc
    is_problem(submit(g, at + b" "), 413)
    is_problem(submit(g, iter([at[:30000], at[30000:], b" "])), 413)
    line = b"GET /healthz HTTP/1.1\r\n"
    fixed = len("/healthz") + len("Host") + 1 + 4 + len("X-Pad") + 4 + len("Connection") + 5 + 4
    for more, status in ((0, b" 200 "), (1, b" 431 "), (9000, b" 431 "), (200000, b" 431 ")):
        pad = b"a" * (HEAD_MAX - fixed + more)
        got = g.raw(line + b"Host: x\r\nX-Pad: " + pad + b"\r\nConnection: close\r\n\r\n")
        assert status in got.split(b"\r\n")[0] or (more == 200000 and got == b""), (more, got[:200])


def bad_documents(g):
    long_name = "x" + "é" * 90  # ends in the middle of a character where it is cut
    for body, field in (('{"zone": 5}', "zone"), ('{"children": {}}', "children"), ('{"children": [{"age_years": "x"}]}', "age_years"),
                        ('{"zoen": "westhoek"}', "zoen"), ('{"urgency": "HAAST"}', "urgency"), ('{"needs": [{"expertise": "NIETS"}]}', "expertise"),
                        ('{"zone": "a\\u0001"}', "zone"), ('{"languages": ["%s"]}' % ("n" * 4097), "languages"),
                        ('{"%s": 1}' % long_name, "xé"), ('{"capsules": [{"version": 1}]}', "capsules"),
                        ('{"capsules": [{"content": {"story": "%s"}}]}' % ("y" * 9000), "capsules")):
        doc = is_problem(submit(g, body.encode()), 400, field)
        assert doc["detail"] == doc["text_nl"], doc
    for body in (b"{", b"[]", b"5", b'{"zone": "a", "zone": "b"}', b'{"zone": "\xff"}', b'{"zone": "\\u0000"}', b"[" * 5000, b"{}garbage",
                 b'{"zone":"westhoek"'):
        is_problem(submit(g, body), 400)
    # a quote within a text ends neither the text nor the look at how deep the document is
    doc = is_problem(submit(g, b'{"zone": ["\\"", ' + b"[" * 40 + b"]" * 40 + b"]}"), 400)
    assert "dieper" in doc["detail"], doc
    assert submit(g, rig.request_body('zei "' + "[" * 40))[0] == 201, "brackets that somebody told are words"
    doc = is_problem(submit(g, b'{"zoen": 1}', Accept_Language="en"), 400, "zoen")
    assert doc["detail"] == doc["text_en"], doc
    doc = is_problem(submit(g, {}), 422)
    assert doc["receipt"]["outcome"] == "REFUSED", doc
    for path in ("requests/%ff", "requests?short_code=%ff", "requests/%c3%28", "requests?%ff=1"):
        is_problem(g.ask("GET", "/api/v1/" + path, party="clb"), 400, code="MALFORMED")
    is_problem(g.ask("GET", "/api/v1/requests/zzzzzzzzzz", party="clb"), 404)
    is_problem(g.ask("GET", "/api/v1/requests?limit=veel", party="clb"), 400, "limit")
    is_problem(g.ask("GET", "/api/v1/events?after=1.2", party="clb"), 400, "after")
    _, head, _ = answer = g.ask("DELETE", "/api/v1/requests", party="clb")
    is_problem(answer, 405)
    assert {"GET", "POST"} <= set(head["Allow"].split(", ")), head["Allow"]


PARTY_OF = {"CONTACT_POINT": "meldpunt", "REQUESTER": "clb", "FACILITY": "huis-a", "COORDINATOR": "net-west", "DASHBOARD": "dashboard",
            "OPERATOR": "beheer"}
CARING = {"CONTACT_POINT", "REQUESTER", "FACILITY", "COORDINATOR"}
# Of DOMAIN 2: who may come to a door at all. What stands behind it the daemons decide for each.
DOORS = {"requests": CARING, "waiting": CARING, "case-tables": CARING, "offers": CARING | {"DASHBOARD", "OPERATOR"}, "conversions": {"FACILITY"},
         "shared": {"FACILITY", "CONTACT_POINT", "COORDINATOR"},
         "more": {"FACILITY", "CONTACT_POINT", "COORDINATOR"}, "list-plan": {"COORDINATOR", "DASHBOARD", "OPERATOR"}, "workers": {"FACILITY"}, "networks": CARING | {"OPERATOR"},
         "asks": {"FACILITY", "CONTACT_POINT", "COORDINATOR"}, "call-list": {"CONTACT_POINT", "COORDINATOR"}, "mirror": {"FACILITY"},
         "links": set(), "signals": CARING | {"DASHBOARD"}, "help-calls": CARING, "events": set(PARTY_OF), "me": set(PARTY_OF),
         "figures/intake": {"COORDINATOR", "DASHBOARD", "FACILITY"}, "directory": set(PARTY_OF) | {None}}


def roles(g):
    for path, may in DOORS.items():
        for role, party in list(PARTY_OF.items()) + [(None, None)]:
            answer = g.ask("GET", "/api/v1/" + path, party=party)
            if role in may:
                assert answer[0] == 200 or (answer[0] in (403, 404, 422) and "receipt" in answer[2]), (path, role, answer)
            else:
                is_problem(answer, 401 if role is None else 403, code="SIGN_IN" if role is None else "NOT_YOURS")
    for bad in ("Bearer clb.aaaa", "Bearer ", "Bearer gezin." + "a" * 32, "Bearer " + "x" * 3000):
        is_problem(g.ask("GET", "/api/v1/me", source="127.0.0.9", Authorization=bad), 401, code="SIGN_IN")
    for family in ("code", "token"):  # nobody signs in as the channel of all families
        assert g.node.cli("access", family, "gezin", "--json", ok=(0, 1, 2, 3, 4, 5)).returncode != 0


def events_by_role(g):
    """What a page of events holds of requests of others (DOMAIN 2)."""
    def seen(party):
        status, _, doc = g.ask("GET", "/api/v1/events?limit=200", party=party)
        assert status == 200, doc
        return [e["data"] for e in doc["events"]]
    own = {e["request_id"] for e in seen("clb") if "request_id" in e}
    assert own and own <= {e.get("request_id") for e in seen("net-west")}, "who asked sees its own, who coordinates the region"
    assert not [e for e in seen("beheer") if "request_id" in e], "who runs the node sees no request"
    assert not own & {e.get("request_id") for e in seen("meldpunt")}, "a contact point sees what it holds"
    node.wait_for("its own whole", lambda: {e["kind"] for e in seen("meldpunt") if "request_id" in e} >= {"REQUEST", "NEED", "HOLDER"})


def sign_in(g, party, source="127.0.0.1"):
    status, head, me = g.ask("POST", "/session", {"code": g.code(party)}, source=source)
    assert status == 200, me
    said = head["Set-Cookie"]
    assert "HttpOnly" in said and "SameSite=Strict" in said and "Path=/" in said, said
    return said.split(";")[0], me


def cookies(g):
    cookie, me = sign_in(g, "clb")
    other, other_me = sign_in(g, "meldpunt")
    assert me["party"] == "clb" and me["roles"] == ["REQUESTER"], me
    for token in (None, "", "x", other_me["csrf"], me["csrf"][:-1]):
        head = {"Cookie": cookie}
        if token is not None:
            head["X-CSRF"] = token
        is_problem(g.ask("POST", "/api/v1/requests", rig.request_body(), **head), 403, "X-CSRF", "CSRF")
    status, _, doc = g.ask("POST", "/api/v1/requests", rig.request_body(), Cookie=cookie, X_CSRF=me["csrf"])
    assert status == 201, doc
    hook = {"resourceType": "Subscription", "criteria": "Task?", "channel": {"type": "email"}}   # refused, but not at the door
    for head, want in (({}, 403), ({"X_CSRF": me["csrf"]}, 422)):
        status, _, doc = g.ask("POST", "/fhir/Subscription", hook, Cookie=cookie, **head)
        assert status == want, (head, status, doc)
    for bad in (cookie[:-1] + ("a" if cookie[-1] != "a" else "b"), "schakel=", "schakel=" + "a.b" * 60, "schakel"):
        is_problem(g.ask("GET", "/api/v1/me", Cookie=bad), 401)
    return cookie, me


def guesses_are_counted(g):
    """Ten wrong ones in a row, of one address; a good one in between makes no room for more, others do not notice."""
    here = "127.0.0.7"
    for n in range(10):
        status, _, doc = g.ask("POST", "/session", {"code": "clb-aaaaaaaaaaa%d" % n}, source=here)
        assert status == 401, (n, doc)
        if n == 8:
            sign_in(g, "clb", here)
    answer = g.ask("POST", "/session", {"code": "clb-aaaaaaaaaaaa"}, source=here)
    is_problem(answer, 429)
    assert int(answer[1]["Retry-After"]) > 0
    is_problem(g.ask("POST", "/session", {"code": g.code("clb")}, source=here), 429)
    is_problem(g.ask("GET", "/api/v1/links/a.clb.x.1." + "a" * 32, source=here), 429)
    sign_in(g, "clb", "127.0.0.8")


def session_over_a_kill(g, cookie):
    g.node.kill("gateway")
    g.start()
    status, _, me = g.ask("GET", "/api/v1/me", Cookie=cookie)
    assert status == 200 and me["party"] == "clb", me


def said(g):
    return open(os.path.join(os.environ["SCHAKEL_DIR"], "gateway.log"), encoding="utf-8").read()


def log_of_errors(g):
    """By default what went wrong makes a line, and what went well none; what a stranger calls a method or a path is not in it."""
    g.raw(b"GEHEIM /api/v1/geheim-pad HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert g.ask("GET", "/api/v1/requests?short_code=geheim", party="huis-a")[0] == 404
    node.wait_for("the line", lambda: "party=huis-a roles=FACILITY method=GET route=/api/v1/requests status=404 ms=" in said(g))
    lines = [line for line in said(g).splitlines() if "event=request " in line]
    assert lines and all(re.search(" status=[45]", line) for line in lines), lines
    assert "geheim" not in "".join(lines).lower() and any("method=other route=" in line for line in lines), lines


def reload_and_drain(g):
    """What is under way at SIGHUP and at SIGTERM gets its answer."""
    matching = g.node.procs["matching"]

    def under_way(sig, word):
        got = []
        matching.send_signal(signal.SIGSTOP)
        threads = [threading.Thread(target=lambda: got.append(g.ask("GET", "/api/v1/offers", party="huis-a"))) for _ in range(5)]
        for t in threads:
            t.start()
        g.in_hand(5)
        told = said(g).count(word)
        g.node.procs["gateway"].send_signal(sig)
        node.wait_for(word, lambda: said(g).count(word) > told)
        matching.send_signal(signal.SIGCONT)
        for t in threads:
            t.join()
        assert [a[0] for a in got] == [200] * 5, got
    under_way(signal.SIGHUP, "event=config_applied")
    under_way(signal.SIGTERM, "event=stopping")
    assert g.node.procs.pop("gateway").wait(20) == 0, g.node.log_tail("gateway")
    g.start()


def nameless_shut_out_nobody(g):
    """Who reads without signing in has a quarter of the workers: while a daemon is slow, a house still comes in."""
    matching, got = g.node.procs["matching"], []
    matching.send_signal(signal.SIGSTOP)

    def call(path, party=None):
        got.append((party, g.ask("GET", path, party=party)[0]))

    def waiting():
        text = g.ask("GET", "/metrics", port=g.metrics)[2].decode()
        return int(text.split('schakel_gateway_waiting{daemon="matching"} ')[1].split()[0])
    nameless = [threading.Thread(target=call, args=("/api/v1/directory",)) for _ in range(40)]
    for t in nameless:
        t.start()
    node.wait_for("the others to be turned away", lambda: len(got) >= 32)
    house = threading.Thread(target=call, args=("/api/v1/offers", "huis-a"))
    house.start()
    node.wait_for("the house to ask", lambda: not house.is_alive() or waiting() > 8)
    matching.send_signal(signal.SIGCONT)
    for t in nameless + [house]:
        t.join()
    assert sorted(got, key=str).count((None, 503)) == 32 and got.count((None, 200)) == 8 and ("huis-a", 200) in got, got


def another_site_signs_nobody_in(g):
    code = {"code": g.code("clb")}
    for origin in ("http://elders.example", "null", "http://127.0.0.1:1"):
        is_problem(g.ask("POST", "/session", code, Origin=origin), 403, "Origin", "CSRF")
    assert g.ask("POST", "/session", code, Origin="http://127.0.0.1:%d" % g.port)[0] == 200


def daemon_is_gone(g):
    """503 and when to come again for who needs it; the others wait no longer than before."""
    g.node.kill("matching")
    got = []

    def call():
        start = time.monotonic()
        answer = g.ask("GET", "/api/v1/offers", party="huis-a")
        got.append((answer, time.monotonic() - start))
    threads = [threading.Thread(target=call) for _ in range(60)]
    for t in threads:
        t.start()
    g.in_hand(10)
    for _ in range(10):
        start = time.monotonic()
        status, _, doc = g.ask("GET", "/api/v1/requests?limit=1", party="clb")
        assert status == 200 and time.monotonic() - start < 1, (doc, time.monotonic() - start)
    entry = {"request": {"method": "GET", "url": "HealthcareService"}}
    status, head, doc = g.ask("POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": [entry] * 30},
                              party="huis-a", Content_Type="application/fhir+json")
    assert status == 200 and {e["response"]["status"] for e in doc["entry"]} == {"503"}, (status, doc)
    assert len(head.get_all("Retry-After", [])) <= 1, "thirty parts that fail say once when to come again"
    start = time.monotonic()
    status, _, text = g.ask("GET", "/metrics", port=g.metrics)
    assert status == 200 and b'schakel_up{daemon="matching"} 0' in text and b'schakel_up{daemon="intake"} 1' in text, text
    assert time.monotonic() - start < 3, "who watches waits no longer than a second for each"
    status, _, doc = g.ask("GET", "/readyz")
    assert status == 503 and doc["matching"] == "unreachable" and doc["intake"] == "ok", doc
    for t in threads:
        t.join()
    for answer, took in got:
        is_problem(answer, 503)
        assert int(answer[1]["Retry-After"]) > 0 and took < 12, (answer, took)
    g.node.start("matching")
    g.node.ready("matching")
    node.wait_for("it is back", lambda: g.ask("GET", "/api/v1/offers", party="huis-a")[0] == 200)


def contract(g, code):
    """The description that it gives of itself is sound, and what it answers is what that says."""
    status, _, doc = g.ask("GET", "/openapi.json")
    assert status == 200 and doc["openapi"].startswith("3.1"), status
    path = os.path.join(os.environ["SCHAKEL_DIR"], "openapi.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(doc, f)
    redocly = os.path.join(ROOT, "build", "npm", "node_modules", ".bin", "redocly")
    if os.path.exists(redocly):
        p = subprocess.run([redocly, "lint", path], capture_output=True, encoding="utf-8", timeout=120,
                           env=dict(os.environ, REDOCLY_TELEMETRY="off", REDOCLY_SUPPRESS_UPDATE_NOTICE="true"))
        assert p.returncode == 0 and "warning" not in p.stderr.lower().split("validating", 1)[1], p.stdout[-3000:] + p.stderr[-3000:]
    laid_over(doc)
    tried = {}
    for template, item in doc["paths"].items():
        face = next((f for f in ("/api/v1/", "/codes", "/healthz", "/readyz", "/hsds", "/fhir") if template.startswith(f)), None)
        if "get" not in item or face is None or "{" in template.replace("{request}", ""):
            continue
        for party in ("clb", "meldpunt", "huis-a", None):
            status, head, answer = g.ask("GET", template.replace("{request}", code), party=party)
            said = item["get"]["responses"].get(str(status)) or item["get"]["responses"].get("%dXX" % (status // 100))
            assert said is not None, (template, status)
            kind = head["Content-Type"].split(";")[0]
            tried[face] = tried.get(face, 0) + validate(doc, said, kind, answer, (template, party, status))
    assert tried["/api/v1/"] > 80 and tried["/hsds"] == 24 and tried["/fhir"] == 28, tried
    status, head, answer = submit(g)
    said = doc["paths"]["/api/v1/requests"]["post"]["responses"]
    assert validate(doc, said[str(status)], head["Content-Type"], answer, ("POST requests", status))
    assert validate(doc, said["422"], "application/problem+json", submit(g, {})[2], "POST requests, nothing")
    shown = 0
    for path, item in doc["paths"].items():
        for op in item.values():
            assert not op["summary"].startswith(("GET /api", "POST /api", "GET /session", "GET /codes")), (path, "says nothing of itself")
            for kind in op.get("requestBody", {}).get("content", {}).values():
                for name, example in kind.get("examples", {}).items():
                    jsonschema.Draft202012Validator(dict(kind["schema"], components=doc["components"])).validate(example["value"])
                    shown += 1
    assert shown >= 5, shown


def laid_over(doc):
    """What is said beside the tables is said of an operation that there is: a word about another would be lost in silence."""
    for name in ("openapi_said.json", "openapi_faces.json"):
        with open(os.path.join(ROOT, "services", "gateway", name), encoding="utf-8") as f:
            said = json.load(f)
        lost = [(path, method) for path, item in said["paths"].items() for method in item if method not in doc["paths"].get(path, {})]
        assert said["paths"] and not lost, (name, lost)
        for kind, all_of in said["components"].items():
            assert all(("#/components/%s/%s" % (kind, one)) in json.dumps(doc) for one in all_of), (name, kind, "nobody uses it")
    for path, item in doc["paths"].items():
        for method, op in item.items():
            if path.startswith(("/fhir", "/hsds")):
                good = [r for status, r in op["responses"].items() if status in ("200", "201")]
                assert (good or "204" in op["responses"]) and all("schema" in c for r in good for c in r["content"].values()), (path, method)


def validate(doc, said, kind, answer, where):
    if "$ref" in said:
        said = doc["components"]["responses"][said["$ref"].split("/")[-1]]
    if "content" not in said:  # without a body, or of no media type of ours
        return 0
    assert kind in said["content"], (where, kind, said)
    schema = dict(said["content"][kind].get("schema", {}), components=doc["components"])
    try:
        jsonschema.Draft202012Validator(schema).validate(answer.decode() if isinstance(answer, bytes) else answer)
    except jsonschema.ValidationError as e:
        raise AssertionError((where, e.message, list(e.absolute_path))) from e
    return 1


def main():
    with rig.Gateway() as g:
        for step, args in ((retry_is_one_request, ()), (sizes, ()), (bad_documents, ()), (roles, ()), (guesses_are_counted, ()),
                           (kill_between_sending_and_answer, ()), (log_of_errors, ()), (reload_and_drain, ()), (another_site_signs_nobody_in, ()), (nameless_shut_out_nobody, ()),
                           (daemon_is_gone, ())):
            start = time.monotonic()
            got = step(g, *args)
            if step is retry_is_one_request:
                versions(g, got)
                events_by_role(g)
                merge_patch(g, got)
                vendor(g, got)
                contract(g, got)
                cookie, _ = cookies(g)
                session_over_a_kill(g, cookie)
            print("%-34s %.1f s" % (step.__name__, time.monotonic() - start), flush=True)
        g.node.stop()


if __name__ == "__main__":
    main()
