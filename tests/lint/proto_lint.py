#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Holds the wire schema to the laws of privacy and of bounded decoding.

Usage: proto_lint.py DESCRIPTOR-SET fields.csv [--missing]

Classes   each string and bytes field has a row MESSAGE,FIELD,CLASS,NOTE, no row without a field:
          CODE          value of a closed list (a code, a language, a setting's name)
          ID            made by a machine: object id, pseudonym, hash, cursor, signature, packed bytes
          ORG_PUBLIC    public name or number of an organisation, pool or area; never of a person
          MESSAGE_TEXT  text for people out of a table in the program; field named text_nl, text_en
          SEALED        unreadable here: `bytes capsule`, or the `bytes sealed_key` that opens it
Sealing   a bytes field is SEALED if and only if it bears one of these two names
Names     no field is named like personal data or free text (first_name, birth_date, note ...)
Recursion no message type contains itself: the decoder has no depth limit of its own
Depth     messages within `Message`: at most 4 for what a daemon takes in, 5 for its answers
--missing prints the rows that lack, with a class where the name tells it, for a person to judge.
"""
import csv
import re
import sys

from google.protobuf import descriptor_pb2

FIELD = descriptor_pb2.FieldDescriptorProto
CLASSES = {"CODE", "ID", "ORG_PUBLIC", "MESSAGE_TEXT", "SEALED"}
SEALED_NAMES = {"capsule", "sealed_key"}
ROOT = "schakel.v1.Message"
DEPTH_IN, DEPTH_ANSWER = 4, 5
PERSONAL = re.compile(
    r"(^|_)(first|last|family|given|sur|nick)_?name|(^|_)(birth|street|address|phone|telephone|mobile"
    r"|mail|email|iban|ssn|insz|rrn|national_number|comment|note|notes|remark|description|story|free_?text"
    r"|diagnosis)(_|$)")
GUESS = [
    (re.compile(r"^text_(nl|en)$"), "MESSAGE_TEXT"),
    (re.compile(r"^(name|label_nl|label_en)$"), "ORG_PUBLIC"),
    (re.compile(r"(part(y|ies|ner|ners)|peer|pool|network|organisation|lead|requester|stand_in"
                r"|successor|suggests|daemon|node|source|destination)$"), "ORG_PUBLIC"),
    (re.compile(r"^(zone|zones|languages?|field|key|type|table|reason|sector|region|code|municipality)$"), "CODE"),
    (re.compile(r"(^|_)(short_code|actor|ids?|hash)$"), "ID"),
]


def collect(files):
    """All message types by full name, nested ones included."""
    found = {}

    def walk(prefix, messages):
        for m in messages:
            name = f"{prefix}.{m.name}"
            found[name] = m
            walk(name, m.nested_type)

    for f in files.file:
        if not f.package.startswith("google."):
            walk(f.package, f.message_type)
    return found


def depth(types, name, path=()):
    """Levels of messages below `name`; raises RecursionError with the circle if there is one."""
    if name in path:
        raise RecursionError(" -> ".join(path[path.index(name):] + (name,)))
    inner = [f.type_name[1:] for f in types[name].field if f.type == FIELD.TYPE_MESSAGE]
    return max((1 + depth(types, n, path + (name,)) for n in inner), default=0)


def check_depths(types):
    for name in types:
        try:
            depth(types, name)
        except RecursionError as circle:
            yield f"recursive message type: {circle}"
            return
    for field in types[ROOT].field if ROOT in types else ():
        if field.type == FIELD.TYPE_MESSAGE:
            kind = field.type_name[1:]
            limit = DEPTH_ANSWER if kind.endswith("View") else DEPTH_IN
            levels = 1 + depth(types, kind)
            if levels > limit:
                yield f"{kind}: {levels} levels of messages, limit {limit}"


def text_fields(types):
    """{(message, field): type} of all string and bytes fields."""
    return {(name.split(".", 2)[2], f.name): f.type for name, m in types.items() for f in m.field
            if f.type in (FIELD.TYPE_STRING, FIELD.TYPE_BYTES)}


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        lines = [line for line in file if line.strip() and not line.startswith("#")]
    return [tuple(v.strip() for v in row) for row in csv.reader(lines)][1:]


def check_row(row, fields):
    if len(row) != 4:
        return "not MESSAGE,FIELD,CLASS,NOTE"
    kind = fields.get(row[:2])
    name, klass = row[1], row[2]
    if kind is None:
        return "no such string or bytes field"
    if klass not in CLASSES:
        return f"class {klass or '(empty)'} is none of {' '.join(sorted(CLASSES))}"
    sealed = kind == FIELD.TYPE_BYTES and name in SEALED_NAMES
    if (klass == "SEALED") != sealed:
        return "SEALED holds for bytes named capsule or sealed_key, and for these alone"
    if klass == "MESSAGE_TEXT" and not re.fullmatch(r"text_(nl|en)", name):
        return "MESSAGE_TEXT holds for text_nl and text_en alone"
    if klass in ("MESSAGE_TEXT", "ORG_PUBLIC") and kind == FIELD.TYPE_BYTES:
        return f"{klass} is text, the field is bytes"
    return None


def check_classes(types, rows):
    fields = text_fields(types)
    for row in rows:
        why = check_row(row, fields)
        if why:
            yield f"{','.join(row)}: {why}"
    keys = [row[:2] for row in rows]
    for key in sorted({k for k in keys if keys.count(k) > 1}):
        yield f"{','.join(key)}: stands twice"
    for key in sorted(set(fields) - set(keys)):
        yield f"{','.join(key)}: not classed in fields.csv"
    for name, message in types.items():
        for field in message.field:
            if PERSONAL.search(field.name):
                yield f"{name}.{field.name}: named like personal data or free text"


def guess(name, kind):
    if kind == FIELD.TYPE_BYTES:
        return "SEALED" if name in SEALED_NAMES else "ID"
    return next((klass for pattern, klass in GUESS if pattern.search(name)), "")


def main():
    missing = "--missing" in sys.argv
    descriptors, table = [a for a in sys.argv[1:] if a != "--missing"]
    with open(descriptors, "rb") as file:
        types = collect(descriptor_pb2.FileDescriptorSet.FromString(file.read()))
    rows = read_rows(table)
    if missing:
        have = {row[:2] for row in rows}
        for (message, name), kind in text_fields(types).items():
            if (message, name) not in have:
                print(f"{message},{name},{guess(name, kind)},")
        return
    faults = [*check_depths(types), *check_classes(types, rows)]
    for fault in faults:
        print(f"proto: {fault}")
    sys.exit(1 if faults else 0)


main()
