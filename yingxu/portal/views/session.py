"""Which needs this browser may see, kept in the server-side session for two hours."""

from django.http import HttpRequest
from django.utils import timezone

from yingxu.base.access import Actor
from yingxu.base.errors import Gone

from .. import actions

SECONDS = 2 * 3600


def held(request: HttpRequest) -> dict[str, int]:
    """{number: matter id} that are open to this browser now."""
    kept = request.session.get("portal") or {}
    if kept.get("until", 0) < timezone.now().timestamp():
        return {}
    return kept.get("needs", {})


def open_for(request: HttpRequest, number: str, matter_id: int) -> None:
    """Let this browser see the need; the session gets a new key first (S9)."""
    found = held(request)
    request.session.cycle_key()
    request.session["portal"] = {"needs": {**found, number: matter_id}, "until": timezone.now().timestamp() + SECONDS}


def close(request: HttpRequest) -> None:
    request.session.pop("portal", None)


def actor(request: HttpRequest, number: str, name: str = "") -> Actor:
    """The customer at this browser. Raises Gone for a need that is not open to it."""
    found = held(request)
    if number not in found:
        raise Gone()
    return actions.visitor(name, list(found.values()))
