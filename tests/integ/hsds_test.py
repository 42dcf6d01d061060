# SPDX-License-Identifier: EUPL-1.2
"""The directory as HSDS 3.1 and offers in bulk, over HTTP against real daemons with the demo region in them: what is exported
validates against the published schemas and comes back unchanged; a feed is taken whole or not at all; a table goes round."""
import copy
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import jsonschema

import described
import node
from node import wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ID = "10000000-0000-4000-8000-000000000000"
PART = 128  # pools of one step
HSDS = os.path.join(ROOT, "tests", "unit", "hsds")


class Region(node.Node):
    """The demo region after a day, and a gateway before it."""

    def __init__(self):
        self.dir = os.path.join(os.environ["SCHAKEL_DIR"], "region")
        self.demo = True
        self.procs, self.clients, self.preload = {}, {}, {}
        self.env = dict(os.environ)
        self.tokens = {}
        self.told = []
        self.cli("demo", self.dir, "--days", "1", "--quiet", "--region", os.path.join(ROOT, "deploy", "demo-region"), node=False)
        self.with_gateway()

    def call(self, method, path, body=None, party=None, kind="application/json", quiet=False, lang=None, key=None, port=None):
        """@return status, and the document or bytes."""
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        r = urllib.request.Request(("http://127.0.0.1:%d" % port if port else self.url) + path, data=data, method=method)
        r.add_header("Content-Type", kind)
        if key:
            r.add_header("Idempotency-Key", key)
        if lang:
            r.add_header("Accept-Language", lang)
        if party:
            r.add_header("Authorization", "Bearer " + self.token(party))
        try:
            with urllib.request.urlopen(r, timeout=120) as a:
                status, got, sort = a.status, a.read(), a.headers.get("Content-Type", "")
        except urllib.error.HTTPError as e:
            status, got, sort = e.code, e.read(), e.headers.get("Content-Type", "")
        except OSError:
            if not quiet:
                raise
            return 0, None
        doc = json.loads(got) if "json" in sort and "ndjson" not in sort else got
        self.told.append((method, path, status, sort, doc))
        return status, doc

    def get(self, path, **kw):
        status, doc = self.call("GET", path, **kw)
        assert status == 200, (path, status, doc)
        return doc

    def pools(self):
        return json.loads(self.cli("capacity", "list", "--json", party="samenwerking").stdout)["pools"]


# --- export ---

def schemas():
    store = {}
    for name in os.listdir(os.path.join(HSDS, "schema")):
        with open(os.path.join(HSDS, "schema", name), encoding="utf-8") as f:
            doc = json.load(f)
        # "name" and "required" within properties are words of the data package, not of JSON Schema.
        store["https://hsds/" + name] = doc
    return store


class Judge:
    def __init__(self):
        self.store = schemas()
        # It can say no: to a state that is none, within what is nested, and to an id that is none.
        wrong = [{"id": ID, "name": "n", "status": "open"}, {"id": "n", "name": "n", "status": "active"},
                 {"id": ID, "name": "n", "status": "active", "capacities": [{"id": ID, "available": "3"}]}]
        assert all(list(self.of("service").iter_errors(w)) for w in wrong)

    def of(self, what):
        uri = "https://hsds/%s.json" % what
        resolver = jsonschema.RefResolver(uri, self.store[uri], store=self.store)
        return jsonschema.Draft202012Validator(self.store[uri], resolver=resolver, format_checker=jsonschema.FormatChecker())

    def right(self, what, doc):
        errors = ["%s: %s" % ("/".join(map(str, e.absolute_path)), e.message) for e in self.of(what).iter_errors(doc)]
        assert not errors, (what, errors[:5], json.dumps(doc)[:800])


