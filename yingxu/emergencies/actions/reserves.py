"""The register of reserves (E3): taken in, changed, adjusted, looked over."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid, Stale
from yingxu.base.given import words
from yingxu.matters import actions as matters
from yingxu.people.models import User

from .. import rules
from ..events import ReserveAmended, ReserveLookedOver, ReserveTakenIn, StockAdjusted
from ..models import Movement, Resource
from ..queries import plain, reserve_mark, reserve_marks
from ..states import Kind, Move

MOST = Decimal("999999999.99")
LISTS = 0x72657376  # one list at a time
FIELDS = ("place", "expires_on", "check_on", "notes")


def amount(value: Decimal | int | str, field: str = "quantity", *, zero: bool = False) -> Decimal:
    """A quantity with at most two decimals, or Invalid naming the field."""
    try:
        found = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise Invalid.field(field, _("This is not a number.")) from None
    if not found.is_finite() or found != found.quantize(Decimal("0.01")) or found > MOST:
        raise Invalid.field(field, _("A number with at most two decimals.")) from None
    if found < 0 or (found == 0 and not zero):
        raise Invalid.field(field, _("More than nothing."))
    return found


def moved(resource: Resource, kind: Move, quantity: Decimal, by: Actor, *, reason: str = "", dispatch=None) -> Movement:
    """A line in the ledger, with what is there and out now."""
    return Movement.objects.create(
        resource=resource, kind=kind, quantity=quantity, total=resource.total, out=resource.out, dispatch=dispatch,
        reason=reason[:200], by_id=by.user_id, at=clock.now(),
    )  # fmt: skip


@opens(rules.STOCK)
def take_in(
    *, by: Actor, kind: str, name: str, unit: str, total: Decimal | int | str, keeper: User, place: str = "", expires_on: date | None = None,
    check_on: date | None = None, notes: str = "",
) -> Resource:  # fmt: skip
    """A new reserve: what, how much, where, who keeps it, how long it is good."""
    name, unit = words(name, "name", longest=80), words(unit, "unit", longest=12)
    if kind not in Kind.values:
        raise Invalid.field("kind", _("Choose what kind of reserve it is."))
    quantity = amount(total, "total", zero=True)
    if not keeper.is_active:
        raise Invalid.field("keeper", _("%(name)s no longer works here.") % {"name": keeper.name})
    place, notes = words(place, "place", required=False, longest=80), words(notes, "notes", required=False, longest=2_000)
    number = matters.next_number("reserve", prefix="CB")
    matter = matters.open_matter("reserve", name, number=number, owner_id=keeper.pk, department_id=keeper.department_id, words=[place, notes])
    made = Resource.objects.create(
        matter=matter, kind=kind, unit=unit, total=quantity, place=place, expires_on=expires_on, check_on=check_on, notes=notes,
    )  # fmt: skip
    moved(made, Move.OPENED, quantity, by)
    event = ReserveTakenIn(kind=str(kind), quantity=plain(quantity), unit=unit)
    matters.record(event, on=matter, by=by, tell=[keeper.pk])
    return made


@opens(rules.STOCK)
def bring_in(*, by: Actor, rows: Sequence[Mapping[str, Any]]) -> list[Resource]:
    """Take in what a list holds and the register does not (rows as `take_in` takes them): the same list twice, also at once, makes no
    doubles. All or nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LISTS])
    held, made = reserve_marks(), []
    for row in rows:
        mark = reserve_mark(row["kind"], row["name"], row["unit"], row["place"])
        if mark not in held:
            held.add(mark)
            made.append(take_in(by=by, **row))
    return made


@action(rules.KEEP)
def amend(resource: Resource, *, by: Actor, version: int | None = None, keeper: User | None = None, name: str | None = None, **changes) -> Resource:
    """Where it is, who keeps it, until when it is good; never how much there is."""
    if version is not None and version != resource.version:
        raise Stale(_("Somebody else has just changed this record."), theirs={})
    changed = []
    for key in FIELDS:
        if key in changes and changes[key] != getattr(resource, key):
            text = key in ("place", "notes")
            setattr(resource, key, words(changes[key], key, required=False, longest=80 if key == "place" else 2_000) if text else changes[key])
            changed.append(key)
    if name is not None and name.strip() != resource.matter.title:
        resource.matter.title = words(name, "name", longest=80)
        changed.append("name")
    if keeper is not None and keeper.pk != resource.matter.owner_id:
        resource.matter.owner, resource.matter.department_id = keeper, keeper.department_id
        changed.append("keeper")
    if changed:
        resource.version += 1
        resource.matter.save(update_fields=["title", "owner", "department"])
        resource.save()
        matters.index(resource.matter, resource.number, resource.matter.title, resource.place, resource.notes)
        matters.record(ReserveAmended(fields=changed), on=resource.matter, by=by, tell=[resource.matter.owner_id])
    return resource


@action(rules.KEEP)
def adjust(resource: Resource, *, by: Actor, total: Decimal | int | str, reason: str) -> Resource:
    """There is more or less of it than the register says, with the reason. Never less than is out with emergencies."""
    reason, quantity = words(reason, "reason", longest=200), amount(total, "total", zero=True)
    if quantity < resource.out:
        raise Invalid.field("total", _("%(out)s %(unit)s of it are out with emergencies; take those back first.") % {"out": plain(resource.out), "unit": resource.unit})
    if quantity == resource.total:
        raise Invalid.field("total", _("That is what the register says already."))
    old, resource.total = resource.total, quantity
    resource.version += 1
    resource.save()
    moved(resource, Move.ADJUSTED, quantity - old, by, reason=reason)
    matters.record(
        StockAdjusted(old=plain(old), new=plain(quantity), unit=resource.unit, reason=reason), on=resource.matter, by=by,
        tell=[resource.matter.owner_id],
    )  # fmt: skip
    return resource


@action(rules.KEEP)
def look_over(resource: Resource, *, by: Actor, next_on: date | None = None) -> Resource:
    """It was looked over and is fit for use; the next time is noted."""
    if next_on is not None and next_on <= clock.today():
        raise Invalid.field("next_on", _("Choose a later day."))
    resource.check_on, resource.reminded_for = next_on, None
    resource.version += 1
    resource.save()
    matters.record(ReserveLookedOver(next_on=next_on.isoformat() if next_on else ""), on=resource.matter, by=by)
    return resource
