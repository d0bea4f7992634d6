"""Shape of input about routing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import names
from yingxu.people import queries as people
from yingxu.people.models import Department, User

from .models import RoutingRule

GRADES = [("A", "A"), ("B", "B"), ("C", "C")]


def _words(text: str) -> list[str]:
    for other in "，,;；\n":
        text = text.replace(other, "、")
    return [w.strip() for w in text.split("、") if w.strip()]


class RuleForm(forms.Form):
    """A rule: conditions that must all hold, and who takes it."""

    name = forms.CharField(label=_("Name"), max_length=60, widget=forms.TextInput(attrs={"autofocus": True}))
    kinds = forms.MultipleChoiceField(label=_("Kind"), required=False, widget=forms.CheckboxSelectMultiple)
    categories = forms.MultipleChoiceField(label=_("Category"), required=False, widget=forms.CheckboxSelectMultiple)
    channels = forms.MultipleChoiceField(label=_("Channel"), required=False, widget=forms.CheckboxSelectMultiple)
    any_words = forms.CharField(label=_("Says any of"), required=False, max_length=1_000, help_text=_("Several divided by 、"))
    all_words = forms.CharField(label=_("Says all of"), required=False, max_length=400, help_text=_("Several divided by 、"))
    grades = forms.MultipleChoiceField(label=_("Customer's grade"), choices=GRADES, required=False, widget=forms.CheckboxSelectMultiple)
    tags = forms.CharField(label=_("Customer's tags, any of"), required=False, max_length=400, help_text=_("Several divided by 、"))
    amount_over = forms.CharField(label=_("Amount over"), required=False, max_length=20)
    department = forms.ModelChoiceField(Department.objects.none(), label=_("Department"))
    takes = forms.ChoiceField(
        label=_("Within the department"),
        choices=[
            ("", pgettext_lazy("who takes it", "nobody yet")),
            ("least", pgettext_lazy("who takes it", "whoever has the least to do")),
            ("owner", pgettext_lazy("who takes it", "this person")),
        ],
        required=False,
    )
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Person"), required=False, empty_label="")
    suggest_category = forms.ChoiceField(label=_("Suggests the category"), required=False)

    def __init__(self, *args: Any, own: RoutingRule | None = None, **kwargs: Any) -> None:
        if own is not None:
            kwargs["initial"] = _as_it_is(own)
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = names.choices("kind")
        self.fields["categories"].choices = names.choices("category")
        self.fields["channels"].choices = names.choices("channel")
        self.fields["suggest_category"].choices = [("", pgettext_lazy("category", "none")), *names.choices("category")]
        self.fields["department"].queryset = people.departments()
        self.fields["owner"].queryset = people.colleagues()

    def given(self) -> dict[str, Any]:
        """What the verbs take. Call it after is_valid()."""
        data = dict(self.cleaned_data)
        takes, owner = data.pop("takes"), data.pop("owner")
        data |= {key: _words(data[key]) for key in ("any_words", "all_words", "tags")}
        return data | {"least_loaded": takes == "least", "owner": owner if takes == "owner" else None}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("takes") == "owner" and not data.get("owner"):
            self.add_error("owner", _("Choose a person."))
        return data


def _as_it_is(own: RoutingRule) -> dict[str, Any]:
    return {
        "name": own.name, "kinds": own.kinds, "categories": own.categories, "channels": own.channels, "grades": own.grades,
        "any_words": "、".join(own.any_words), "all_words": "、".join(own.all_words), "tags": "、".join(own.tags),
        "amount_over": "" if own.amount_over is None else f"{own.amount_over:f}".removesuffix(".00"), "department": own.department_id,
        "owner": own.owner_id, "takes": "least" if own.least_loaded else "owner" if own.owner_id else "",
        "suggest_category": own.suggest_category,
    }  # fmt: skip


class TryForm(forms.Form):
    """A made-up need, to see which rule takes it."""

    text = forms.CharField(label=_("What the customer says"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    grade = forms.ChoiceField(label=_("Customer's grade"), choices=[("", pgettext_lazy("grade", "none")), *GRADES], required=False)
    amount = forms.DecimalField(label=_("Amount"), required=False, min_value=0, max_digits=15, decimal_places=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", pgettext_lazy("kind", "not yet known")), *names.choices("kind")]
        self.fields["channel"].choices = [("", pgettext_lazy("channel", "any")), *names.choices("channel")]
