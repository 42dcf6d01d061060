#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Runs simulators; each is a program SEED that exits 0 when nothing was violated.

run.py seeds   DIR --first 1 --count 200   every seed that ever failed (seeds.txt), then a range
run.py digest  DIR OTHER-DIR               same seed, same last line: in two builds, and twice in one
run.py mutants DIR                         each planted bug (mutants.txt) is found by its seed
run.py hunt    DIR --count 10000           finds such a seed anew; prints lines for mutants.txt
DIR holds the binaries. A planted bug is chosen by SK_MUT=NUMBER, in the `mut` build alone.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
LIMIT_S = int(os.environ.get("SIM_LIMIT_S", "300"))
DRIVEN_FROM = 200         # seeds from which on every command must have been accepted
# Commands of the engine that no simulator gives, with where they are tested instead.
NOT_DRIVEN = {
    "clock_advance": "of demo nodes: tests/unit/engine_time_test.c",
    "quarantine_action": "tests/unit/engine_poison_test.c",
    "reconcile_sign_off": "tests/unit/engine_restore_test.c",
}
FOUND_BY_CHECKER = 1      # a law or an invariant was violated
FOUND_BY_ASSERT = -6      # our own assertion stopped the process (abort)


def rows(path, columns):
    """Yields the lines of a list file, split into `columns` words; the rest is the last one."""
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split(None, columns - 1)


def execute(program, seed, mutant=0):
    """Returns (exit code, output). A time-out is the code 124."""
    env = dict(os.environ, SK_MUT=str(mutant)) if mutant else os.environ
    try:
        done = subprocess.run([program, str(seed)], env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S)
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b"") + b"\ntime-out\n"
    return done.returncode, done.stdout


def programs(directory):
    return sorted(p for p in pathlib.Path(directory).glob("*_sim") if os.access(p, os.X_OK))


def undriven(counts, seeds):
    """What people may say and nobody said is tested by no law: a gap in the driving."""
    never = sorted(n for n, times in counts.items() if times == 0 and n not in NOT_DRIVEN)
    if seeds < DRIVEN_FROM or not never:
        return 0
    print(f"FAILED nobody ever had these commands accepted in {seeds} seeds: {' '.join(never)}")
    return 1


def run_seeds(pool, args):
    kept = list(rows(HERE / "seeds.txt", 3))
    failed = total = 0
    unknown = {r[0] for r in kept} - {p.name for p in programs(args.dir)}
    for name in sorted(unknown):
        print(f"FAILED tests/sim/seeds.txt names {name}, which is not built")
        failed += 1
    for program in programs(args.dir):
        seeds = [int(r[1]) for r in kept if r[0] == program.name]
        seeds += range(args.first, args.first + args.count)
        bad = []
        counts = {}
        for seed, (code, output) in zip(seeds, pool.map(lambda s: execute(program, s), seeds)):
            for name, times in re.findall(rb" (\w+)=(\d+)", b"".join(
                    line for line in output.splitlines() if line.startswith(b"accepted "))):
                counts[name.decode()] = counts.get(name.decode(), 0) + int(times)
            if code != 0:
                log = program.with_name(f"{program.name}.{seed}.log")
                log.write_bytes(output)
                bad.append(seed)
                if len(bad) == 1:
                    print(f"---- {program} {seed} (exit code {code}, whole log: {log})")
                    print(output.decode(errors="replace")[-6000:])
        total += len(seeds)
        failed += len(bad) + undriven(counts, len(seeds))
        if bad:
            print(f"FAILED {program.name} with seeds {bad}: mend it and add each to seeds.txt")
        else:
            print(f"  ok    {program}: {len(seeds)} seeds")
    print(f"simulator: {total - failed} passed, {failed} failed")
    return failed


def run_digest(pool, args):
    def digest(program, seed):
        code, output = execute(program, seed)
        last = output.decode(errors="replace").splitlines()[-1:] or ["nothing printed"]
        return last[0] if code == 0 else f"exit code {code}"

    failed = 0
    for program in programs(args.dir):
        other = pathlib.Path(args.other) / program.name
        for seed in range(1, 6):
            runs = list(pool.map(lambda p: digest(p, seed), [program, program, other]))
            if len(set(runs)) != 1 or runs[0].startswith("exit code"):
                print(f"FAILED {program.name} {seed}: {runs}")
                failed += 1
        if failed == 0:
            print(f"  ok    {program.name}: 5 seeds, same digest")
    return failed


def program_of(directory, name):
    """A simulator, or a unit test: that has no seed, and each of its tests that fails counts."""
    of = pathlib.Path(directory)
    return (of if name.endswith("_sim") else of.parent / "unit") / name


def found(program, seed, mutant):
    code = execute(program, seed, mutant)[0]
    by_test = program.name.endswith("_test") and 0 < code < 124
    return by_test or code in (FOUND_BY_CHECKER, FOUND_BY_ASSERT)


def planted():
    """Numbers of the bugs in the sources: MUT(7)."""
    root = HERE.parent.parent
    files = [*root.glob("common/*.[ch]"), *root.glob("services/*/*.[ch]")]
    return {int(n) for f in files for n in re.findall(r"\bMUT\((\d+)\)", f.read_text())}


def run_mutants(pool, args):
    """The same seed must pass without the bug: a checker that refuses everything finds nothing."""
    def clean(sim, seed):
        program = program_of(args.dir, sim)
        return program.exists() and execute(program, seed)[0] == 0

    def verdict(row):
        number, sim, seed, _ = row
        program = program_of(args.dir, sim)
        if not program.exists():
            return f"{sim} is not built"
        if not found(program, seed, number):
            return f"not found by {sim} {seed}"
        if not passes[sim, seed].result():
            return f"{sim} {seed} fails without it, too"
        return ""

    listed = list(rows(HERE / "mutants.txt", 4))
    # Once each; they are queued before the verdicts that wait for them.
    passes = {way: pool.submit(clean, *way) for way in {(r[1], r[2]) for r in listed}}
    failed = len(listed) - len({r[0] for r in listed})
    if failed:
        print("FAILED: a number stands twice in tests/sim/mutants.txt")
    for number in sorted(planted() ^ {int(r[0]) for r in listed}):
        print(f"FAILED mutant {number}: MUT({number}) and tests/sim/mutants.txt disagree")
        failed += 1
    for row, why in zip(listed, pool.map(verdict, listed)):
        if why:
            print(f"FAILED mutant {row[0]} ({row[3]}): {why}")
            failed += 1
    print(f"mutants: {len(listed) - failed} passed, {failed} failed")
    return failed


def run_hunt(pool, args):
    missed = 0
    for number, sim, _, what in rows(HERE / "mutants.txt", 4):
        program = program_of(args.dir, sim)
        hit = None
        for start in range(args.first, args.first + args.count, 64):
            seeds = range(start, min(start + 64, args.first + args.count))
            hits = [s for s, f in zip(seeds, pool.map(lambda s: found(program, s, number), seeds))
                    if f]
            if hits:
                hit = hits[0]
                break
        missed += hit is None
        print(f"{number} {sim} {'MISSED' if hit is None else hit} {what}", flush=True)
    return missed


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("what", choices=["seeds", "digest", "mutants", "hunt"])
    parser.add_argument("dir")
    parser.add_argument("other", nargs="?")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    args = parser.parse_args()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        failed = globals()["run_" + args.what](pool, args)
    sys.exit(1 if failed else 0)


main()
