"""Which needs this browser may see, kept in the server-side session for two hours, and no longer than the code that opened them."""

from django.http import HttpRequest
from django.utils import timezone

from yingxu.base.access import Actor
from yingxu.base.errors import Gone

from .. import actions, queries

SECONDS = 2 * 3600


def held(request: HttpRequest) -> dict[str, int]:
    """{number: matter id} that are open to this browser now."""
    kept = request.session.get("portal") or {}
    if kept.get("until", 0) < timezone.now().timestamp():
        return {}
    needs, codes = kept.get("needs", {}), kept.get("codes", {})
    valid = queries.codes(needs.values()) if needs else {}
    return {number: matter for number, matter in needs.items() if valid.get(matter) == codes.get(number)}


def open_for(request: HttpRequest, number: str, matter_id: int) -> None:
    """Let this browser see the need; the session gets a new key first (S9)."""
    needs = {**held(request), number: matter_id}
    valid = queries.codes(needs.values())
    request.session.cycle_key()
    codes = {number: valid.get(matter) for number, matter in needs.items()}
    request.session["portal"] = {"needs": needs, "codes": codes, "until": timezone.now().timestamp() + SECONDS}


def close(request: HttpRequest) -> None:
    request.session.pop("portal", None)


def actor(request: HttpRequest, number: str, name: str = "") -> Actor:
    """The customer at this browser. Raises Gone for a need that is not open to it."""
    found = held(request)
    if number not in found:
        raise Gone()
    return actions.visitor(name, list(found.values()))
