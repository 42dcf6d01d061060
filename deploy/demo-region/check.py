#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Verifies the demo region and the code lists; says each fault and exits 1, else prints totals.

Usage: check.py [DEPLOY_DIR [PROTO_DIR]]    (default: the folders of this tree)
"""
import csv
import math
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEPLOY = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent
PROTO = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE.parent.parent / "proto/schakel/v1"
REGION = DEPLOY / "demo-region"

MUNICIPALITIES = 39
MINORS = 89840
SLUG = re.compile(r"[a-z0-9-]{1,31}\Z")
EXPERTISE_MAX = 64
MOMENTS = set("TELLING BEGIN WEEK CONSULT GATE SEARCH CRISIS UNCLEAR VOICE MEET CALL ASK START OWN FIT "
              "AFTERCARE REVIEW RUNG OTHER TABLE LAST".split())

# Stable for ever: a number that once stood in a store may not change its meaning.
EXPERTISES = """GROUP_LIVING BEHAVIOUR DISABILITY MENTAL_HEALTH CONTEXT_STRENGTHENING FOSTER_CARE
DEVELOPMENTAL_NEEDS AGGRESSION_HANDLING STRENGTH_SOLUTION TRAJECTORY_GUIDANCE SOCIETAL_NECESSITY
TRAUMA CASE_MANAGEMENT DIAGNOSTICS CONSULTATION_TABLE ALT_LEARNING DAY_ACTIVITY LIVED_EXPERIENCE
FIRST_LINE_PSYCHOLOGY INTEGRATED_DIAGNOSTICS CULTURE_SENSITIVE PARENTING_SUPPORT CHILDCARE
CRISIS_INTERVENTION CRISIS_GUIDANCE CRISIS_STAY DEBT_HOUSING ADDICTION HOME_VIOLENCE
PARENT_MENTAL_HEALTH INTERPRETER RESPITE""".split()
DOMAINS = "EDUCATION LEISURE SOCIAL_NETWORK CONNECTEDNESS MEANING HOME HEALTH".split()
CRISIS_SHORT = {"CRISIS_INTERVENTION", "CRISIS_GUIDANCE", "CRISIS_STAY"}
# Texts of refusals stand in the code; actions of the operator are typed, never shown.
NO_WORDS = {"Refusal", "Action"}
ENUM_OF = {"supporter": ("SupporterKind", "SUPPORTER_KIND_"), "modality": ("Modality", "MODALITY_"),
           "access": ("Access", "ACCESS_"), "continuum": ("Continuum", "CONTINUUM_"),
           "unit": ("Unit", "UNIT_")}

HEADERS = {
    "codes/expertise.csv": "number code kind label_nl label_youth_nl label_en",
    "codes/words.csv": "enum value nl en youth_nl",
    "codes/places.csv": "nis nis_2025 name name_2025 postcodes zone zone_name",
    "demo-region/zones.csv": "id name province minors duty stand_in network region",
    "demo-region/municipalities.csv": "nis name zone pop_0_17 pop_0_4 pop_5_11 pop_12_17 lat lon "
                                      "lambert72_x lambert72_y",
    "demo-region/typemodules.csv": "code label_nl label_en sector functie crisis source",
    "demo-region/figures.csv": "metric period region value unit note source used_for",
    "demo-region/assumptions.csv": "key value unit basis note",
    "demo-region/partners.csv": "id name sector roles nis zones opening_days on_call organisation "
                                "kbo phone",
    "demo-region/pools.csv": "id partner unit total funded staffed used_elsewhere insured use "
                             "expertises supporter modality age_from age_to zones languages access "
                             "continuum cost_units answer joint_partners school_atelier typemodule "
                             "from_use to_pool from_units to_units most_week",
    "demo-region/abilities.csv": "ability moment per_mille after_hours yesterday basis note",
    "demo-region/needs.csv": "bundle stream kind weight urgency crisis_step reason age_from age_to "
                             "need expertise measure intensity weeks must life_domain assumption",
}

faults = []


def need(ok, text):
    """Notes a fault unless ok; returns ok."""
    if not ok:
        faults.append(text)
    return ok


def stop():
    """Ends with what was found wrong so far."""
    for text in faults:
        print(f"check: {text}", file=sys.stderr)
    if faults:
        print(f"check: {len(faults)} faults in the demo region or the codes", file=sys.stderr)
        sys.exit(1)


def read(name):
    """Rows of one file as dicts, each with '@' = where it stands."""
    path = DEPLOY / name
    try:
        data = path.read_bytes()
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as err:
        need(False, f"{name}: {err}")
        return []
    need(not data.startswith(b"\xef\xbb\xbf"), f"{name}: has a byte order mark")
    need(b"\r" not in data, f"{name}: has a carriage return")
    need(text.endswith("\n"), f"{name}: the last line has no end")
    try:
        lines = list(csv.reader(text.splitlines(), strict=True))
    except csv.Error as err:
        need(False, f"{name}: not CSV: {err}")
        return []
    want = HEADERS[name].split()
    if not need(bool(lines) and lines[0] == want, f"{name}: the header is not {','.join(want)}"):
        return []
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if need(len(line) == len(want), f"{name}:{number}: {len(line)} fields, not {len(want)}"):
            rows.append({**dict(zip(want, line)), "@": f"{name}:{number}"})
    return rows


def whole(row, key, low, high):
    """The field as a whole number within bounds; a fault and `low` otherwise."""
    text = row[key]
    ok = re.fullmatch(r"0|[1-9][0-9]{0,9}", text) is not None and low <= int(text) <= high
    need(ok, f"{row['@']}: {key} is '{text}', not a number from {low} to {high}")
    return int(text) if ok else low


def real(row, key, low, high):
    """The same for a decimal number."""
    text = row[key]
    ok = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None and low <= float(text) <= high
    need(ok, f"{row['@']}: {key} is '{text}', not a number from {low} to {high}")
    return float(text) if ok else low


def among(row, key, allowed, empty=False):
    """Every word of the field must be allowed; returns the words."""
    words = row[key].split()
    need(empty or words, f"{row['@']}: {key} is empty")
    need(len(set(words)) == len(words), f"{row['@']}: {key} names something twice")
    for word in words:
        need(word in allowed, f"{row['@']}: {key} '{word}' is unknown")
    return words


def one(row, key, allowed, empty=False):
    """As among(), for a field of one word."""
    words = among(row, key, allowed, empty)
    need(len(words) <= 1, f"{row['@']}: {key} holds more than one word")
    return words[0] if words else ""


def unique(rows, key):
    """No value of key twice; slugs where the key is an id."""
    seen = set()
    for row in rows:
        need(row[key] not in seen, f"{row['@']}: {key} '{row[key]}' stands there twice")
        if key == "id":
            need(SLUG.match(row[key]), f"{row['@']}: '{row[key]}' is not a slug of 1 to 31")
        seen.add(row[key])
    return seen


def filled(rows, *keys):
    """No empty text and no text with a blank at its ends."""
    for row in rows:
        for key in keys:
            need(row[key] and row[key] == row[key].strip(), f"{row['@']}: {key} is empty or padded")


def proto_enums():
    """All enumerations of the wire: name -> value names without the first (UNSPECIFIED).

    Stored records never leave their daemon, so nobody sees their values.
    """
    enums = {}
    for path in sorted(PROTO.glob("*.proto")):
        if path.stem.endswith("_record"):
            continue
        text = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
        for name, body in re.findall(r"\benum (\w+) \{([^}]*)\}", text):
            enums[name] = re.findall(r"\b([A-Z][A-Z0-9_]*) = [1-9]", body)
    need(enums, f"{PROTO}: no enumerations found")
    return enums


def check_codes(rows):
    """Numbers, codes and labels of expertise.csv; what once stood there is still the same."""
    unique(rows, "code")
    unique(rows, "label_nl")
    filled(rows, "label_nl", "label_youth_nl", "label_en")
    need(len(rows) <= EXPERTISE_MAX, f"expertise.csv: {len(rows)} codes, more than {EXPERTISE_MAX}")
    frozen = EXPERTISES + DOMAINS
    need(len(rows) >= len(frozen), f"expertise.csv: {len(rows)} codes, not {len(frozen)} or more")
    for at, row in enumerate(rows, 1):
        need(whole(row, "number", 1, EXPERTISE_MAX) == at, f"{row['@']}: number is not {at}")
        need(re.fullmatch(r"[A-Z][A-Z_]*", row["code"]), f"{row['@']}: code '{row['code']}'")
        one(row, "kind", {"EXPERTISE", "LIFE_DOMAIN"})
        if at <= len(frozen):
            need(row["code"] == frozen[at - 1], f"{row['@']}: number {at} is {frozen[at - 1]}")
            kind = "EXPERTISE" if at <= len(EXPERTISES) else "LIFE_DOMAIN"
            need(row["kind"] == kind, f"{row['@']}: kind is not {kind}")


def check_words(rows, enums, codes):
    """One row for each value that people can see, and none for a value that does not exist."""
    filled(rows, "nl", "en", "youth_nl")
    seen = {}
    for row in rows:
        key = (row["enum"], row["value"])
        need(key not in seen, f"{row['@']}: {key} stands there twice")
        seen[key] = row
        if row["enum"] != "Word":
            need(row["value"] in enums.get(row["enum"], ()), f"{row['@']}: {key} is not in proto/")
        for text in (row["nl"], row["en"], row["youth_nl"]):
            need(not re.search(r"[A-Z]{2}[A-Z_]*_[A-Z]", text), f"{row['@']}: '{text}' is a code")
    for name, values in enums.items():
        for value in values if name not in NO_WORDS else ():
            need((name, value) in seen, f"words.csv: no words for {name} {value}")
    for code in codes:
        word = seen.get(("LifeDomain", "LIFE_DOMAIN_" + code["code"]))
        need(word is None or word["nl"] == code["label_nl"],
             f"words.csv: {code['code']} has other words than expertise.csv")


def check_places(zones, places, partners):
    """The five zones and 39 municipalities, their minors, and the parties that act for a zone."""
    ids = unique(zones, "id")
    unique(places, "nis")
    unique(places, "name")
    need(len(zones) == 5, f"zones.csv: {len(zones)} zones, not 5")
    need(len(places) == MUNICIPALITIES, f"municipalities.csv: {len(places)}, not {MUNICIPALITIES}")
    minors = dict.fromkeys(ids, 0)
    for row in places:
        bands = sum(whole(row, k, 1, 99999) for k in ("pop_0_4", "pop_5_11", "pop_12_17"))
        need(bands == whole(row, "pop_0_17", 1, 99999), f"{row['@']}: age bands do not add up")
        need(re.fullmatch(r"3[0-9]{4}", row["nis"]), f"{row['@']}: nis '{row['nis']}'")
        minors[one(row, "zone", ids) or ""] = minors.get(row["zone"], 0) + bands
        check_position(row)
    need(sum(minors.values()) == MINORS, f"municipalities.csv: {sum(minors.values())} minors, "
                                         f"not {MINORS}")
    for row in zones:
        need(whole(row, "minors", 1, MINORS) == minors[row["id"]],
             f"{row['@']}: minors are not the sum of the municipalities, {minors[row['id']]}")
        check_duty(row, partners)


def check_position(row):
    """Degrees and Lambert 72 metres must mean the same place (to 1.5 km: a local plane is used)."""
    lat, lon = real(row, "lat", 50.6, 51.3), real(row, "lon", 2.5, 3.5)
    x, y = whole(row, "lambert72_x", 20000, 90000), whole(row, "lambert72_y", 155000, 215000)
    # Measured from Roeselare; here the grid is turned by 0.95 degrees.
    east = (lon - 3.13354) * 111320 * math.cos(math.radians(lat))
    north = (lat - 50.93683) * 111230
    turn = math.radians(-0.95)
    dx = east * math.cos(turn) - north * math.sin(turn)
    dy = east * math.sin(turn) + north * math.cos(turn)
    off = math.hypot(x - 63180 - dx, y - 181447 - dy)
    need(off < 1500, f"{row['@']}: lat/lon and Lambert 72 are {off:.0f} m apart")


def check_duty(zone, partners):
    """Duty organisation, stand-in and network exist, serve the zone and are independent."""
    for key, role in (("duty", "FACILITY"), ("stand_in", "FACILITY"), ("network", "COORDINATOR")):
        party = partners.get(zone[key])
        if need(party is not None, f"{zone['@']}: {key} '{zone[key]}' is no partner"):
            need(role in party["roles"].split(), f"{zone['@']}: {zone[key]} is not a {role}")
            need(zone["id"] in party["zones"].split(), f"{zone['@']}: {zone[key]} is elsewhere")
    duty, other = partners.get(zone["duty"]), partners.get(zone["stand_in"])
    need(not duty or not other or duty["organisation"] != other["organisation"],
         f"{zone['@']}: duty and stand-in are one organisation")


def check_partners(rows, zones, places, roles):
    """Made-up partners on real municipalities, with the roles that a region cannot do without."""
    unique(rows, "id")
    unique(rows, "name")
    unique(rows, "phone")
    filled(rows, "name", "sector")
    town = {row["nis"]: row["name"] for row in places}
    for row in rows:
        among(row, "roles", roles)
        among(row, "zones", zones)
        one(row, "nis", town)
        need(row["name"].startswith("Voorbeeld "), f"{row['@']}: the name must say Voorbeeld")
        need(row["name"].endswith(" " + town.get(row["nis"], "?")),
             f"{row['@']}: the name does not end in its municipality")
        need(row["kbo"] == "", f"{row['@']}: kbo must stay empty")
        need(re.fullmatch(r"051 00 \d\d \d\d", row["phone"]),
             f"{row['@']}: phone '{row['phone']}' could be somebody's; use 051 00, which nobody has")
        need(re.fullmatch(r"1?2?3?4?5?6?7?", row["opening_days"]) and row["opening_days"],
             f"{row['@']}: opening_days '{row['opening_days']}'")
        whole(row, "on_call", 0, 1)
        need(SLUG.match(row["organisation"]), f"{row['@']}: organisation is not a slug")
    points = [r for r in rows if "CONTACT_POINT" in r["roles"].split()]
    need(len(points) == 1, f"partners.csv: {len(points)} crisis contact points, not 1")
    for row in points:
        need(row["opening_days"] == "1234567" and row["on_call"] == "1",
             f"{row['@']}: the contact point is open day and night")
    for role in roles:
        need(any(role in r["roles"].split() for r in rows), f"partners.csv: nobody is {role}")
    need(any("COORDINATOR" in r["roles"] and r["on_call"] == "1" for r in rows),
         "partners.csv: no coordinator is on call")


def check_pools(rows, codes, zones, partners, modules, enums):
    """Amounts, uses and references of each pool; a pool's own columns are the same in each use."""
    first = {}
    same = "partner unit total funded staffed used_elsewhere insured".split()
    for row in rows:
        need(SLUG.match(row["id"]), f"{row['@']}: '{row['id']}' is not a slug of 1 to 31")
        seen = first.setdefault(row["id"], [row, 0])
        seen[1] += 1
        need(whole(row, "use", 1, 8) == seen[1], f"{row['@']}: use is not {seen[1]}")
        for key in same:
            need(row[key] == seen[0][key], f"{row['@']}: {key} differs from use 1")
        check_amounts(row)
        check_use(row, codes, zones, partners, modules, enums)
    for pool, (row, uses) in first.items():
        units = {r["cost_units"] for r in rows if r["id"] == pool}
        need(uses == 1 or row["unit"] == "HOURS_WEEK" or len(units) == 1,
             f"{row['@']}: a pool that mixes forms counts in HOURS_WEEK")
    return {pool: row for pool, (row, _) in first.items()}