def page_is_right(p, number, per_page):
    assert p["page_number"] == number and p["size"] == len(p["contents"]) <= per_page, p
    assert p["total_pages"] == max(1, -(-p["total_items"] // per_page)), p
    assert p["first_page"] == (number == 1) and p["last_page"] == (number == p["total_pages"]), p
    assert p["empty"] == (not p["contents"])


def exported(n, judge):
    version = n.get("/hsds/")
    assert version["version"] == "3.1" and version["openapi_url"].startswith("http"), version
    all_services = []
    number = 1
    while True:
        p = n.get("/hsds/services?per_page=30&page=%d" % number)
        page_is_right(p, number, 30)
        all_services += p["contents"]
        if p["last_page"]:
            break
        number += 1
    assert len(all_services) == len(n.pools()) == p["total_items"], (len(all_services), p["total_items"])
    assert len({s["id"] for s in all_services}) == len(all_services)
    for s in all_services:
        judge.right("service", s)
        assert not any(isinstance(v, list) for v in s.values()), s
    full = n.get("/hsds/services?full=true&per_page=200")["contents"]
    for s in full:
        judge.right("service", s)
        assert s["attributes"] and s["service_areas"] and s["service_at_locations"] and s["capacities"], s
        for key, what in (("attributes", "attribute"), ("capacities", "service_capacity"), ("service_areas", "service_area"),
                          ("service_at_locations", "service_at_location"), ("languages", "language")):
            for x in s[key]:
                judge.right(what, x)
        judge.right("organization", s["organization"])
        judge.right("unit", s["capacities"][0]["unit"])
    one = n.get("/hsds/services/" + full[3]["id"])
    assert one == full[3]
    for path, what in (("organizations", "organization"), ("service_at_locations", "service_at_location"),
                       ("taxonomies", "taxonomy"), ("taxonomy_terms", "taxonomy_term")):
        p = n.get("/hsds/%s?per_page=200" % path)
        assert p["contents"], path
        for x in p["contents"]:
            judge.right(what, x)
        judge.right(what, n.get("/hsds/%s/%s" % (path, p["contents"][0]["id"])))
    return full


def filters(n, full):
    of = full[0]["organization"]["id"]
    mine = n.get("/hsds/services?per_page=200&organization_id=" + of)["contents"]
    assert sorted(s["id"] for s in mine) == sorted(s["id"] for s in full if s["organization"]["id"] == of)
    term = full[0]["attributes"][0]["taxonomy_term"]["id"]
    found = n.get("/hsds/services?per_page=200&taxonomy_term_id=" + term)["contents"]
    assert 0 < len(found) < len(full)
    near = n.get("/hsds/services?per_page=200&full=true&postcode=8900")["contents"]
    assert 0 < len(near) < len(full)
    assert all("westhoek" in [a["extent"] for a in s["service_areas"]] for s in near)
    assert n.get("/hsds/services?postcode=1000")["empty"]
    assert n.get("/hsds/services?per_page=200&minimal=true")["contents"][0].keys() == {"id", "modified_date"}
    assert n.get("/hsds/services?page=99")["empty"]
    for bad, field in (("page=0", "page"), ("page=x", "page"), ("per_page=-1", "per_page"), ("format=xml", "format"),
                       ("modified_after=gisteren", "modified_after"), ("full=misschien", "full"), ("proximity=500", "proximity")):
        status, p = n.call("GET", "/hsds/services?" + bad)
        assert status == 422 and p["field"] == field and p["text_nl"] and p["text_en"], (bad, status, p)
    assert n.call("GET", "/hsds/services/onbekend")[0] == 404
    status, lines = n.call("GET", "/hsds/services?format=ndjson&full=true")
    assert status == 200 and [json.loads(l)["id"] for l in lines.splitlines()] == [s["id"] for s in full], lines[:200]
    # 3.1 has a search by POST too, with the same parameters.
    status, p = n.call("POST", "/hsds/services?per_page=200&taxonomy_term_id=" + term)
    assert status == 200 and p["contents"] == found, (status, p)
    name = full[0]["organization"]["name"]
    assert [o["name"] for o in n.get("/hsds/organizations?search=" + urllib.parse.quote(name))["contents"]] == [name]
    assert n.get("/hsds/organizations?taxonomy_term_id=" + ID)["empty"]
    assert [t["code"] for t in n.get("/hsds/taxonomy_terms?search=trauma")["contents"]] == ["TRAUMA"]
    known(n)


def known(n):
    """Who has it already is told so, until something changed."""
    def ask(tag):
        r = urllib.request.Request(n.url + "/hsds/services?per_page=5", headers={"If-None-Match": tag} if tag else {})
        try:
            with urllib.request.urlopen(r, timeout=30) as a:
                return a.status, a.headers["ETag"]
        except urllib.error.HTTPError as e:
            return e.code, e.headers["ETag"]
    status, tag = ask(None)
    assert status == 200 and tag, (status, tag)
    assert ask(tag) == (304, tag)
    assert ask('"anders"') == (200, tag)


# --- import ---

def outcomes(report):
    return {k: v for k, v in report["counts"].items() if v}


def state(n):
    return [(p["capacity"]["pool"], p["version"], p["capacity"]) for p in n.pools()]


def post(n, feed, party="samenwerking", want=200, dry=False):
    status, doc = n.call("POST", "/hsds/import" + ("?dry_run=1" if dry else ""), feed, party)
    assert status == want, (status, json.dumps(doc)[:1500])
    return doc


def service(number, organization, now, free=3):
    return {"id": "10000000-0000-4000-8000-%012d" % number, "name": "Praten in Ieper %d" % number, "status": "active",
            "minimum_age": 6, "maximum_age": 17.9, "organization": {"id": "o", "name": organization},
            "attributes": [{"id": "a", "taxonomy_term": {"id": "t", "name": "trauma"}}],
            "service_areas": [{"id": "z", "name": "Ieper"}],
            "capacities": [{"id": "c", "unit": {"id": "u", "name": "plekken"}, "available": free, "maximum": 8, "updated": now}]}


def round_trip(n, full):
    """What we export is what there is: it comes back and changes nothing."""
    before = state(n)
    report = post(n, {"contents": full})
    assert outcomes(report) == {"unchanged": len(full)} and report["imported"], outcomes(report)
    assert state(n) == before


def imported(n, partner, now):
    feed = {"services": [service(i, partner["name"], now) for i in range(1, 4)]}
    before = state(n)
    report = post(n, feed, dry=True)
    assert outcomes(report) == {"created": 3} and report["dry_run"] and not report["imported"], report
    assert state(n) == before
    report = post(n, feed)
    assert outcomes(report) == {"created": 3} and report["imported"], report
    made = report["rows"][0]
    assert made["partner"] == partner["id"] and made["pool"].startswith("praten-in-ieper") and made["row"] == 1, made
    pool = next(p for p in n.pools() if p["capacity"]["pool"] == made["pool"])
    assert pool["free"] == 3 and pool["capacity"]["total"] == 8 and pool["state"] == "CONFIRMED", pool
    assert pool["capacity"]["uses"][0]["zones"] == ["westhoek"] and pool["capacity"]["uses"][0]["age_to"] == 17, pool
    after = state(n)
    assert outcomes(post(n, feed)) == {"unchanged": 3}
    assert state(n) == after
    feed["services"][1]["capacities"][0].update(available=9)
    report = post(n, feed)
    assert outcomes(report) == {"unchanged": 2, "changed": 1}, report
    assert "meer vrij dan" in report["rows"][1]["text_nl"], report["rows"][1]
    return feed


def refused_whole(n, feed, partner, now):
    """One wrong row among good ones: its field is named, and nothing of the feed stands."""
    before = state(n)

    def bad(field, **change):
        f = copy.deepcopy(feed)
        f["services"] += [service(50, partner["name"], now), dict(service(51, partner["name"], now), **change)]
        p = post(n, f, want=422)
        assert p["field"] == field and p["status"] == 422 and p["text_nl"] and p["text_en"], p
        assert [r["outcome"] for r in p["rows"]] == ["refused"] and p["rows"][0]["row"] == len(f["services"]), p["rows"]
        assert state(n) == before

    at = "services[%d]." % (len(feed["services"]) + 1)
    bad(at + "name", name=None)
    bad(at + "minimum_age", minimum_age="zes")
    bad(at + "minimum_age", minimum_age=18, maximum_age=3)
    bad(at + "schedules", schedules="elke dag")
    bad(at + "capacities[0].available", capacities=[{"id": "c", "unit": {"id": "u", "name": "bed"}, "available": 1.5, "updated": now}])
    bad(at + "capacities[0].updated", capacities=[{"id": "c", "unit": {"id": "u", "name": "bed"}, "available": 1, "updated": "nu"}])
    bad(at + "id", id=service(50, "", now)["id"])
    for body in (b"", b"{", b"[]", b"7", b"\xff", b'{"services":7}', b"[" * 10000):
        status, p = n.call("POST", "/hsds/import", body, "samenwerking")
        assert status == 422 and p["text_nl"], (body[:20], status, p)
    status, p = n.call("POST", "/hsds/import", b" " * (5 * 1024 * 1024), "samenwerking")
    assert status == 413 and p["text_nl"] and p["text_en"], (status, p)
    assert state(n) == before


def own_only(n, partner, other, now):
    f = {"services": [service(60, other["name"], now)]}
    p = post(n, f, party=partner["id"], want=422)
    assert p["field"] == "services[0].organization", p
    f = {"services": [service(61, partner["name"], now)]}
    assert outcomes(post(n, f, party=partner["id"])) == {"created": 1}
    assert n.call("POST", "/hsds/import", f)[0] == 401
    assert n.call("POST", "/hsds/import", f, "dashboard")[0] == 403


def uk(n, partner):
    """Open Referral UK 3.0: a page of services without capacities. Nobody said how much is free, so it is not searched."""
    s = service(70, partner["name"], "x")
    del s["capacities"]
    s["attributes"][0]["taxonomy_term"].update(taxonomy="esdServiceTypes", code="339")
    page = {"total_items": 1, "total_pages": 1, "page_number": 1, "size": 1, "first_page": True, "last_page": True, "empty": False,
            "contents": [s]}
    report = post(n, page)
    assert outcomes(report) == {"created": 1} and "hoeveel er vrij is" in report["rows"][0]["text_nl"], report
    pool = next(p for p in n.pools() if p["capacity"]["pool"] == report["rows"][0]["pool"])
    assert pool["state"] == "UNCONFIRMED" and pool["free"] == 0, pool
    assert outcomes(post(n, page)) == {"unchanged": 1}
    back = next(s for s in n.get("/hsds/services?full=1&per_page=200")["contents"] if s["alternate_name"] == pool["capacity"]["pool"])
    assert back["capacities"] == [], back


def examples(n):
    """The published examples: services are read, 12 of 10 is said, and passed over, for their organisation is not ours; what
    holds no service is refused with the field."""
    for name in sorted(os.listdir(os.path.join(HSDS, "examples"))):
        with open(os.path.join(HSDS, "examples", name), encoding="utf-8") as f:
            status, p = n.call("POST", "/hsds/import", f.read().encode(), "samenwerking")
        if name.startswith("service") or name in ("tabular.json", "organization_full.json"):
            assert status == 200 and outcomes(p) == {"skipped": 1}, (name, status, p)
            row = p["rows"][0]
            assert row["field"].endswith("organization") and "is geen partner" in row["text_nl"], (name, row)
            assert name != "service_full.json" or "meer vrij dan" in row["text_nl"], (name, row)
        else:
            assert status == 422 and p["text_nl"], (name, status, p)
    with open(os.path.join(HSDS, "examples", "service_full.json"), encoding="utf-8") as f:
        lines = f.read().encode()
    status, p = n.call("POST", "/hsds/import?dry_run=1&partner=niemand", lines, "samenwerking")
    assert status == 422 and p["field"] == "partner", (status, p)


def changed_meanwhile(n, feed, partners):
    """A pool changes between the look at what there is and the writing: nothing of the feed stands, and its row says why."""
    pool = post(n, feed, dry=True)["rows"][0]["pool"]
    owner = next(p["capacity"]["partner"] for p in n.pools() if p["capacity"]["pool"] == pool)
    path, over, turns = "/api/v1/offers/" + pool, threading.Event(), []

    def change():
        while not over.is_set():
            was = n.call("GET", path, party=owner)[1]["pools"][0]
            number = 1 + len(turns) % 5
            turns.append(n.call("PUT", path, {"based_on": was["version"], "staffed": 8, "used_elsewhere": number}, owner)[0])
    other = threading.Thread(target=change)
    other.start()
    try:
        for turn in range(60):
            now = n.get("/api/v1/clock")["now"]
            new = [service(5000 + 20 * turn + i, partners[(20 * turn + i) % len(partners)]["name"], now) for i in range(20)]
            mine = copy.deepcopy(feed["services"][0])
            mine["capacities"][0].update(available=turn % 7, updated=now)
            before = {p["capacity"]["pool"] for p in n.pools()}
            status, report = n.call("POST", "/hsds/import", {"services": new[:10] + [mine] + new[10:]}, "samenwerking")
            made = {p["capacity"]["pool"] for p in n.pools()} - before
            assert status in (200, 409) and len(made) == (20 if status == 200 else 0), (status, report["counts"], len(made))
            if status == 409:
                break
        else:
            raise AssertionError("it never came between")
    finally:
        over.set()
        other.join()
    assert outcomes(report) == {"refused": 1, "skipped": 20} and not report["imported"], report["counts"]
    row = report["rows"][10]
    assert (row["outcome"], row["pool"], row["field"]) == ("refused", pool, "based_on") and row["text_nl"] and row["text_en"], row
    assert "rij 11" in report["rows"][0]["text_nl"] and "row 11" in report["rows"][20]["text_en"], report["rows"][0]
    assert "er is niets ingevoerd" in report["text_nl"] and "nothing was imported" in report["text_en"], report["text_nl"]
    assert turns.count(200) > 0, turns
    return turn + 1


def killed_whole(n, partners, now, first):
    """The gateway is killed at any moment of an import that fits one step: all of it stands, or nothing."""
    ends = []
    for turn in range(4):
        feed = {"services": [service(first + 100 * turn + i, partners[i % len(partners)]["name"], now) for i in range(40)]}
        known = n.get("/hsds/services?per_page=1")["total_items"]
        sender = threading.Thread(target=n.call, args=("POST", "/hsds/import", feed, "samenwerking"), kwargs={"quiet": True})
        sender.start()
        wait_for("it is in hand", lambda: b"\nschakel_gateway_working 0" not in n.call("GET", "/metrics", port=n.metrics)[1], every_s=0.001)
        for _ in range(turn * 8):
            n.get("/hsds/?look")
        n.kill("gateway", signal.SIGKILL)
        sender.join()
        n.gateway()
        ends.append(len(n.pools()) - known)
        assert ends[-1] in (0, 40), ends
        assert outcomes(post(n, feed)) == {"created" if ends[-1] == 0 else "unchanged": 40}, ends
    return ends


def killed(n, partners, now, first, victim):
    """The gateway, or the daemon behind it, is killed in the midst of an import of several parts: each part stands whole or not
    at all, the same feed with the same key completes it, and nothing stands twice."""
    feed = {"services": [service(first + i, partners[i % len(partners)]["name"], now) for i in range(300)]}
    known = len(n.pools())
    first_row = "/api/v1/offers/" + post(n, feed, dry=True)["rows"][0]["pool"]
    answers = []
    done = threading.Thread(target=lambda: answers.append(
        n.call("POST", "/hsds/import", feed, "samenwerking", quiet=True, key="feed-%d" % first)))
    done.start()
    wait_for("the first part stands", lambda: n.call("GET", first_row, party="samenwerking")[0] == 200, every_s=0.001)
    n.kill(victim, signal.SIGKILL)
    done.join()
    if victim == "gateway":
        n.gateway()
    else:
        status, report = answers[0]
        n.start(victim)
        n.ready()
        wait_for("the gateway is ready", lambda: n.call("GET", "/readyz", quiet=True)[0] == 200)
        assert status in (200, 503), (status, report)
        assert report["imported"] == (status == 200), report["counts"]
        if status == 503:
            said = report["counts"]["created"]
            assert "blijft staan" in report["text_nl"] and report["text_en"], report["text_nl"]
            # The part that was under way when the daemon died may stand, and is not said to.
            assert said <= len(n.pools()) - known <= said + PART, (report["counts"], len(n.pools()) - known)
            assert "stuur de feed" in report["rows"][-1]["text_nl"], report["rows"][-1]
    stood = len(n.pools()) - known
    assert stood in (PART, 2 * PART, 300), stood
    status, report = n.call("POST", "/hsds/import", feed, "samenwerking", key="feed-%d" % first)
    assert status == 200 and report["imported"], (status, report["counts"])
    assert outcomes(report) == {k: v for k, v in (("unchanged", stood), ("created", 300 - stood)) if v}, (stood, report["counts"])
    assert len(n.pools()) == known + 300
    assert outcomes(post(n, feed)) == {"unchanged": 300}
    return stood


# --- the table ---

def table(n, partner):
    path = "/api/v1/offers.csv"
    status, csv = n.call("GET", path, party=partner["id"], lang="nl")
    assert status == 200 and csv.startswith(b"\xef\xbb\xbfaanbod;partner;eenheid"), csv[:80]
    own = [p for p in n.pools() if p["capacity"]["partner"] == partner["id"]]
    assert {l.split(b";")[0].decode() for l in csv.splitlines()[1:]} == {p["capacity"]["pool"] for p in own}
    status, report = n.call("POST", path, csv, partner["id"], kind="text/csv")
    assert status == 200 and outcomes(report) == {"unchanged": len(own)}, report
    pool = own[0]["capacity"]["pool"]
    text = "aanbod;bezet\n%s;%d\n" % (pool, own[0]["capacity"]["staffed"])
    status, report = n.call("POST", path, text.encode(), partner["id"], kind="text/csv")
    assert status == 200 and outcomes(report) == {"changed": 1}, report
    now = next(p for p in n.pools() if p["capacity"]["pool"] == pool)
    assert now["free"] == 0 and now["capacity"]["uses"] == own[0]["capacity"]["uses"], now
    before = state(n)
    for text, line, field in (("aanbod;bezet\n%s;1\nonbekend;2\n" % pool, 3, "aanbod"),
                              ("aanbod;bemand\n%s;veel\n" % pool, 2, "bemand"), ("aanbod;kleur\n%s;1\n" % pool, 1, "kleur"),
                              ("aanbod;versie;bezet\n%s;1;1\n" % pool, 2, "versie")):
        status, p = n.call("POST", path, text.encode(), partner["id"], kind="text/csv")
        assert status == 422 and p["field"] == field and p["text_nl"] and p["text_en"], (text, status, p)
        assert line is None or p["rows"][0]["row"] == line, p
        assert state(n) == before
    assert n.call("GET", path)[0] == 401


def described_too(n, partner):
    """Everything that was answered here is what the description says of it; its example is taken as it stands."""
    about = described.Description(n.get("/openapi.json"))
    feed = about.examples("POST", "/hsds/import", "application/json")["service"]
    feed["services"][0]["capacities"][0]["updated"] = n.get("/api/v1/clock")["now"]
    assert outcomes(post(n, feed, dry=True)) == {"skipped": 1}, "whose it is, it cannot know"
    status, report = n.call("POST", "/hsds/import?dry_run=1&partner=" + partner["id"], feed, "samenwerking")
    assert status == 200 and outcomes(report) == {"created": 1}, report
    for path in ("services", "organizations", "service_at_locations", "taxonomies", "taxonomy_terms"):
        assert n.call("POST", "/hsds/%s?per_page=3" % path)[0] == 200, path
    count = sum(about.right(*told) for told in n.told if told[1].startswith(("/hsds", "/api/v1/offers.csv")))
    lacks = {(m.upper(), p) for p, item in about.doc["paths"].items() for m in item if p.startswith("/hsds")} - about.seen
    assert count > 60 and not lacks, (count, lacks)
    return count


def main():
    n = Region()
    judge = Judge()
    try:
        n.start()
        n.ready()
        n.gateway()
        full = exported(n, judge)
        filters(n, full)
        round_trip(n, full)
        now = n.get("/api/v1/clock")["now"]
        facilities = [o for o in n.get("/hsds/organizations?full=true&per_page=200")["contents"] if len(o["services"]) == 1]
        partners = [{"name": o["name"], "id": o["organization_identifiers"][0]["identifier"]} for o in facilities]
        feed = imported(n, partners[0], now)
        refused_whole(n, feed, partners[0], now)
        own_only(n, partners[1], partners[2], now)
        uk(n, partners[3])
        examples(n)
        table(n, partners[4])
        told = described_too(n, partners[0])
        turns = changed_meanwhile(n, feed, partners[20:])
        ends = killed_whole(n, partners[5:20], now, 9000)
        stood = killed(n, partners[5:12], now, 1000, "gateway")
        stood_too = killed(n, partners[12:20], now, 2000, "matching")
        judge.right("service", n.get("/hsds/services?per_page=1")["contents"][0])
        n.stop()
        print("hsds: %d services exported, right and back; %d answers as described; refused whole at turn %d; killed at once: %s of 40; "
              "the gateway killed after %d of 300, matching after %d" % (len(full), told, turns, ends, stood, stood_too))
    except BaseException:
        for d in list(n.procs):
            sys.stderr.write("--- %s\n%s" % (d, n.log_tail(d)))
        raise
    finally:
        n.end()


main()
