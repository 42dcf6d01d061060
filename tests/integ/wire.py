# SPDX-License-Identifier: EUPL-1.2
"""A client of the wire, written from proto/README.md alone (python3-zmq, python3-protobuf, libsodium)."""
import ctypes
import ctypes.util
import os
import time

import zmq

from schakel.v1 import codes_pb2 as codes  # noqa: F401 (for users of this module)
from schakel.v1 import engine_pb2 as engine
from schakel.v1 import frame_pb2 as frame

FRAME_BYTES_MAX = 65536
SILENT_S = 3


class NoAnswer(Exception):
    """Nothing came in time; what was sent may or may not be done: send the same bytes again."""


def uuid7(ms):
    b = bytearray(ms.to_bytes(6, "big") + os.urandom(10))
    b[6] = 0x70 | (b[6] & 0x0F)
    b[8] = 0x80 | (b[8] & 0x3F)
    return bytes(b)


class Client:
    """One DEALER to one daemon, with the key of one party."""

    def __init__(self, endpoint, server_key, public, secret, demo=False, context=None):
        self.context = context or zmq.Context.instance()
        self.args = (endpoint, server_key, public, secret)
        self.demo = demo
        self.time_ms = 0  # journal time last seen
        self.logs = {}
        self.inbox = []
        self.due = None  # when silence shows that the connection is dead
        self.open()

    def open(self):
        endpoint, server_key, public, secret = self.args
        s = self.context.socket(zmq.DEALER)
        s.setsockopt(zmq.LINGER, 0)
        s.setsockopt(zmq.IMMEDIATE, 1)
        s.setsockopt(zmq.RECONNECT_IVL, 20)
        s.setsockopt(zmq.RECONNECT_IVL_MAX, 200)
        s.curve_serverkey = server_key.encode()
        s.curve_publickey = public.encode()
        s.curve_secretkey = secret.encode()
        s.connect(endpoint)
        self.socket = s

    def close(self):
        self.socket.close(0)

    def reopen(self):
        self.due = None
        self.close()
        self.open()

    # --- frames ---

    def expect(self, wait_s):
        """Something must come by then, or the connection is made anew before the next send."""
        if self.due is not None and time.monotonic() >= self.due and not self.socket.poll(0):
            self.reopen()
        due = time.monotonic() + wait_s + SILENT_S
        self.due = due if self.due is None else min(due, self.due)

    def send_raw(self, data, wait_s=0):
        try:
            if wait_s and not self.socket.poll(wait_s * 1000, zmq.POLLOUT):
                return False
            self.socket.send(data, zmq.DONTWAIT)
            return True
        except zmq.Again:
            return False

    def recv_frame(self, wait_s):
        if self.socket.poll(max(0, int(wait_s * 1000))) == 0:
            return None
        parts = self.socket.recv_multipart()
        self.due = None
        assert len(parts) == 1, "one frame a message"
        assert len(parts[0]) <= FRAME_BYTES_MAX
        f = frame.Frame.FromString(parts[0])
        if f.message:
            m = frame.Message.FromString(f.message)
            self.time_ms = max(self.time_ms, m.time_ms)
        return f

    # --- commands and queries ---

    def new_id(self):
        if self.demo and self.time_ms == 0:
            q = frame.Message(id=uuid7(int(time.time() * 1000)))
            q.query_status.SetInParent()
            self.call_bytes(q.SerializeToString(), 30)
        return uuid7(self.time_ms if self.demo else int(time.time() * 1000))

    def pack(self, message, role):
        if not message.id:
            message.id = self.new_id()
        message.time_ms = self.time_ms
        message.role = role
        return message.SerializeToString()

    def call_bytes(self, packed, timeout_s=30):
        """Sends the same bytes until an answer with their id comes."""
        wanted = frame.Message.FromString(packed).id
        data = frame.Frame(message=packed).SerializeToString()
        end = time.monotonic() + timeout_s
        pause = 0.2
        while time.monotonic() < end:
            self.expect(0)
            self.send_raw(data, min(pause, 1))
            again = min(end, time.monotonic() + pause)
            while time.monotonic() < again:
                f = self.recv_frame(again - time.monotonic())
                if f is None:
                    break
                m = frame.Message.FromString(f.message) if f.message else None
                if m is not None and not f.link and m.correlation == wanted:
                    return m
                if f.link:
                    self.inbox.append(f)
            pause = min(pause * 2, 32)
        raise NoAnswer("no answer from %s in %s s" % (self.args[0], timeout_s))

    def command(self, message, role, timeout_s=30):
        """@return the Receipt; BUSY is tried again with the same bytes."""
        packed = self.pack(message, role)
        end = time.monotonic() + timeout_s
        while True:
            r = self.call_bytes(packed, max(0.1, end - time.monotonic())).receipt
            if r.outcome != engine.OUTCOME_BUSY or time.monotonic() > end:
                return r
            time.sleep(min(1.0, r.retry_after_ms / 1000))

    def query(self, message, role, timeout_s=30):
        return self.call_bytes(self.pack(message, role), timeout_s)

    # --- logs ---

    def read_log(self, source, log, credit=64, wait_ms=1000, timeout_s=30):
        """@return list of (sequence, Message) behind the place kept for this log, maybe empty."""
        place = self.logs.setdefault((source, log), [0, 0, 0])
        out = []
        end = time.monotonic() + timeout_s
        self.ask_log(source, log, place, credit, wait_ms)
        while time.monotonic() < end and len(out) < credit:
            f = self.inbox.pop(0) if self.inbox else self.recv_frame(wait_ms / 1000 + 1)
            if f is None:
                break
            if not f.link:
                continue
            link = frame.Link.FromString(f.link)
            if link.destination != log:
                continue
            if (link.incarnation, link.nonce) != (place[0], place[1]):
                place[:] = [link.incarnation, link.nonce, 0]
                self.ask_log(source, log, place, credit, wait_ms)
            elif f.message and link.sequence == place[2] + 1:
                place[2] = link.sequence
                out.append((link.sequence, frame.Message.FromString(f.message)))
            elif not f.message:
                if f.oldest > place[2] + 1:
                    raise LookupError("entries up to %d are gone" % (f.oldest - 1))
                if f.after <= place[2]:
                    break
        return out

    def ask_log(self, source, log, place, credit, wait_ms):
        link = frame.Link(source=source, destination=log, incarnation=place[0], nonce=place[1])
        f = frame.Frame(link=link.SerializeToString(), after=place[2], credit=credit, wait_ms=wait_ms)
        self.expect(wait_ms / 1000)
        self.send_raw(f.SerializeToString(), 1)


# --- sealing, section 6 ---

_sodium = None


def sodium():
    global _sodium
    if _sodium is None:
        _sodium = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
        assert _sodium.sodium_init() >= 0
    return _sodium


def seal(capsule, public_key, plain, person_id=None, version=1):
    """Fills a Capsule message: content under a fresh data key, the data key to the node's key."""
    lib = sodium()
    person_id = person_id or os.urandom(16)
    key, nonce = os.urandom(32), os.urandom(24)
    ad = person_id + version.to_bytes(4, "big")
    out = ctypes.create_string_buffer(len(plain) + 16)
    assert lib.crypto_aead_xchacha20poly1305_ietf_encrypt(
        out, None, plain, ctypes.c_ulonglong(len(plain)), ad, ctypes.c_ulonglong(len(ad)), None, nonce, key) == 0
    sealed_key = ctypes.create_string_buffer(32 + 48)
    assert lib.crypto_box_seal(sealed_key, key, ctypes.c_ulonglong(32), public_key) == 0
    capsule.person_id = person_id
    capsule.version = version
    capsule.capsule = nonce + out.raw
    capsule.sealed_key = sealed_key.raw
    return person_id
