"""Every refusal in one format (RFC 9457), each with a sentence a person can read."""

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from yingxu.base.errors import Gone, Invalid, Refusal, Stale
from yingxu.base.web import AWAY, Busy, problem

from .errors import Malformed, TooLarge, TooMany, Unauthorised, Unmatched

log = logging.getLogger("yingxu.api")

_SAYS: dict[str, Any] = {
    "missing": gettext_lazy("This field is required."),
    "extra_forbidden": gettext_lazy("There is no such field."),
    "string_type": gettext_lazy("This has to be a text."),
    "string_too_short": gettext_lazy("At least %(min_length)s characters."),
    "string_too_long": gettext_lazy("At most %(max_length)s characters."),
    "string_pattern_mismatch": gettext_lazy("This is not written as it should be."),
    "int_type": gettext_lazy("This has to be a whole number."),
    "bool_type": gettext_lazy("This has to be true or false."),
    "list_type": gettext_lazy("This has to be a list."),
    "dict_type": gettext_lazy("This has to be an object."),
    "model_type": gettext_lazy("This has to be an object."),
    "model_attributes_type": gettext_lazy("This has to be an object."),
    "too_long": gettext_lazy("At most %(max_length)s entries."),
    "too_short": gettext_lazy("At least %(min_length)s entries."),
    "greater_than_equal": gettext_lazy("At least %(ge)s."),
    "less_than_equal": gettext_lazy("At most %(le)s."),
    "literal_error": gettext_lazy("One of %(expected)s."),
    "moment": gettext_lazy("A moment is written like 2026-03-18T09:30:00+08:00."),
    "zone": gettext_lazy("A time needs its time zone, for example 2026-03-18T09:30:00+08:00."),
    "day": gettext_lazy("A day is written like 2026-03-18."),
}


def answer(refusal: Refusal) -> HttpResponse:
    """The refusal as application/problem+json, with the headers that go with its status."""
    response = problem(refusal)
    if isinstance(refusal, Unauthorised):
        response["WWW-Authenticate"] = 'Bearer realm="Yingxu"'
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.wait)
    if isinstance(refusal, Busy):
        response["Retry-After"] = "5"
    return response


def rows(refusal: Refusal) -> dict[str, Any]:
    """The refusal as part of an answer, for batches."""
    said: dict[str, Any] = {"code": refusal.code, "title": str(refusal), "status": refusal.status}
    if refusal.fields:
        said["errors"] = {name: [str(m) for m in found] for name, found in refusal.fields.items()}
    return said


def misshapen(errors: list[Any]) -> Invalid:
    """What a shape found wrong, field by field."""
    fields: dict[str, list[Any]] = {}
    for error in errors:
        place = [str(part) for part in error["loc"] if part not in ("body", "data", "query", "path")]
        fields.setdefault(".".join(place)[:200] or "body", []).append(_sentence(error))
    return Invalid(_("Some fields cannot be taken as they are."), fields=fields)


def _sentence(error: Any) -> str:
    says = _SAYS.get(error["type"])
    return str(says) % (error.get("ctx") or {}) if says else _("This value cannot be taken.")


def register(api: NinjaAPI) -> None:
    """Everything that can go wrong in an endpoint ends here."""
    api.add_exception_handler(Refusal, lambda _request, error: answer(error))
    api.add_exception_handler(Stale, _stale)
    api.add_exception_handler(Http404, lambda _request, _error: answer(Gone()))
    api.add_exception_handler(ValidationError, lambda _request, error: answer(misshapen(error.errors)))
    api.add_exception_handler(HttpError, _http)
    for unreadable in (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        api.add_exception_handler(unreadable, _unreadable)
    for away in AWAY:
        api.add_exception_handler(away, _away)
    api.add_exception_handler(Exception, _fault)


def not_allowed(allowed: str) -> HttpResponse:
    refusal = Refusal(_("This address knows only %(methods)s.") % {"methods": allowed}, code="method")
    refusal.status = 405
    response = answer(refusal)
    response["Allow"] = allowed
    return response


def _stale(request: HttpRequest, error: Stale) -> HttpResponse:
    """409, or 412 when the version came by If-Match."""
    return answer(Unmatched(error.message, theirs=error.theirs) if "HTTP_IF_MATCH" in request.META else error)


def _http(_request: HttpRequest, error: HttpError) -> HttpResponse:
    refusal = Malformed(_("The request cannot be read."))
    refusal.status = error.status_code
    return answer(refusal)


def _unreadable(_request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, RequestDataTooBig):
        return answer(TooLarge(_("This is larger than we take in one go.")))
    return answer(Malformed(_("The request cannot be read.")))


def _away(_request: HttpRequest, _error: Exception) -> HttpResponse:
    return answer(Busy(_("Nothing was saved: the database is away for a moment. Try again shortly.")))


def _fault(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("%s %s", request.method, request.path, exc_info=error)
    refusal = Refusal(_("Something broke on our side; nothing was saved. Try again."), code="fault")
    refusal.status = 500
    return answer(refusal)

