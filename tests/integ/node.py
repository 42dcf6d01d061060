# SPDX-License-Identifier: EUPL-1.2
"""A node of real daemons in the test's own directory: made, started, killed, looked at."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time

import wire
from schakel.v1 import codes_pb2 as codes
from schakel.v1 import engine_pb2 as engine
from schakel.v1 import frame_pb2 as frame

BIN = os.environ["SCHAKEL_BIN"]
WEEK_MS = 7 * 86400000
DAEMONS = ("intake", "waitlist", "matching")
READY_S = 60
SEGMENT_BYTES = 2 << 20

ZONES = """id,name,duty,stand_in,network,region
westhoek,Westhoek,duty-west,standin-west,net-west,regio
rits,RITS,duty-rits,standin-rits,net-rits,regio
"""
PARTIES = (
    ("duty-west", "REQUESTER", "westhoek"), ("standin-west", "REQUESTER", "westhoek"), ("net-west", "COORDINATOR", "westhoek"),
    ("duty-rits", "REQUESTER", "rits"), ("standin-rits", "REQUESTER", "rits"), ("net-rits", "COORDINATOR", "rits"),
    ("meldpunt", "CONTACT_POINT", "westhoek rits"), ("clb", "REQUESTER", "westhoek rits"),
    ("huis-a", "FACILITY", "westhoek rits"), ("huis-b", "FACILITY", "westhoek rits"), ("huis-c", "FACILITY", "westhoek rits"),
    ("gezin", "FAMILY", "westhoek rits"), ("dashboard", "DASHBOARD", "westhoek rits"),
)
ROLE = {"duty-west": codes.ROLE_REQUESTER, "meldpunt": codes.ROLE_CONTACT_POINT, "clb": codes.ROLE_REQUESTER,
        "huis-a": codes.ROLE_FACILITY, "huis-b": codes.ROLE_FACILITY, "huis-c": codes.ROLE_FACILITY,
        "gezin": codes.ROLE_FAMILY, "dashboard": codes.ROLE_DASHBOARD, "beheer": codes.ROLE_OPERATOR,
        "net-west": codes.ROLE_COORDINATOR}


def wait_for(what, fn, timeout_s=READY_S, every_s=0.05):
    end = time.monotonic() + timeout_s
    while True:
        value = fn()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited %s s for: %s" % (timeout_s, what))
        time.sleep(every_s)


def free_ports(count):
    """That many different ones: each is held until the last is known."""
    held = [socket.socket() for _ in range(count)]
    for s in held:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


class Node:
    def __init__(self, name="node", demo=True, parties=PARTIES, settings=""):
        self.dir = os.path.join(os.environ["SCHAKEL_DIR"], name)
        self.demo = demo
        self.procs = {}
        self.clients = {}
        self.env = dict(os.environ)
        self.preload = {}
        self.tokens = {}
        zones, table = self.dir + ".zones.csv", self.dir + ".parties.csv"
        with open(zones, "w", encoding="utf-8") as f:
            f.write(ZONES)
        with open(table, "w", encoding="utf-8") as f:
            f.write("id,name,roles,zones\n")
            for id_, roles, served in parties:
                f.write("%s,Proef %s,%s,%s\n" % (id_, id_, roles, served))
        args = ["node", "init", self.dir, "--name", "proef", "--zones", zones, "--partners", table]
        self.cli(*(args + (["--demo"] if demo else [])), node=False)
        self.shrink(settings)

    def shrink(self, settings):
        """Small stores: a test makes many. Keys that are given already are replaced."""
        path = os.path.join(self.dir, "schakel.ini")
        text = open(path, encoding="utf-8").read()
        sizes = {"map_bytes": 1 << 30, "segment_bytes": SEGMENT_BYTES, "disk_reserve_bytes": 64 << 20}
        if "[store]" not in text:
            text += "\n[store]\n"
        for key, value in sizes.items():
            text = re.sub(r"(?m)^%s = .*\n" % key, "", text)
            text = text.replace("[store]\n", "[store]\n%s = %d\n" % (key, value))
        if settings:
            text += "\n[settings]\n" + settings
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    # --- the command ---

    def cli(self, *args, node=True, ok=(0,), text=None, party=None):
        cmd = [os.path.join(BIN, "schakel")] + list(args)
        if node:
            cmd += ["--node", self.dir]
        if party:
            cmd += ["--as", party]
        p = subprocess.run(cmd, capture_output=True, input=text, encoding="utf-8", timeout=120, env=self.env)
        assert p.returncode in ok, "%s: exit %d\n%s%s" % (" ".join(cmd), p.returncode, p.stdout, p.stderr)
        return p

    # --- processes ---

    def start(self, *names):
        for d in names or DAEMONS:
            if d in self.procs:
                continue
            env = dict(self.env)
            env.update(self.preload.get(d, {}))
            log = open(os.path.join(os.environ["SCHAKEL_DIR"], d + ".log"), "ab")
            self.procs[d] = subprocess.Popen([os.path.join(BIN, "schakel-%sd" % d), "--config", self.dir],
                                             stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=env)
            log.close()

    def kill(self, name, sig=signal.SIGKILL):
        p = self.procs.pop(name, None)
        if p is not None:
            p.send_signal(sig)
            try:
                return p.wait(60)
            except subprocess.TimeoutExpired:
                p.kill()
                raise
        return None

    def stop(self, *names):
        for d in names or list(self.procs):
            code = self.kill(d, signal.SIGTERM)
            assert code == 0, "%s ended with %s; log: %s" % (d, code, self.log_tail(d))

    def end(self):
        for d in list(self.procs):
            self.kill(d)
        for c in self.clients.values():
            c.close()

    def log_tail(self, d):
        path = os.path.join(os.environ["SCHAKEL_DIR"], d + ".log")
        return "".join(open(path, encoding="utf-8", errors="replace").readlines()[-15:])

    def ready(self, *names):
        for d in names or DAEMONS:
            wait_for(d + " answers", lambda d=d: self.status(d, 2) is not None)

    # --- its gateway ---

    def with_gateway(self, settings=""):
        """Gives it a gateway on ports of its own; `settings` goes on in its section, {url} in it is its address."""
        self.port, self.metrics = free_ports(2)
        self.url = "http://127.0.0.1:%d" % self.port
        with open(os.path.join(self.dir, "schakel.ini"), "a", encoding="utf-8") as f:
            f.write("\n[gateway]\nbind = 127.0.0.1:%d\nmetrics_bind = 127.0.0.1:%d\n" % (self.port, self.metrics))
            f.write(settings.replace("{url}", self.url))
        return self

    def gateway(self):
        """Starts it, and waits until all that runs behind it answers."""
        self.start("gateway")
        wait_for("the gateway is ready", self.gateway_is_ready)

    def gateway_is_ready(self):
        assert self.procs["gateway"].poll() is None, self.log_tail("gateway")
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            c.request("GET", "/readyz")
            return c.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            c.close()

    def token(self, party):
        if party not in self.tokens:
            self.tokens[party] = json.loads(self.cli("access", "token", party, "--json").stdout)["token"]
        return self.tokens[party]

    def code(self, party):
        return json.loads(self.cli("access", "code", party, "--json").stdout)["code"]

    # --- clients ---

    def key(self, party):
        text = open(os.path.join(self.dir, "keys", party + ".secret"), encoding="utf-8").read()
        return dict(re.findall(r"^(public|secret) = (.+)$", text, re.M))

    def endpoint(self, daemon):
        text = self.cli_print_config()
        section = re.search(r"\[%s\](.*?)(\n\[|$)" % daemon, text, re.S).group(1)
        return re.search(r"^bind = (.+)$", section, re.M).group(1)

    def cli_print_config(self):
        if not hasattr(self, "_config"):
            p = subprocess.run([os.path.join(BIN, "schakel-intaked"), "--config", self.dir, "--print-config"],
                               capture_output=True, encoding="utf-8", timeout=60)
            assert p.returncode == 0, p.stderr
            self._config = p.stdout
        return self._config

    def client(self, party, daemon):
        if (party, daemon) not in self.clients:
            own, server = self.key(party), self.key(daemon)
            self.clients[(party, daemon)] = wire.Client(self.endpoint(daemon), server["public"], own["public"], own["secret"],
                                                        demo=self.demo)
        return self.clients[(party, daemon)]

    def status(self, daemon, timeout_s=30):
        q = frame.Message()
        q.query_status.SetInParent()
        try:
            if self.demo:
                q.id = wire.uuid7(int(time.time() * 1000))
            return self.client("beheer", daemon).query(q, codes.ROLE_OPERATOR, timeout_s).status_view
        except wire.NoAnswer:
            return None

    def advance(self, ms, step_ms=3600000):
        """Moves the demo clock of all three, in steps, each step settled before the next."""
        now = max(self.status(d).time_ms for d in DAEMONS)
        end = now + ms
        while now < end:
            now = min(end, now + step_ms)
            for d in DAEMONS:
                m = frame.Message()
                m.clock_advance.to_ms = now
                r = self.client("beheer", d).command(m, codes.ROLE_OPERATOR)
                assert r.outcome in (engine.OUTCOME_ACCEPTED, engine.OUTCOME_DUPLICATE), r
            self.settle()
        return now

    def settle(self, timeout_s=60):
        """Until every daemon has read what the others wrote for it, and nothing is due."""
        def quiet():
            views = [self.status(d) for d in DAEMONS]
            if any(v is None for v in views):
                return False
            sequence = {v.daemon: v.sequence for v in views}
            wrote = {(v.daemon, link.peer): link.written_to for v in views for link in v.links}
            if any(link.read_to < wrote.get((link.peer, v.daemon), 0)
                   for v in views for link in v.links):
                return False
            same = sequence == getattr(self, "_quiet", None)
            self._quiet = sequence
            return same
        self._quiet = None
        wait_for("the node is quiet", quiet, timeout_s, 0.03)

    def capsule_key(self):
        for name in os.listdir(os.path.join(self.dir, "keys")):
            if "capsule" in name and "secret" not in name:
                text = open(os.path.join(self.dir, "keys", name), encoding="utf-8").read()
                return bytes.fromhex(text.strip().splitlines()[-1].strip())
        raise AssertionError("no capsule public key")

    # --- work ---

    def submit_message(self, zone="westhoek", urgency=codes.URGENCY_STANDARD, age=13, expertises=(12,), intensity=1,
                       text=b'{"naam":"Kanarie-7391"}', weeks=12, **more):
        m = frame.Message()
        s = m.submit_request
        s.kind = codes.REQUEST_KIND_SEARCH
        s.zone = zone
        s.urgency = urgency
        s.children.add(age_years=age)
        s.adults.add(number=1, authority=True, home=True)
        for e in expertises:
            s.needs.add(expertise=e, intensity=intensity, duration_weeks=weeks, must=True)
        wire.seal(s.capsules.add(), self.capsule_key(), text)
        s.callback_sealed = True
        for k, v in more.items():
            setattr(s, k, v)
        return m

    def submit(self, party="clb", **kw):
        r = self.client(party, "intake").command(self.submit_message(**kw), ROLE[party])
        assert r.outcome in (engine.OUTCOME_ACCEPTED, engine.OUTCOME_DUPLICATE), r
        return r

    def put_pool(self, party, pool, staffed, expertises=(12,), based_on=0, unit=codes.UNIT_HOURS_WEEK, zones=("westhoek", "rits"),
                 modality=codes.MODALITY_AMBULANT, access=codes.ACCESS_DIRECT, **more):
        m = frame.Message()
        p = m.put_capacity
        p.pool, p.based_on, p.unit = pool, based_on, unit
        p.total = p.funded = p.staffed = staffed
        u = p.uses.add(use=1, supporter=codes.SUPPORTER_KIND_PROFESSIONAL, modality=modality, age_from=0, age_to=17,
                       access=access, continuum=codes.CONTINUUM_LIGHT, cost_units=1)
        u.expertises.extend(expertises)
        u.zones.extend(zones)
        for k, v in more.items():
            setattr(p, k, v)
        r = self.client(party, "matching").command(m, codes.ROLE_FACILITY)
        assert r.outcome in (engine.OUTCOME_ACCEPTED, engine.OUTCOME_DUPLICATE), r
        return r

    def request(self, request_id, party="clb"):
        q = frame.Message()
        q.query_request.request_id = request_id
        a = self.client(party, "intake").query(q, ROLE[party])
        return a.request_view.requests[0] if a.WhichOneof("body") == "request_view" and a.request_view.requests else None

    def asks(self, party):
        q = frame.Message()
        q.query_asks.limit = 50
        out = []
        while True:
            a = self.client(party, "matching").query(q, ROLE[party])
            assert a.WhichOneof("body") == "asks_view", a
            out += list(a.asks_view.asks)
            if not a.asks_view.next:
                return out
            q = frame.Message()
            q.query_asks.limit = 50
            q.query_asks.after = a.asks_view.next

    def act(self, party, daemon, ok=(engine.OUTCOME_ACCEPTED, engine.OUTCOME_DUPLICATE), **body):
        m = frame.Message()
        for name, fields in body.items():
            sub = getattr(m, name)
            sub.SetInParent()
            for k, v in fields.items():
                if isinstance(v, (list, tuple)):
                    getattr(sub, k).extend(v)
                else:
                    setattr(sub, k, v)
        r = self.client(party, daemon).command(m, ROLE[party])
        assert r.outcome in ok, r
        return r
