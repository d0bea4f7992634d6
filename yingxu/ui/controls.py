"""One shape for everything a field macro draws, made from a Django bound field or from plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone


@dataclass
class Option:
    """One thing to choose. `disabled` keeps it visible but out of reach."""

    value: str
    label: Any
    chosen: bool = False
    hint: Any = ""
    disabled: bool = False


@dataclass
class Control:
    """A field ready to draw. `kind` is the macro that suits it best; `described` are the ids of its hint and its errors."""

    name: str
    id: str
    label: Any = ""
    value: Any = ""
    errors: list[str] = field(default_factory=list)
    hint: Any = ""
    must: bool = False
    options: list[Option] = field(default_factory=list)
    attrs: dict[str, Any] = field(default_factory=dict)
    disabled: bool = False
    multiple: bool = False
    kind: str = "text"

    @property
    def described(self) -> str | None:
        ids = [f"{self.id}-hint"] * bool(self.hint and not self.errors) + [f"{self.id}-error"] * bool(self.errors)
        return " ".join(ids) or None

    @property
    def checked(self) -> bool:
        return self.value in (True, "on", "true", "True", "1", 1)

    @property
    def wiring(self) -> dict[str, Any]:
        """The attributes every input shares."""
        return {
            **self.attrs,
            "aria-invalid": "true" if self.errors else None,
            "aria-describedby": self.described,
            "aria-required": "true" if self.must else None,
            "disabled": self.disabled,
        }


_KINDS: tuple[tuple[type, str], ...] = (
    (forms.ModelMultipleChoiceField, "picks"), (forms.MultipleChoiceField, "picks"), (forms.ModelChoiceField, "select"),
    (forms.ChoiceField, "select"), (forms.BooleanField, "checkbox"), (forms.DateTimeField, "datetime"), (forms.DateField, "date"),
    (forms.TimeField, "time"), (forms.DecimalField, "numeric"), (forms.IntegerField, "numeric"), (forms.FileField, "drop"),
)  # fmt: skip


def control(source: BoundField | str, **over: Any) -> Control:
    """A bound field, or a name with values. Keywords replace what the field says: label, value, errors, hint, must, id,
    options (pairs or triples value, label, hint), disabled; everything else becomes an attribute of the input."""
    plain = {
        k: over.pop(k)
        for k in ("label", "value", "errors", "hint", "must", "id", "disabled")
        if over.get(k) is not None
    }
    options = over.pop("options", None)
    for key in ("label", "value", "errors", "hint", "must", "id", "disabled"):
        over.pop(key, None)
    made = _bound(source, options) if isinstance(source, BoundField) else Control(name=source, id=f"id_{source}")
    if "value" in plain:
        plain["value"] = _shown(plain["value"])
    for key, value in plain.items():
        setattr(made, key, value)
    if not isinstance(source, BoundField) or "value" in plain:
        given = options if options is not None else [(o.value, o.label, o.hint) for o in made.options]
        made.options = _options(given, made.value)
    made.attrs.update({k.rstrip("_").replace("_", "-"): v for k, v in over.items()})
    return made


def _bound(bound: BoundField, options: Iterable | None) -> Control:
    field_, widget = bound.field, bound.field.widget
    value = bound.value()
    choices = options if options is not None else getattr(field_, "choices", ()) or getattr(widget, "choices", ())
    if isinstance(widget, forms.HiddenInput):
        choices = ()
    attrs = {k: v for k, v in widget.attrs.items() if k not in ("cols", "rows", "class", "id")}
    kind = next((name for kind, name in _KINDS if isinstance(field_, kind)), "text")
    if isinstance(widget, forms.Textarea):
        kind = "area"
    if isinstance(widget, forms.HiddenInput):
        kind = "hidden"
    if isinstance(widget, forms.PasswordInput | forms.EmailInput | forms.URLInput):
        attrs.setdefault("type", widget.input_type)
    if isinstance(widget, forms.PasswordInput):
        value = ""
    multiple = isinstance(widget, forms.SelectMultiple | forms.CheckboxSelectMultiple)
    return Control(
        name=bound.html_name,
        id=bound.id_for_label or f"id_{bound.html_name}",
        label=bound.label,
        value=_shown(value),
        errors=[str(e) for e in bound.errors],
        hint=bound.help_text,
        must=field_.required,
        options=_options(choices, value),
        attrs=attrs,
        disabled=field_.disabled,
        multiple=multiple,
        kind=kind,
    )


def _options(choices: Iterable, value: Any) -> list[Option]:
    chosen = {str(getattr(v, "pk", v)) for v in value} if isinstance(value, list | tuple | set) else {_text(value)}
    made = []
    for choice in choices:
        if isinstance(choice, Option):
            made.append(choice)
            continue
        key, label, *rest = choice
        made.append(Option(_text(key), label, _text(key) in chosen, rest[0] if rest else ""))
    return made


def _text(value: Any) -> str:
    return "" if value is None else str(getattr(value, "pk", value))


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return "" if value is None else value


def problems(form: forms.BaseForm) -> list[tuple[str, Any, str]]:
    """(id of the field or "", its label, what is wrong) for the summary above a form."""
    found = [("", "", str(error)) for error in form.non_field_errors()]
    for name in form.fields:
        bound = form[name]
        found += [(bound.id_for_label or f"id_{bound.html_name}", bound.label, str(error)) for error in bound.errors]
    return found


class Loose:
    """Reads a mapping or an object by attribute; what is not there is None. Lets macros take rows with optional parts."""

    __slots__ = ("_of",)

    def __init__(self, of: Any) -> None:
        self._of = of

    def __getattr__(self, name: str) -> Any:
        return self._of.get(name) if isinstance(self._of, Mapping) else getattr(self._of, name, None)


def loose(items: Iterable) -> list[Loose]:
    return [Loose(item) for item in items]
