"""At the door of the API: the token, its pace, and a body that can be read. Everything an endpoint gets has passed here."""

import math
import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.parser import Parser

from yingxu.base.access import Actor, Rule
from yingxu.base.errors import NotAllowed
from yingxu.matters.actions import Once, once_only

from . import actions, queries, reading, scopes
from .errors import Malformed, TooMany, Unauthorised

_BEARER = re.compile(r"Bearer +([\w-]{20,200})", re.ASCII)
_KEY = re.compile(r"[\x21-\x7e]{1,150}")
_BATCH = "/needs/batch"


class Bearer:
    """ninja calls it before anything else; `request.auth` is then the caller."""

    openapi_security_schema = {"type": "http", "scheme": "bearer"}

    def __call__(self, request: HttpRequest) -> queries.Caller:
        caller = _caller(request)
        wait = caller.wait()
        if wait:
            raise TooMany(
                _("This token has sent more than %(most)s requests in a minute.") % {"most": caller.per_minute}, wait=math.ceil(wait)
            )
        actions.note_use(caller)
        reading.query(request)
        if request.method in ("POST", "PATCH", "PUT") and not (request.content_type or "").startswith("multipart/"):
            batch = request.path.endswith(_BATCH)
            limits = {"most": reading.BATCH_BYTES, "keys": reading.BATCH_KEYS} if batch else {}
            request.json = reading.body(request, **limits)  # type: ignore[attr-defined]
            request._body = b"{}"  # type: ignore[attr-defined]
        return caller


class Parsed(Parser):
    """Hands ninja what was read at the door."""

    def parse_body(self, request: HttpRequest) -> dict:
        return request.json  # type: ignore[attr-defined]


def _caller(request: HttpRequest) -> queries.Caller:
    given = request.META.get("HTTP_AUTHORIZATION", "")
    if not given:
        raise Unauthorised(_("Send a token: Authorization: Bearer yx_…"))
    found = _BEARER.fullmatch(given.strip())
    caller = queries.caller(found[1]) if found else None
    if caller is None:
        raise Unauthorised(_("This token is unknown, expired or revoked."))
    return caller


def by(request: HttpRequest, rule: Rule) -> Actor:
    """The actor behind the request, who must hold this rule. A scope that is missing is named; what the scope lets through and the
    user may not is refused like anywhere else."""
    caller: queries.Caller = request.auth  # type: ignore[attr-defined]
    if caller.actor.may(rule):
        return caller.actor
    if rule.name not in scopes.rules_of(caller.scopes):
        raise NotAllowed(_("This token lacks the scope “%(scope)s”.") % {"scope": scopes.needed(rule)}, code="scope")
    raise NotAllowed(_("You may not do this: %(rule)s.") % {"rule": rule.title}, code=rule.name)


def key(request: HttpRequest) -> str:
    """The Idempotency-Key, "" when none was sent."""
    given = request.META.get("HTTP_IDEMPOTENCY_KEY", "").strip()
    if given and not _KEY.fullmatch(given):
        raise Malformed(_("An Idempotency-Key has 1 to 150 visible ASCII characters."))
    return given


def source(request: HttpRequest) -> str:
    """Where the key counts: keys of different tokens do not meet."""
    return f"api:{request.auth.token}"  # type: ignore[attr-defined]


def once(request: HttpRequest, response: HttpResponse, make: Callable[[], Any], *, sent: Any = None) -> Any:
    """What `make` returns; under an Idempotency-Key that was answered before, the row it made then. `sent` is what counts as the
    content when it did not come as JSON."""
    given = key(request)
    what = {"method": request.method, "path": request.path, "body": request.json if sent is None else sent}  # type: ignore[attr-defined]
    made, before = once_only(Once.of(source(request), given, what) if given else None, make)
    if before:
        response["Idempotent-Replayed"] = "true"
    return made


def expected(request: HttpRequest) -> int | None:
    """The version named by If-Match."""
    given = request.META.get("HTTP_IF_MATCH", "").strip().removeprefix("W/").strip('"')
    if not given:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        raise Malformed(_("If-Match takes the ETag of the version you were looking at."))
    return int(given)
