# SPDX-License-Identifier: EUPL-1.2
"""What is measured. Each section starts what it needs, interleaves ours, limits and peers within
every round, and ends what it started."""
import os
import shutil
import signal
import subprocess
import time

import compose
import gateway
import host
import large
import lists
import policy
import streams

LOADS = ((1, 1), (8, 1), (64, 1), (64, 8))  # clients, requests under way each
FRAME_BYTES = 358  # of a submit; the tool says it, and section_submit checks it
RECEIPT_BYTES = 150
EVENT_BYTES = 220
FACT_BYTES = 260
POOLS = 20
READERS = 100


class Plan:
    def __init__(self, only):
        env = os.environ
        self.only = only
        self.before = env.get("BENCH_BEFORE", "") not in ("", "0")
        self.quick = env.get("BENCH_QUICK", "") not in ("", "0")
        self.rounds = int(env.get("BENCH_ROUNDS", 1 if self.quick else 3))
        self.entries = int(env.get("BENCH_ENTRIES", 20000 if self.quick else 1000000))
        self.ms = 300 if self.quick else 1500
        self.long_ms = 1000 if self.quick else 8000

    def text(self):
        return "rounds: %d of %d ms a figure, interleaved; waiting entries: {:,}".format(self.entries) % (self.rounds, self.ms)


    def command(self):
        """As somebody would type it to get the same."""
        said = ["%s=%s" % (k, v) for k, v in sorted(os.environ.items()) if k.startswith("BENCH_") and k != "BENCH_RESULTS"]
        return " ".join(said + ["make bench"] + (["T=" + self.only] if self.only else []))


class Figures:
    """name -> one result of the tool for each round."""

    def __init__(self):
        self.of = {}

    def add(self, name, result):
        self.of.setdefault(name, []).append(result)

    def get(self, name, field):
        return [r[field] for r in self.of.get(name, [])]


def flush(place, ms):
    return host.tool("flush", file=place.path("flush.bin"), ms=ms)


def only_intake(place, name, curve):
    node = place.keep(host.Node(place, name, curve))
    node.start("intake")
    return node


# --- 1 and 7: a durable submit ---

def peers(place):
    found = {}
    if shutil.which("redis-server"):
        found["Redis XADD"] = place.keep(host.Redis(place))
    if host.Postgres.find():
        found["PostgreSQL INSERT"] = place.keep(host.Postgres(place))
    return found


def submit(node, clients, window, **more):
    cpu = node.cpu_s("intake")
    r = host.tool("submit", node=node.dir, clients=clients, window=window, **more)
    r["cpu_us"] = (node.cpu_s("intake") - cpu) * 1e6 / r["n"]
    return r


def section_submit(plan, place, table):
    nodes = {"": only_intake(place, "n1", True), ", no CURVE": only_intake(place, "n0", False)}
    echo = {"": place.keep(host.Echo(place, True)), ", no CURVE": place.keep(host.Echo(place, False))}
    lmdb = place.keep(host.Lmdb(place))
    rivals = peers(place)
    got = {load: Figures() for load in LOADS}
    for _ in range(plan.rounds):
        for load in LOADS:
            one_round(plan, place, got[load], load, (nodes, echo, lmdb, rivals))
    for load in LOADS:
        submit_rows(table, got[load], load, list(rivals))
    bare_engine(plan, place, table)
    tail(plan, place, table, nodes[""])
    for thing in [*nodes.values(), lmdb, *rivals.values()]:
        place.drop(thing)


