#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Puts standard input between `<!-- NAME: begin -->` and `<!-- NAME: end -->` of a file.

Usage: between.py FILE NAME < text
"""
import sys

path, name = sys.argv[1:]
begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
with open(path, encoding="utf-8") as f:
    text = f.read()
head, rest = text.split(begin, 1)
tail = rest.split(end, 1)[1]
with open(path, "w", encoding="utf-8") as f:
    f.write(head + begin + sys.stdin.read() + end + tail)
