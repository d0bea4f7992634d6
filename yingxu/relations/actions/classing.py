"""The rules of classes, reckoning by them, and a person who says otherwise."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.customers import actions as customers
from yingxu.customers.models import Customer
from yingxu.matters.actions import exported, record
from yingxu.matters.models import Entry

from .. import queries, reckoning, rules
from ..events import ClassesReckoned, ClassSet, CustomerClassified, RelationRulesChanged, RelationsExported
from ..models import Dimension, Override, Reckoned, Reckoning, Rulebook, Standing, Turn
from ..shapes import PARTS

BATCH = 500
MOST = 10_000  # rows of one exported list
DIMENSIONS = tuple(Dimension.values)


# ── rules ──


@opens(rules.MANAGE)
def set_rules(*, by: Actor, part: str, content: Mapping[str, Any], was: int | None = None) -> Rulebook:
    """Other rules from now on; the ones of before stay readable. `was` is the version that was shown; another one since is refused."""
    now = queries.rulebook(part)
    if was is not None and now is not None and now.version != was:
        raise WrongMoment(_("Somebody changed these rules in the meantime. Reload the page and look again."))
    return keep(part, content, by=by)


@step
def keep(part: str, content: Mapping[str, Any], *, by: Actor) -> Rulebook:
    """The same as part of another verb. Nothing is written when nothing changed. Raises Invalid for rules that cannot be."""
    shape = PARTS[part]
    try:
        ruled = msgspec.convert(dict(content), shape)
    except msgspec.ValidationError as error:
        raise Invalid(str(error)) from error
    wrong: dict[str, list[str]] = {}
    for place, what in ruled.problems():
        wrong.setdefault(place.replace(".", "_"), []).append(what)
    if wrong:
        raise Invalid("；".join(f"{place}: {said[0]}" for place, said in wrong.items()), fields=wrong)
    plain, last = msgspec.to_builtins(ruled), queries.rulebook(part)
    if last is not None and last.content == plain:
        return last
    made = Rulebook.objects.create(
        part=part, version=last.version + 1 if last else 1, content=plain, at=clock.now(), by_id=by.user_id, by_name=by.name[:80]
    )
    record(RelationRulesChanged(part=part, version=made.version), on=None, by=by)
    return made


@step
def install(part: str, content: Mapping[str, Any], *, by: Actor) -> None:
    """What a pack declares; without a word on a part, what holds stays."""
    if content:
        keep(part, content, by=by)


# ── reckoning ──


@opens(rules.MANAGE)
def reckon(*, by: Actor) -> Reckoning:
    """Reckon everybody's classes now; the worker does it. One that runs already is that one."""
    run = begin(clock.today(), by=by)
    from ..jobs import go_on  # the worker's module imports this one

    transaction.on_commit(lambda: go_on.defer())
    return run


def nightly(day: date) -> Reckoning | None:
    """The reckoning of this night, begun once; None when it has been done with the rules in force."""
    with transaction.atomic():
        done = Reckoning.objects.filter(day=day, version=queries.version("classification"), by_name=SYSTEM.name)
        return None if done.exclude(finished_at=None).exists() else begin(day, by=SYSTEM)


@step
def begin(day: date, *, by: Actor) -> Reckoning:
    return Reckoning.objects.get_or_create(
        day=day, version=queries.version("classification"), finished_at=None,
        defaults={"asked_at": clock.now(), "by_id": by.user_id, "by_name": by.name[:80]},
    )[0]  # fmt: skip


def carry_on(run: Reckoning, *, size: int = BATCH) -> bool:
    """One more batch of a reckoning, in a transaction of its own; True while there is more. After a crash the next one goes on where
    the last commit was; two workers at once wait for each other and do nothing twice."""
    with transaction.atomic():
        run = Reckoning.objects.select_for_update().get(pk=run.pk)
        if run.finished_at:
            return False
        if not run.computed:
            run.total = reckoning.find(run, reckoning.classification(queries.content("classification")))
            run.computed = True
        rows = list(Reckoned.objects.filter(reckoning=run, customer_id__gt=run.after).order_by("customer_id")[:size])
        if rows:
            run.changed += _apply(rows, run)
            run.after = rows[-1].customer_id
        else:
            run.finished_at = clock.now()
            Reckoned.objects.filter(reckoning=run).delete()
            record(ClassesReckoned(total=run.total, changed=run.changed, version=run.version), on=None, by=SYSTEM)
        run.save()
        return bool(rows)