def check_amounts(row):
    """total >= funded >= staffed >= used elsewhere; crisis help is insured or without staff."""
    total, funded, staffed, used = (whole(row, k, 0, 1000)
                                    for k in ("total", "funded", "staffed", "used_elsewhere"))
    need(total >= funded >= staffed >= used,
         f"{row['@']}: not total >= funded >= staffed >= used_elsewhere")
    need(total > 0, f"{row['@']}: total is 0")
    insured = whole(row, "insured", 0, 1)
    crisis = set(row["expertises"].split()) <= CRISIS_SHORT
    need(not insured or (crisis and used == 0), f"{row['@']}: insured, but not free crisis help")


def check_use(row, codes, zones, partners, modules, enums):
    """One use: who, what, for whom, where."""
    partner = partners.get(row["partner"])
    if need(partner is not None, f"{row['@']}: partner '{row['partner']}' is unknown"):
        need("FACILITY" in partner["roles"].split(), f"{row['@']}: partner is not a FACILITY")
        for zone in row["zones"].split():
            need(zone in partner["zones"].split(), f"{row['@']}: the partner is not in {zone}")
        need(row["insured"] != "1" or (partner["on_call"] == "1" and
                                       partner["opening_days"] == "1234567"),
             f"{row['@']}: insured, but the partner is not on call day and night")
    among(row, "expertises", codes)
    among(row, "joint_partners", partners, empty=True)
    among(row, "zones", zones)
    for key, (name, prefix) in ENUM_OF.items():
        one(row, key, {v.removeprefix(prefix) for v in enums.get(name, ())})
    need(whole(row, "age_from", 0, 25) <= whole(row, "age_to", 0, 25), f"{row['@']}: ages")
    for word in row["languages"].split() or ["?"]:
        need(re.fullmatch(r"[a-z]{2}", word), f"{row['@']}: language '{word}'")
    cost = whole(row, "cost_units", 1, 40)
    need(row["unit"] == "HOURS_WEEK" or cost == 1, f"{row['@']}: cost_units is not 1")
    need((row["access"] == "GATED") == (row["continuum"] == "GATED"),
         f"{row['@']}: access and continuum differ on the gate")
    one(row, "typemodule", modules, empty=True)


