"""Who comes, who goes, and who was refused at a door: written into the access log as it happens.

Whoever cannot be written down does not come in. A refusal stands whether or not it could be written; then the log of the process says so.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import DatabaseError, transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.web import AWAY, Busy, peer

from .actions import looked
from .models import Look, Matter

log = logging.getLogger("yingxu.arrivals")
NOBODY = Actor(kind="nobody", name="")


@receiver(user_logged_in)
def came(sender: Any, request: HttpRequest, user: Any, **_more: Any) -> None:
    try:
        with transaction.atomic():
            looked(None, by=_person(user), what=Look.What.SIGNED_IN, facts=_from(request))
    except DatabaseError as error:
        request.session.flush()
        raise Busy(_("Signing in could not be written into the access log. Try again shortly.")) from error


@receiver(user_logged_out)
def went(sender: Any, request: HttpRequest, user: Any, **_more: Any) -> None:
    if user is not None:
        with transaction.atomic():
            looked(None, by=_person(user), what=Look.What.SIGNED_OUT, facts=_from(request))


class Refused:
    """Writes down who was refused by a rule, and who could not sign in. The same door within ten minutes is one row."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if 400 <= response.status_code < 500 and (found := self._what(request, response)):
            try:
                with transaction.atomic():
                    looked(**found)
            except (DatabaseError, *AWAY):
                log.error("a refusal could not be written into the access log")
        return response

    def _what(self, request: HttpRequest, response: HttpResponse) -> dict[str, Any] | None:
        match = request.resolver_match
        if match is None:
            return None
        facts = {"route": match.view_name, "method": request.method, "why": getattr(request, "refused", ""), **_from(request)}
        user = getattr(request, "user", None)
        if request.method == "POST" and match.app_name == "people" and getattr(match.func, "door", "") == "public":
            typed = request.POST.get("username", "")[:60]
            what = Look.What.SIGN_IN_REFUSED
            return {"matter": None, "by": NOBODY, "what": what, "facts": facts, "personal": {"account": typed} if typed else {}}
        if response.status_code != 403:
            return None
        by = getattr(getattr(request, "auth", None), "actor", None)
        if by is None and user is not None and user.is_authenticated:
            by = _person(user)
        if by is None:
            return None
        number = str(match.kwargs.get("number", ""))[:24]
        matter = Matter.objects.filter(number=number).first() if number else None
        return {"matter": matter, "by": by, "what": Look.What.REFUSED, "facts": facts}


def _person(user: Any) -> Actor:
    return Actor(kind="user", name=user.name, id=user.pk, user_id=user.pk)


def _from(request: HttpRequest) -> dict[str, str]:
    address = peer(request) if request is not None else None
    return {"peer": address} if address else {}
