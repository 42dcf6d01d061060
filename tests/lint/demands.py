#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The README's table of demands: each id of the seeds once, and every test that a row names exists.

A row is `| ID | what is there | proofs |`. A proof stands in backquotes: a file, or a file with
functions of it, `tests/unit/x_test.c: test_a, test_b`. A row without a proof must say what lacks.

Usage: demands.py TOP
"""
import pathlib
import re
import sys

COUNTS = {"A": 14, "B": 19, "C": 12, "D": 16}
HEADING = "## The demands of the seeds\n"
LACKS = "Lacks:"


def section(readme):
    """The lines of the section, without those of the next."""
    parts = readme.split(HEADING)
    return re.split(r"^## ", parts[1], flags=re.M)[0].splitlines() if len(parts) == 2 else []


def proof_faults(top, demand, proof):
    """What is wrong with one proof."""
    name, _, functions = proof.partition(":")
    path = top / name.strip()
    if not path.is_file():
        return [f"{demand} names {name}, which does not exist"]
    text = path.read_text(encoding="utf-8")
    wanted = [f.strip() for f in functions.split(",") if f.strip()]
    return [f"{demand} names {f}, which is not in {name}" for f in wanted
            if not re.search(rf"^(static void |def ){re.escape(f)}\(", text, re.M)]


def row_faults(top, cells):
    """What is wrong with one row."""
    if len(cells) != 3:
        return [f"{cells[0]} has {len(cells)} cells, not 3"]
    demand, what, proved = cells
    proofs = re.findall(r"`([^`]+)`", proved)
    faults = [fault for proof in proofs for fault in proof_faults(top, demand, proof)]
    if not proofs and LACKS not in what:
        faults.append(f"{demand} names no test and does not say what lacks")
    return faults


def main():
    top = pathlib.Path(sys.argv[1])
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in section((top / "README.md").read_text(encoding="utf-8"))
            if re.match(r"\| [A-Z]\d", line)]
    faults = [fault for cells in rows for fault in row_faults(top, cells)]
    ids = [cells[0] for cells in rows]
    wanted = [f"{letter}{n}" for letter, count in COUNTS.items() for n in range(1, count + 1)]
    faults += [f"{demand} stands {ids.count(demand)} times, not once" for demand in wanted
               if ids.count(demand) != 1]
    faults += [f"{demand} is no demand of the seeds" for demand in ids if demand not in wanted]
    for fault in faults:
        print(f"README.md: {fault}")
    sys.exit(1 if faults else 0)


main()
