"""Lists with personal data leave the house in number only with a second person's signature (GB/T 35273 7.1)."""

import hashlib
import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import step as part
from yingxu.base.errors import Deferred
from yingxu.base.given import staff
from yingxu.matters.models import Matter

from ..models import Request, State
from .asking import ask

CHAIN = "archives.export"
LISTS = ("customers", "contracts", "dealings", "needs", "privacy")  # what the access log calls the lists with personal data that ask here
HOLDS = timedelta(hours=24)  # how long a signed list may be taken
_NUMBER = re.compile(r"\d{5,}")


@part
def second_person(*, by: Actor, listed: str, name: Any, rows: int, asked: str = "", url: str = "", matter: Matter | None = None) -> None:
    """In the verb that exports a list, before anything leaves: nothing happens up to the limit (for the file of one `matter`, when that is not guarded), and within a day of the approval of
    exactly this list (`listed`, its filters `asked`), to the one who asked for it. Otherwise raises Deferred, whose beginning asks for
    the signatures. The file itself is made only when it is taken, from what the actor may see at that moment, and is kept nowhere."""
    free = rows <= settings.EXPORT_ROWS if matter is None else not matter.guarded
    if by.kind == "system" or free:
        return
    user = staff(by)
    key = f"export:{user}:{hashlib.sha256(f'{listed}?{asked}'.encode()).hexdigest()[:40]}"
    if Request.objects.filter(chain=CHAIN, key=key, asked_by_id=user, state=State.GRANTED, ended_at__gt=clock.now() - HOLDS).exists():
        return
    shown = _NUMBER.sub("•••", asked)[:300]
    facts = [[_("List"), str(name)], [_("Filters"), shown or _("none: the whole list")], [_("Who takes it"), by.name]]
    subject = {"list": listed, "key": key, "facts": facts}
    title = _("Export “%(name)s”, %(rows)s rows") % {"name": name, "rows": rows}
    if matter is not None:
        title, said = _("Give out “%(name)s”") % {"name": name}, _("What is guarded leaves only when a second person has signed. They are asked; do it again within a day of the approval.")
    else:
        said = _("More than %(most)s rows leave only when a second person has signed. They are asked; export again within a day of the approval.") % {"most": settings.EXPORT_ROWS}
    raise Deferred(said, begin=lambda: _begin(by, matter, subject, title, key, url))


def _begin(by: Actor, matter: Matter | None, subject: dict[str, Any], title: str, key: str, url: str) -> str:
    with transaction.atomic():
        request = ask(matter, by=by, chain=CHAIN, title=title, subject=subject, url=url, key=key)
    return reverse("approvals:request", args=[request.pk])
