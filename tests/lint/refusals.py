# SPDX-License-Identifier: EUPL-1.2
"""No refusal of a core reaches a person as the name of a field and "outside what is allowed". Each field has a word, and each rule
with a bound, a contradiction or a state has a sentence that says what to do. Usage: refusals.py ROOT"""
import pathlib
import re
import sys

# These say too little by themselves.
NEED_SENTENCE = {"OUT_OF_RANGE", "CONTRADICTS", "STATE", "NOT_STAFFED", "NO_SUCCESSOR", "SECOND_PARTY"}
# Of facts between daemons, of a stored row, or of the envelope: no person sends these.
NOT_SENT = {"arrival_ms", "need_version", "open", "order", "ring", "blocks", "seats", "network_id", "id", "spoken_with", "zones", "shortfall",
            "clock_advance", "record", "choices", "grounds", "table", "reason", "state"}
CALL = re.compile(r"\bstep_refuse\(\s*[^,]+,\s*(?P<code>[^;]*?)\b(?:CODE|REFUSAL|REFUSE)\((?P<name>\w+)\)\s*,\s*\"(?P<field>[^\"]*)\"")
STATE = re.compile(r"\brefuse_state\([^;\"]*\"(?P<field>\w+)\"")
ROW = re.compile(r"\{\s*CODE\((\w+)\),\s*(?:NULL|\"\w+\"),\s*\"(\w+)\"")
WORD = re.compile(r"\{\s*\"(\w+)\",\s*\"")


def last(field):
    return re.sub(r"\[[^]]*\]", "", field).rsplit(".", 1)[-1]


def refusals(root):
    """(code, field, where) of each refusal in a core whose field stands there."""
    for path in sorted(root.glob("services/*/core*.c")):
        text = path.read_text(encoding="utf-8")
        for m in CALL.finditer(text):
            if last(m["field"]) != "%s":
                yield m["name"], last(m["field"]), "%s:%d" % (path.relative_to(root), text.count("\n", 0, m.start()) + 1)
        for m in STATE.finditer(text):
            yield "STATE", m["field"], "%s:%d" % (path.relative_to(root), text.count("\n", 0, m.start()) + 1)


def main():
    root = pathlib.Path(sys.argv[1])
    cli = root / "services/cli"
    rows = {m for name in ("refused_rows.c", "refused_more.c") for m in ROW.findall((cli / name).read_text(encoding="utf-8"))}
    words = set(WORD.findall((cli / "refused_words.c").read_text(encoding="utf-8")))
    bad, seen = [], 0
    for code, field, where in refusals(root):
        seen += 1
        if field not in words and field not in NOT_SENT:
            bad.append("%s: \"%s\" has no word in services/cli/refused_words.c" % (where, field))
        if code in NEED_SENTENCE and (code, field) not in rows and field not in NOT_SENT:
            bad.append("%s: %s of \"%s\" has no sentence in services/cli/refused_rows.c or refused_more.c" % (where, code, field))
    if seen < 400:
        bad.append("refusals.py: found only %d refusals; the cores write them otherwise now" % seen)
    print("\n".join(bad), end="\n" if bad else "")
    sys.exit(bool(bad))


main()