def _apply(rows: list[Reckoned], run: Reckoning) -> int:
    """Write down what is other than before; one entry in the journal for each customer where a class changed. The rows are locked."""
    keys = [row.customer_id for row in rows]
    files = {c.pk: c for c in Customer.objects.select_for_update(of=("self",)).select_related("matter").filter(pk__in=keys, merged_into=None)}
    standings = {s.pk: s for s in Standing.objects.select_for_update().filter(pk__in=keys)}
    said: dict[int, dict[str, Override]] = {}
    for one in Override.objects.select_for_update().filter(customer__in=keys, ended_at=None):
        said.setdefault(one.customer_id, {})[one.dimension] = one
    now, turns, kept, over, grades, changed, brought = clock.now(), list[Turn](), list[Standing](), list[Override](), dict[int, str](), 0, list[Override]()
    sizes = queries.sizes()
    for row in rows:
        file, held = files.get(row.customer_id), said.get(row.customer_id, {})
        if file is None:
            continue
        before = standings.get(file.pk)
        if before is None and file.grade and "grade" not in held:
            held["grade"] = Override(customer=file, dimension="grade", value=file.grade, reason=_("The grade in the file before there were rules"), at=now, by_name=SYSTEM.name)
            brought.append(held["grade"])
        changes = []
        for dimension in DIMENSIONS:
            one = held.get(dimension)
            ends = one is not None and one.until is not None and one.until < run.day
            old, new = effective(file, before, dimension), one.value if one and not ends else row.by_rule[dimension]
            if ends and one is not None:
                one.ended_at = now
                over.append(one)
            if old == new and not ends:
                continue
            cause = Turn.Cause.OVER if ends else Turn.Cause.RULE
            turns.append(
                Turn(customer=file, dimension=dimension, old=old, new=new, cause=cause, version=run.version, figures=row.figures, at=now, by_name=SYSTEM.name,
                     why=_("The day until which it was set is over") if ends else "")
            )  # fmt: skip
            if old != new:
                called = sizes if dimension == "size" else {}  # sizes as they are called today: the rules may call them otherwise tomorrow
                changes.append([dimension, called.get(old, old), called.get(new, new)])
                if dimension == "grade":
                    grades[file.pk] = new
        values = {d: held[d].value if d in held and held[d].ended_at is None else row.by_rule[d] for d in ("stage", "tenure", "size")}
        kept.append(
            Standing(customer=file, contribution=row.contribution, last_on=row.last_on, by_rule=row.by_rule, figures=row.figures, version=run.version, at=now, **values)
        )  # fmt: skip
        if changes:
            changed += 1
            record(CustomerClassified(changes=changes, version=run.version), on=file.matter, by=SYSTEM)
    Override.objects.bulk_create(brought)
    Override.objects.bulk_update(over, ["ended_at"])
    Turn.objects.bulk_create(turns)
    Standing.objects.bulk_create(
        kept, update_conflicts=True, unique_fields=["customer"],
        update_fields=["stage", "tenure", "size", "contribution", "last_on", "by_rule", "figures", "version", "at"],
    )  # fmt: skip
    customers.grade_as(grades)
    return changed


def effective(file: Customer, standing: Standing | None, dimension: str) -> str:
    """The class in force."""
    return file.grade if dimension == "grade" else getattr(standing, dimension, "")


# ── a person ──


