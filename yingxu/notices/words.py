"""What a notice says outside the house, in the reader's language, and no more than may be said there.

A mail to a colleague names the matter only when it has no secrecy level; a robot speaks to a group and says number, state and link; an SMS
says number and kind. What was read on the screen in the meantime is not said again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.matters.access import VIEWS
from yingxu.matters.models import Matter
from yingxu.matters.queries import page_of

from . import queries
from .models import Delivery, Notice

MOST = 50


@dataclass
class Said:
    """A message to a colleague: subject, text, HTML; for SMS the template's values."""

    subject: str = ""
    body: str = ""
    html: str = ""
    template: str = ""
    params: dict[str, str] = field(default_factory=dict)


def fresh(row: Delivery) -> list[Notice]:
    """The notices it carries that still need saying: seen by the person, and not read since they came."""
    told = Notice.objects.filter(deliveries=row).select_related("entry", "matter", "user").order_by("id")
    if row.user_id is None:
        return list(told)
    by = queries.actor_of(row.user)
    open_ = [n for n in told if n.read_at is None or n.read_at == n.at]
    seen = set(queries.visible_to(by).filter(pk__in=[n.pk for n in open_]).values_list("pk", flat=True))
    return [n for n in open_ if n.pk in seen]


def mail(row: Delivery, told: list[Notice]) -> Said:
    """For one colleague: each notice a line with its link."""
    with translation.override(row.user.language or settings.LANGUAGE_CODE):
        lines = [_line(n) for n in told[:MOST]]
        inbox = queries.address(reverse("notices:inbox"))
        if len(told) == 1:
            subject = f"[{lines[0].number}] {lines[0].text}" if lines[0].number else lines[0].text
        else:
            subject = ngettext("%(num)s notice for you", "%(num)s notices for you", len(told)) % {"num": len(told)}
        rest = len(told) - len(lines)
        more = ngettext("and %(num)s more", "and %(num)s more", rest) % {"num": rest} if rest else ""
        foot = _("How you are told is your own choice: %(address)s") % {"address": queries.address(reverse("channels:ways"))}
        body = "\n\n".join([*(line.plain for line in lines), *([f"{more}: {inbox}"] if more else []), "-- ", foot])
        html = "".join(line.html for line in lines) + (f"<p>{_link(inbox, more)}</p>" if more else "")
        return Said(subject[:250], body, f"<!doctype html><html><body>{html}<hr><p><small>{escape(foot)}</small></p></body></html>")


def sms(row: Delivery, told: list[Notice]) -> Said:
    """For one colleague: kind and number, in the provider's approved words."""
    notice = told[-1]
    number = "" if notice.matter is None or notice.matter.guarded else notice.matter.number
    with translation.override(settings.LANGUAGE_CODE):
        if notice.kind == Notice.Kind.EMERGENCY:
            return Said(template="staff_emergency", params={"number": number or "–"})
        return Said(template="staff_notice", params={"what": str(notice.get_kind_display()), "number": number or "–"})


def chat(row: Delivery, told: list[Notice]) -> str:
    """For a group: number, state and link, never a name, a title or what somebody said."""
    with translation.override(settings.LANGUAGE_CODE):
        return "\n".join(_group_line(n) for n in _one_per_matter(told)[:MOST])


def _one_per_matter(told: Iterable[Notice]) -> list[Notice]:
    found: dict[Any, Notice] = {}
    for notice in told:
        found[notice.matter_id or -notice.pk] = notice
    return list(found.values())


def _group_line(notice: Notice) -> str:
    kind = str(notice.get_kind_display())
    if notice.matter is None or notice.matter.guarded:
        return _("%(kind)s: look into your inbox %(address)s") % {"kind": kind, "address": queries.address(reverse("notices:inbox"))}
    parts = [kind, notice.matter.number, state_of(notice.matter), queries.address(page_of(notice.matter))]
    return " · ".join(part for part in parts if part)


def state_of(matter: Matter) -> str:
    """The state of the thing in its room's word, "" when it has none."""
    view = VIEWS.get(matter.kind)
    row = view.model._base_manager.filter(pk=matter.pk).first() if view else None
    show = getattr(row, "get_state_display", None)
    return str(show()) if show else ""


@dataclass
class _Line:
    text: str
    number: str
    plain: str
    html: str


def _line(notice: Notice) -> _Line:
    link = queries.address(reverse("notices:go", args=[notice.pk]))
    if notice.matter is not None and notice.matter.guarded:
        text = _("There is something for you; sign in to read it.")
        return _Line(text, "", f"{text}\n{link}", f"<p>{_link(link, text)}</p>")
    line = queries.line(notice)
    text = f"{line.who} {line.sentence}"
    number, title = (notice.matter.number, notice.matter.title) if notice.matter else ("", "")
    head = f"{number} {title}".strip()
    plain = "\n".join(part for part in (head, text, link) if part)
    html = f"<p>{escape(text)}<br>{_link(link, head or _('Open'))}</p>"
    return _Line(text, number, plain, html)


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'
