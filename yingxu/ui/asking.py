"""One way to ask for what a verb needs: a dialog over the page when htmx asks, else a page of its own; whatever is refused comes
back with everything typed still there."""

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from yingxu.base.errors import Invalid, Refusal
from yingxu.base.web import go, page, toast

_READ_OTHERWISE = re.compile(r"[\x00-\x20\x7f\\]")


def ask(
    request: HttpRequest, form: forms.Form, act: Callable[..., Any], *, title: Any, said: Any, address: str, back: str, number: str = "",
    subject: Any = "", danger: bool = False, wide: bool = False, fields: str = "ui/ask_fields.html", then: Callable[[Any], str] | None = None,
    **context: Any,
) -> HttpResponse:  # fmt: skip
    """GET shows the form, POST calls `act` with its cleaned fields and goes `back` (or where `then(result)` says).

    `title` is the verb, on the heading and the button; `number` and `subject` say on what. `fields` draws the form's fields. A form with rows has `more()`, called for a button named "more"."""
    refusal, status = None, 200
    back = way_back(request, back)
    if request.method == "POST" and "more" in request.POST:
        form.more()  # type: ignore[attr-defined]  # forms with rows: a few more of them, nothing checked yet
        form._errors = {}  # type: ignore[attr-defined]
    elif request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                done = act(**form.cleaned_data)
            except Invalid as wrong:
                blame(form, wrong)
            except Refusal as wrong:
                refusal, status = wrong, wrong.status
            else:
                return toast(go(request, then(done) if then else back), said)
    given = {
        "form": form, "title": title, "address": address, "back": back, "number": number, "subject": subject, "danger": danger,
        "wide": wide, "refusal": refusal, "fields_template": fields, **context,
    }  # fmt: skip
    return page(request, "ui/ask.html", given, block="dialog", status=status)


def blame(form: forms.Form, refusal: Invalid) -> None:
    """Put what the verb refused beside the fields it is about."""
    for name, messages in refusal.fields.items():
        form.add_error(name if name in form.fields else None, [str(m) for m in messages])
    if not refusal.fields:
        form.add_error(None, str(refusal))


def way_back(request: HttpRequest, otherwise: str) -> str:
    """Where the form said to go on afterwards, if that is a page of ours."""
    return local(request.POST.get("next") or request.GET.get("next") or "", otherwise)


def local(to: str, otherwise: str) -> str:
    """This address, if it is a page of ours. A browser drops tabs and line ends and reads a backslash as a stroke before it looks where
    an address leads: what holds one leads nowhere."""
    ours = to.startswith("/") and not _READ_OTHERWISE.search(to) and url_has_allowed_host_and_scheme(to, allowed_hosts=None)
    return to if ours else otherwise
