"""The memory of a file: every verb that writes to one does it inside `kept`, which compares before and after, so that no field is ever
forgotten (A4)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import step
from yingxu.base.errors import Invalid

from ..models import Change, Customer
from ..queries import archive


@contextmanager
def kept(customer: Customer, *parts: str, by: Actor, why: str = "") -> Iterator[None]:
    """What is written to these parts of the file in here leaves its old and new values, with who, when and why."""
    before = archive.state(customer, parts)
    yield
    _keep(customer, archive.differences(before, archive.state(customer, parts)), by, why)


@step
def came(customer: Customer, part: str, row: Any, *, by: Actor, why: str = "") -> None:
    """A row that is new, without reading the file: for verbs that must be quick."""
    columns = {name: archive.plain(getattr(row, name)) for name in archive.PARTS[part].columns}
    _keep(customer, [(part, row.pk, "", None, columns)], by, why)


def clean_why(why: str) -> str:
    """What a change rests on, trimmed. Raises Invalid."""
    why = " ".join(str(why or "").split())
    if len(why) > 200:
        raise Invalid.field("why", _("At most %(n)s characters.") % {"n": 200})
    return why


def _keep(customer: Customer, changed: Any, by: Actor, why: str) -> None:
    now = clock.now()
    Change.objects.bulk_create(
        Change(
            customer=customer, part=part, row=row, field=field, old=old, new=new, at=now, by_id=by.user_id, by_name=by.name[:80], why=why,
        )
        for part, row, field, old, new in changed
    )  # fmt: skip
