"""Who should take a need, of which category and kind, and why: rules first, then what the company's own history says."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base.errors import Gone
from yingxu.base.names import word
from yingxu.base.remember import Remembered
from yingxu.matters.models import Matter
from yingxu.people.models import Department, User

from . import learning
from .models import FeatureCount, Learned, RoutingRule, Stamp, Target

SURE, CERTAIN = 0.5, 0.98  # less than the one and nothing is suggested; history is never surer than the other
AMOUNT = "amount"  # the field whose sum "amount over" asks


@dataclass(frozen=True)
class Suggestion:
    """What the system proposes; a person decides. `reasons` are sentences; `confidence` 0–1 is the department's (1 for a rule),
    `category_confidence` the category's. `rule` is the rule that fired."""

    department: Department | None = None
    owner: User | None = None
    category: str = ""
    kind: str = ""
    reasons: list[str] = field(default_factory=list)
    confidence: float = 0.0
    category_confidence: float = 0.0
    kind_confidence: float = 0.0
    rule: RoutingRule | None = None

    @property
    def percent(self) -> int:
        return round(self.confidence * 100)

    @property
    def category_percent(self) -> int:
        return round(self.category_confidence * 100)


@dataclass(frozen=True)
class Facts:
    """What is known about a need when somebody asks who takes it."""

    text: str
    kind: str = ""
    category: str = ""
    channel: str = ""
    grade: str = ""
    tags: tuple[str, ...] = ()
    amount: Decimal | None = None


def _load() -> tuple[RoutingRule, ...]:
    return tuple(RoutingRule.objects.filter(active=True).select_related("department", "owner").order_by("order", "id"))


_known = Remembered(_load, lambda: Stamp.objects.values_list("value", flat=True).first())


def rules() -> list[RoutingRule]:
    """All rules in the order they are asked, the switched off ones too."""
    return list(RoutingRule.objects.select_related("department", "owner").order_by("order", "id"))


def rule(code: str) -> RoutingRule:
    """One rule. Raises Gone."""
    found = RoutingRule.objects.select_related("department", "owner").filter(code=code).first()
    if found is None:
        raise Gone()
    return found


def suggest(
    text: str,
    kind: str = "",
    category: str = "",
    channel: str = "",
    customer: Any = None,
    fields: Mapping[str, Any] | None = None,
) -> Suggestion:
    """Who takes it, of which category and kind. `customer` is anything with `grade` and `tags`; an empty Suggestion means no idea."""
    facts = facts_of(text, kind, category, channel, customer, fields)
    found = _by_rule(facts)
    learned = _by_history(facts)
    if found is None:
        return learned
    if not found.category:
        found = replace(found, category=learned.category, category_confidence=learned.category_confidence)
        found.reasons.extend(r for r in learned.reasons[-1:] if learned.category and not category)
    return replace(found, kind=learned.kind, kind_confidence=learned.kind_confidence)


def facts_of(
    text: str, kind: str, category: str, channel: str, customer: Any = None, fields: Mapping[str, Any] | None = None
) -> Facts:
    """What the rules are asked about."""
    try:
        amount = Decimal(str((fields or {}).get(AMOUNT) or "").replace(",", ""))
    except InvalidOperation:
        amount = None
    grade, tags = getattr(customer, "grade", "") or "", tuple(getattr(customer, "tags", None) or ())
    return Facts(text, kind, category, channel, grade, tags, amount if amount is None or amount.is_finite() else None)


def judge(rule: RoutingRule, facts: Facts) -> tuple[bool, list[str]]:
    """Does the rule fit, and in which of its conditions: sentences for those that hold, or for the first that does not."""
    asked = list(_conditions(rule, facts))
    failed = [say for fits, say in asked if not fits]
    return not failed, [failed[0]()] if failed else [say() for _fits, say in asked]


def in_words(rule: RoutingRule) -> list[str]:
    """The rule's conditions, one sentence each."""
    return [say() for _fits, say in _conditions(rule, Facts(""))]


def lightest(department: Department) -> User | None:
    """Who of the department's available people has the fewest open matters; of equals the one who came first."""
    people = User.objects.filter(department=department, is_active=True, available=True).order_by("id")
    if not (found := list(people)):
        return None
    open_now = Matter.objects.filter(closed_at=None, owner__in=found).order_by().values("owner").annotate(n=Count("id"))
    load = {row["owner"]: row["n"] for row in open_now}
    working = [u for u in found if u.pk != department.head_id] or found
    return min(working, key=lambda u: (load.get(u.pk, 0), u.pk))


def learned() -> list[Learned]:
    """What was learned and how good it is, for the settings page."""
    return list(Learned.objects.order_by("target"))


def exported() -> dict[str, dict]:
    """The rules as plain data for a policy pack, by code."""
    return {r.code: _plain(r) for r in rules()}


