"""The inbox and the bell."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yingxu.base.errors import Gone
from yingxu.base.web import go, methods, page, signed_in, toast

from .. import actions, queries
from ..models import Notice

INBOX = "/inbox/"


@signed_in
@methods("GET")
def inbox(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    kind = kind if kind in Notice.Kind.values else ""
    only = request.GET.get("unread") == "1"
    found = queries.inbox(request.actor, kind=kind, only_unread=only, cursor=request.GET.get("cursor", ""))
    counts = queries.unread_by_kind(request.actor)
    context = {
        "lines": found.rows, "next": found.next, "previous": found.previous, "kind": kind, "only": only, "counts": counts,
        "kinds": Notice.Kind.choices, "total": sum(counts.values()),
        "newest": max((line.notice.pk for line in found.rows), default=0),
    }  # fmt: skip
    return page(request, "notices/inbox.html", context)


@signed_in
@methods("POST")
def open_(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it and go to the thing."""
    notice = _own(request, pk)
    actions.mark_read(notice, by=request.actor)
    return go(request, queries.page(notice) or INBOX)


@signed_in
@methods("GET")
def to(request: HttpRequest, pk: int) -> HttpResponse:
    """The link in a mail or message: to the thing, after signing in. It only shows; nothing is marked."""
    return go(request, queries.page(_own(request, pk)) or INBOX)


@signed_in
@methods("POST")
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read, or unread again."""
    actions.mark_read(_own(request, pk), by=request.actor, read=request.POST.get("read", "on") == "on")
    return go(request, INBOX)


@signed_in
@methods("POST")
def read_all(request: HttpRequest) -> HttpResponse:
    kind = request.POST.get("kind", "")
    until = request.POST.get("until", "")
    done = actions.mark_all_read(
        by=request.actor, kind=kind if kind in Notice.Kind.values else "", until=int(until) if until.isdecimal() and len(until) < 19 else None
    )
    return toast(go(request, INBOX), _("%(n)s notices marked as read") % {"n": done})


def _own(request: HttpRequest, pk: int) -> Notice:
    found = queries.find(request.actor, pk)
    if found is None:
        raise Gone()
    return found
