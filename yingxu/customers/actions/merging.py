"""Two files that are one customer: merged without losing a record, and taken apart again within 30 days.

Whatever points to the customer that goes is found through the foreign keys themselves, so a room built later is followed without
having to say so; what hangs on its matter (files, clocks …) moves too. Its journal and notes stay where they were written and are
shown with the kept customer's history. A row that cannot move, because the kept customer already has its like, stays behind.
"""

from typing import Any

from django.db import DatabaseError, models, transaction
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, check, locked, opens
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.matters import actions as matters
from yingxu.matters import circles
from yingxu.matters.models import Entry, Matter, Watcher

from .. import queries, rules
from ..events import CustomerBack, CustomerGone, CustomersMerged, MergeUndone
from ..models import Change, Customer, Merge, SectionLevel, Value
from ..queries.sections import columns
from . import keeping, levelling
from .editing import reindex

SECTION = "section:"
LEVEL = "level:"
CHOICES = ("name", "type", "grade", "industry", "address", "reminder", "remark", "customer_since", "owner", "department")


@opens(rules.MERGE)
def merge(kept: Customer, gone: Customer, *, by: Actor, choices: dict[str, str] | None = None) -> Merge:
    """Make `gone` part of `kept`. `choices` says per field (CHOICES, and "section:<key>.<field>" where both have a value) whose value
    stays, "kept" or "gone"; without one the kept customer's, or the other's where it has none. Tags are joined; the higher secrecy level and the narrower
    circle count. Needs the rule on both.

    Raises Invalid for a customer with itself, WrongMoment when one of them has been merged already.
    """
    if kept.pk == gone.pk:
        raise Invalid(_("A customer cannot be merged with itself."))
    both = {row.pk: row for row in (locked(c) for c in sorted((kept, gone), key=lambda c: c.pk))}
    kept, gone = both[kept.pk], both[gone.pk]
    for one in (kept, gone):
        check(rules.MERGE, by, one)
        if one.merged_into_id:
            raise WrongMoment(_("%(number)s was merged already.") % {"number": one.matter.number})
    with keeping.kept(gone, by=by, why=kept.matter.number), keeping.kept(kept, by=by, why=gone.matter.number):
        before = _take_over(kept, gone, choices or {}, by)
        if circles.taken_over(gone.matter, kept.matter):
            before["circle"] = [None, kept.pk]
        moved = _follow(gone, kept)
        circles.spread(kept.matter)
    gone.merged_into, gone.version = kept, gone.version + 1
    gone.save(update_fields=["merged_into", "version"])
    gone.matter.closed_at = clock.now()
    gone.matter.save(update_fields=["closed_at"])
    reindex(kept)
    done = Merge.objects.create(kept=kept, gone=gone, by_id=by.user_id, at=clock.now(), moved=moved, before=before)
    tell = [kept.matter.owner_id, gone.matter.owner_id]
    matters.record(CustomerGone(into=kept.matter.number), on=gone.matter, by=by, tell=tell)
    event = CustomersMerged(
        kept=kept.pk, gone=gone.pk, number=gone.matter.number, name=gone.name, moved=sum(len(pks) for pks in moved.values())
    )
    matters.record(event, on=kept.matter, by=by, tell=tell)
    return done


@action(rules.MERGE)
def undo_merge(kept: Customer, merge: Merge, *, by: Actor) -> Customer:
    """Take the two apart again: what the merge moved goes back, if it still is where the merge put it; fields changed since stay.
    What was registered since stays with the kept customer. Returns the customer that had gone.

    Raises WrongMoment after 30 days, when it was undone, or when the kept customer was itself merged since.
    """
    done = Merge.objects.select_for_update().filter(pk=merge.pk, kept=kept).first()
    if done is None or done.undone_at:
        raise WrongMoment(_("This merge has been undone already."))
    if not queries.can_be_undone(done):
        raise WrongMoment(_("A merge can be undone for 30 days; this one is older."))
    if kept.merged_into_id:
        raise WrongMoment(_("This customer was merged since; undo that merge first."))
    gone = locked(Customer(pk=done.gone_id))
    check(rules.MERGE, by, gone)
    with keeping.kept(gone, by=by, why=kept.matter.number), keeping.kept(kept, by=by, why=gone.matter.number):
        _bring_back(done.moved, gone, kept)
        _restore(kept, done)
    circles.spread(gone.matter)
    gone.merged_into, gone.version = None, gone.version + 1
    gone.save(update_fields=["merged_into", "version"])
    gone.matter.closed_at = None
    gone.matter.save(update_fields=["closed_at"])
    done.undone_at = clock.now()
    done.save(update_fields=["undone_at"])
    reindex(kept)
    reindex(gone)
    tell = [kept.matter.owner_id, gone.matter.owner_id]
    event = MergeUndone(kept=kept.pk, gone=gone.pk, number=gone.matter.number, name=gone.name)
    matters.record(event, on=kept.matter, by=by, tell=tell)
    matters.record(CustomerBack(out_of=kept.matter.number), on=gone.matter, by=by, tell=tell)
    return gone


# ── fields ──