def _plain(rule: RoutingRule) -> dict:
    return {
        "name": rule.name,
        "active": rule.active,
        "kinds": list(rule.kinds),
        "categories": list(rule.categories),
        "channels": list(rule.channels),
        "any_words": list(rule.any_words),
        "all_words": list(rule.all_words),
        "grades": list(rule.grades),
        "tags": list(rule.tags),
        "amount_over": "" if rule.amount_over is None else f"{rule.amount_over:f}".removesuffix(".00"),
        "department": rule.department.code,
        "least_loaded": rule.least_loaded,
        "suggest_category": rule.suggest_category,
    }


def _conditions(rule: RoutingRule, facts: Facts) -> Iterator[tuple[bool, Callable[[], str]]]:
    """(does it hold, its sentence when somebody wants it) for every condition the rule has."""
    text = facts.text.lower()
    if rule.kinds:
        yield facts.kind in rule.kinds, lambda: _("the kind is %(list)s") % {"list": _named("kind", rule.kinds)}
    if rule.categories:
        yield facts.category in rule.categories, lambda: _("the category is %(list)s") % {"list": _named("category", rule.categories)}
    if rule.channels:
        yield facts.channel in rule.channels, lambda: _("it came by %(list)s") % {"list": _named("channel", rule.channels)}
    if rule.any_words:
        found = [w for w in rule.any_words if w.lower() in text]
        yield bool(found), lambda: _("it says %(list)s") % {"list": _or([f"“{w}”" for w in found or rule.any_words])}
    if rule.all_words:
        words = "、".join(f"“{w}”" for w in rule.all_words)
        yield all(w.lower() in text for w in rule.all_words), lambda: _("it says all of %(list)s") % {"list": words}
    if rule.grades:
        yield facts.grade in rule.grades, lambda: _("the customer's grade is %(list)s") % {"list": _or(rule.grades)}
    if rule.tags:
        yield bool(set(rule.tags) & set(facts.tags)), lambda: _("the customer is tagged %(list)s") % {"list": _or(rule.tags)}
    if rule.amount_over is not None:
        over = facts.amount is not None and facts.amount > rule.amount_over
        yield over, lambda: _("the amount is over ¥ %(amount)s") % {"amount": f"{rule.amount_over:,.0f}"}


def _named(vocabulary: str, codes: list[str]) -> str:
    return _or([word(vocabulary, code) for code in codes])


def _or(items: list[str]) -> str:
    return pgettext("between alternatives", " or ").join(items)


def _by_rule(facts: Facts) -> Suggestion | None:
    for found in _known():
        if all(fits for fits, _say in _conditions(found, facts)):
            held = judge(found, facts)[1]
            owner = lightest(found.department) if found.least_loaded else found.owner
            reasons = [_because(found, held)]
            if found.least_loaded and owner:
                reasons.append(_("%(name)s has the fewest open matters there") % {"name": owner.name})
            sure = 1.0 if found.suggest_category else 0.0
            return Suggestion(found.department, owner, found.suggest_category, "", reasons, 1.0, sure, 0.0, found)
    return None


def _because(rule: RoutingRule, held: list[str]) -> str:
    if not held:
        return _("Rule “%(name)s”: everything else") % {"name": rule.name}
    return _("Rule “%(name)s”: %(conditions)s") % {"name": rule.name, "conditions": "，".join(held)}


def _by_history(facts: Facts) -> Suggestion:
    models = {m.target: m for m in Learned.objects.all()}
    if not models or not facts.text:
        return Suggestion()
    context = [f"kind:{facts.kind}"] if facts.kind else []
    found = learning.features(facts.text, context)
    seen: dict[int, dict[str, dict[str, int]]] = {m.pk: {} for m in models.values()}
    asked = FeatureCount.objects.filter(Q(learned__in=list(seen)) & Q(feature__in=[f[:40] for f in found]))
    for pk, feature, counts in asked.values_list("learned_id", "feature", "counts"):
        seen[pk][feature] = counts
    result = Suggestion()
    for target, model in models.items():
        counts = seen[model.pk]
        usable = [f for f in found if f in counts and (target != Target.KIND or not f.startswith("kind:"))]
        if not usable:
            continue
        labels = {label: tuple(pair) for label, pair in model.labels.items()}
        ranked = learning.predict(labels, counts, model.features, model.temperature, usable)
        label, sure = ranked[0][0], min(ranked[0][1], CERTAIN)
        if sure >= SURE:
            result = _add(result, target, label, sure, learning.telling(labels, counts, usable, label))
    return result


def _add(so_far: Suggestion, target: str, label: str, sure: float, words: list[str]) -> Suggestion:
    said = _("In earlier needs, “%(words)s” mostly went with this") % {"words": "、".join(words)} if words else ""
    if target == Target.DEPARTMENT:
        department = Department.objects.filter(code=label, active=True).first()
        if department is None:
            return so_far
        reasons = [said or _("Similar needs mostly went to this department")]
        return replace(so_far, department=department, confidence=sure, reasons=[*reasons, *so_far.reasons])
    if target == Target.CATEGORY:
        reasons = [said or _("Similar needs mostly had this category")]
        return replace(so_far, category=label, category_confidence=sure, reasons=[*so_far.reasons, *reasons])
    return replace(so_far, kind=label, kind_confidence=sure)
