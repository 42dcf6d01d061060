# SPDX-License-Identifier: EUPL-1.2
"""Reads C files for the lints: the same text with comments and literals blanked out."""
import pathlib
import re

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(match):
    text = match.group(0)
    if text.startswith(("/*", "//")):
        return re.sub(r"[^\n]", " ", text)
    return text[0] + "_" * (len(text) - 2) + text[-1]


def code_lines(path):
    """The lines of a file, comments as spaces and literals as underscores; columns stay."""
    return TOKEN.sub(blank, path.read_text()).split("\n")


def c_files(root, patterns=("common/*", "common/*/*", "services/*/*", "tests/*/*")):
    root = pathlib.Path(root)
    return sorted(p for pattern in patterns for s in (".c", ".h") for p in root.glob(pattern + s))
