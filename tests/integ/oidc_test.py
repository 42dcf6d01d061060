# SPDX-License-Identifier: EUPL-1.2
"""Signing in with an issuer as ACM/IDM is one: a machine with its token, a person with code, PKCE, state and nonce. What is not the
issuer's, not for us, not of now or not of this sign-in lets nobody in."""
import http.client
import signal
import time
import urllib.parse

import outside
from node import wait_for


def main():
    w = outside.World()
    try:
        w.start()
        w.ready()
        w.gateway()
        now = int(time.time())
        good = {"iss": w.outside.issuer, "aud": "schakel", "iat": now, "exp": now + 300, "vo_orgcode": "0123456749"}
        me = lambda token: w.web("GET", "/api/v1/me", Authorization="Bearer " + token)
        # The first try may come before the keys do.
        wait_for("a machine signs in", lambda: me(w.outside.token(good))[0] == 200, 30)
        assert me(w.outside.token(good))[1]["party"] == "huis-a"
        for change in ({"iss": "http://ander"}, {"aud": "ander"}, {"exp": now - 120}, {"nbf": now + 600}, {"vo_orgcode": "OVO000001"},
                       {"vo_orgcode": None}):
            assert me(w.outside.token(dict(good, **change)))[0] == 401, change
        for head in ({"alg": "none", "kid": "k1"}, {"alg": "HS256", "kid": "k1"}, {"alg": "RS256", "kid": "k9"}):
            assert me(w.outside.token(good, head))[0] == 401, head
        assert me(w.outside.token(good)[:-8] + "AAAAAAAA")[0] == 401

        # A stream of such a token goes on over a heartbeat, which looks at it again.
        stream = http.client.HTTPConnection("127.0.0.1", w.port, timeout=30)
        stream.request("GET", "/api/v1/events", headers={"Accept": "text/event-stream", "Authorization": "Bearer " + w.outside.token(good)})
        lines = stream.getresponse()
        while lines.readline().strip() != b"event: state":
            pass
        assert lines.readline().startswith(b"data: ") and lines.readline() == b"\n"
        stream.sock.settimeout(2)
        try:
            assert lines.read(1) != b"", "the stream has ended"
        except TimeoutError:
            pass   # open, and nothing to say
        stream.close()

        def go():
            status, _, head = w.web("GET", "/session/oidc")
            assert status == 302 and head["Location"].startswith(w.outside.issuer + "/authorize?"), (status, head)
            q = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(head["Location"]).query))
            assert q["code_challenge_method"] == "S256" and q["redirect_uri"] == w.url + "/session/oidc/callback"
            cookie = head["Set-Cookie"]
            assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
            return q, cookie.split(";")[0]

        def back(q, cookie, state=None, **claims):
            w.outside.codes["c1"] = dict(q, token=w.outside.token(dict(good, nonce=q["nonce"], **claims)))
            return w.web("GET", "/session/oidc/callback?code=c1&state=" + (state or q["state"]), Cookie=cookie)

        q, cookie = go()
        status, _, head = back(q, cookie)
        session = [c for c in head.get_all("Set-Cookie") if not c.startswith("schakel_oidc=")][0]
        assert status == 302 and head["Location"] == "/" and "SameSite=Strict" in session, (status, head)
        status, doc, _ = w.web("GET", "/api/v1/me", Cookie=session.split(";")[0])
        assert status == 200 and doc["party"] == "huis-a" and doc["csrf"], doc
        # The page where one signs in knows of it, and a browser that comes back in vain is sent there.
        assert w.web("GET", "/session")[1] == {"code": True, "oidc": True}
        status, _, head = w.web("GET", "/session/oidc/callback?code=c1&state=ander", Cookie=cookie, Accept="text/html,*/*")
        assert status == 302 and head["Location"] == "/aanmelden?acm=SIGN_IN", (status, head)
        # A state of somebody else, no cookie, a nonce of another sign-in, a code that is no code, an organisation we do not know.
        assert back(q, cookie, state="ander")[0] == 401
        assert back(q, "")[0] == 401
        other, other_cookie = go()
        assert back(dict(other, nonce=q["nonce"]), other_cookie)[0] == 401
        assert w.web("GET", "/session/oidc/callback?code=weg&state=" + other["state"], Cookie=other_cookie)[0] == 401
        log = open(w.dir.rsplit("/", 1)[0] + "/gateway.log", encoding="utf-8").read()
        assert "client geheim" not in log and w.outside.token(good)[:40] not in log
        w.kill("gateway", signal.SIGTERM)
    finally:
        w.end()


main()
