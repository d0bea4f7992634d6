"""Shape of input about recipients, impact assessments and breaches."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.people import queries as people
from yingxu.people.fields import Person
from yingxu.people.models import Department

from .. import fields as kinds_of_data
from .. import queries
from ..models import Assessment, Breach, Purpose, Recipient
from .rights import Text

_DAY = forms.DateInput(attrs={"type": "date"})


class AssessmentNumber(forms.CharField):
    """An impact assessment in force, by its number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Impact assessment"), max_length=24, required=False, help_text=_("Number of the assessment in force, such as PG-2026-000001"), **kwargs
        )

    def clean(self, value: Any) -> Assessment | None:
        number = super().clean(value).strip().upper()
        found = queries.assessment_in_force(number) if number else None
        if number and found is None:
            raise forms.ValidationError(_("There is no impact assessment in force with this number."))
        return found

    def prepare_value(self, value: Any) -> Any:
        return value.matter.number if isinstance(value, Assessment) else value


class KindsOfData(forms.MultipleChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=kinds_of_data.CHOICES, widget=forms.CheckboxSelectMultiple, **kwargs)


class RecipientForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("recipient", "Name"), max_length=120, help_text=_("The company, authority or system behind it, as the contract names it"))
    role = forms.ChoiceField(label=_("Role"), choices=Recipient.Role.choices)
    region = forms.CharField(label=_("Country or region"), max_length=2, initial="CN", help_text=_("Two letters: CN, HK, SG …; what is not CN is across the border"))
    contract = forms.CharField(label=_("Contract"), max_length=200, required=False, help_text=_("Where the paper is: its number"))
    until = forms.DateField(label=_("Contract ends on"), required=False, widget=_DAY)
    purposes = forms.ModelMultipleChoiceField(Purpose.objects.none(), label=_("For which purposes"), widget=forms.CheckboxSelectMultiple)
    fields_ = KindsOfData(label=_("Which data"))
    assessment = AssessmentNumber()
    widths = {"role": "w6", "region": "w6", "contract": "w6", "until": "w6", "assessment": "w6"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purposes"].queryset = queries.purposes_in_use()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "fields_" in given:
            given["fields"] = given.pop("fields_")
        return given


class AssessmentForm(forms.Form):
    title = forms.CharField(label=pgettext_lazy("assessment", "What is assessed"), max_length=200)
    kind = forms.ChoiceField(label=_("What asks for it"), choices=Assessment.Kind.choices)
    need = Text(label=_("Purpose, and why it is lawful, proper and needed"), rows=4)
    influence = Text(label=_("What it does to the rights of the persons"), rows=4)
    dangers = Text(label=_("What may go wrong"), rows=3)
    risk = forms.ChoiceField(label=_("Risk"), choices=Assessment.Risk.choices)
    measures = Text(label=_("Measures, and why they are enough"), rows=4)
    decision = forms.ChoiceField(label=_("Decision"), choices=Assessment.Decision.choices)
    review_on = forms.DateField(label=_("Looked at again by"), widget=_DAY, help_text=_("Within three years, and earlier when something changes"))
    widths = {"kind": "w6", "risk": "w4", "decision": "w4", "review_on": "w4"}


class Review(forms.Form):
    agreed = forms.TypedChoiceField(
        label=_("Your review"), coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        choices=[("yes", pgettext_lazy("review", "Agreed")), ("no", pgettext_lazy("review", "Sent back"))],
    )  # fmt: skip
    words = Text(label=_("Your words"), required=False, max_length=2_000, help_text=_("Needed when it is sent back"))


class Confirm(forms.Form):
    words = Text(label=_("What was looked at"), max_length=2_000)
    review_on = forms.DateField(label=_("Looked at again by"), widget=_DAY)
    widths = {"review_on": "w6"}


class Revoke(forms.Form):
    reason = Text(label=_("Reason"), max_length=2_000)


class ReportForm(forms.Form):
    title = forms.CharField(label=pgettext_lazy("breach", "In short"), max_length=180)
    what = forms.ChoiceField(label=pgettext_lazy("breach", "What happened to the data"), choices=Breach.What.choices)
    size = forms.ChoiceField(label=_("Size"), choices=Breach.Size.choices, help_text=_("Larger: the authority is told within four hours"))
    found_at = forms.DateTimeField(label=_("Found at"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    fields_ = KindsOfData(label=_("Kinds of data concerned"))
    happened = Text(label=_("What is known"), rows=4)
    drill = forms.BooleanField(label=_("This is a drill: nothing leaves the house"), required=False)
    widths = {"what": "w6", "size": "w6", "found_at": "w6"}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "fields_" in given:
            given["fields"] = given.pop("fields_")
        return given


class Describe(ReportForm):
    title = found_at = drill = None  # type: ignore[assignment]
    cause = Text(label=_("Cause"), required=False)
    harm = Text(label=_("Possible harm"), required=False)
    measures = Text(label=_("Measures taken, and what the persons can do"), required=False)
    persons = forms.IntegerField(label=_("How many persons are affected"), required=False, min_value=0, max_value=100_000_000)
    widths = {"what": "w6", "size": "w6", "persons": "w6"}


class Choose(forms.Form):
    numbers = Text(label=_("Register numbers"), required=False, rows=2, max_length=20_000, help_text=_("Separated by spaces or lines; each that is given narrows the choice"))
    department = forms.ModelChoiceField(Department.objects.none(), label=_("Customers of the department"), required=False)
    owner = Person(label=_("Customers looked after by"), required=False)
    since = forms.DateField(label=_("Files changed since"), required=False, widget=_DAY)
    until = forms.DateField(label=_("Files opened until"), required=False, widget=_DAY)
    all = forms.BooleanField(label=_("All customers"), required=False)
    anew = forms.BooleanField(label=_("Instead of those chosen before"), required=False)
    widths = {"department": "w6", "owner": "w6", "since": "w6", "until": "w6"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = people.departments()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        numbers = tuple(part.upper() for part in re.split(r"[\s,，、;；]+", given.pop("numbers", "")) if part)
        anew = given.pop("anew", False)
        return {"asked": queries.Chosen(numbers=numbers, **given), "anew": anew} if not self.errors else given


class NoteForm(forms.Form):
    words = Text(label=_("What was done"), max_length=1_000)


class Authority(forms.Form):
    authority = forms.CharField(label=_("Which authority, how, under which number"), max_length=300)


class TellPersons(forms.Form):
    text = Text(label=_("What the persons are told"), rows=8, max_length=1_000)
    how = Text(label=_("How those are told who cannot be written to"), required=False, max_length=1_000)


class Why(forms.Form):
    why = Text(label=_("Why the persons need not be told"), max_length=2_000, help_text=_("Only while the measures taken keep harm away effectively (PIPL art. 57)"))


class Lessons(forms.Form):
    lessons = Text(label=_("What was learnt, and what changes"), rows=5)