def check_needs(rows, codes, domains, enums):
    """Bundles: the same head in each row, weights per mille, crisis with step and reason."""
    heads = {}
    head = "stream kind weight urgency crisis_step reason age_from age_to".split()
    measure = {}
    steps, reasons = ({v.removeprefix(p) for v in enums.get(n, ())} for n, p in
                      (("CrisisStep", "CRISIS_STEP_"), ("DangerReason", "DANGER_REASON_")))
    for row in rows:
        seen = heads.setdefault(row["bundle"], [row, 0])
        seen[1] += 1
        need(whole(row, "need", 1, 10) == seen[1], f"{row['@']}: need is not {seen[1]}")
        for key in head:
            need(row[key] == seen[0][key], f"{row['@']}: {key} differs from need 1")
        one(row, "stream", {"CALL", "GATE"})
        one(row, "kind", {"SEARCH", "CONSULT"})
        one(row, "urgency", {"CRISIS", "URGENT", "STANDARD", "PREVENTIVE"})
        crisis = row["urgency"] == "CRISIS"
        need(bool(one(row, "crisis_step", steps, not crisis)) == crisis, f"{row['@']}: crisis_step")
        need(bool(one(row, "reason", reasons, not crisis)) == crisis, f"{row['@']}: reason")
        check_need(row, codes, domains, measure)
    for bundle, (row, _) in heads.items():
        need(SLUG.match(bundle), f"{row['@']}: '{bundle}' is not a slug of 1 to 31")
        need(any(r["must"] == "1" for r in rows if r["bundle"] == bundle),
             f"{row['@']}: {bundle} has no must-need")
    return {bundle: row for bundle, (row, _) in heads.items()}, measure


