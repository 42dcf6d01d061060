# SPDX-License-Identifier: EUPL-1.2
"""Processes that a run starts, each in the run's own directory, ended by their own id: nodes, the
bare echo, PostgreSQL, Redis. Nothing listens on anything but a unix socket."""
import datetime
import glob
import json
import os
import platform
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

BIN = os.environ["SCHAKEL_BIN"]
TOOL = os.environ["SCHAKEL_BENCH"]
DAEMONS = ("intake", "waitlist", "matching")
ENDS_S = 60

ZONES = "id,name,duty,stand_in,network,region\nwesthoek,Westhoek,duty-west,standin-west,net-west,regio\n"
PARTIES = """id,name,roles,zones
duty-west,Wacht,REQUESTER,westhoek
standin-west,Vervanger,REQUESTER,westhoek
net-west,Netwerk,COORDINATOR,westhoek
clb,CLB,REQUESTER,westhoek
huis-a,Huis A,FACILITY,westhoek
"""


def tool(what, **args):
    """Runs one measurement. @return its figures."""
    cmd = [TOOL, what] + ["%s=%s" % (k, v) for k, v in args.items()]
    p = subprocess.run(cmd, capture_output=True, encoding="utf-8", timeout=1200)
    if p.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(cmd), p.stderr.strip()))
    return json.loads(p.stdout)


def sh(*cmd, **more):
    p = subprocess.run(cmd, capture_output=True, encoding="utf-8", timeout=300, **more)
    if p.returncode != 0:
        raise RuntimeError("%s: exit %d\n%s%s" % (" ".join(cmd), p.returncode, p.stdout, p.stderr))
    return p.stdout


def end(p, how=signal.SIGTERM):
    if p.poll() is None:
        p.send_signal(how)
        try:
            p.wait(ENDS_S)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()


def stand_before_others():
    """For a machine that others work on: this process and all that it starts run in real time
    (SCHED_RR), so that who wakes up runs at once. Others get what is left. Needs root."""
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


class Place:
    """The directory of a run, and everything that was started in it."""

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="schakel-bench.", dir=os.environ.get("BENCH_DIR", "/var/tmp"))
        os.chmod(self.dir, 0o755)
        self.open = []
        return self

    def __exit__(self, *_):
        for thing in reversed(self.open):
            thing.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def keep(self, thing):
        self.open.append(thing)
        return thing

    def drop(self, thing):
        thing.close()
        self.open.remove(thing)
        shutil.rmtree(thing.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)


class Node:
    """A real node, with CURVE; without it a demo node, since only there it may be off."""

    def __init__(self, place, name, curve=True):
        demo = not curve
        self.dir = place.path(name)
        self.log = place.path(name + ".log")
        self.procs = {}
        zones, parties = place.path(name + ".zones"), place.path(name + ".parties")
        for path, text in ((zones, ZONES), (parties, PARTIES)):
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        sh(os.path.join(BIN, "schakel"), "node", "init", self.dir, "--name", name, "--zones", zones,
           "--partners", parties, *(["--demo"] if demo else []))
        self.configure(curve)
        if demo:
            self.set_clock()

    def set_clock(self):
        """A demo node's clock stands still, so nothing falls due while it is measured."""
        self.start(*DAEMONS)
        sh(os.path.join(BIN, "schakel"), "node", "clock", "advance", "2026-03-03T10:00:00Z", "--node", self.dir)
        self.stop()

    def configure(self, curve):
        """The sizes of a real node, and logs without a bound: daemons are stopped on purpose here."""
        path = os.path.join(self.dir, "schakel.ini")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        text = re.sub(r"\[store\].*?\n\n", "", text, flags=re.S)
        if not curve:
            text = text.replace("[node]\n", "[node]\ncurve = off\n")
        text += "\n[settings]\nlog_soft_bytes = 549755813888\nlog_hard_bytes = 1099511627776\n"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    def start(self, *names):
        """Starts daemons and waits until each says that it is ready. @return seconds for each."""
        took = {}
        for d in names:
            inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            inbox.bind("\0schakel-bench-%d-%s-%d" % (os.getpid(), d, time.monotonic_ns()))
            inbox.settimeout(ENDS_S)
            name = "@" + inbox.getsockname()[1:].decode()
            began = time.monotonic()
            with open(self.log, "ab") as log:
                self.procs[d] = subprocess.Popen(
                    [os.path.join(BIN, "schakel-%sd" % d), "--config", self.dir], stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, env=dict(os.environ, NOTIFY_SOCKET=name))
            while b"READY=1" not in inbox.recv(4096):
                pass
            took[d] = time.monotonic() - began
            inbox.close()
        return took

    def stop(self, *names, how=signal.SIGTERM):
        for d in names or list(self.procs):
            end(self.procs.pop(d), how)

    def close(self):
        self.stop(how=signal.SIGKILL)

    # --- what a daemon has used ---

    def cpu_s(self, d):
        with open("/proc/%d/stat" % self.procs[d].pid, encoding="utf-8") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self, d):
        """@return resident, and of it what is no page of a file."""
        with open("/proc/%d/status" % self.procs[d].pid, encoding="utf-8") as f:
            kib = dict(re.findall(r"^(VmRSS|RssAnon|RssFile):\s+(\d+) kB", f.read(), re.M))
        return int(kib["VmRSS"]) / 1024, int(kib["RssAnon"]) / 1024

    def place(self, daemon, peer, **more):
        return tool("watch", node=self.dir, daemon=daemon, peer=peer, **more)


