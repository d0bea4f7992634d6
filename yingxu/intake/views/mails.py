"""Incoming mail on screen: everything that came and what it became, one mail safely shown, and a person's decision about it."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _

from yingxu.base import sheets
from yingxu.base.access import Actor
from yingxu.base.errors import Gone, Refusal
from yingxu.base.web import door, go, methods, page, signed_in
from yingxu.files import queries as files
from yingxu.matters.actions import look
from yingxu.matters.queries import may_see, page_of
from yingxu.needs import queries as needs

from .. import actions, queries, rules
from ..mail.signs import Nature
from ..models import Received
from ..queries.mails import Wish

mails = queries.mails
S = Received.State
TONES = {S.NEED: "good", S.REPLY: "good", S.ANSWER: "good", S.QUARANTINE: "warn", S.BOUNCE: "bad", S.WAITING: "info"}
_FRAME = "default-src 'none'; style-src 'none'; frame-ancestors 'self'; sandbox"  # nothing in it runs, loads or leaves


@door(rules.MAILS)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, wish = request.actor, Wish.of(request.GET.dict())
    counts, found = mails.counts(by), mails.index(by, wish, request.GET.get("cursor", ""))
    names = {"": _("All mail"), **dict(S.choices)}
    entries = [
        {"text": names[state], "href": _address(wish, state=state), "current": wish.state == state, "cap": 9999,
         "count": counts.get(state, 0) if state else sum(counts.values()), "tone": "warn" if state == S.QUARANTINE and counts.get(state) else ""}
        for state in ("", S.QUARANTINE, S.NEED, S.REPLY, S.BOUNCE, S.AUTO, S.ANSWER, S.DUPLICATE, S.DROPPED, S.WAITING)
    ]  # fmt: skip
    context = {
        "wish": wish, "slice": found, "rows": [_row(mail) for mail in found.rows], "address": _address, "entries": entries,
        "boxes": mails.boxes(), "heading": names[wish.state], "may_boxes": by.may(rules.MAILBOXES),
    }  # fmt: skip
    return page(request, "intake/mails.html", context, block="rows")


def _address(wish: Wish, **over: Any) -> str:
    values = {"q": wish.text, "state": wish.state, "mailbox": wish.mailbox, "sort": wish.sort, **over}
    kept = {k: str(v) for k, v in values.items() if v and (k, v) != ("sort", "-at")}
    return reverse("intake:mails") + (f"?{urlencode(kept)}" if kept else "")


def _row(mail: Received) -> dict[str, Any]:
    about = mail.about or (mail.original.about if mail.original else None)
    return {
        "mail": mail, "href": reverse("intake:mail", args=[mail.pk]), "state": mail.get_state_display(), "tone": TONES.get(S(mail.state), ""),
        "sender": mail.sender_name or mail.sender_hint, "reason": mail.get_reason_display() if mail.state == S.QUARANTINE else mail.remark,
        "nature": mail.get_nature_display() if mail.nature != Nature.MESSAGE else "", "about": about, "about_href": page_of(about),
    }  # fmt: skip


@door(rules.MAILS)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    wish = Wish.of(request.POST.dict())
    asked = " ".join(f"{k}={v}" for k, v in vars(wish).items() if v and k != "text")
    found = actions.export_mails(mails.ordered(request.actor, wish), by=request.actor, asked=asked)
    heads = [_("Arrived"), _("Mailbox"), _("Sender"), _("Address"), _("Subject"), _("What became of it"), _("Sort of mail"), _("Why"), _("Number"), "Message-ID"]
    cells = (
        [m.at, m.mailbox.name, m.sender_name, m.sender_hint, m.subject, m.get_state_display(), m.get_nature_display(),
         m.get_reason_display() or m.remark, m.about.number if m.about else "", m.message_id]
        for m in found
    )  # fmt: skip
    return sheets.download(str(_("Incoming mail")), heads, cells, kind="csv" if request.POST.get("kind") == "csv" else "xlsx")


# ── one mail ──


@signed_in
@methods("GET")
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    return _mail(request, mails.find(request.actor, pk))


def _mail(request: HttpRequest, found: Received, *, trouble: str = "", status: int = 200) -> HttpResponse:
    by = request.actor
    may = rules.MAILS.allows(by)
    if found.about:
        look(found.about, by=by, detail=f"mail {found.pk}", work="mail", above=files.above(files.on_matter(found.about, by)))
    context = {
        "row": _row(found), "letter": mails.letter(found, by), "may": may, "trouble": trouble, "typed": {name: request.POST.get(name, "") for name in ("number", "reason")},
        "decides": may and found.state == S.QUARANTINE, "undoes": may and found.state in (S.NEED, S.REPLY, S.DROPPED),
        "back": reverse("intake:mails") if may else page_of(found.about),
    }  # fmt: skip
    return page(request, "intake/mail.html", context, status=status)


@signed_in
@methods("GET")
def frame(request: HttpRequest, pk: int) -> HttpResponse:
    """The cleaned HTML of a mail, for a frame without any rights."""
    html = mails.html_of(mails.find(request.actor, pk)) or escape(_("This page is too involved to be shown safely; read its words, or take the original."))
    response = HttpResponse(f'<!doctype html><html lang=""><meta charset="utf-8"><title>{escape(_("Mail"))}</title><body>{html}</body></html>')
    response["Content-Security-Policy"], response["X-Frame-Options"] = _FRAME, "SAMEORIGIN"
    return response


@door(rules.MAILS)
@methods("POST")
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes as they came, as a file."""
    found = mails.find(request.actor, pk)
    if not mails.whole_for(found, request.actor):
        raise Gone()
    response = HttpResponse(actions.open_original(found.original or found, by=request.actor), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="mail-{found.pk}.eml"'
    response["Content-Security-Policy"], response["X-Content-Type-Options"] = "default-src 'none'; sandbox", "nosniff"
    return response


@door(rules.MAILS)
@methods("POST")
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Place it, make it a need, drop it, or take that back. What is refused comes back with its sentence and everything typed."""
    found = mails.find(request.actor, pk)
    verbs = {"need": _put_on, "new": _make, "drop": _drop, "back": _back}
    if verb not in verbs:
        raise Gone()
    try:
        done = verbs[verb](request, found)
    except Refusal as refusal:
        said = "；".join(str(m) for messages in refusal.fields.values() for m in messages) or str(refusal)
        return _mail(request, found, trouble=said, status=refusal.status)
    return go(request, _next(request.actor, done))


def _put_on(request: HttpRequest, found: Received) -> Received:
    number = request.POST.get("number", "").strip().strip("[]# ")
    return actions.put_on(found, by=request.actor, need=needs.find(number, request.actor))


def _make(request: HttpRequest, found: Received) -> Received:
    return actions.make_need(found, by=request.actor)


def _drop(request: HttpRequest, found: Received) -> Received:
    return actions.drop(found, by=request.actor, reason=request.POST.get("reason", ""))


def _back(request: HttpRequest, found: Received) -> Received:
    return actions.take_back(found, by=request.actor)


def _next(by: Actor, done: Received) -> str:
    """The mail again, whose page says what became of it; the list when it is out of sight now."""
    return reverse("intake:mail", args=[done.pk]) if done.about is None or may_see(by, done.about) else reverse("intake:mails")
