"""Shape of input about purposes, consents and requests."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base.access import Actor
from yingxu.matters.models import Matter
from yingxu.matters.queries import visible_matters

from .. import queries
from ..models import Assessment, Consent, Purpose, Request


class Text(forms.CharField):
    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(max_length=kwargs.pop("max_length", 4_000), widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class CustomerFile(forms.CharField):
    """A customer by register number, as far as this person may see it."""

    def __init__(self, *, by: Actor | None = None, **kwargs: Any) -> None:
        super().__init__(max_length=24, help_text=_("Register number of the customer's file, such as KH-2026-000123"), **kwargs)
        self.by = by

    def clean(self, value: Any) -> Matter | None:
        number = super().clean(value).strip().upper()
        if not number:
            return None
        found = visible_matters(self.by).filter(kind="customer", number=number).first() if self.by else None
        if found is None:
            raise forms.ValidationError(_("There is no customer file with this number that you can open."))
        return found


class Agree(forms.Form):
    given_ = forms.TypedChoiceField(
        label=_("The customer"), coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        choices=[("yes", pgettext_lazy("consent", "agreed")), ("no", pgettext_lazy("consent", "refused"))],
    )  # fmt: skip
    channel = forms.ChoiceField(label=_("How the customer said so"), choices=Consent.SPOKEN)
    evidence = forms.CharField(label=_("Where it can be read or heard"), max_length=300, help_text=_("Number of the signed form, of the recording, of the mail"))
    person = forms.CharField(label=_("Who said so"), max_length=60, required=False, help_text=_("When it was not the customer in person"))
    widths = {"channel": "w6", "person": "w6"}


class TakeBack(forms.Form):
    channel = forms.ChoiceField(label=_("How the customer said so"), choices=Consent.SPOKEN)
    evidence = forms.CharField(label=_("Where it can be read or heard"), max_length=300, required=False)
    widths = {"channel": "w6", "evidence": "w6"}


class Receive(forms.Form):
    kind = forms.ChoiceField(label=_("What is asked for"), choices=Request.Kind.choices)
    applicant = forms.CharField(label=_("Who asks"), max_length=60)
    relation = forms.ChoiceField(label=_("As whom"), choices=Request.Relation.choices)
    contact = forms.CharField(label=_("Where the answer goes"), max_length=200, help_text=_("Phone, mail or postal address; kept sealed"))
    channel = forms.ChoiceField(label=_("How it was said"), choices=Consent.SPOKEN)
    about = CustomerFile(label=_("Whose data"), required=False)
    words = Text(label=_("What exactly"), required=False)
    widths = {"kind": "w6", "applicant": "w6", "relation": "w6", "contact": "w6", "channel": "w6", "about": "w6"}

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].by = by


class Check(forms.Form):
    about = CustomerFile(label=_("Whose data"))
    how = forms.CharField(
        label=_("How the identity was checked"), max_length=300,
        help_text=_("Papers seen, number called back, power of attorney; nothing more than is needed to be sure"),
    )  # fmt: skip

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].by = by


class Answer(forms.Form):
    answer = Text(label=_("What was done and said"), rows=5)


class Reason(forms.Form):
    reason = Text(label=_("Reason"), help_text=_("The person is told this."))


class Nothing(forms.Form):
    """A verb that asks nothing but to be sure."""


class PurposeForm(forms.Form):
    code = forms.CharField(label=pgettext_lazy("privacy", "Code"), max_length=40, help_text=_("Small letters and digits; exports and packs name it so"))
    name = forms.CharField(label=pgettext_lazy("privacy", "Purpose"), max_length=60)
    basis = forms.ChoiceField(label=_("Ground"), choices=Purpose.Basis.choices)
    scope = forms.CharField(label=_("Which data"), max_length=300)
    means = forms.CharField(label=_("By which means"), max_length=300)
    months = forms.IntegerField(label=_("For how many months"), min_value=1, max_value=1_200, required=False, help_text=_("Empty: as long as the relation lasts"))
    recipient = forms.CharField(label=_("Who else gets it"), max_length=120, required=False)
    sensitive = forms.BooleanField(label=_("Sensitive data: a consent of its own"), required=False)
    automated = forms.BooleanField(label=_("Decides about people without a person"), required=False)
    why = Text(label=_("Why it is needed, and what it means for the person"), required=False, max_length=2_000)
    identifiers = forms.MultipleChoiceField(label=_("Identifiers kept only with this consent"), required=False, widget=forms.CheckboxSelectMultiple)
    assessment = forms.CharField(label=_("Impact assessment"), max_length=24, required=False, help_text=_("Needed for sensitive data and automated decisions; number of the one in force, such as PG-2026-000001"))
    anew = forms.BooleanField(label=_("The meaning changed: ask everybody who agreed again"), required=False, initial=True)
    widths = {"code": "w4", "name": "w8", "basis": "w6", "months": "w6", "recipient": "w6"}

    def __init__(self, *args: Any, identifiers: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["identifiers"].choices = identifiers

    def clean_assessment(self) -> Assessment | None:
        number = self.cleaned_data["assessment"].strip()
        found = queries.assessment_in_force(number) if number else None
        if number and found is None:
            raise forms.ValidationError(_("There is no impact assessment in force with this number."))
        return found


class NoticeForm(forms.Form):
    version = forms.CharField(label=_("Version"), max_length=20, help_text=_("such as 2026-11"))
    body = Text(label=_("Privacy notice"), rows=16, max_length=60_000)
    widths = {"version": "w4"}


class Keep(forms.Form):
    months = forms.IntegerField(label=_("Kept for how many months after its end"), min_value=1, max_value=1_200, required=False, help_text=_("Empty: no rule"))
    ground = forms.CharField(label=_("Ground"), max_length=300, required=False, help_text=_("The law, contract or decision the time comes from"))
    widths = {"months": "w6"}