class Echo:
    def __init__(self, place, curve):
        self.endpoint = "ipc://" + place.path("echo%d" % curve)
        self.curve = int(curve)
        self.proc = subprocess.Popen([TOOL, "echo-serve", "endpoint=" + self.endpoint, "curve=%d" % curve],
                                     stdout=subprocess.PIPE, encoding="utf-8")
        self.key = self.proc.stdout.readline().strip()

    def run(self, **args):
        return tool("echo", endpoint=self.endpoint, key=self.key, curve=self.curve, **args)

    def close(self):
        end(self.proc)
        self.proc.stdout.close()


class Lmdb:
    def __init__(self, place):
        self.dir = place.path("lmdb")
        os.mkdir(self.dir)

    def run(self, **args):
        return tool("lmdb", dir=self.dir, **args)

    def close(self):
        pass


class Postgres:
    """A cluster of its own. PostgreSQL refuses to run as root, so then the packaged user runs it."""

    version = None

    @staticmethod
    def find():
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"), key=lambda p: int(p.split("/")[4]))
        return os.path.dirname(found[-1]) if found else None

    def __init__(self, place):
        self.bin = self.find()
        self.dir = place.path("pg")
        os.mkdir(self.dir)
        self.user = {}
        if os.geteuid() == 0:
            u = pwd.getpwnam("postgres")
            os.chown(self.dir, u.pw_uid, u.pw_gid)
            self.user = {"user": u.pw_uid, "group": u.pw_gid, "extra_groups": []}
        data = os.path.join(self.dir, "data")
        sh(self.bin + "/initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", cwd=self.dir, **self.user)
        options = {"listen_addresses": "", "unix_socket_directories": self.dir, "fsync": "on",
                   "synchronous_commit": "on", "shared_buffers": "512MB", "max_connections": "200"}
        args = [a for k, v in options.items() for a in ("-c", "%s=%s" % (k, v))]
        with open(place.path("pg.log"), "ab") as log:
            self.proc = subprocess.Popen([self.bin + "/postgres", "-D", data] + args, stdout=log, stderr=log,
                                         cwd=self.dir, **self.user)
        self.wait()
        sh(self.bin + "/psql", "-h", self.dir, "-U", "postgres", "-c",
           "CREATE TABLE submit (id uuid PRIMARY KEY, body bytea NOT NULL)", cwd=self.dir)
        self.socket = os.path.join(self.dir, ".s.PGSQL.5432")

    def wait(self):
        until = time.monotonic() + ENDS_S
        while subprocess.run([self.bin + "/pg_isready", "-q", "-h", self.dir], cwd=self.dir).returncode != 0:
            if time.monotonic() > until:
                raise RuntimeError("PostgreSQL did not start")
            time.sleep(0.1)

    def run(self, **args):
        return tool("postgres", socket=self.socket, **args)

    def close(self):
        end(self.proc, signal.SIGINT)  # fast shutdown


class Redis:
    def __init__(self, place):
        self.dir = place.path("redis")
        os.mkdir(self.dir)
        self.socket = os.path.join(self.dir, "sock")
        self.proc = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", self.dir, "--save", "",
             "--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + ENDS_S
        while not os.path.exists(self.socket):
            if time.monotonic() > until:
                raise RuntimeError("Redis did not start")
            time.sleep(0.05)

    def run(self, **args):
        return tool("redis", socket=self.socket, **args)

    def close(self):
        end(self.proc)


# --- what the figures stand on ---

def first_line(*cmd):
    try:
        return subprocess.run(cmd, capture_output=True, encoding="utf-8", timeout=20).stdout.splitlines()[0]
    except (OSError, IndexError):
        return "not installed"


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        found = re.search(r"^model name\s*:\s*(.+)$", f.read(), re.M)
    return found.group(1) if found else platform.machine()


def about(place, plan):
    with open("/proc/meminfo", encoding="utf-8") as f:
        gib = int(re.search(r"MemTotal:\s+(\d+)", f.read()).group(1)) / 2**20
    disk = sh("df", "--output=source,fstype", place.dir).splitlines()[1].split()
    lines = [datetime.datetime.now().strftime("%Y-%m-%d %H:%M"),
             "machine: %d x %s, %.0f GiB, Linux %s" % (os.cpu_count(), cpu_name(), gib, platform.release()),
             "stores on %s (%s); load before: %.1f" % (disk[0], disk[1], os.getloadavg()[0]),
             "PostgreSQL: %s" % (first_line(Postgres.find() + "/postgres", "--version") if Postgres.find() else "not installed"),
             "Redis: %s" % first_line("redis-server", "--version"),
             plan.text(),
             "command: " + plan.command()]
    if disk[1] in ("tmpfs", "ramfs"):
        lines.append("WARNING: stores are in memory; set BENCH_DIR to a directory on a disk")
    return lines
