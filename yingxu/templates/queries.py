"""Which kinds there are, what is asked for each, how kept values read; the categories; ready-made words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F

from yingxu.base.errors import Gone
from yingxu.base.names import teach
from yingxu.base.remember import Remembered

from .fields import Field
from .models import CategoryText, QuickText, Stamp, Template, TemplateVersion


@dataclass(frozen=True)
class _Known:
    """Everything people choose from, as of one stamp."""

    all: tuple[Template, ...]
    categories: tuple[CategoryText, ...]
    texts: tuple[QuickText, ...]
    by_code: Mapping[str, Template] = field(default_factory=dict)


def _load() -> _Known:
    found = tuple(Template.objects.select_related("current").order_by("order", "id"))
    return _Known(
        all=found,
        categories=tuple(CategoryText.objects.order_by("order", "id")),
        texts=tuple(QuickText.objects.filter(active=True).order_by("place", "order", "id")),
        by_code={t.code: t for t in found},
    )


_known = Remembered(_load, lambda: Stamp.objects.values_list("value", flat=True).first())


def kinds() -> list[Template]:
    """The kinds a need can be registered with, in order. Kept in memory."""
    return [t for t in _known().all if t.active and t.current_id]


def all_kinds() -> list[Template]:
    """Also the archived ones, which old records still have."""
    return list(_known().all)


def kind_name(code: str) -> str:
    """The kind's name, also when archived; the code itself when nobody knows it."""
    found = _known().by_code.get(code)
    return found.name if found else code


def category_name(code: str) -> str:
    """The category's label in this company; the code itself when nobody knows it."""
    return next((c.label for c in _known().categories if c.category == code), code)


def version_for(kind: str) -> TemplateVersion | None:
    """What is asked now for this kind; None for an unknown or archived one."""
    found = _known().by_code.get(kind)
    return found.current if found and found.active else None


def template(code: str) -> Template:
    """One template, archived or not. Raises Gone."""
    found = Template.objects.select_related("current").filter(code=code).first()
    if found is None:
        raise Gone()
    return found


def overview() -> list[tuple[Template, TemplateVersion | None]]:
    """Every template with its present version and who made that, for the settings list."""
    found = Template.objects.select_related("current__by").order_by("-active", "order", "id")
    return [(t, t.current) for t in found]


def category_texts() -> list[CategoryText]:
    """The categories' rows, to be changed."""
    return list(CategoryText.objects.order_by("order", "id"))


def versions(of: Template) -> list[TemplateVersion]:
    """All versions, the newest first."""
    return list(of.versions.select_related("by").order_by("-number"))


def categories() -> list[CategoryText]:
    """The categories with their definitions, in order. Kept in memory."""
    return list(_known().categories)


def quick_texts(place: str = "", kind: str = "") -> list[QuickText]:
    """Ready-made words for a place and a kind; those for no particular kind are always there."""
    return [
        t for t in _known().texts if (not place or t.place == place) and (not kind or not t.kinds or kind in t.kinds)
    ]


