"""Verbs of the record templates. Every change of what is asked makes a new version."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid, Stale
from yingxu.matters.actions import record

from . import rules
from .events import (
    CategoryTextChanged,
    QuickTextChanged,
    TemplateArchived,
    TemplateChanged,
    TemplateCreated,
    TemplateRenamed,
)
from .fields import CODE, Field, problems
from .models import CategoryText, QuickText, Stamp, Template, TemplateVersion

MUST_ASK_MOST = 6
FIELDS_MOST = 40


def validate(version: TemplateVersion, values: Mapping[str, Any], at: str = "registration") -> dict[str, Any]:
    """The values as they are kept. The one rule set for screen, bulk, import and API; raises Invalid naming each field.

    At "import" (history, or a change of kind) nothing is required and what the template does not ask is left out.
    """
    kept: dict[str, Any] = {}
    errors: dict[str, list[Any]] = {}
    specs = {spec.code: spec for spec in version.specs}
    for code in values:
        if code not in specs and at != "import":
            errors[str(code)[:40]] = [_("This record template has no such field.")]
    for code, spec in specs.items():
        if spec.show_when and not spec.show_when.holds(kept):
            continue
        try:
            value = spec.clean(values.get(code))
        except ValueError as error:
            errors[code] = [str(error)]
            continue
        if value is not None:
            kept[code] = value
        elif spec.needed(at):
            errors[code] = [_("%(label)s is required.") % {"label": spec.label}]
    if errors:
        raise Invalid(_("Some fields need another look."), fields=errors)
    return kept


@opens(rules.MANAGE)
def create(*, by: Actor, code: str, name: str) -> Template:
    """A new kind with no fields yet, last in order."""
    name = _named(name)
    if not CODE.fullmatch(code):
        raise Invalid.field("code", _("A code is small letters, digits and _, beginning with a letter."))
    if Template.objects.filter(code=code).exists():
        raise Invalid.field("code", _("The code “%(code)s” is used twice.") % {"code": code})
    last = Template.objects.order_by("-order").values_list("order", flat=True).first() or 0
    made = Template.objects.create(code=code, name=name, order=last + 1)
    _put(made, [], [], by)
    record(TemplateCreated(code=code, name=name), on=None, by=by)
    _changed()
    return made


@action(rules.MANAGE)
def rename(template: Template, *, by: Actor, name: str) -> Template:
    """Another name; the code, which records keep, stays."""
    old, template.name = template.name, _named(name)
    if old != template.name:
        template.save(update_fields=["name"])
        record(TemplateRenamed(code=template.code, old=old, new=template.name), on=None, by=by)
        _changed()
    return template


@action(rules.MANAGE)
def archive(template: Template, *, by: Actor, active: bool = False) -> Template:
    """No new records of this kind from now on (or again, with `active`); existing ones stay as they are."""
    if not active and not Template.objects.filter(active=True).exclude(pk=template.pk).exists():
        raise Invalid(_("At least one kind has to stay in use."))
    if template.active != active:
        template.active = active
        template.save(update_fields=["active"])
        record(TemplateArchived(code=template.code, name=template.name, active=active), on=None, by=by)
        _changed()
    return template


@action(rules.MANAGE)
def add_field(template: Template, *, by: Actor, seen: int, field: Mapping[str, Any]) -> TemplateVersion:
    """A further field at the end. Without a code it gets one. `seen` is the version the person was looking at."""
    spec = _spec({"code": _free_code(template), **{k: v for k, v in field.items() if v is not None}})
    return _next(template, [*_fields(template, seen), spec], by, _("added “%(label)s”") % {"label": spec.label})


@action(rules.MANAGE)
def edit_field(template: Template, code: str, *, by: Actor, seen: int, field: Mapping[str, Any]) -> TemplateVersion:
    """The field of this code as given; the code itself, which records keep, cannot change."""
    fields = _fields(template, seen)
    spec = _spec({**field, "code": code})
    fields[_index(fields, code)] = spec
    return _next(template, fields, by, _("changed “%(label)s”") % {"label": spec.label})


@action(rules.MANAGE)
def remove_field(template: Template, code: str, *, by: Actor, seen: int) -> TemplateVersion:
    """Not asked any more; records made before keep what they hold."""
    fields = _fields(template, seen)
    gone = fields.pop(_index(fields, code))
    return _next(template, fields, by, _("removed “%(label)s”") % {"label": gone.label})


@action(rules.MANAGE)
def move_field(template: Template, code: str, *, by: Actor, seen: int, places: int) -> TemplateVersion:
    """Up (negative) or down by so many places; stops at the ends."""
    fields = _fields(template, seen)
    here = _index(fields, code)
    moved = fields.pop(here)
    fields.insert(max(0, min(len(fields), here + places)), moved)
    return _next(template, fields, by, _("moved “%(label)s”") % {"label": moved.label})


@action(rules.MANAGE)
def set_must_ask(template: Template, *, by: Actor, seen: int, lines: Sequence[str]) -> TemplateVersion:
    """The questions an agent must ask for this kind."""
    asked = [line.strip()[:100] for line in lines if line.strip()]
    if len(asked) > MUST_ASK_MOST:
        raise Invalid.field("must_ask", _("At most %(count)s questions, or nobody asks them.") % {"count": MUST_ASK_MOST})
    fields = _fields(template, seen)
    return _next(template, fields, by, _("changed the questions to ask"), asked)


@action(rules.MANAGE)
def describe(text: CategoryText, *, by: Actor, label: str, definition: str, examples: Sequence[str]) -> CategoryText:
    """What a category means in this company."""
    if not label.strip() or not definition.strip():
        raise Invalid.field("definition", _("A category needs a label and a definition."))
    old, text.label, text.definition = text.definition, label.strip()[:10], definition.strip()[:200]
    text.examples = [line.strip()[:100] for line in examples if line.strip()][:8]
    text.save()
    event = CategoryTextChanged(category=text.category, label=text.label, old=old, new=text.definition)
    record(event, on=None, by=by)
    _changed()
    return text


@opens(rules.MANAGE)
def put_quick_text(
    *, by: Actor, code: str, place: str, title: str, body: str, kinds: Sequence[str] = (), active: bool = True
) -> QuickText:
    """Ready-made words, new or changed."""
    if not title.strip() or not body.strip():
        raise Invalid.field("body", _("Ready-made words need a title and a text."))
    values = {"place": place, "title": title.strip()[:40], "body": body.strip(), "kinds": list(kinds), "active": active}
    found, _made = QuickText.objects.update_or_create(code=code, defaults=values)
    record(QuickTextChanged(code=code, title=found.title, active=active), on=None, by=by)
    _changed()
    return found


@step
def install(templates: Mapping[str, Mapping], categories: Mapping[str, Mapping], words: Mapping[str, Mapping], *, by: Actor) -> None:
    """Make the configuration what a policy pack says (shapes as in `queries.exported`); what is the same stays untouched."""
    for order, (code, row) in enumerate(templates.items()):
        found, made = Template.objects.get_or_create(code=code, defaults={"name": row["name"]})
        fields = [_spec(f) for f in row.get("fields", [])]
        asked = list(row.get("must_ask", []))
        found.name, found.order, found.active = row["name"], order, row.get("active", True)
        found.save(update_fields=["name", "order", "active"])
        plain = [msgspec.to_builtins(f) for f in fields]
        if made or found.current is None or (found.current.fields, found.current.must_ask) != (plain, asked):
            version = _put(found, fields, asked, by)
            change = _("installed from the policy pack")
            record(TemplateChanged(code=code, name=found.name, number=version.number, change=change), on=None, by=by)
    Template.objects.exclude(code__in=list(templates)).update(active=False)
    CategoryText.objects.bulk_create(
        [CategoryText(category=category, order=order, **row) for order, (category, row) in enumerate(categories.items())],
        update_conflicts=True, unique_fields=["category"], update_fields=["label", "definition", "examples", "order"],
    )  # fmt: skip
    QuickText.objects.bulk_create(
        [QuickText(code=code, order=order, active=True, **row) for order, (code, row) in enumerate(words.items())],
        update_conflicts=True, unique_fields=["code"], update_fields=["place", "title", "body", "kinds", "order", "active"],
    )  # fmt: skip
    QuickText.objects.exclude(code__in=list(words)).update(active=False)
    _changed()


def _changed() -> None:
    Stamp.objects.update_or_create(id=1, defaults={"value": uuid.uuid4()})


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 40:
        raise Invalid.field("name", _("A name has 1 to 40 characters."))
    return name


def _spec(field: Mapping[str, Any]) -> Field:
    try:
        return msgspec.convert(dict(field), Field)
    except msgspec.ValidationError as error:
        raise Invalid.field("field", str(error)) from None


def _fields(template: Template, seen: int) -> list[Field]:
    current = template.current
    number = current.number if current else 0
    if number != seen:
        raise Stale(
            _("Nothing was saved: version %(number)s was made meanwhile. Look at it and do it again.") % {"number": number},
            theirs={"version": (number, seen)},
        )
    return list(current.specs) if current else []


def _index(fields: list[Field], code: str) -> int:
    for i, spec in enumerate(fields):
        if spec.code == code:
            return i
    raise Invalid.field("code", _("This record template has no such field."))


def _free_code(template: Template) -> str:
    taken = {f["code"] for v in template.versions.all() for f in v.fields}
    return next(code for i in range(1, 10_000) if (code := f"field_{i}") not in taken)


def _next(template: Template, fields: list[Field], by: Actor, change: str, asked: list[str] | None = None) -> TemplateVersion:
    if len(fields) > FIELDS_MOST:
        raise Invalid.field("field", _("At most %(count)s fields.") % {"count": FIELDS_MOST})
    if wrong := problems(fields):
        faults: dict[str, list[str]] = {}
        for path, sentence in wrong:
            faults.setdefault(path.split(".")[-1], []).append(sentence)
        raise Invalid(wrong[0][1], fields=faults)
    current = template.current
    keep = list(current.must_ask) if current else []
    version = _put(template, fields, keep if asked is None else asked, by)
    record(TemplateChanged(code=template.code, name=template.name, number=version.number, change=change), on=None, by=by)
    _changed()
    return version


def _put(template: Template, fields: list[Field], asked: list[str], by: Actor) -> TemplateVersion:
    number = (template.current.number if template.current else 0) + 1
    template.current = TemplateVersion.objects.create(
        template=template, number=number, fields=[msgspec.to_builtins(f) for f in fields], must_ask=asked,
        created_at=clock.now(), by_id=by.user_id,
    )  # fmt: skip
    template.save(update_fields=["current"])
    return template.current
