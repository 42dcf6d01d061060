#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Refuses calls that the house bans and includes that cross a border. Usage: banned.py ROOT

Everywhere   no assert, exit, atoi and string functions without a bound (use SK_ASSERT, snprintf)
Product      no jumps; a test may jump out of a daemon that it kills in the midst of a call
Cores        no clock, socket, file, log, randomness, environment or thread can be reached
Borders      common/ includes nothing of services/; a service nothing of another; product code
             nothing of tests/
"""
import pathlib
import re
import sys

import ctext

BANNED = re.compile(
    r"\b(assert|exit|atoi|atol|atoll|atof|gets|strcpy|strcat|sprintf|vsprintf|strtok|"
    r"alloca|system|popen|tmpnam|mktemp|rand|srand|random|drand48|gmtime|localtime|"
    r"ctime|asctime)\s*\(")
JUMPS = re.compile(r"\b((?:sig)?setjmp|(?:sig)?longjmp)\s*\(")
CORE_BANNED = re.compile(
    r"\b(time|clock|gettimeofday|getenv|secure_getenv|setlocale|fopen|open|openat|creat|socket|"
    r"read|write|pread|pwrite|printf|fprintf|puts|fputs|perror|syslog|getpid|sleep|usleep|"
    r"nanosleep)\s*\("
    r"|\b(?:clock_|uv_|zmq_|rand|getrandom|arc4random|pthread_|sd_|svc_|mdb_)\w*"
    r"|\b(?:stdin|stdout|stderr|errno|CLOCK_\w+)\b")
CORE_HEADERS = re.compile(
    r'#\s*include\s*<(time|sys/\w+|unistd|fcntl|pthread|stdio_ext|uv|zmq|lmdb|syslog|signal|errno|'
    r'threads)\.h>')
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def is_core(path):
    parts = path.parts
    return (parts[0] == "services" and parts[1] in ("intake", "waitlist", "matching")
            and path.name != "main.c")


def border(path, included):
    """Says why a file may not include another, or returns None."""
    target = included.split("/")
    if path.parts[0] == "common" and target[0] in ("services", "tests"):
        return "common/ never includes services/ or tests/"
    if path.parts[0] == "services":
        if target[0] == "tests":
            return "product code never includes tests/"
        if target[0] == "services" and target[1] != path.parts[1]:
            return "no service includes another's header"
    if target[0] in (".", ".."):
        return "includes are written from the top of the tree"
    return None


def check(path, text, lines):
    for number, (raw, line) in enumerate(zip(text, lines), 1):
        found = BANNED.search(line)
        if found:
            yield number, f"{found.group(1)} is banned"
        found = path.parts[0] != "tests" and JUMPS.search(line)
        if found:
            yield number, f"{found.group(1)} is banned"
        included = INCLUDE.match(raw)
        why = border(path, included.group(1)) if included else None
        if why:
            yield number, why
        if is_core(path):
            found = CORE_BANNED.search(line) or CORE_HEADERS.search(line)
            if found:
                yield number, f"a core cannot reach {found.group(0).strip('( ')}"


def main():
    root = pathlib.Path(sys.argv[1])
    failed = 0
    for path in ctext.c_files(root):
        text = path.read_text().split("\n")
        for number, why in check(path.relative_to(root), text, ctext.code_lines(path)):
            print(f"{path}:{number}: {why}")
            failed += 1
    sys.exit(1 if failed else 0)


main()
