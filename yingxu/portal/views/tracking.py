"""Track a need: see how far it is, answer, confirm or reject, write, complain about the handling."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _

from yingxu.base.errors import Gone, Refusal
from yingxu.base.web import methods, page, peer, public
from yingxu.files import queries as files
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
from yingxu.needs.states import State
from yingxu.policies import queries as policies

from .. import actions, queries
from . import session

TYPED = ("text", "ok", "star", "more", "why")  # what a customer may have typed on the need's page


@public
@methods("GET", "POST")
def door(request: HttpRequest) -> HttpResponse:
    """Number and code open a need."""
    trouble, status = "", 200
    number = request.POST.get("number", request.GET.get("number", ""))
    if request.method == "POST":
        try:
            need = actions.knock(number, "".join(request.POST.getlist("code")), peer=peer(request))
        except Refusal as refusal:
            trouble, status = str(refusal), refusal.status
        else:
            session.open_for(request, need.matter.number, need.pk)
            return redirect("portal:need", need.matter.number)
    context = {
        "number": number,
        "trouble": trouble,
        "mine": sorted(session.held(request)),
        "company": policies.company(),
        "languages": settings.LANGUAGES,
    }
    return page(request, "portal/door.html", context, status=status)


@public
@methods("GET")
def need(request: HttpRequest, number: str) -> HttpResponse:
    """One need as its customer sees it."""
    return _page(request, number)


def _page(request: HttpRequest, number: str, *, trouble: str = "", part: str = "", status: int = 200) -> HttpResponse:
    by = session.actor(request, number)
    found = queries.find(number, by)
    if found.state == State.MERGED and found.merged_into and found.merged_into.customer_id == found.customer_id:
        kept = found.merged_into
        session.open_for(request, kept.matter.number, kept.pk)
        return redirect("portal:need", kept.matter.number)
    context: dict[str, Any] = {
        "need": found, "path": queries.path(found), "words": queries.words(found, by), "question": queries.question(found),
        "answer": queries.answer(found), "promised": queries.promised(found), "company": policies.company(), "trouble": trouble, "part": part,
        "ended": found.state in (State.VISIT, State.CLOSED, State.VOID), "typed": {k: request.POST.get(k, "") for k in TYPED}, "is_picture": files.is_picture,
    }  # fmt: skip
    return page(request, "portal/need.html", context, status=status)


def _act(part: str, verb: Callable[[HttpRequest, Need, Any], Any]) -> Callable:
    """A view that does one thing as the customer and shows the page again, with the refusal beside what was typed."""

    @public
    @methods("POST")
    def view(request: HttpRequest, number: str) -> HttpResponse:
        by = session.actor(request, number)
        found = queries.find(number, by)
        by = actions.visitor(found.caller, sorted(by.matters))
        try:
            verb(request, found, by)
        except Gone:
            raise
        except Refusal as refusal:
            said = [str(m) for found_ in refusal.fields.values() for m in found_] or [str(refusal)]
            return _page(request, number, trouble=" ".join(said), part=part, status=refusal.status)
        return redirect("portal:need", number)

    return view


def _write(request: HttpRequest, found: Need, by: Any) -> None:
    text = request.POST.get("choice") or request.POST.get("text", "")
    needs.listen(found, by=by, text=text, uploads=request.FILES.getlist("files"))


def _verdict(request: HttpRequest, found: Need, by: Any) -> None:
    star = request.POST.get("star", "")
    rating = int(star) if star in ("1", "2", "3", "4", "5") else None
    if request.POST.get("ok") == "no":
        needs.reject(found, by=by, reason=request.POST.get("why", ""), rating=rating)
    else:
        needs.confirm(found, by=by, rating=rating, comment=request.POST.get("more", ""))


def _complain(request: HttpRequest, found: Need, by: Any) -> None:
    needs.complain_about_handling(found, by=by, text=request.POST.get("text", ""))


write = _act("write", _write)
verdict = _act("verdict", _verdict)


@public
@methods("GET", "POST")
def complaint(request: HttpRequest, number: str) -> HttpResponse:
    """To the response group, about how the need is handled."""
    by = session.actor(request, number)
    found = queries.find(number, by)
    trouble, status, done = "", 200, ""
    if request.method == "POST":
        try:
            _complain(request, found, actions.visitor(found.caller, sorted(by.matters)))
            done = _(
                "Your complaint went to the response group; the department that handles your need does not answer it."
            )
        except Refusal as refusal:
            trouble, status = (
                " ".join([str(m) for f in refusal.fields.values() for m in f] or [str(refusal)]),
                refusal.status,
            )
    context = {
        "need": found,
        "trouble": trouble,
        "done": done,
        "text": request.POST.get("text", ""),
        "company": policies.company(),
    }
    return page(request, "portal/complaint.html", context, status=status)


@public
@methods("GET")
def file(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A public file of the need."""
    found = files.find(session.actor(request, number), pk)
    return files.answer(found, inline=request.GET.get("inline") == "1")


@public
@methods("POST")
def leave(request: HttpRequest) -> HttpResponse:
    session.close(request)
    return redirect("portal:door")


@public
@methods("POST")
def language(request: HttpRequest) -> HttpResponse:
    """The language of this browser's pages."""
    code = request.POST.get("language", "")
    if translation.check_for_language(code):
        request.session["language"] = code
    return redirect("portal:door")
