"""Shape of input about record templates."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .fields import Field
from .models import CategoryText, Template

TYPES = [
    ("text", pgettext_lazy("field type", "Text")),
    ("long_text", pgettext_lazy("field type", "Long text")),
    ("number", pgettext_lazy("field type", "Number")),
    ("money", pgettext_lazy("field type", "Money")),
    ("percent", pgettext_lazy("field type", "Percentage")),
    ("date", pgettext_lazy("field type", "Date")),
    ("choice", pgettext_lazy("field type", "One of several")),
    ("choices", pgettext_lazy("field type", "Several of several")),
    ("yes_no", pgettext_lazy("field type", "Yes or no")),
    ("phone", pgettext_lazy("field type", "Telephone")),
]
STAGES = [
    ("", pgettext_lazy("required", "never")),
    ("registration", pgettext_lazy("required", "when it is registered")),
    ("triage", pgettext_lazy("required", "when it is assessed")),
    ("plan", pgettext_lazy("required", "when the plan is written")),
    ("close", pgettext_lazy("required", "when it is closed")),
]
WIDTHS = [
    ("3", pgettext_lazy("width", "a quarter")),
    ("4", pgettext_lazy("width", "a third")),
    ("6", pgettext_lazy("width", "half")),
    ("8", pgettext_lazy("width", "two thirds")),
    ("12", pgettext_lazy("width", "the whole line")),
]
PLACES = [
    ("reply", pgettext_lazy("place", "Reply")),
    ("feedback", pgettext_lazy("place", "Feedback")),
    ("plan", pgettext_lazy("place", "Plan")),
    ("progress", pgettext_lazy("place", "Progress")),
    ("result", pgettext_lazy("place", "Result")),
    ("return", pgettext_lazy("place", "Return to triage")),
    ("send_back", pgettext_lazy("place", "Send back")),
    ("hold", pgettext_lazy("place", "Wait for the customer")),
    ("reject", pgettext_lazy("place", "Not satisfied")),
    ("visit", pgettext_lazy("place", "Follow-up visit")),
    ("internal", pgettext_lazy("place", "Internal note")),
]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


class FieldForm(forms.Form):
    """One field of a template. `specs` are the template's fields, `own` the one being edited; it may depend on those above it."""

    label = forms.CharField(label=_("Label"), max_length=40, widget=forms.TextInput(attrs={"autofocus": True}))
    type = forms.ChoiceField(label=pgettext_lazy("field", "Type"), choices=TYPES)
    required_at = forms.ChoiceField(label=_("Must be filled in"), choices=STAGES, required=False)
    width = forms.ChoiceField(label=_("Width"), choices=WIDTHS, initial="4")
    options = forms.CharField(
        label=_("Options"), required=False, max_length=4_000, help_text=_("One a line; for “one of several” and “several of several”."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    hint = forms.CharField(label=_("Hint under the field"), required=False, max_length=120)
    affix = forms.CharField(label=_("Before the value"), required=False, max_length=10)
    unit = forms.CharField(label=_("Unit after the value"), required=False, max_length=20)
    min = forms.CharField(label=_("At least"), required=False, max_length=20, help_text=_("A number, a date, or today. Less is refused."))
    max = forms.CharField(label=_("At most"), required=False, max_length=20, help_text=_("More is refused."))
    message = forms.CharField(label=_("Said when refused"), required=False, max_length=120)
    warn_below = forms.CharField(label=_("Warn below"), required=False, max_length=20)
    warn_above = forms.CharField(label=_("Warn above"), required=False, max_length=20, help_text=_("Only warns; it can still be saved."))
    warning = forms.CharField(label=_("Said as a warning"), required=False, max_length=120)
    show_field = forms.ChoiceField(label=_("Show only when"), required=False)
    show_values = forms.CharField(
        label=_("is one of"), required=False, max_length=400, help_text=_("Several divided by 、; for yes or no: yes, no.")
    )

    def __init__(self, *args: Any, specs: Sequence[Field] = (), own: Field | None = None, **kwargs: Any) -> None:
        if own is not None:
            kwargs["initial"] = _as_it_is(own)
        super().__init__(*args, **kwargs)
        above = specs[: [s.code for s in specs].index(own.code)] if own is not None else specs
        self.fields["show_field"].choices = [("", pgettext_lazy("show when", "always")), *((s.code, s.label) for s in above)]

    def field(self) -> dict[str, Any]:
        """What the verbs take. Call it after is_valid()."""
        given = dict(self.cleaned_data)
        stage, asked, values = given.pop("required_at"), given.pop("show_field"), given.pop("show_values")
        given["width"], given["options"] = int(given["width"]), _lines(given["options"])
        given |= {"required": True, "required_at": stage} if stage else {}
        if asked:
            given["show_when"] = {"field": asked, "values": [v.strip() for v in values.replace("，", "、").split("、") if v.strip()]}
        return given


def _as_it_is(own: Field) -> dict[str, Any]:
    values = msgspec.structs.asdict(own)
    condition = own.show_when
    return values | {
        "options": "\n".join(own.options),
        "width": str(own.width),
        "required_at": own.required_at if own.required else "",
        "show_field": condition.field if condition else "",
        "show_values": "、".join(condition.values) if condition else "",
    }


class KindForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=40, widget=forms.TextInput(attrs={"autofocus": True}))
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Small English letters, digits and _; records keep it, so it never changes."),
    )  # fmt: skip


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=40)


class AskForm(forms.Form):
    must_ask = forms.CharField(
        label=_("Questions to ask"), required=False, max_length=1_000, help_text=_("One a line, at most six."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def lines(self) -> list[str]:
        return _lines(self.cleaned_data["must_ask"])


class CategoryForm(forms.Form):
    label = forms.CharField(label=_("Label"), max_length=10)
    definition = forms.CharField(label=_("Definition"), max_length=200)
    examples = forms.CharField(
        label=_("Examples"), required=False, max_length=1_000, help_text=_("One a line."), widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, text: CategoryText, **kwargs: Any) -> None:
        kwargs["initial"] = {"label": text.label, "definition": text.definition, "examples": "\n".join(text.examples)}
        super().__init__(*args, prefix=text.category, **kwargs)

    def given(self) -> dict[str, Any]:
        return {**self.cleaned_data, "examples": _lines(self.cleaned_data["examples"])}


class TextForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=40, widget=forms.TextInput(attrs={"autofocus": True}))
    place = forms.ChoiceField(label=_("Offered in"), choices=PLACES)
    body = forms.CharField(label=pgettext_lazy("ready-made", "Words"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 5}))
    kinds = forms.MultipleChoiceField(
        label=_("For these kinds"), required=False, help_text=_("None chosen: for all."), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, known: Sequence[Template] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(t.code, t.name) for t in known]
