"""OpenID Connect, the authorization code with PKCE: what is said to a provider and what is believed of its answers. Keeps nothing.

Believed is only an id_token signed by a key the provider publishes, with an algorithm of `ALGORITHMS` (never none, never a shared secret), made
for us, now, for the very question this browser asked (OpenID Connect Core §3.1.3.7).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.utils.translation import gettext as _
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from yingxu.base import addresses, calling, clock
from yingxu.base.errors import Invalid

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
WELL_KNOWN = "/.well-known/openid-configuration"
SECONDS = 5.0
LEEWAY = 60  # seconds two clocks may differ
OLDEST = 600  # seconds since the id_token was made
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
KINDS = {"RSA", "EC", "OKP"}


@dataclass(frozen=True)
class Question:
    """What this browser asked: only its answer is believed, once."""

    state: str
    nonce: str
    verifier: str
    redirect: str


def discover(issuer: str) -> dict[str, str]:
    """The provider's addresses. Raises Invalid with a sentence that says what is wrong."""
    said = _asked(issuer.rstrip("/") + WELL_KNOWN)
    if said.get("issuer") != issuer:
        raise Invalid(_("The provider calls itself “%(name)s”; the issuer has to be written exactly like that.") % {"name": str(said.get("issuer", ""))[:200]})
    missing = [name for name in NEEDED if not isinstance(said.get(name), str)]
    if missing:
        raise Invalid(_("The provider does not say its %(names)s.") % {"names": ", ".join(missing)})
    found = {name: said[name] for name in (*NEEDED, "end_session_endpoint") if isinstance(said.get(name), str)}
    for url in found.values():
        if addresses.target(url).scheme != urlsplit(issuer).scheme:
            raise Invalid(_("The provider names an address that is not encrypted: %(url)s") % {"url": url[:100]})
    methods = said.get("token_endpoint_auth_methods_supported")
    found["auth"] = "post" if isinstance(methods, list) and "client_secret_basic" not in methods else "basic"
    return found


def keys(address: str) -> dict[str, Any]:
    """What the provider signs with now. Shared secrets among it are left out: whoever knew one could sign, too."""
    rows = _asked(address).get("keys")
    fit = [key for key in rows if isinstance(key, dict) and key.get("kty") in KINDS and key.get("use", "sig") == "sig"] if isinstance(rows, list) else []
    if not fit:
        raise Invalid(_("The provider publishes no keys that its answers could be checked with."))
    public = {"kty", "kid", "use", "alg", "n", "e", "crv", "x", "y"}
    return {"keys": [{name: value for name, value in key.items() if name in public} for key in fit[:20]]}


def question_address(found: Mapping[str, str], client_id: str, asked: Question) -> str:
    """Where the browser goes."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest()).rstrip(b"=").decode()
    said = {
        "response_type": "code", "client_id": client_id, "redirect_uri": asked.redirect, "scope": "openid email", "state": asked.state,
        "nonce": asked.nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return _with(found["authorization_endpoint"], said)


def leaving_address(found: Mapping[str, str], client_id: str, id_token: str, back: str) -> str:
    """Where the browser goes to sign out there, too; "" when the provider offers none."""
    address = found.get("end_session_endpoint", "")
    said = {"client_id": client_id, "post_logout_redirect_uri": back, **({"id_token_hint": id_token} if id_token else {})}
    return _with(address, said) if address else ""


def exchange(found: Mapping[str, str], client_id: str, secret: str, code: str, asked: Question) -> str:
    """The id_token for a code. Raises Invalid when the provider gives none."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked.redirect, "code_verifier": asked.verifier}
    heads = {}
    if secret and found.get("auth") == "basic":
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
        heads["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        form |= {"client_id": client_id, **({"client_secret": secret} if secret else {})}
    answer = calling.send_form(addresses.target(found["token_endpoint"]), form, heads, seconds=SECONDS)
    if answer.trouble:
        raise Invalid(_unreached(answer))
    token = (answer.json() or {}).get("id_token") if answer.good else None
    if not isinstance(token, str):
        raise Invalid(_("The provider does not accept this answer; begin again."))
    return token


def knows(published: Mapping[str, Any], id_token: str) -> bool:
    """Is the key that this was signed with, as it says, among those?"""
    try:
        kid = jws.extract_compact(id_token.encode()).headers().get("kid")
    except (JoseError, ValueError):
        return True  # nothing to look for; it is refused when it is checked
    return kid is None or any(key.get("kid") == kid for key in published.get("keys", []))


def believed(id_token: str, published: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """The claims, once everything about them was checked. Raises Invalid."""
    try:
        token = jwt.decode(id_token, KeySet.import_key_set(published), algorithms=ALGORITHMS)  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError):
        raise Invalid(_("The provider's answer is not signed with its key; nobody was signed in."), code="sso_signature") from None
    claims = token.claims
    wrong = _wrong(claims, issuer, client_id, nonce)
    if wrong:
        raise Invalid(_("The provider's answer is not meant for this sign-in (%(claim)s); nobody was signed in. Begin again.") % {"claim": wrong}, code="sso_claims")
    return claims


def _wrong(claims: Mapping[str, Any], issuer: str, client_id: str, nonce: str) -> str:
    """The first claim that does not fit."""
    now = clock.now().timestamp()
    meant = claims.get("aud")
    audience = meant if isinstance(meant, list) else [meant]
    subject = claims.get("sub")
    checks = {
        "iss": claims.get("iss") == issuer,
        "aud": client_id in audience,
        "azp": claims.get("azp") == client_id if "azp" in claims or len(audience) > 1 else True,
        "sub": isinstance(subject, str) and 0 < len(subject) <= 255 and subject.isprintable(),
        "exp": _number(claims.get("exp"), -1) > now - LEEWAY,
        "iat": now - OLDEST - LEEWAY < _number(claims.get("iat"), -1) < now + LEEWAY,
        "nbf": _number(claims.get("nbf", 0), now * 2) < now + LEEWAY,
        "nonce": isinstance(claims.get("nonce"), str) and hmac.compare_digest(claims["nonce"].encode(), nonce.encode()),
    }
    return next((name for name, good in checks.items() if not good), "")


def factors(claims: Mapping[str, Any]) -> set[str]:
    """By which words the provider says how it knows the person."""
    methods = claims.get("amr")
    said = [*(methods if isinstance(methods, list) else []), claims.get("acr")]
    return {word for word in said if isinstance(word, str) and word}


def _asked(url: str) -> dict[str, Any]:
    answer = calling.ask(addresses.target(url), seconds=SECONDS)
    if answer.trouble:
        raise Invalid(_unreached(answer))
    found = answer.json() if answer.good else None
    if found is None:
        raise Invalid(_("The provider answers %(status)s and not what was asked for (%(url)s).") % {"status": answer.status, "url": url[:200]})
    return found


def _unreached(answer: calling.Answer) -> str:
    return _("The provider cannot be reached: %(why)s. Sign in with your password, or try again later.") % {"why": calling.Trouble(answer.trouble).label}


def _number(value: Any, otherwise: float) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _with(address: str, said: Mapping[str, str]) -> str:
    return address + ("&" if "?" in address else "?") + urlencode(said)
