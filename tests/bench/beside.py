#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Plans of problems by recipe (published.py) without the order, beside the best that CBC finds of a program of exact_lab.py's own within
a minute. Usage: beside.py SCHAKEL NAME:SEED...    prints value, bound, CBC's best and its bound, and by how much the value is above that best"""
import re
import subprocess
import sys
import tempfile

import exact_lab
import published


def best(text, path):
    """@return (value of CBC's best or None, its lower bound)."""
    p = exact_lab.Problem(text)
    program = exact_lab.Program(p)
    with open(path, "w", encoding="utf-8") as f:
        f.write(program.text(program.cost() + program.penalties(), []))
    out = subprocess.run(["cbc", path, "sec", str(exact_lab.TIME_LIMIT_S), "solve"], capture_output=True, text=True, check=True).stdout
    value, bound = (re.search(word + r":\s+(\S+)", out) for word in ("Objective value", "Lower bound"))
    value = float(value.group(1)) if value else None
    return value, float(bound.group(1)) if bound else value


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as directory:
        for name, seed in (what.split(":") for what in sys.argv[2:]):
            text = published.text_of(name, seed)
            plan = subprocess.run([sys.argv[1], "--lang", "en", "lab", "plan", "--law", "off", "-"], input=text, capture_output=True, text=True, check=True)
            value, bound = (int(re.search(word + r" (\d+)", plan.stdout).group(1)) for word in ("objective", "bound"))
            theirs, least = best(text, directory + "/program.lp")
            above = "%+.2f %%" % (100 * (value / theirs - 1)) if theirs else "-"
            print(f"{name} {seed}: {value}, bound {bound}; CBC {theirs}, bound {least}; {above}", flush=True)


if __name__ == "__main__":
    main()
