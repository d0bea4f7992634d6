"""The shape of what is typed about care."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.customers.models import Customer


class BirthdayForm(forms.Form):
    contact = forms.ModelChoiceField(label=gettext_lazy("Whose"), queryset=None, required=False)
    lunar = forms.BooleanField(label=gettext_lazy("In the Chinese calendar"), required=False)
    month = forms.IntegerField(label=gettext_lazy("Month"), min_value=1, max_value=12)
    day = forms.IntegerField(label=gettext_lazy("Day"), min_value=1, max_value=31)
    leap = forms.BooleanField(label=gettext_lazy("Leap month"), required=False)
    year = forms.IntegerField(label=gettext_lazy("Year"), required=False, min_value=1900, max_value=2099)
    widths = {"month": "w4", "day": "w4", "year": "w4"}

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["contact"]
        field.queryset, field.empty_label = customer.contacts.filter(active=True), customer.name


class Settle(forms.Form):
    result = forms.CharField(label=gettext_lazy("What came of it"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class LeaveOut(forms.Form):
    result = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


OCCASIONS = (
    ("birthday", gettext_lazy("Birthday")), ("spring_festival", gettext_lazy("Spring Festival")), ("lantern", gettext_lazy("Lantern Festival")),
    ("dragon_boat", gettext_lazy("Dragon Boat Festival")), ("qixi", gettext_lazy("Qixi")), ("mid_autumn", gettext_lazy("Mid-Autumn Festival")),
    ("double_ninth", gettext_lazy("Double Ninth Festival")), ("laba", gettext_lazy("Laba Festival")), ("yearly", gettext_lazy("A day of every year")),
    ("day", gettext_lazy("One day")), ("signed", gettext_lazy("After a contract was signed")), ("since", gettext_lazy("Anniversary as a customer")),
)  # fmt: skip


class CareRuleForm(forms.Form):
    """One rule of the care plan."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    code = forms.CharField(label=gettext_lazy("Code"), max_length=30, help_text=gettext_lazy("Small letters and digits"))
    occasion = forms.ChoiceField(label=gettext_lazy("Occasion"), choices=OCCASIONS)
    on = forms.CharField(label=gettext_lazy("Day"), max_length=10, required=False, help_text=gettext_lazy("05-01 for every year, 2027-05-01 for one"))
    after = forms.IntegerField(label=gettext_lazy("Days after the contract"), min_value=0, max_value=3_660, required=False)
    days = forms.IntegerField(label=gettext_lazy("Days ahead"), min_value=0, max_value=90)
    task = forms.CharField(label=gettext_lazy("What is to be done"), max_length=150)
    phase = forms.ChoiceField(
        label=gettext_lazy("Phase"), choices=[("before", gettext_lazy("Before the purchase")), ("during", gettext_lazy("During")), ("after", gettext_lazy("After the purchase"))]
    )
    type = forms.ChoiceField(label=gettext_lazy("Customer type"), choices=[("", pgettext_lazy("customers of every type", "Everybody")), *Customer.Type.choices], required=False)
    grades = forms.MultipleChoiceField(label=gettext_lazy("Grades"), choices=Customer.Grade.choices, required=False, widget=forms.CheckboxSelectMultiple)
    tags = forms.CharField(label=gettext_lazy("Tags"), max_length=200, required=False, help_text=gettext_lazy("Separated by spaces"))
    marketing = forms.BooleanField(label=gettext_lazy("It is marketing: only with consent"), required=False)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False)
    was = forms.IntegerField(widget=forms.HiddenInput, required=False)
    widths = {"name": "w6", "code": "w6", "occasion": "w4", "on": "w4", "after": "w4", "days": "w4", "phase": "w4", "type": "w4"}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["tags"] = given.get("tags", "").split()
        given["after"] = given.get("after") or 0
        return given

    @property
    def rule(self) -> dict[str, Any]:
        return {key: value for key, value in self.cleaned_data.items() if key != "was"}


def birthday_said(lunar: bool, month: int, day: int, leap: bool, year: int | None) -> str:
    """A birthday in words."""
    said = _("month %(month)s, day %(day)s") % {"month": month, "day": day}
    said = _("leap %(said)s") % {"said": said} if leap else said
    said = _("Chinese calendar: %(said)s") % {"said": said} if lunar else said
    return f"{said} ({year})" if year else said