@action(rules.GRADE)
def override(customer: Customer, *, by: Actor, dimension: str, value: str, reason: str, until: date | None = None) -> Override:
    """A class otherwise than the rules say, for a reason, until a day or until it is taken back. What was set before ends."""
    reason = given.words(reason, "reason", longest=200)
    if dimension not in DIMENSIONS:
        raise Invalid.field("dimension", _("There is no such class."))
    if value not in dict(queries.choices(dimension)):
        raise Invalid.field("value", _("There is no such class."))
    if until is not None and until < clock.today():
        raise Invalid.field("until", _("This day is already over."))
    _no_longer(customer)
    standing, now = _standing(customer), clock.now()
    Override.objects.filter(customer=customer, dimension=dimension, ended_at=None).update(ended_at=now)
    made = Override.objects.create(
        customer=customer, dimension=dimension, value=value, reason=reason, until=until, at=now, by_id=by.user_id, by_name=by.name[:80]
    )
    _turn(customer, standing, dimension, value, by=by, cause=Turn.Cause.PERSON, why=reason)
    return made


@action(rules.GRADE)
def take_back(customer: Customer, *, by: Actor, dimension: str, reason: str = "") -> Customer:
    """The rules hold again, from now on."""
    reason = given.words(reason, "reason", required=False, longest=200)
    if not Override.objects.filter(customer=customer, dimension=dimension, ended_at=None).update(ended_at=clock.now()):
        raise WrongMoment(_("Nobody set this class; the rules hold."))
    standing = _standing(customer)
    _turn(customer, standing, dimension, standing.by_rule.get(dimension, ""), by=by, cause=Turn.Cause.OVER, why=reason)
    return customer


@step
def typed(customer_id: int, old: str, new: str, entry: Entry, *, reason: str) -> None:
    """A grade came into the customer's file by another verb; here it is remembered as said by that person. The file's own journal has said it."""
    Override.objects.filter(customer=customer_id, dimension="grade", ended_at=None).update(ended_at=entry.at)
    who = {"at": entry.at, "by_id": entry.actor_id if entry.actor_kind == "user" else None, "by_name": entry.who}
    if new:
        Override.objects.create(customer_id=customer_id, dimension="grade", value=new, reason=reason, **who)
    cause = Turn.Cause.PERSON if new else Turn.Cause.OVER
    Turn.objects.create(customer_id=customer_id, dimension="grade", old=old, new=new, cause=cause, why=reason, **who)


def _standing(customer: Customer) -> Standing:
    return Standing.objects.select_for_update().get_or_create(customer=customer, defaults={"at": clock.now()})[0]


def _turn(customer: Customer, standing: Standing, dimension: str, new: str, *, by: Actor, cause: str, why: str) -> None:
    old = effective(customer, standing, dimension)
    if dimension == "grade":
        customers.grade_as({customer.pk: new})
        customer.grade = new
    else:
        setattr(standing, dimension, new)
        standing.save(update_fields=[dimension])
    Turn.objects.create(
        customer=customer, dimension=dimension, old=old, new=new, cause=cause, why=why, version=standing.version or None, figures=standing.figures,
        at=clock.now(), by_id=by.user_id, by_name=by.name[:80],
    )  # fmt: skip
    record(ClassSet(dimension=dimension, old=old, new=new, reason=why, over=cause == Turn.Cause.OVER), on=customer.matter, by=by, tell=[customer.matter.owner_id])


def _no_longer(customer: Customer) -> None:
    if customer.merged_into_id:
        raise WrongMoment(_("This customer was merged into another; its file is closed."))


# ── out ──


@opens(rules.EXPORT)
def export_classes(*, by: Actor, wish: queries.Wish) -> list[Customer]:
    """The list of classes as it is filtered, and a line in the journal that says it left."""
    found = queries.for_export(by, wish, MOST + 1)
    if len(found) > MOST:
        raise Invalid(_("These are more than %(most)s rows. Narrow the list down and export it in parts.") % {"most": f"{MOST:,}"})
    record(RelationsExported(what="classes", count=len(found)), on=None, by=by)
    exported("classes", by=by, rows=len(found), words=wish.text, of=[c.pk for c in found])
    return found
