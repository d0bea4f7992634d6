"""Pages: doors on views, fragments, refusals as answers, keyset paging. One way to render, one way to say no."""

import functools
import ipaddress
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core import signing
from django.core.exceptions import FieldDoesNotExist, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DataError, InterfaceError, OperationalError
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template import engines
from django.utils.translation import gettext as _
from psycopg_pool import PoolTimeout

from . import marks, room
from .access import Rule
from .crypto import KeyMissing
from .errors import Deferred, Gone, Invalid, NotAllowed, Refusal, Stale, Unsaid

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; manifest-src 'self'; frame-src 'self'; frame-ancestors {ancestors}"
)


def door(rule: Rule) -> Callable:
    """The view opens to staff who hold the rule (with any reach)."""

    def wrap(view: Callable) -> Callable:
        view.door = rule  # type: ignore[attr-defined]
        return view

    return wrap


def signed_in(view: Callable) -> Callable:
    """The view opens to any signed-in member of staff."""
    view.door = "signed_in"  # type: ignore[attr-defined]
    return view


def public(view: Callable) -> Callable:
    """The view opens to everybody and decides by itself what it shows (sign-in, portal, health)."""
    view.door = "public"  # type: ignore[attr-defined]
    return view


def poll(view: Callable) -> Callable:
    """The page asks this by itself; it does not keep a session awake."""
    view.poll = True  # type: ignore[attr-defined]
    return view


def even_when_full(view: Callable) -> Callable:
    """The view opens even when the disk is full: it is how one comes in to see that, or keeps nothing."""
    view.even_when_full = True  # type: ignore[attr-defined]
    return view


def before_password(view: Callable) -> Callable:
    """The view opens even to somebody who must choose a new password, or take up a second factor, first."""
    view.before_password = True  # type: ignore[attr-defined]
    return view


def embeddable(view: Callable) -> Callable:
    """The page may be shown in another site's frame (the embedded form)."""
    view.embeddable = True  # type: ignore[attr-defined]
    return view


def methods(*allowed: str) -> Callable:
    """Only these HTTP methods; HEAD comes with GET."""

    def wrap(view: Callable) -> Callable:
        @functools.wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in allowed and not (request.method == "HEAD" and "GET" in allowed):
                return HttpResponse(status=405, headers={"Allow": ", ".join(allowed)})
            return view(request, *args, **kwargs)

        return run

    return wrap


def asked_by_htmx(request: HttpRequest) -> bool:
    """Whether to answer with a fragment. Never a security signal."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def page(request: HttpRequest, template: str, context: dict | None = None, *, block: str = "", status: int = 200) -> HttpResponse:
    """The page, or only its named block when htmx asks."""
    found = engines.all()[0].get_template(template)
    if block and asked_by_htmx(request):
        values = {**(context or {}), "request": request}
        inner = found.template  # type: ignore[attr-defined]
        html = "".join(inner.blocks[block](inner.new_context(values)))
        return HttpResponse(html, status=status)
    return HttpResponse(found.render(context or {}, request), status=status)


def go(request: HttpRequest, to: str) -> HttpResponse:
    """See other, also for htmx."""
    if asked_by_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": to})
    return redirect(to)


def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal as page, fragment or problem document (RFC 9457), always with the same sentence and status."""
    request.refused = refusal.code  # type: ignore[attr-defined]
    if request.path.startswith("/api/"):
        return problem(refusal)
    template = "ui/refusal.html"
    context = {"refusal": refusal, "stale": refusal if isinstance(refusal, Stale) else None}
    response = page(request, template, context, block="said", status=refusal.status)
    if asked_by_htmx(request):
        response["HX-Retarget"] = "#said"
        response["HX-Reswap"] = "innerHTML"
    return response


def problem(refusal: Refusal) -> HttpResponse:
    """application/problem+json: type, title, status, code and, for input, the fields."""
    body: dict[str, Any] = {
        "type": f"urn:yingxu:problem:{refusal.code}",
        "title": str(refusal),
        "status": refusal.status,
        "code": refusal.code,
    }
    if refusal.fields:
        body["errors"] = {name: [str(m) for m in found] for name, found in refusal.fields.items()}
    if isinstance(refusal, Stale):
        body["theirs"] = {name: {"theirs": str(a), "yours": str(b)} for name, (a, b) in refusal.theirs.items()}
    return JsonResponse(
        body, status=refusal.status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
    )


AWAY = (OperationalError, InterfaceError, PoolTimeout)  # how a missing database shows


class Busy(Refusal):
    """We cannot keep anything right now, so we take nothing."""

    status = 503
    code = "unavailable"