def display(version: TemplateVersion | None, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The kept values in words, (label, text), in the order of the form; empty ones left out."""
    if version is None:
        return []
    rows = ((spec.label, spec.text(values.get(spec.code))) for spec in version.specs)
    return [(label, text) for label, text in rows if text]


def words(version: TemplateVersion | None, values: Mapping[str, Any]) -> str:
    """The kept values as text to search by."""
    return " ".join(text for _label, text in display(version, values))


def warnings(version: TemplateVersion, values: Mapping[str, Any]) -> dict[str, str]:
    """What is unusual about kept values: {code: sentence}. A warning never refuses."""
    found = {spec.code: spec.warn(values.get(spec.code)) for spec in version.specs}
    return {code: sentence for code, sentence in found.items() if sentence}


def missing(version: TemplateVersion, values: Mapping[str, Any], at: str) -> list[str]:
    """Labels of the fields that must be filled in by this step and are not."""
    return [
        spec.label
        for spec in version.specs
        if spec.needed(at) and values.get(spec.code) is None and (not spec.show_when or spec.show_when.holds(values))
    ]


@dataclass(frozen=True)
class Input:
    """One field as the form draws it: its name there, what was given, what is wrong, what is unusual, whether it shows."""

    spec: Field
    name: str
    value: Any
    required: bool
    shown: bool
    errors: list[str]
    warning: str


PREFIX = "f-"


def form(
    version: TemplateVersion,
    values: Mapping[str, Any] | None = None,
    *,
    at: str = "registration",
    errors: Mapping[str, Iterable[Any]] | None = None,
) -> list[Input]:
    """The fields to draw, with what was given so far (kept or raw values) and what is wrong with it."""
    values, errors = values or {}, errors or {}
    rows = []
    for spec in version.specs:
        value = values.get(spec.code)
        shown = spec.show_when is None or spec.show_when.holds(values)
        try:
            warning = spec.warn(spec.clean(value))
        except ValueError:
            warning = ""
        faults = [str(e) for e in errors.get(spec.code, ())]
        rows.append(Input(spec, PREFIX + spec.code, value, spec.needed(at), shown, faults, warning))
    return rows


def drawn(spec: Field) -> Input:
    """An empty field, always shown, for the editor's preview."""
    return Input(spec, PREFIX + spec.code, None, spec.needed("registration"), True, [], "")


def given(version: TemplateVersion, post: Any) -> dict[str, Any]:
    """The raw values in a posted form (a QueryDict) drawn from `form`."""
    raw: dict[str, Any] = {}
    for spec in version.specs:
        name = PREFIX + spec.code
        if name in post:
            raw[spec.code] = post.getlist(name) if spec.type == "choices" else post.get(name)
    return raw


@dataclass(frozen=True)
class Difference:
    """How one field differs between two versions: "added", "removed", "changed" or "moved"."""

    label: str
    how: str
    details: list[tuple[str, str, str]] = field(default_factory=list)


def differences(old: TemplateVersion | None, new: TemplateVersion) -> list[Difference]:
    """What a version changed against the one before, field by field."""
    before = {f["code"]: f for f in (old.fields if old else [])}
    after = {f["code"]: f for f in new.fields}
    found = [Difference(f["label"], "added") for code, f in after.items() if code not in before]
    found += [Difference(f["label"], "removed") for code, f in before.items() if code not in after]
    for code, spec in after.items():
        was = before.get(code)
        if was is not None and was != spec:
            keys = [k for k in {**was, **spec} if was.get(k) != spec.get(k)]
            found.append(Difference(spec["label"], "changed", [(k, _said(was.get(k)), _said(spec.get(k))) for k in keys]))
    kept = [c for c in before if c in after]
    if kept != [c for c in after if c in before]:
        found.append(Difference("", "moved"))
    return found


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    if isinstance(value, dict):
        return f"{value.get('field')} = {'、'.join(value.get('values', []))}"
    return "" if value is None else str(value)


def exported() -> dict[str, dict[str, dict]]:
    """The present configuration as plain data for a policy pack: templates, categories, words, each by code."""
    templates = {
        t.code: {
            "name": t.name,
            "active": t.active,
            "must_ask": list(t.current.must_ask) if t.current else [],
            "fields": list(t.current.fields) if t.current else [],
        }
        for t in Template.objects.select_related("current").order_by("order", "id")
    }
    texts = {
        c.category: {"label": c.label, "definition": c.definition, "examples": list(c.examples)}
        for c in CategoryText.objects.order_by("order", "id")
    }
    ready = QuickText.objects.filter(active=True).order_by(F("order").asc(), "id")
    said = {q.code: {"place": q.place, "title": q.title, "body": q.body, "kinds": list(q.kinds)} for q in ready}
    return {"templates": templates, "categories": texts, "words": said}


teach("kind", kind_name, lambda: [t.code for t in kinds()])
teach("category", category_name, lambda: [c.category for c in categories()])
