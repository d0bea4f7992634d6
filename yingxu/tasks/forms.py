"""Shape of input about tasks."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.people.fields import DepartmentField, Person


class Moment(forms.DateTimeField):
    """A day and time as browsers send them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"), **kwargs)

    def clean(self, value: Any) -> datetime | None:
        return super().clean(value)


class Text(forms.CharField):
    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(max_length=kwargs.pop("max_length", 20_000), widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class Give(forms.Form):
    title = forms.CharField(label=_("What is to be done"), max_length=200)
    owner = Person(label=_("Who does it"), required=False, help_text=_("Empty: whoever of the department takes it"))
    department = DepartmentField(required=False)
    due_at = Moment(label=_("By when"), required=False)
    details = Text(label=_("Details"), required=False)
    widths = {"owner": "w6", "department": "w6", "due_at": "w6"}


class Finish(forms.Form):
    result = Text(label=_("What came of it"), required=False)


class Reopen(forms.Form):
    reason = Text(label=_("What is missing"), required=False, max_length=500)


class HandOver(forms.Form):
    owner = Person(label=_("Who does it"), required=False)
    department = DepartmentField(required=False)
    reason = Text(label=_("Reason"), max_length=500)
    widths = {"owner": "w6", "department": "w6"}


class Withdraw(forms.Form):
    reason = Text(label=_("Reason"), max_length=500)


class Postpone(forms.Form):
    until = Moment(label=_("New date"))
    reason = Text(label=_("Reason"), max_length=500)
    widths = {"until": "w6"}


class Decide(forms.Form):
    granted = forms.TypedChoiceField(
        label=_("Decision"), coerce=lambda value: value == "yes",
        choices=[("yes", pgettext_lazy("decision", "Grant")), ("no", pgettext_lazy("decision", "Refuse"))], widget=forms.RadioSelect,
    )  # fmt: skip
    note = Text(label=_("A word"), required=False, max_length=500, help_text=_("Needed when you refuse."))
