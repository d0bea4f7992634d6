"""Customers nobody looks after are given to somebody, several at once."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from yingxu.base import given
from yingxu.base.access import Actor
from yingxu.base.action import opens
from yingxu.base.errors import Gone, Invalid
from yingxu.customers import actions as customers
from yingxu.customers import rules as seeing
from yingxu.customers.models import Customer
from yingxu.people.models import User

from .. import queries

MOST = 200  # at once


@opens(seeing.EDIT)
def give_owner(numbers: Iterable[str], *, by: Actor, owner: User, why: str = "") -> list[Customer]:
    """These customers (register numbers) without an owner, or whose owner left, are this person's from now on, each by the file's own
    verb; with one that is refused none is given. Raises Gone for one that is not ownerless or not there for this actor."""
    wanted, why = list(dict.fromkeys(numbers)), given.words(why, "why", required=False, longest=200)
    if not wanted or len(wanted) > MOST:
        raise Invalid.field("customers", _("Choose from 1 to %(most)s customers.") % {"most": MOST})
    if not owner.is_active:
        raise Invalid.field("owner", _("Choose somebody who works here."))
    rows = {row.matter.number: row for row in queries.ownerless.visible_to(by).filter(matter__number__in=wanted)}
    if missing := [number for number in wanted if number not in rows]:
        raise Gone(_("%(number)s is not there any more, or somebody looks after it by now.") % {"number": missing[0]})
    return [customers.edit(rows[number], by=by, owner=owner, why=why) for number in wanted]