class Answers:
    """Turns refusals into answers and sets the headers every answer carries."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        marks.leaves(None)
        length = request.META.get("CONTENT_LENGTH") or ""
        too_big = length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > settings.REQUEST_MAX_BYTES)
        if too_big:
            response = refuse(
                request,
                Invalid(_("This is more than %(mb)s MB; send it in parts.") % {"mb": settings.REQUEST_MAX_BYTES >> 20}),
            )
            response.status_code = 413
        else:
            response = self.get_response(request)
        view = getattr(request.resolver_match, "func", None)
        ancestors = "*" if getattr(view, "embeddable", False) else "'none'"
        response.headers.setdefault("Content-Security-Policy", CSP.format(ancestors=ancestors))
        if ancestors != "*":
            response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(self, request: HttpRequest, view: Callable, args: Any, kwargs: Any) -> HttpResponse | None:
        """Refuse before lose (R5): what we could not keep we do not take."""
        if request.method in ("GET", "HEAD", "OPTIONS") or getattr(view, "even_when_full", False) or not room.full():
            return None
        response = refuse(request, Busy(_("Nothing was saved: the disk of the server is full. Tell whoever looks after it; try again later.")))
        response["Retry-After"] = "60"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer_to(request, error)


def answer_to(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """What a person gets for an exception that is not our fault; None for those that are."""
    if isinstance(error, Deferred):
        try:
            return toast(go(request, error.begin()), error)
        except Refusal as refused:
            return refuse(request, refused)
    if isinstance(error, Unsaid) and error.ask and not request.path.startswith("/api/"):
        return go(request, f"{error.ask}?{urlencode({'next': _here(request)})}")
    if isinstance(error, Refusal):
        return refuse(request, error)
    if isinstance(error, Http404):
        return refuse(request, Gone())
    if isinstance(error, TooManyFieldsSent | TooManyFilesSent):
        return refuse(request, Invalid(_("There are too many fields in this form.")))
    if isinstance(error, RequestDataTooBig):
        response = refuse(request, Invalid(_("This is larger than we take in one go.")))
        response.status_code = 413
        return response
    if isinstance(error, DataError):  # what was sent holds a NUL, or a number beyond the database's
        return refuse(request, Invalid(_("There is a character or a number in this that cannot be kept.")))
    if isinstance(error, AWAY):
        response = refuse(request, Busy(_("Nothing was saved: the database is away for a moment. Try again shortly.")))
        response["Retry-After"] = "5"
        return response
    if isinstance(error, KeyMissing):
        return refuse(request, Busy(_("Nothing was saved: a key of the server is missing. Tell whoever looks after it.")))
    return None


def _here(request: HttpRequest) -> str:
    """The page somebody is on, or asks for: for a form or a fragment the page around it."""
    if request.method == "GET" and not asked_by_htmx(request):
        return request.get_full_path()
    around = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    return (around.path or "/") + (f"?{around.query}" if around.query else "")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long or came from elsewhere."""
    return refuse(request, NotAllowed(_("This form is no longer valid. Reload the page and send it again."), code="csrf"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refuse(request, Gone())


def broken(request: HttpRequest) -> HttpResponse:
    """Our own fault: says so without details and without asking the database for anything."""
    html = engines.all()[0].get_template("ui/500.html").render({})
    return HttpResponse(html, status=500)


class Slice:
    """One keyset page: `rows`, and signed cursors `next` and `previous` ("" when there is none)."""

    def __init__(self, rows: list, next_: str = "", previous: str = "") -> None:
        self.rows, self.next, self.previous = rows, next_, previous


def keyset(rows: Any, keys: Sequence[str], cursor: str = "", *, size: int = 50) -> Slice:
    """A page of `rows` ordered by `keys` ("due_at", "-id" …; the last one unique; NULLs sort last in both directions).

    Raises Invalid for a cursor that is not ours.
    """
    size = max(1, min(size, 200))
    backwards, marks = False, None
    if cursor:
        try:
            backwards, marks = signing.loads(cursor, salt="keyset:" + ",".join(keys))
        except (signing.BadSignature, ValueError, TypeError):
            raise Invalid(_("This page link is not valid any more; start from the first page."), code="cursor") from None
    order = [_flip(k) for k in keys] if backwards else list(keys)
    found: list = []
    for part in _parts(rows, order, marks, backwards):
        found += part[: size + 1 - len(found)]
        if len(found) > size:
            break
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    back_possible = (more if backwards else marks is not None) and bool(found)
    on_possible = (True if backwards else more) and bool(found)
    return Slice(
        found,
        _mark(keys, found[-1], False) if on_possible else "",
        _mark(keys, found[0], True) if back_possible else "",
    )


def first_part(rows: Any, keys: Sequence[str], size: int) -> Any:
    """The rows of the first page, and one more when there are more, as a question; for keys that are never NULL or ascend."""
    return _parts(rows, keys, None, False)[0][: size + 1]


def begun(found: list, keys: Sequence[str], size: int) -> Slice:
    """What `first_part` found, as a page."""
    return Slice(found[:size], _mark(keys, found[size - 1], False) if len(found) > size else "")


def _parts(rows: Any, order: Sequence[str], marks: Sequence[Any] | None, backwards: bool) -> list[Any]:
    """The ordered rows after `marks`. When the first key may be NULL they are two parts, those with a value and those without, so
    that a plain index on it gives the order of either and the scan begins where the page begins; mostly the first part is enough."""
    first = order[0].lstrip("-")
    plain = marks is None and not order[0].startswith("-")  # the way an index is kept: NULLs last
    if plain or not _nullable(rows, first) or first in rows.query.annotations:
        rows = rows if marks is None else rows.filter(_after(rows, order, marks, backwards))
        return [rows.order_by(*(_nulls(rows, k, backwards) for k in order))]
    rest = [_nulls(rows, k, backwards) for k in order[1:]]
    known = rows.filter(**{first + "__isnull": False}).order_by(F(first).desc() if order[0].startswith("-") else F(first).asc(), *rest)
    empty = rows.filter(**{first + "__isnull": True}).order_by(*rest)
    if marks is None:
        return [empty, known] if backwards else [known, empty]
    if marks[0] is None:
        empty = empty.filter(_after(rows, order[1:], marks[1:], backwards))
        return [empty, known] if backwards else [empty]
    bound = Q(**{f"{first}__{'lte' if order[0].startswith('-') else 'gte'}": marks[0]})
    known = known.filter(bound, _after(rows, order, marks, backwards))
    return [known] if backwards else [known, empty]


def around(rows: Any, keys: Sequence[str], row: Any) -> tuple[Any, Any]:
    """The rows before and after `row` in the order of `keys` (as in `keyset`), the nearest first."""
    marks, back = [_read(row, k) for k in keys], [_flip(k) for k in keys]
    before = rows.filter(_after(rows, back, marks, True)).order_by(*(_nulls(rows, k, True) for k in back))
    return before, rows.filter(_after(rows, keys, marks, False)).order_by(*(_nulls(rows, k, False) for k in keys))


def _flip(key: str) -> str:
    return key[1:] if key.startswith("-") else "-" + key


def _nullable(rows: Any, name: str) -> bool:
    """May this key be NULL? Columns that may not need no word about NULLs, so that their plain index gives the order."""
    model, field = rows.model, None
    for part in name.split("__"):
        try:
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        except FieldDoesNotExist:
            return True  # an annotation
        if field.null:
            return True
        model = field.related_model
    return False


def _nulls(rows: Any, key: str, backwards: bool) -> Any:
    name = key.lstrip("-")
    where = ({"nulls_first": True} if backwards else {"nulls_last": True}) if _nullable(rows, name) else {}
    return F(name).desc(**where) if key.startswith("-") else F(name).asc(**where)


def _read(row: Any, key: str) -> Any:
    """What a row has under a key; a row may be an object, or a dict whose keys are whole paths."""
    if isinstance(row, dict):
        row = row[key.lstrip("-")]
    else:
        for part in key.lstrip("-").split("__"):
            row = getattr(row, part, None)
    if isinstance(row, Decimal):
        return str(row)
    return row.isoformat() if hasattr(row, "isoformat") else row


def _mark(keys: Sequence[str], row: Any, backwards: bool) -> str:
    return signing.dumps([backwards, [_read(row, k) for k in keys]], salt="keyset:" + ",".join(keys), compress=True)


def _after(rows: Any, order: Sequence[str], marks: Sequence[Any], backwards: bool) -> Q:
    total, equal = Q(pk__in=[]), Q()
    for key, mark in zip(order, marks, strict=True):
        name = key.lstrip("-")
        if mark is None:
            step = Q(**{name + "__isnull": False}) if backwards else None
        else:
            step = Q(**{f"{name}__{'lt' if key.startswith('-') else 'gt'}": mark})
            if not backwards and _nullable(rows, name):
                step |= Q(**{name + "__isnull": True})
        if step is not None:
            total |= equal & step
        equal &= Q(**{name + "__isnull": True}) if mark is None else Q(**{name: mark})
    first = order[0].lstrip("-")
    if marks[0] is not None and not _nullable(rows, first):  # where the index scan begins, however deep the page
        total &= Q(**{f"{first}__{'lte' if order[0].startswith('-') else 'gte'}": marks[0]})
    return total


def peer(request: HttpRequest) -> str | None:
    """The true peer address: a proxy's word counts only when the proxy is configured."""
    address = request.META.get("REMOTE_ADDR") or ""
    if address in settings.TRUSTED_PROXIES:
        address = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip() or address
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None


def toast(response: HttpResponse, text: Any, *, undo: str = "") -> HttpResponse:
    """Say the result of an act on the page that follows (5 s, 15 s with an undo address)."""
    response["HX-Trigger"] = json.dumps({"toast": {"text": str(text), "undo": undo}})
    return response