def check_need(row, codes, domains, measure):
    """One need; an expertise is asked in hours or as a place, never both."""
    code = one(row, "expertise", codes)
    one(row, "life_domain", domains)
    unit = one(row, "measure", {"HOURS", "PLACE"})
    need(measure.setdefault(code, unit) == unit, f"{row['@']}: {code} is HOURS and PLACE")
    amount = whole(row, "intensity", 1, 40)
    need(unit == "HOURS" or amount == 1, f"{row['@']}: intensity of a place is 1")
    weeks = whole(row, "weeks", 1, 156)
    whole(row, "must", 0, 1)
    whole(row, "weight", 1, 1000)
    need(whole(row, "age_from", 0, 17) <= whole(row, "age_to", 0, 17), f"{row['@']}: ages")
    need(code not in CRISIS_SHORT or row["urgency"] == "CRISIS",
         f"{row['@']}: {code} is asked outside a crisis")
    need(code != "CRISIS_STAY" or weeks == 1, f"{row['@']}: a crisis stay lasts one week")
    need(code != "CRISIS_GUIDANCE" or weeks <= 4, f"{row['@']}: crisis guidance lasts four weeks")
    filled([row], "assumption")


def check_supply(needs, pools, measure):
    """Each age of each need has somebody in the region, in the same measure."""
    for pool in pools:
        kinds = {measure[c] for c in pool["expertises"].split() if c in measure}
        need(len(kinds) <= 1, f"{pool['@']}: one use serves hours and places")
        counts = {"HOURS_WEEK": {"HOURS", "PLACE"}, "CONSULT": {"HOURS"}}
        need(kinds <= counts.get(pool["unit"], {"PLACE"}), f"{pool['@']}: unit does not fit")
    for row in needs:
        if row["kind"] == "CONSULT":
            continue
        fits = [p for p in pools if row["expertise"] in p["expertises"].split()
                and int(p["staffed"]) > 0]
        for age in range(whole(row, "age_from", 0, 17), whole(row, "age_to", 0, 17) + 1):
            need(any(int(p["age_from"]) <= age <= int(p["age_to"]) for p in fits),
                 f"{row['@']}: nobody offers {row['expertise']} at age {age}")


