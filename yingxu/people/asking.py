"""What a page asks a person's device (passkeys): the question goes to the browser, what checks its answer stays in its session."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from yingxu.base.errors import Invalid

ASKED, SECONDS = "passkey", 300


def origin(request: HttpRequest) -> str:
    """By what name browsers reach us; one that YINGXU_HOSTS does not name comes no further than here."""
    return f"{request.scheme}://{request.get_host()}"


def asking(request: HttpRequest, what: str, made: tuple[dict[str, Any], dict[str, Any]]) -> HttpResponse:
    """The question goes to the browser, and what checks its answer into its session."""
    question, state = made
    request.session[ASKED] = {"what": what, "state": state, "at": timezone.now().timestamp()}
    return HttpResponse(json.dumps(question, default=dict), content_type="application/json")


def taken(request: HttpRequest, what: str) -> dict[str, Any]:
    """What was asked here, which is good once. Raises Invalid."""
    asked = request.session.pop(ASKED, None)
    if not asked or asked["what"] != what or timezone.now().timestamp() - asked["at"] > SECONDS:
        raise Invalid(too_late(), code="passkey")
    return asked["state"]


def too_late() -> str:
    return gettext("This page waited too long for the passkey. Try again.")