def one_round(plan, place, got, load, what):
    nodes, echo, lmdb, rivals = what
    clients, window = load
    args = {"clients": clients, "window": window, "ms": plan.ms}
    got.add("F", flush(place, plan.ms // 2))
    for curve, e in echo.items():
        got.add("echo" + curve, e.run(bytes=FRAME_BYTES, answer=RECEIPT_BYTES, **args))
    for name, rival in rivals.items():
        got.add(name, rival.run(bytes=FRAME_BYTES, **args))
    got.add("LMDB", lmdb.run(batch=clients * window, bytes=FRAME_BYTES, ms=plan.ms))
    for curve, node in nodes.items():
        r = submit(node, clients, window, ms=plan.ms)
        assert r["bytes"] == FRAME_BYTES, r
        got.add("ours" + curve, r)


def submit_rows(table, got, load, rivals):
    clients, window = load
    for curve in ("", ", no CURVE"):
        name = "submit, %d client%s%s%s" % (clients, "s" * (clients > 1), " x %d" % window if window > 1 else "", curve)
        if clients == 1:
            p50_rows(table, got, name, curve, rivals)
        else:
            rate_rows(table, got, name, load, curve)
        table.value(name + ": CPU of intake", got.get("ours" + curve, "cpu_us"), "us")


def p50_rows(table, got, name, curve, rivals):
    ours = got.get("ours" + curve, "p50_us")
    limit = [1.5 * f + rt for f, rt in zip(got.get("F", "p50_us"), got.get("echo" + curve, "p50_us"))]
    table.compare(name + ": p50", ours, "us", "1.5 F + one round trip", limit, "<= 1")
    table.compare(name + ": p50", ours, "us", "F", got.get("F", "p50_us"))
    table.compare(name + ": p50", ours, "us", "round trip", got.get("echo" + curve, "p50_us"))
    for rival in rivals + ["LMDB"]:
        table.compare(name + ": p50", ours, "us", rival, got.get(rival, "p50_us"))


def better(got):
    both = [got.get(n, "per_s") for n in ("PostgreSQL INSERT", "Redis XADD")]
    return [max(pair) for pair in zip(*both)] if all(both) else []


def rate_rows(table, got, name, load, curve):
    wanted = {(8, 1): {"better": ">= 1"}, (64, 1): {"PostgreSQL INSERT": ">= 2.5", "Redis XADD": ">= 1"}}.get(load, {})
    ours = got.get("ours" + curve, "per_s")
    if "better" in wanted:
        table.compare(name, ours, "/s", "better peer", better(got), wanted["better"])
    for rival in ("PostgreSQL INSERT", "Redis XADD", "LMDB"):
        table.compare(name, ours, "/s", rival + (" group commit" if rival == "LMDB" else ""),
                      got.get(rival, "per_s"), wanted.get(rival, ""))
    table.compare(name, ours, "/s", "bare round trips", got.get("echo" + curve, "per_s"))


def bare_engine(plan, place, table):
    """What a submit costs the engine and the core when nothing has to be sent or written."""
    got = []
    for i in range(plan.rounds):
        node = place.keep(host.Node(place, "s%d" % i))
        got.append(host.tool("step", node=node.dir, batch=64, count=5000 if plan.quick else 30000))
        place.drop(node)
    table.value("submit: CPU of engine and core alone, 64 a batch", [r["cpu_us"] for r in got], "us")
    table.note("a submit of %d bytes is %.0f bytes of journal" % (FRAME_BYTES, got[0]["journal_bytes"]))


def tail(plan, place, table, node):
    """p99.9 while the store is committed behind the answers."""
    f = flush(place, plan.ms)
    for clients in (1, 64):
        before = node.place("intake", "waitlist")
        r = submit(node, clients, 1, ms=plan.long_ms)
        after = node.place("intake", "waitlist")
        name = "submit, %d client%s: p99.9 under commits behind" % (clients, "s" * (clients > 1))
        table.compare(name, [r["p999_us"]], "us", "p99.9 of F", [f["p999_us"]])
        table.compare(name, [r["p999_us"]], "us", "own p50", [r["p50_us"]])
        table.note("%s: %d submits, %d batches, %d commits, worst %.1f ms" % (
            name, r["n"], after["batches"] - before["batches"], after["commits"] - before["commits"], r["max_us"] / 1000))


# --- 2: from a submit to its team ---

def section_team(plan, place, table):
    nodes = {"": place.keep(host.Node(place, "t1", True)), ", no CURVE": place.keep(host.Node(place, "t0", False))}
    echo = {"": place.keep(host.Echo(place, True)), ", no CURVE": place.keep(host.Echo(place, False))}
    got = Figures()
    for node in nodes.values():
        node.start(*host.DAEMONS)
        host.sh(host.TOOL, "pools", "node=" + node.dir, "pools=%d" % POOLS)
    for _ in range(plan.rounds):
        got.add("F", flush(place, plan.ms))
        for curve, node in nodes.items():
            got.add("echo" + curve, echo[curve].run(bytes=FRAME_BYTES, answer=RECEIPT_BYTES, ms=plan.ms // 2))
            got.add("ours" + curve, host.tool("propose", node=node.dir, ms=plan.ms * 2))
    for curve, node in nodes.items():
        f, rt, ours = got.get("F", "p50_us"), got.get("echo" + curve, "p50_us"), got.get("ours" + curve, "p50_us")
        name = "submit to TeamProposed, 1 in flight, %d pools%s: p50" % (POOLS, curve)
        table.compare(name, ours, "us", "5 F + 2 round trips", [5 * a + 2 * b for a, b in zip(f, rt)], "<= 1")
        table.compare(name, ours, "us", "F", f)
        table.value(name.replace("p50", "p99"), got.get("ours" + curve, "p99_us"), "us")
        place.drop(node)


# --- 4: fan-out ---

def section_fanout(plan, place, table):
    node = only_intake(place, "f1", True)
    echo = place.keep(host.Echo(place, True))
    got = Figures()
    host.tool("submit", node=node.dir, clients=8, count=500, ms=60000)
    for _ in range(plan.rounds):
        got.add("echo", echo.run(clients=READERS, copies=100, bytes=100, answer=EVENT_BYTES, ms=plan.ms))
        got.add("ours", host.tool("fanout", node=node.dir, readers=READERS, entries=500 if plan.quick else 2000,
                                  count=20 if plan.quick else 200))
    name = "events to %d readers" % READERS
    table.compare(name + ": backlog, deliveries", got.get("ours", "deliveries_per_s"), "/s", "bare ROUTER to as many",
                  got.get("echo", "frames_per_s"))
    table.compare(name + ": submit to the last of them, p50", got.get("ours", "p50_us"), "us", "its receipt",
                  got.get("ours", "receipt_p50_us"))
    place.drop(node)


# --- 3, 5, 6: a long list ---

LOAD_S = 300  # a slow machine makes a shorter list, and the rows say how long it is
CATCH_UP_S = 200


def entries_rate(node, daemon, peer, upto, limit_s):
    cpu = node.cpu_s(daemon)
    r = node.place(daemon, peer, upto=upto, ms=limit_s * 1000)
    r["cpu_us"] = (node.cpu_s(daemon) - cpu) * 1e6 / max(1, r["read"])
    return r


def catch_up(plan, place, table, node, daemon, peer):
    """Starts a daemon that has everything to read; figures at the start and at the end of it.
    @return the entries that it has read."""
    there = node.place(peer, daemon)["written_to"]
    step = min(20000, there // 4)
    node.start(daemon)
    first = entries_rate(node, daemon, peer, step, CATCH_UP_S)
    middle = entries_rate(node, daemon, peer, there - step, CATCH_UP_S)
    last = entries_rate(node, daemon, peer, min(there, middle["read_to"] + step), CATCH_UP_S)
    bare = place.keep(host.Echo(place, True))
    limit = bare.run(bytes=100, copies=256, answer=FACT_BYTES, window=2, ms=plan.ms)
    bare.close()
    place.open.remove(bare)
    name = "log %s -> %s, {:,} entries".format(last["read_to"]) % (peer, daemon)
    table.compare(name, [middle["per_s"]], "/s", "bare frames on one connection", [limit["frames_per_s"]])
    table.value(name + ": CPU of the reader an entry", [middle["cpu_us"]], "us")
    if last["read"] >= step // 2 and first["read"] >= step // 2:
        table.compare("cost of an entry in %s at the end of the list" % daemon, [last["cpu_us"]], "us",
                      "at its beginning", [first["cpu_us"]], "<= 1.2")
    return last["read_to"]


def cost_of_a_submit(plan, table, small, big, where):
    got = Figures()
    for _ in range(plan.rounds):
        for clients in (1, 64):
            got.add("small%d" % clients, submit(small, clients, 1, ms=plan.ms))
            got.add("big%d" % clients, submit(big, clients, 1, ms=plan.ms))
    for field, unit, clients in (("p50_us", "us", 1), ("p50_us", "us", 64), ("cpu_us", "us", 64)):
        what = "p50" if field == "p50_us" else "CPU of intake"
        name = "submit at %s, %d client%s: %s" % (where, clients, "s" * (clients > 1), what)
        table.compare(name, got.get("big%d" % clients, field), unit, "at 10,000 entries",
                      got.get("small%d" % clients, field), "<= 1.2")


def settle(node):
    """Until no daemon has anything of another left to read."""
    pairs = (("waitlist", "intake"), ("matching", "waitlist"), ("waitlist", "matching"), ("intake", "matching"))
    until = time.monotonic() + CATCH_UP_S
    quiet = 0
    while quiet < 2 and time.monotonic() < until:
        left = [node.place(b, a)["written_to"] - node.place(a, b)["read_to"] for a, b in pairs]
        quiet = quiet + 1 if max(left) <= 0 else 0
        time.sleep(0.2)


def recovery(plan, node):
    """Killed under load, so that a tail stands in the journal behind the last commit."""
    took = {d: [] for d in host.DAEMONS}
    for _ in range(plan.rounds):
        load = subprocess.Popen([host.TOOL, "submit", "node=" + node.dir, "clients=8", "ms=60000"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.7)
        node.stop(how=signal.SIGKILL)
        host.end(load, signal.SIGKILL)
        for d in host.DAEMONS:
            took[d].append(node.start(d)[d])
    return took


def memory_rows(table, node, where):
    for d in host.DAEMONS:
        all_mib, own_mib = node.memory_mib(d)
        table.compare("%s with %s: its own memory" % (d, where[d]), [own_mib], "MiB", "1 GiB", [1024.0], "<= 1")
        table.compare("%s with %s: resident, with pages of the store's file" % (d, where[d]), [all_mib], "MiB", "1 GiB", [1024.0])


def section_list(plan, place, table):
    small, big = only_intake(place, "l10k", True), only_intake(place, "l1m", True)
    host.tool("submit", node=small.dir, clients=64, window=8, count=10000, ms=LOAD_S * 1000)
    load = host.tool("submit", node=big.dir, clients=64, window=8, count=plan.entries, ms=LOAD_S * 1000)
    where = "{:,} entries".format(load["n"])
    table.note("the list was made by {:,} submits of one need each, {:,.0f}/s".format(load["n"], load["per_s"]))
    cost_of_a_submit(plan, table, small, big, where)
    place.drop(small)
    at = {"intake": where}
    at["waitlist"] = "{:,} entries".format(catch_up(plan, place, table, big, "waitlist", "intake"))
    at["matching"] = "{:,} entries".format(catch_up(plan, place, table, big, "matching", "waitlist"))
    settle(big)
    memory_rows(table, big, at)
    for d, s in recovery(plan, big).items():
        table.compare("%s with %s: ready after kill -9" % (d, at[d]), s, "s", "2 s", [2.0] * len(s), "<= 1")
    place.drop(big)


ALL = {"submit": section_submit, "team": section_team, "fanout": section_fanout, "list": section_list,
       "gateway": gateway.section_gateway, "compose": compose.section_compose, "streams": streams.section_streams,
       "plan": lists.section_plan, "lab": policy.section_lab, "large": large.section_large}