def figure(rows, metric, period, region="Vlaanderen+Brussel"):
    """One published value."""
    found = [r for r in rows if (r["metric"], r["period"], r["region"]) == (metric, period, region)]
    if not need(len(found) == 1, f"figures.csv: {metric} {period} {region} stands there "
                                 f"{len(found)} times"):
        return 1.0
    return real(found[0], "value", 0, 1e7) or 1.0


def derived(figures, pools):
    """What the DERIVED rows must say, computed again from figures.csv, minors and pools."""
    consult, search = (figure(figures, f"crisis.{k}", "2022") for k in ("consult", "dispatch"))
    share = MINORS / 1220750
    back = figure(figures, "crisis.repeat_registrations", "2017") * 0.3210 \
        / figure(figures, "crisis.consult", "2017", "Antwerpen")
    new = figure(figures, "nrtj.new_requests", "2019")
    staffed = [int(p["staffed"]) / int(p["funded"]) for p in pools.values()]
    return {
        "region_share": share * 1e6,
        "calls_per_year": (consult + search) * share,
        "searches_per_year": search * share,
        "consult_share": 1000 * consult / (consult + search),
        "consult_returns": 1000 * back,
        "consult_enough_share": 1000 * (1 - back),
        "gate_waiting": figure(figures, "nrtj.waiting_dec31", "2022") * share,
        "gate_new_per_year": new * share,
        "gate_wait_weeks_mean": 52.18 * figure(figures, "nrtj.waiting_dec31", "2019") / new,
        "gate_bridged_share": 1000 * figure(figures, "nrtj.waiting_with_alternative", "2021")
        / figure(figures, "nrtj.waiting_dec31", "2021"),
        "staffed_of_funded": 1000 * sum(staffed) / len(staffed) if staffed else 0,
    }


