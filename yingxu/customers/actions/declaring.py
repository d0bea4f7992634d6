"""What customer files hold: sections and fields, declared by the policy pack and changed on screen."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid, Stale
from yingxu.matters.actions import record
from yingxu.templates.fields import CODE, problems

from .. import rules
from ..events import FieldsChanged
from ..fields import Field
from ..models import Section, Term
from .levelling import hold

FIELDS_MOST = 40


@opens(rules.FIELDS)
def add_section(*, by: Actor, code: str, name: str, hint: str = "", type: str = "", secrecy: int = 0) -> Section:
    """A further section, last in order. Raises Invalid."""
    if not CODE.fullmatch(code) or code == "reminders":
        raise Invalid.field("code", _("A code is small letters, digits and _, beginning with a letter."))
    if Section.objects.filter(code=code).exists():
        raise Invalid.field("code", _("The code “%(code)s” is used twice.") % {"code": code})
    last = Section.objects.order_by("-order").values_list("order", flat=True).first() or 0
    made = Section.objects.create(code=code, order=last + 1, **_head(name, hint, type, secrecy))
    record(FieldsChanged(section=code, name=made.name, change=_("added the section")), on=None, by=by)
    return made


@action(rules.FIELDS)
def edit_section(section: Section, *, by: Actor, seen: int, name: str, hint: str = "", type: str = "", secrecy: int = 0, active: bool = True) -> Section:
    """Name, hint, for whom, how secret at least, in use or not; what was filled in stays, under the
    level it had: a lower one holds for what is filled in from now on."""
    _fresh(section, seen)
    if secrecy < section.secrecy:
        hold(section, section.secrecy)
    for key, value in {**_head(name, hint, type, secrecy), "active": active}.items():
        setattr(section, key, value)
    return _put(section, by, _("changed the section"))


@action(rules.FIELDS)
def put_field(section: Section, *, by: Actor, seen: int, field: Mapping[str, Any], code: str = "") -> Section:
    """A further field at the end, or the field of this code as given. Whether a field is sensitive cannot change once values may have
    been kept. Raises Invalid naming what is wrong, Stale when somebody else changed the section meanwhile."""
    _fresh(section, seen)
    fields = list(section.every)
    if not code:
        taken = {spec.code for spec in fields}
        spec = _spec({"code": next(c for i in range(1, 10_000) if (c := f"field_{i}") not in taken), **field})
        return _put(section, by, _("added “%(label)s”") % {"label": spec.label}, [*fields, spec])
    place = _place(fields, code)
    spec = _spec({**msgspec.to_builtins(fields[place]), **field, "code": code, "sensitive": fields[place].sensitive})
    fields[place] = spec
    return _put(section, by, _("changed “%(label)s”") % {"label": spec.label}, fields)


@action(rules.FIELDS)
def retire_field(section: Section, code: str, *, by: Actor, seen: int, retired: bool = True) -> Section:
    """Not asked any more, or asked again; what was filled in stays in the history."""
    _fresh(section, seen)
    fields = list(section.every)
    spec = fields[_place(fields, code)]
    spec.retired = retired
    said = _("took “%(label)s” out of use") if retired else _("took “%(label)s” into use again")
    return _put(section, by, said % {"label": spec.label}, fields)


@action(rules.FIELDS)
def move_field(section: Section, code: str, *, by: Actor, seen: int, places: int) -> Section:
    """Up (negative) or down by so many places; stops at the ends."""
    _fresh(section, seen)
    fields = list(section.every)
    here = _place(fields, code)
    spec = fields.pop(here)
    fields.insert(max(0, min(len(fields), here + places)), spec)
    return _put(section, by, _("moved “%(label)s”") % {"label": spec.label}, fields)


@opens(rules.FIELDS)
def set_terms(*, by: Actor, paper_days: int, contract_days: int, instalment_days: int) -> Term:
    """How many days before its end something is spoken of."""
    days = {"paper_days": paper_days, "contract_days": contract_days, "instalment_days": instalment_days}
    if wrong := {key: [_("Between 0 and 365 days.")] for key, value in days.items() if not 0 <= value <= 365}:
        raise Invalid(_("Not saved: look at the marked fields."), fields=wrong)
    made = Term.objects.update_or_create(id=1, defaults=days)[0]
    record(FieldsChanged(section="reminders", name=str(_("Reminders")), change=_("changed the days")), on=None, by=by)
    return made


@step
def install(declared: Mapping[str, Mapping], *, by: Actor) -> None:
    """Make the sections what a policy pack says (shape as in `queries.sections.exported`); a section it does not name is out of use."""
    rows = {code: row for code, row in declared.items() if code != "reminders"}
    days = declared.get("reminders", {})
    given = {f"{one}_days": days[many] for one, many in (("paper", "papers"), ("contract", "contracts"), ("instalment", "instalments")) if many in days}
    if given:
        Term.objects.update_or_create(id=1, defaults=given)
    for order, (code, row) in enumerate(rows.items()):
        fields = [msgspec.to_builtins(_spec(f)) for f in row.get("fields", [])]
        values = {
            "name": row["name"], "hint": row.get("hint", ""), "type": row.get("type", ""), "secrecy": row.get("secrecy", 0),
            "active": row.get("active", True), "order": order, "fields": fields,
        }  # fmt: skip
        found, made = Section.objects.get_or_create(code=code, defaults=values)
        if not made and any(getattr(found, key) != value for key, value in values.items()):
            if values["secrecy"] < found.secrecy:
                hold(found, found.secrecy)
            for key, value in values.items():
                setattr(found, key, value)
            found.version += 1
            found.save()
    Section.objects.exclude(code__in=list(rows)).update(active=False)


def _head(name: str, hint: str, type: str, secrecy: int) -> dict[str, Any]:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 40:
        raise Invalid.field("name", _("A name has 1 to 40 characters."))
    if type not in ("", "person", "organisation") or not 0 <= secrecy <= 3:
        raise Invalid.field("type", _("Choose one of the values offered."))
    return {"name": name, "hint": hint.strip()[:200], "type": type, "secrecy": secrecy}


def _fresh(section: Section, seen: int) -> None:
    if section.version != seen:
        raise Stale(_("Nothing was saved: somebody else has changed this section. Look at it and do it again."), theirs={"version": (section.version, seen)})


def _spec(field: Mapping[str, Any]) -> Field:
    try:
        return msgspec.convert({k: v for k, v in field.items() if v is not None}, Field)
    except msgspec.ValidationError as error:
        raise Invalid.field("label", str(error)) from None


def _place(fields: list[Field], code: str) -> int:
    found = next((i for i, spec in enumerate(fields) if spec.code == code), None)
    if found is None:
        raise Invalid.field("label", _("There is no such field."))
    return found


def _put(section: Section, by: Actor, change: str, fields: list[Field] | None = None) -> Section:
    if fields is not None:
        if len(fields) > FIELDS_MOST:
            raise Invalid.field("label", _("At most %(n)s fields.") % {"n": FIELDS_MOST})
        if wrong := problems(list(fields)):
            raise Invalid(wrong[0][1], fields={wrong[0][0].split(".")[-1]: [wrong[0][1]]})
        section.fields = [msgspec.to_builtins(spec) for spec in fields]
        section.__dict__.pop("every", None)
    section.version += 1
    section.save()
    record(FieldsChanged(section=section.code, name=section.name, change=change), on=None, by=by)
    return section
