"""Mailboxes: which addresses mail is taken in for, how it is fetched, and how the last time went."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.base.web import door, go, methods, page, toast

from .. import actions, queries, rules
from ..forms import MailboxForm
from ..models import Mailbox

mails = queries.mails


@door(rules.MAILBOXES)
@methods("GET", "POST")
def index(request: HttpRequest) -> HttpResponse:
    """All mailboxes; POST adds one."""
    form = MailboxForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_mailbox(by=request.actor, **form.values())
            return go(request, reverse("intake:mailbox", args=[made.pk]))
        except Invalid as refusal:
            form.blame(refusal)
    status = 422 if request.method == "POST" else 200
    return page(request, "intake/mailboxes.html", {"form": form, "boxes": mails.boxes(), "box": None}, status=status)


@door(rules.MAILBOXES)
@methods("GET", "POST")
def mailbox(request: HttpRequest, pk: int) -> HttpResponse:
    """One mailbox; POST changes it."""
    box = mails.box(pk)
    form = MailboxForm(request.POST or None, box=box)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_mailbox(box, by=request.actor, **form.values())
            return toast(go(request, reverse("intake:mailbox", args=[pk])), _("Saved."))
        except Invalid as refusal:
            form.blame(refusal)
    return page(request, "intake/mailbox.html", _context(pk, form, request.actor), status=422 if request.method == "POST" else 200)


def _context(pk: int, form: MailboxForm, by: Actor) -> dict:
    box = mails.box(pk)
    return {"box": box, "form": form, "latest": mails.last(box, by), "fetched": box.way == Mailbox.Way.IMAP}


@door(rules.MAILBOXES)
@methods("POST")
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    actions.switch_mailbox(mails.box(pk), by=request.actor, active=request.POST.get("active") == "on")
    return go(request, reverse("intake:mailbox", args=[pk]))


@door(rules.MAILBOXES)
@methods("POST")
def fetch(request: HttpRequest, pk: int) -> HttpResponse:
    """Fetch now, in the worker."""
    asked = actions.fetch_now(mails.box(pk), by=request.actor)
    said = _("The mailbox is being asked; the result stands here in a moment.") if asked else _("It is being asked already.")
    return toast(go(request, reverse("intake:mailbox", args=[pk])), said)