def _take_over(kept: Customer, gone: Customer, choices: dict[str, str], by: Actor) -> dict[str, list]:
    """Set the chosen values on `kept`; returns {field: [old, new]} as JSON. Of a section the actor may not know of in both files nothing
    can be chosen."""
    hidden = {pk for one in (kept, gone) for pk in queries.sections.hidden_from(one, by)}
    filled = {_filled(row): row for row in Value.objects.filter(customer=gone)}
    open_ = [key for key, row in filled.items() if row.section_id not in hidden]
    unknown = {k: [_("There is no such field.")] for k, v in choices.items() if k not in (*CHOICES, *open_) or v not in ("kept", "gone")}
    if unknown:
        raise Invalid(_("Not saved: look at the marked fields."), fields=unknown)
    before: dict[str, list] = {}
    for key in CHOICES:
        mine, theirs = _value(kept, key), _value(gone, key)
        chosen = choices.get(key) or ("gone" if mine in (None, "") else "kept")
        if chosen == "gone" and theirs != mine:
            before[key] = [_plain(mine), _plain(theirs)]
            _set(kept, key, theirs)
    for row in Value.objects.filter(customer=kept):
        key = _filled(row)
        if choices.get(key) == "gone":
            mine, theirs = columns(row), columns(filled[key])
            before[key] = [mine, theirs]
            Value.objects.filter(pk=row.pk).update(**theirs)
    tags = list(dict.fromkeys([*kept.tags, *gone.tags]))[:20]
    if tags != kept.tags:
        before["tags"] = [kept.tags, tags]
        kept.tags = tags
    if gone.matter.secrecy > kept.matter.secrecy:
        before["secrecy"] = [kept.matter.secrecy, gone.matter.secrecy]
        kept.matter.secrecy = gone.matter.secrecy
    for section, level in SectionLevel.objects.filter(customer=gone).values_list("section_id", "secrecy"):
        if old := levelling.raised(kept, section, level):
            before[f"{LEVEL}{section}"] = list(old)
    _save(kept)
    return before


def _restore(kept: Customer, done: Merge) -> None:
    """Give the kept customer its own values back where nobody changed them since. Raised secrecy levels and a circle that came with
    the merge end only when nothing was written since that it might have to protect."""
    since = Entry.objects.filter(matter=kept.matter, at__gte=done.at)
    written = since.exclude(event=CustomersMerged.NAME, facts__gone=done.gone_id).exists()
    for key, (old, new) in done.before.items():
        if key == "circle":
            if not written:
                circles.open_up(kept.matter)
        elif key.startswith(SECTION):
            row = next((r for r in Value.objects.filter(customer=kept) if _filled(r) == key), None)
            if row and columns(row) == new:
                Value.objects.filter(pk=row.pk).update(**old)
        elif key.startswith(LEVEL):
            if not written:
                SectionLevel.objects.filter(customer=kept, section=key.removeprefix(LEVEL), secrecy=new).update(secrecy=old)
        elif key == "secrecy":
            if kept.matter.secrecy == new and not written:
                kept.matter.secrecy = old
        elif _plain(_value(kept, key)) == new:
            field = Customer._meta.get_field(key) if key not in ("owner", "department") else None
            _set(kept, key, field.to_python(old) if field and key != "tags" else old)
    _save(kept)


def _save(kept: Customer) -> None:
    kept.version += 1
    kept.save()
    kept.matter.title = kept.name
    kept.matter.save(update_fields=["title", "owner", "department", "secrecy"])


def _filled(row: Value) -> str:
    return f"{SECTION}{row.section_id}.{row.field}"


def _value(customer: Customer, key: str) -> Any:
    if key in ("owner", "department"):
        return getattr(customer.matter, key + "_id")
    return getattr(customer, key)


def _set(customer: Customer, key: str, value: Any) -> None:
    if key in ("owner", "department"):
        setattr(customer.matter, key + "_id", value)
    else:
        setattr(customer, key, value)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


# ── links ──


def _pointers(to: type[models.Model]) -> dict[str, tuple[type[models.Model], str]]:
    """Every foreign key to a customer, or to its matter from outside the spine: "needs.need.customer" → (model, field)."""
    found = {}
    for relation in to._meta.related_objects:
        model = relation.related_model
        if relation.one_to_many and model not in (Merge, Change, SectionLevel) and model._meta.app_label != "matters":
            found[f"{model._meta.label_lower}.{relation.field.name}"] = (model, relation.field.name)
    return found


def _follow(gone: Customer, kept: Customer) -> dict[str, list[int]]:
    """Point everything at `kept`; returns the keys of the rows that moved, by foreign key, and of the watchers that joined."""
    moved: dict[str, list[int]] = {}
    for to, old, new in ((Customer, gone, kept), (Matter, gone.matter, kept.matter)):
        for label, (model, field) in _pointers(to).items():
            pks = list(model._base_manager.filter(**{field: old}).values_list("pk", flat=True))
            if pks := _move(model, field, pks, old, new):
                moved[label] = pks
    joining = Watcher.objects.filter(matter=gone.matter).exclude(user__in=Watcher.objects.filter(matter=kept.matter).values("user"))
    if users := list(joining.values_list("user_id", flat=True)):
        matters.watch(kept.matter, users)
        moved["watchers"] = users
    return moved


def _bring_back(moved: dict[str, list[int]], gone: Customer, kept: Customer) -> None:
    for to, old, new in ((Customer, kept, gone), (Matter, kept.matter, gone.matter)):
        for label, (model, field) in _pointers(to).items():
            _move(model, field, moved.get(label, []), old, new)
    Watcher.objects.filter(matter=kept.matter, user__in=moved.get("watchers", [])).delete()


def _move(model: type[models.Model], field: str, pks: list, old: models.Model, new: models.Model) -> list:
    """Repoint these rows from `old` to `new`, all at once, or one by one where a constraint keeps some back."""
    rows = model._base_manager.filter(pk__in=pks, **{field: old})
    if not pks:
        return []
    try:
        with transaction.atomic():
            rows.update(**{field: new})
        return pks
    except DatabaseError:
        return [pk for pk in pks if len(pks) > 1 and _move(model, field, [pk], old, new)]