SUMS = ("voice_agree voice_not voice_not_yet voice_talk_first",
        "answer_can answer_can_if answer_not_now answer_not_ours answer_silent",
        "answer_crisis_can answer_crisis_can_if answer_crisis_not_now answer_crisis_not_ours "
        "answer_crisis_silent",
        "can_if_meet_first can_if_talk can_if_start_date can_if_extra_hands can_if_transport "
        "can_if_interpreter")


def check_assumptions(rows, figures, pools):
    """Derived rows come out again, shares add up, and the page says the same as the file."""
    unique(rows, "key")
    filled(rows, "unit", "note")
    value = {row["key"]: whole(row, "value", 0, 9999999) for row in rows}
    want = derived(figures, pools)
    for row in rows:
        one(row, "basis", {"PUBLISHED", "DERIVED", "ASSUMED"})
        need((row["basis"] == "DERIVED") == (row["key"] in want),
             f"{row['@']}: {row['key']} is derived here or there, not in both")
        if row["key"] in want:
            need(abs(value[row["key"]] - want[row["key"]]) <= 0.5,
                 f"{row['@']}: {row['key']} comes out as {want[row['key']]:.1f}")
        need(row["unit"] != "per mille" or value[row["key"]] <= 1000, f"{row['@']}: over 1000")
    need(value.get("region_minors") == MINORS, f"assumptions.csv: region_minors is not {MINORS}")
    for keys in SUMS:
        total = sum(value.get(k, 0) for k in keys.split())
        need(total == 1000, f"assumptions.csv: {keys} add up to {total}, not 1000")
    page = (REGION / "ASSUMPTIONS.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| (\w+) \| (\d+) \| (.*?) \| (\w+) \| (.*) \|$", page, re.M)
    mine = [tuple(row[k] for k in HEADERS["demo-region/assumptions.csv"].split()) for row in rows]
    for row in set(told) ^ set(mine):
        need(False, f"ASSUMPTIONS.md and assumptions.csv differ on {row[0]}")


