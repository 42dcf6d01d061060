# SPDX-License-Identifier: EUPL-1.2
"""What `schakel lab` proves is what GLPK and CBC find, on a few dozen small random problems (`make exact`: thousands); and the
comparison itself fails when an answer is wrong by one."""
import os
import shutil
import subprocess
import sys

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench")
SCHAKEL = os.path.join(os.environ["SCHAKEL_BIN"], "schakel")
FALSE = r"""#!/bin/sh
"%s" "$@" | awk '$1 == "objective" || $1 == "bound" { $2 += 1 } { print }'
"""


def exact(schakel, way, count, *words):
    return subprocess.run([sys.executable, os.path.join(BENCH, "exact.py"), schakel, way, "--count", str(count), "--seed", "7", "--needs", "6", *words],
                          capture_output=True, text=True, check=False)


def main():
    if shutil.which("glpsol") is None and shutil.which("cbc") is None:
        print("neither glpsol nor cbc is installed (sh deploy/setup.sh test)")
        return 77
    for way, count, *words in (("compose", 40, "--rules"), ("plan", 25, "--rules")):
        told = exact(SCHAKEL, way, count, *words)
        assert told.returncode == 0, told.stderr
        print(told.stdout, end="")
    with open("false", "w", encoding="utf-8") as f:
        f.write(FALSE % SCHAKEL)
    os.chmod("false", 0o755)
    told = exact(os.path.abspath("false"), "compose", 5)
    assert told.returncode == 1 and "ours" in told.stderr, told
    return 0


sys.exit(main())
