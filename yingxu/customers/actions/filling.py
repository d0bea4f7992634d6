"""Filling in the sections of a file, uncovering a sealed value."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.action import action
from yingxu.base.errors import Gone, Invalid, Stale
from yingxu.matters import actions as matters
from yingxu.matters.models import Look
from yingxu.templates.actions import validate
from yingxu.templates.models import TemplateVersion

from .. import fields, queries, rules
from ..events import SectionFilled, ValueRevealed
from ..models import Customer, Value
from .editing import not_merged
from .keeping import clean_why, kept
from .looking import said_for


@action(rules.EDIT)
def fill(
    customer: Customer, code: str, *, by: Actor, values: Mapping[str, Any], seen: str = "", why: str = "", clear: Iterable[str] = ()
) -> Customer:
    """Set the given fields of a section; an empty one is emptied, one that is not given stays. A sensitive field stays when it is given
    empty, unless its code is in `clear`. `seen` is the section's mark as the person had it: raises Stale with both values when
    another one wrote meanwhile. Raises Gone for a section the actor may not know of, Invalid naming each field."""
    not_merged(customer)
    shown, why = queries.sections.one(customer, code, by), clean_why(why)
    specs = {spec.code: spec for spec in shown.section.specs}
    if unknown := {key: [_("There is no such field.")] for key in values if key not in specs}:
        raise Invalid(_("Not saved: look at the marked fields."), fields=unknown)
    now = {fact.spec.code: fields.opened(fact.kept) for fact in shown.facts if fact.kept}
    clear = set(clear)
    given = {k: v for k, v in values.items() if not (specs[k].sensitive and v in ("", None)) or k in clear}
    clean = validate(cast(TemplateVersion, shown.section), {**now, **given}, at="import")  # it only asks for specs
    differ = {key: clean.get(key) for key in specs if clean.get(key) != now.get(key)}
    if not differ:
        return customer
    if seen and seen != shown.mark:
        theirs = {specs[k].label: (_said(specs[k], now.get(k)), _said(specs[k], value)) for k, value in differ.items()}
        raise Stale(_("Not saved: somebody else has just changed this customer."), theirs=theirs)
    with kept(customer, "value", by=by, why=why):
        for key, value in differ.items():
            which: dict[str, Any] = {"customer": customer, "section": shown.section, "field": key}
            if value is None:
                Value.objects.filter(**which).delete()
            else:
                Value.objects.update_or_create(**which, defaults=fields.kept(specs[key], value))
    event = SectionFilled(section=shown.section.pk, name=shown.section.name, fields=[specs[key].label for key in differ], why=why)
    matters.record(event, on=customer.matter, by=by)
    return customer


def _said(spec: fields.Field, value: Any) -> str:
    if value is None:
        return ""
    return fields.COVERED if spec.sensitive else spec.text(value)


@action(rules.REVEAL)
def reveal_value(value: Value, *, by: Actor, reason: str = "", need: str = "") -> str:
    """A sealed value in words. Who looked, at which field and why is stated in the customer's journal. Raises Gone when the actor may
    not know of the section, Unsaid when nobody said what for."""
    shown = queries.sections.one(value.customer, value.section.code, by)
    spec = next((s for s in shown.section.specs if s.code == value.field), None)
    if spec is None or not value.sealed:
        raise Gone()
    said = said_for(value.customer, by=by, need=need, reason=reason)
    high = queries.sections.above(value.customer, [shown])
    text = spec.text(fields.opened(queries.sections.columns(value)))
    event = ValueRevealed(section=value.section_id, name=shown.section.name, field=spec.label, reason=said.reason)
    matters.record(event, on=value.customer.matter, by=by)
    matters.looked(value.customer.matter, by=by, what=Look.What.REVEAL, said=said, detail=f"{shown.section.code}.{spec.code}", facts={"above": high} if high else None)
    return str(text)
