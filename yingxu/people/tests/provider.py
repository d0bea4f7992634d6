"""A provider on this machine, over real HTTP: well behaved, or wrong in every way a sign-in must survive."""

import base64
import hashlib
import hmac
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from yingxu.base import clock


class LocalProvider:
    """Knows one subject at a time. `claims` are put over those of an honest id_token (None takes one away); `signs` makes the token of the
    claims; `published` are the keys it shows; `token_way` is "ok", "hang" or "refuse"."""

    def __init__(self) -> None:
        self.client_id, self.secret, self.subject = "yingxu", "shared &secret", "u-1001"
        self.claims: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.token_way, self.port = "ok", 0
        self.leaves: dict[str, list[str]] = {}
        self.found: dict[str, Any] = {}
        self.ending, self.numbers = threading.Event(), itertools.count()
        self.turn_key("k1")

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def turn_key(self, kid: str) -> None:
        """From now on it signs with this key, and shows no other."""
        self.key = RSAKey.generate_key(2048, parameters={"kid": kid, "use": "sig"})
        self.published: list[dict[str, Any]] = [self.key.as_dict(private=False)]
        self.signs: Callable[[dict[str, Any]], str] = self._honest

    def _honest(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def with_public_key(self, claims: dict[str, Any]) -> str:
        """The oldest trick: HS256 with the public key as the shared secret."""
        pem = self.key.as_pem(private=False)
        head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS256", "kid": self.key.kid}, claims))
        mark = hmac.new(pem, head + b"." + body, hashlib.sha256).digest()
        return b".".join((head, body, base64.urlsafe_b64encode(mark).rstrip(b"="))).decode()

    def with_its_secret(self, claims: dict[str, Any]) -> str:
        """HS256 with the client's secret, which a careless client takes."""
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(self.secret.encode() * 3))

    def unsigned(self, claims: dict[str, Any]) -> str:
        head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "none"}, claims))
        return f"{head.decode()}.{body.decode()}."

    def document(self) -> dict[str, Any]:
        at = self.issuer
        said = {"issuer": at, "authorization_endpoint": at + "/authorize", "token_endpoint": at + "/token", "jwks_uri": at + "/keys", "end_session_endpoint": at + "/leave"}
        return {**said, **self.found}

    def authorize(self, asked: dict[str, str]) -> str:
        """Signs the subject in and says where the browser goes back to."""
        code = f"code-{next(self.numbers)}"
        self.codes[code] = asked
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"], "iss": self.issuer})

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        asked = self.codes.pop(form.get("code", ""), None)  # a code is good once
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        pair = base64.b64encode(b"yingxu:shared%20%26secret").decode()
        if asked is None or asked["code_challenge"] != proof or asked["redirect_uri"] != form["redirect_uri"] or authorization != f"Basic {pair}":
            return None
        now = int(clock.now().timestamp())
        claims = {"iss": self.issuer, "aud": self.client_id, "sub": self.subject, "exp": now + 300, "iat": now, "nonce": asked["nonce"], **self.claims}
        return {"token_type": "Bearer", "access_token": "x", "id_token": self.signs({k: v for k, v in claims.items() if v is not None})}


@contextmanager
def local_provider() -> Iterator[LocalProvider]:
    """The provider, until the test is over."""
    made = LocalProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            made.asked.append(parts.path)
            if parts.path == "/authorize":
                self._go(made.authorize(asked))
            elif parts.path == "/leave":
                made.leaves = parse_qs(parts.query)
                self._go(asked["post_logout_redirect_uri"])
            else:
                self._say(200, made.document() if parts.path.startswith("/.well-known") else {"keys": made.published})

        def do_POST(self) -> None:
            made.asked.append(self.path)
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            if made.token_way == "hang":
                made.ending.wait(30)
            said = made.token({name: values[0] for name, values in form.items()}, self.headers.get("Authorization", ""))
            self._say(200 if said else 400, said or {"error": "invalid_grant"})

        def _go(self, to: str) -> None:
            self.send_response(302)
            self.send_header("Location", to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _say(self, status: int, body: dict[str, Any]) -> None:
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.ending.set()
            server.shutdown()
            thread.join(timeout=5)
