"""Verbs of routing: rules are made, changed, put in order; history is learned."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid
from yingxu.matters.actions import record
from yingxu.people.models import Department, User

from . import learning, queries, rules
from .events import RoutingLearned, RoutingRuleChanged
from .models import FeatureCount, Learned, RoutingRule, Stamp, Target

Example = learning.Example
LISTS = ("kinds", "categories", "channels", "any_words", "all_words", "grades", "tags")


@opens(rules.MANAGE)
def create(*, by: Actor, name: str, department: Department, **conditions: Any) -> RoutingRule:
    """A new rule, asked last."""
    last = RoutingRule.objects.order_by("-order").values_list("order", flat=True).first() or 0
    made = RoutingRule(code=f"rule-{uuid.uuid4().hex[:8]}", order=last + 1)
    _fill(made, name=name, department=department, **conditions)
    made.save(force_insert=True)
    record(RoutingRuleChanged(code=made.code, name=made.name, how="created", new=_said(made)), on=None, by=by)
    _changed()
    return made


@action(rules.MANAGE)
def change(rule: RoutingRule, *, by: Actor, name: str, department: Department, **conditions: Any) -> RoutingRule:
    """The rule as given; conditions not given are none."""
    old = _said(rule)
    _fill(rule, name=name, department=department, **conditions)
    rule.save()
    record(RoutingRuleChanged(code=rule.code, name=rule.name, how="changed", old=old, new=_said(rule)), on=None, by=by)
    _changed()
    return rule


@action(rules.MANAGE)
def switch(rule: RoutingRule, *, by: Actor, active: bool) -> RoutingRule:
    """Off, so that it is not asked any more; or on again."""
    if rule.active != active:
        rule.active = active
        rule.save(update_fields=["active"])
        record(RoutingRuleChanged(code=rule.code, name=rule.name, how="on" if active else "off"), on=None, by=by)
        _changed()
    return rule


@action(rules.MANAGE)
def move(rule: RoutingRule, *, by: Actor, places: int) -> RoutingRule:
    """Earlier (negative) or later by so many places; stops at the ends."""
    ordered = list(RoutingRule.objects.order_by("order", "id"))
    here = next(i for i, r in enumerate(ordered) if r.pk == rule.pk)
    ordered.insert(max(0, min(len(ordered) - 1, here + places)), ordered.pop(here))
    for order, each in enumerate(ordered):
        each.order = order
    RoutingRule.objects.bulk_update(ordered, ["order"])
    record(RoutingRuleChanged(code=rule.code, name=rule.name, how="moved"), on=None, by=by)
    _changed()
    rule.refresh_from_db(fields=["order"])
    return rule


@step
def install(routing: Mapping[str, Mapping], *, by: Actor) -> None:
    """Make the rules what a policy pack says (shape as in `queries.exported`); what it does not name goes."""
    departments = {d.code: d for d in Department.objects.all()}
    before = {r.code: r for r in RoutingRule.objects.select_related("owner")}
    rows = []
    for order, (code, row) in enumerate(routing.items()):
        found = before.get(code) or RoutingRule(code=code)
        department = departments[row["department"]]
        stays = found.owner_id and not row.get("least_loaded") and found.owner.department_id == department.pk
        values = {k: v for k, v in row.items() if k not in ("department", "active", "name")}
        _fill(found, name=row["name"], department=department, owner=found.owner if stays else None, **values)
        found.order, found.active = order, row.get("active", True)
        rows.append(found)
    RoutingRule.objects.bulk_create([r for r in rows if r.pk is None])
    fields = [f.name for f in RoutingRule._meta.fields if f.name not in ("id", "code")]
    RoutingRule.objects.bulk_update([r for r in rows if r.code in before], fields)
    RoutingRule.objects.exclude(code__in=list(routing)).delete()
    _changed()


@step
def learn(target: str, examples: Iterable[learning.Example], *, by: Actor) -> Learned | None:
    """Train again from the whole history; with too little of it nothing is suggested. One pass, counts replaced as a whole."""
    trained = learning.train(list(examples))
    Learned.objects.filter(target=target).delete()
    if trained is None:
        return None
    made = Learned.objects.create(
        target=Target(target), trained_at=clock.now(), examples=trained.examples, accuracy=trained.accuracy,
        temperature=trained.temperature, labels=trained.labels, features=len(trained.counts),
    )  # fmt: skip
    rows = (FeatureCount(learned=made, feature=f[:40], counts=c) for f, c in trained.counts.items())
    FeatureCount.objects.bulk_create(rows, batch_size=2_000)
    record(RoutingLearned(target=target, examples=trained.examples, accuracy=trained.accuracy), on=None, by=by)
    return made


@step
def forget(words: Iterable[str]) -> int:
    """Forget the pieces of these words (names, identifiers of who was erased), whatever they were learned from; returns how many. The
    next training learns those anew that others use too."""
    pieces = {piece for word in words for piece in learning.features(word)}
    return FeatureCount.objects.filter(feature__in=pieces).delete()[0]


def _fill(
    rule: RoutingRule,
    *,
    name: str,
    department: Department,
    owner: User | None = None,
    least_loaded: bool = False,
    suggest_category: str = "",
    amount_over: Any = None,
    **lists: Sequence[str],
) -> None:
    unknown = set(lists) - set(LISTS)
    if unknown:
        raise Invalid(_("Unknown condition: %(name)s.") % {"name": ", ".join(sorted(unknown))})
    rule.name = " ".join(name.split())[:60]
    if not rule.name:
        raise Invalid.field("name", _("A rule needs a name."))
    if owner and least_loaded:
        raise Invalid.field("owner", _("Either one person or whoever has the least to do, not both."))
    if owner and owner.department_id != department.pk:
        raise Invalid.field("owner", _("%(name)s does not work in this department.") % {"name": owner.name})
    rule.department, rule.owner, rule.least_loaded, rule.suggest_category = department, owner, least_loaded, suggest_category
    rule.amount_over = _amount(amount_over)
    for key in LISTS:
        setattr(rule, key, _tidy(lists.get(key, ())))


def _amount(raw: Any) -> Decimal | None:
    text = str(raw if raw is not None else "").replace(",", "").strip()
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value < Decimal(10) ** 13:
        raise Invalid.field("amount_over", _("This must be a number."))
    return value


def _tidy(items: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(item.strip()[:40] for item in items if item.strip()))[:60]


def _said(rule: RoutingRule) -> str:
    return "，".join(queries.in_words(rule)) + f" → {rule.department.name}"


def _changed() -> None:
    Stamp.objects.update_or_create(id=1, defaults={"value": uuid.uuid4()})