def check_abilities(rows):
    """What people do beside asking and answering; the page shows the same table."""
    unique(rows, "ability")
    filled(rows, "note")
    for row in rows:
        one(row, "moment", MOMENTS)
        one(row, "basis", {"PUBLISHED", "DERIVED", "ASSUMED"})
        whole(row, "per_mille", 0, 1000)
        whole(row, "after_hours", 0, 8760)
        whole(row, "yesterday", 0, 1)
    page = (REGION / "ASSUMPTIONS.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| (\w+) \| (\w+) \| (\d+) \| (\d+) \| ([01]) \| (\w+) \| (.*) \|$", page, re.M)
    mine = [tuple(row[k] for k in HEADERS["demo-region/abilities.csv"].split()) for row in rows]
    for row in set(told) ^ set(mine):
        need(False, f"ASSUMPTIONS.md and abilities.csv differ on {row[0]}")


CONVERSION = ("from_use", "to_pool", "from_units", "to_units", "most_week")


def check_conversions(rows, pools):
    """From the use of the row to another pool of the same house, or nothing in all five cells."""
    found = [row for row in rows if any(row[key] for key in CONVERSION)]
    for row in found:
        if need(row["to_pool"] in pools, f"{row['@']}: to_pool is unknown"):
            need(pools[row["to_pool"]]["partner"] == row["partner"], f"{row['@']}: of two houses")
        need(row["from_use"] == row["use"], f"{row['@']}: from_use is not the use of the row")
        for key in ("from_units", "to_units", "most_week"):
            whole(row, key, 1, 100)
    need(found, "pools.csv: no pool can be converted")


def check_weights(heads, figures):
    """Per mille within each stream; the published shares are the weights' shares."""
    def weight(test):
        return sum(int(r["weight"]) for b, r in heads.items() if test(b, r))
    for stream in ("CALL", "GATE"):
        total = weight(lambda b, r: r["stream"] == stream)
        need(total == 1000, f"needs.csv: weights of {stream} add up to {total}, not 1000")
    consult, search = (figure(figures, f"crisis.{k}", "2022") for k in ("consult", "dispatch"))
    told = weight(lambda b, r: r["kind"] == "CONSULT")
    need(abs(told - 1000 * consult / (consult + search)) <= 1, f"needs.csv: consults weigh {told}")
    parts = {"bjb_facility": "leefgroep verontrusting pleegzorg",
             "bjb_specific_action": "bijzonder",
             "kindengezin": "jong-kind-0-5 jong-kind-6-11",
             "vaph_facility": "handicap-thuis handicap-verblijf handicap-dag"}
    new = {k: figure(figures, "nrtj.new." + k, "2017", "West-Vlaanderen") for k in parts}
    for key, names in parts.items():
        bundles = {"poort-" + n for n in names.split()}
        told = weight(lambda b, r: b in bundles)
        share = 1000 * new[key] / sum(new.values())
        need(abs(told - share) <= 1, f"needs.csv: {key} weighs {told}, not {share:.0f}")


