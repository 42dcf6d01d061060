#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Holds files and functions to their size. Usage: shape.py ROOT [--update]

Function <= 60 lines, .c <= 500 lines, line <= 100 columns (a tab is 8), nesting <= 3, parameters
<= 5. tests/lint/ratchet.txt lists what is larger, a line each: WHAT WHERE VALUE. A value there may
only fall; --update writes the fallen ones and drops what is within the limit again. It adds none.
"""
import pathlib
import re
import sys

import ctext

LIMIT = {"function-lines": 60, "file-lines": 500, "columns": 100, "nesting": 3, "parameters": 5}
CONTROL = re.compile(r"(\)|\belse|\bdo|:|^) *\{$")
NAME = re.compile(r"(\w+)\s*\(")


def functions(lines):
    """Yields (name, first line, last line, signature) of the definitions; the layout is fixed by
    clang-format, so a body's braces stand alone in the first column."""
    start = None
    opened = None
    for i, line in enumerate(lines):
        if opened is not None:
            if line.startswith("}"):
                yield start, opened, i
                start = opened = None
        elif line == "{" and start is not None:
            opened = i
        elif not line.strip() or line.startswith(("#", "}")) or line.rstrip().endswith(";"):
            start = None
        elif line[0] not in " \t" and start is None:
            start = i


def parameters(signature):
    open_at = NAME.search(signature)
    if open_at is None:
        return "?", 0
    depth = commas = 0
    inside = signature[open_at.end():]
    for i, c in enumerate(inside):
        depth += c in "([{"
        depth -= c in ")]}"
        if depth < 0:
            inside = inside[:i]
            break
        commas += c == "," and depth == 0
    empty = inside.strip() in ("", "void")
    return open_at.group(1), 0 if empty else commas + 1


def nesting(body):
    """Deepest level of control blocks within a function; initialisers do not count."""
    stack = []
    deepest = 0
    for line in body:
        text = line.strip()
        for i, c in enumerate(text):
            if c == "{":
                stack.append(i == len(text) - 1 and bool(CONTROL.search(text)))
                deepest = max(deepest, sum(stack))
            elif c == "}" and stack:
                stack.pop()
    return deepest


def measure(path, name):
    """Yields (what, where, value, line)."""
    lines = ctext.code_lines(path)
    raw = path.read_text().split("\n")
    if path.suffix == ".c":
        yield "file-lines", name, len(raw) - 1, 1
    widths = [len(line.expandtabs(8)) for line in raw]
    yield "columns", name, max(widths), widths.index(max(widths)) + 1
    for first, opened, last in functions(lines):
        title, count = parameters(" ".join(lines[first:opened]))
        where = f"{name}:{title}"
        yield "function-lines", where, last - first + 1, first + 1
        yield "nesting", where, nesting(lines[opened + 1:last]), first + 1
        yield "parameters", where, count, first + 1


def read_ratchet(path):
    rows = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            what, where, value = line.split()
            rows[(what, where)] = int(value)
    return rows


def main():
    root = pathlib.Path(sys.argv[1])
    update = "--update" in sys.argv
    ratchet_file = root / "tests/lint/ratchet.txt"
    allowed = read_ratchet(ratchet_file)
    now = {}
    failed = 0
    for path in ctext.c_files(root):
        for what, where, value, line in measure(path, str(path.relative_to(root))):
            if value <= LIMIT[what]:
                continue
            now[(what, where)] = value
            bound = allowed.get((what, where), LIMIT[what])
            if value > bound:
                print(f"{path}:{line}: {what} of {re.split('[:/]', where)[-1]} is {value}, limit {bound}")
                failed += 1
    stale = {k: v for k, v in allowed.items() if now.get(k, 0) < v}
    if update and stale:
        head = [s for s in ratchet_file.read_text().splitlines() if s.startswith("#")]
        kept = sorted((k, min(v, now[k])) for k, v in allowed.items() if k in now)
        rows = [f"{what} {where} {value}" for (what, where), value in kept]
        ratchet_file.write_text("\n".join(head + rows) + "\n")
    elif stale:
        for what, where in sorted(stale):
            print(f"{ratchet_file}: {what} {where} has shrunk: lower it (shape.py {root} --update)")
        failed += len(stale)
    sys.exit(1 if failed else 0)


main()
