"""What the pages of this room share."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from yingxu.base.errors import Gone, Refusal
from yingxu.ui import asking

HOME = "/"


def local(path: str) -> str:
    """Only a path of our own; anything else is the home page."""
    return asking.local(path, HOME)


def stay(request: HttpRequest) -> None:
    """Whoever changed what they may do themselves stays in this one session; their others have ended."""
    request.user.refresh_from_db(fields=["session_mark"])
    if request.session.get("mark") != request.user.session_mark:
        request.session["mark"] = request.user.session_mark
        request.session.cycle_key()


def found(row: Any) -> Any:
    if row is None:
        raise Gone()
    return row


def number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def add(form: forms.Form, refusal: Refusal) -> None:
    """Put a refusal's sentences where they belong in the form."""
    known = {name: found for name, found in refusal.fields.items() if name in form.fields}
    for name, messages in known.items():
        form.add_error(name, [str(m) for m in messages])
    if not known:
        form.add_error(None, str(refusal) or _("This did not work."))
