# SPDX-License-Identifier: EUPL-1.2
"""A node with a gateway, and the world outside it: a mail server (STARTTLS, password), somebody who is called, an issuer of tokens.
All on loopback, all of the test's own."""
import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import socket
import ssl
import subprocess
import threading
import urllib.parse

import node

DIR = os.environ["SCHAKEL_DIR"]


def openssl(*args, data=None):
    return subprocess.run(["openssl"] + list(args), input=data, capture_output=True, check=True, timeout=60).stdout


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Mail(threading.Thread):
    """Takes a mail only over TLS and with the password; `fail` answers that many with 451 first."""

    def __init__(self):
        super().__init__(daemon=True)
        self.key, self.cert = os.path.join(DIR, "mail.key"), os.path.join(DIR, "mail.crt")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", self.key, "-out", self.cert)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self.cert, self.key)
        self.listen = socket.create_server(("127.0.0.1", 0))
        self.port = self.listen.getsockname()[1]
        self.mails, self.fail, self.open_tries = [], 0, 0
        self.start()

    def run(self):
        while True:
            s, _ = self.listen.accept()
            s.settimeout(20)
            try:
                self.serve(s)
            except OSError:
                pass
            finally:
                s.close()

    def serve(self, s):
        f, safe, user, to = s.makefile("rwb"), False, False, ""

        def say(text):
            f.write(text.encode() + b"\r\n")
            f.flush()

        say("220 proef")
        while True:
            line = f.readline().decode().strip()
            word = line.upper().split(" ")[0]
            if not line or word == "QUIT":
                return
            if word == "EHLO":
                say("250-proef\r\n250 AUTH PLAIN" if safe else "250-proef\r\n250 STARTTLS")
            elif word == "STARTTLS":
                say("220 go")
                s = self.tls.wrap_socket(s, server_side=True)
                f, safe = s.makefile("rwb"), True
            elif word == "AUTH":
                text = line.split(" ")[2] if len(line.split(" ")) > 2 else (say("334 "), f.readline().decode().strip())[1]
                user = base64.b64decode(text) == b"\0schakel\0een geheim"
                say("235 ok" if user else "535 no")
            elif word == "MAIL":
                self.open_tries += not (safe and user)
                say("250 ok" if safe and user else "530 sign in")
            elif word == "RCPT":
                to = line.split("<")[1].split(">")[0]
                self.fail -= 1
                say("451 later" if self.fail >= 0 else "250 ok")
            elif word == "DATA":
                say("354 go")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += f.readline()
                head, body = text.decode().split("\r\n\r\n", 1)
                self.mails.append({"to": to, "head": head, "text": base64.b64decode(body.rsplit("\r\n.\r\n", 1)[0]).decode()})
                say("250 ok")
            else:
                say("250 ok")

    def about(self, part):
        return [m for m in list(self.mails) if part in m["text"]]


class Outside(http.server.ThreadingHTTPServer):
    """Is called by webhooks, and issues tokens."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        self.calls, self.status, self.codes = [], 200, {}
        self.key = os.path.join(DIR, "issuer.key")
        openssl("genrsa", "-out", self.key, "2048")
        self.modulus = bytes.fromhex(openssl("rsa", "-in", self.key, "-modulus", "-noout").decode().strip().split("=")[1])
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def issuer(self):
        return "http://127.0.0.1:%d" % self.port

    def token(self, claims, head=None):
        parts = b64(json.dumps(head or {"alg": "RS256", "kid": "k1"}).encode()) + "." + b64(json.dumps(claims).encode())
        return parts + "." + b64(openssl("dgst", "-sha256", "-sign", self.key, data=parts.encode()))


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, status, doc=None, **head):
        body = json.dumps(doc).encode() if doc is not None else b""
        self.send_response(status)
        for name, value in head.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_OPTIONS(self):
        self.answer(self.server.status, WebHook_Allowed_Origin=self.headers["WebHook-Request-Origin"], WebHook_Allowed_Rate="6000")

    def do_GET(self):
        self.answer(200, {"keys": [{"kty": "RSA", "use": "sig", "kid": "k1", "n": b64(self.server.modulus), "e": "AQAB"}]})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path != "/token":
            self.server.calls.append((dict(self.headers), body))
            return self.answer(self.server.status)
        form = dict(urllib.parse.parse_qsl(body))
        known = self.server.codes.pop(form["code"], None)
        basic = "Basic " + base64.b64encode(b"schakel:client geheim".replace(b" ", b"%20")).decode()
        good = known and self.headers["Authorization"] == basic and form["redirect_uri"] == known["redirect_uri"] and \
            b64(hashlib.sha256(form["code_verifier"].encode()).digest()) == known["code_challenge"]
        return self.answer(200, {"id_token": known["token"]}) if good else self.answer(400, {"error": "invalid_grant"})


class World(node.Node):
    def __init__(self):
        super().__init__()
        self.mail, self.outside = Mail(), Outside()
        for name, text in (("mail.password", "een geheim\n"), ("oidc.secret", "client geheim\n")):
            path = os.path.join(self.dir, "keys", name)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            os.chmod(path, 0o600)
        self.with_gateway("""public_url = {url}
map_bytes = 268435456

[gateway.mail]
server = smtp://localhost:%d
from = schakel@voorbeeld.be
user = schakel
password_file = keys/mail.password
ca_file = %s
confirm_day = 0

[gateway.hooks]
hosts = 127.0.0.1

[gateway.oidc]
issuer = %s
jwks = %s/keys
authorize_url = %s/authorize
token_url = %s/token
client_id = schakel
client_secret_file = keys/oidc.secret
""" % ((self.mail.port, self.mail.cert) + (self.outside.issuer,) * 4))
        path = os.path.join(self.dir, "parties.ini")
        text = open(path, encoding="utf-8").read()
        text = text.replace("[party.huis-a]\n", "[party.huis-a]\nmail = onthaal@huis-a.voorbeeld.be\norg_code = 0123456749\n")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    def web(self, method, path, body=None, **head):
        try:
            c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            c.request(method, path, json.dumps(body) if body is not None else None,
                      {k.replace("_", "-"): v for k, v in head.items()})
            r = c.getresponse()
            text = r.read().decode()
            c.close()
        except OSError:
            return 0, None, {}
        return r.status, json.loads(text) if text.startswith("{") else text, r.headers

    def as_party(self, party):
        return "Bearer " + self.token(party)


def signature_is_good(secret, head, body):
    said = "%s.%s.%s" % (head["webhook-id"], head["webhook-timestamp"], body)
    mac = hmac.new(base64.b64decode(secret[6:]), said.encode(), hashlib.sha256).digest()
    return head["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