def check_scarcity(needs, pools, calls):
    """Calls ask about what is free: people wait, yet help starts. Returns asked and free hours."""
    asked = {}
    for row in needs:
        if row["stream"] == "CALL" and row["kind"] == "SEARCH":
            per_week = calls / 52.18 * int(row["weight"]) / 1000
            asked[row["expertise"]] = asked.get(row["expertise"], 0) + \
                per_week * int(row["intensity"]) * int(row["weeks"])
    for code in sorted(CRISIS_SHORT):
        staffed = sum(int(p["staffed"]) for p in pools
                      if code in p["expertises"].split() and p["insured"] == "1")
        need(0.5 * asked.get(code, 0) <= staffed <= 2 * asked.get(code, 0),
             f"pools.csv: {staffed} insured {code} staffed, calls ask {asked.get(code, 0):.1f}")
    hours = sum(v for k, v in asked.items() if k in {r["expertise"] for r in needs
                                                     if r["measure"] == "HOURS"})
    free = {p["id"]: int(p["staffed"]) - int(p["used_elsewhere"]) for p in pools
            if p["access"] == "DIRECT" and p["unit"] in ("HOURS_WEEK", "CONSULT")}
    total = sum(free.values())
    need(0.8 <= hours / max(1, total) <= 1.4,
         f"pools.csv: calls ask {hours:.0f} hours a week, {total} are free")
    return hours, total


def check_page(counts):
    """The table of SOURCE.md names the rows that are there."""
    page = (REGION / "SOURCE.md").read_text(encoding="utf-8")
    for name, count in counts.items():
        need(f"| {name} | {count} |" in page, f"SOURCE.md: {name} does not say {count}")


def main():
    data = {Path(name).stem: read(name) for name in HEADERS}
    stop()
    enums = proto_enums()
    codes = {row["code"] for row in data["expertise"]}
    zones = {row["id"]: row for row in data["zones"]}
    partners = {row["id"]: row for row in data["partners"]}
    modules = unique(data["typemodules"], "code")
    roles = {v.removeprefix("ROLE_") for v in enums.get("Role", ())} - {"DAEMON"}
    check_codes(data["expertise"])
    check_words(data["words"], enums, data["expertise"])
    check_partners(data["partners"], zones, data["municipalities"], roles)
    check_places(data["zones"], data["municipalities"], partners)
    filled(data["typemodules"], "label_nl", "label_en", "sector", "functie", "source")
    filled(data["figures"], "metric", "period", "region", "unit", "used_for")
    for row in data["figures"]:
        need(row["source"].startswith("http") or row["source"] == "project seed text",
             f"{row['@']}: source '{row['source']}'")
    pools = check_pools(data["pools"], codes, zones, partners, modules, enums)
    heads, measure = check_needs(data["needs"], codes, set(DOMAINS), enums)
    stop()
    check_supply(data["needs"], data["pools"], measure)
    check_weights(heads, data["figures"])
    check_assumptions(data["assumptions"], data["figures"], pools)
    check_abilities(data["abilities"])
    check_conversions(data["pools"], pools)
    calls = next((int(r["value"]) for r in data["assumptions"] if r["key"] == "calls_per_year"), 1)
    hours, free = check_scarcity(data["needs"], data["pools"], calls)
    counts = {f"{k}.csv": len(data[k]) for k in ("zones", "municipalities", "typemodules",
                                                 "figures", "partners", "assumptions",
                                                 "abilities")}
    counts["pools.csv"] = f"{len(pools)} pools, {len(data['pools'])} uses"
    counts["needs.csv"] = f"{len(heads)} bundles, {len(data['needs'])} needs"
    check_page(counts)
    stop()
    print(f"check: {len(data['municipalities'])} municipalities, {MINORS} minors, "
          f"{len(partners)} partners, {len(pools)} pools, {len(heads)} bundles; "
          f"calls ask {hours:.0f} of {free} free hours a week; {len(data['words'])} words")


if __name__ == "__main__":
    main()
