"""Shape of input about destruction and legal holds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.customers.models import Customer, Paper, Section

from .models import Kind

NO_DATA = _("No personal data: this stays on record after everything is gone.")


def _long(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=500, widget=forms.Textarea(attrs={"rows": 3}), **more)


class Propose(forms.Form):
    kind = forms.ChoiceField(label=pgettext_lazy("destruction", "What is destroyed"), choices=[c for c in Kind.choices if c[0] != Kind.DUE])
    section = forms.ModelChoiceField(label=pgettext_lazy("destruction", "Section"), queryset=Section.objects.none(), required=False)
    papers = forms.ModelMultipleChoiceField(label=pgettext_lazy("destroyed", "Papers"), queryset=Paper.objects.none(), required=False, widget=forms.CheckboxSelectMultiple)
    reason = _long(_("Why"), help_text=NO_DATA)

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"].queryset = Section.objects.filter(type__in=["", customer.type])
        self.fields["papers"].queryset = Paper.objects.filter(customer=customer)


class ProposeDue(forms.Form):
    reason = _long(_("Why"), help_text=NO_DATA)


class Appraise(forms.Form):
    value = _long(_("Appraisal"), help_text=_("What the material is worth, and whether the law or a dispute keeps it."))
    stays = _long(_("What must stay"), help_text=_("What stays and why; numbers, dates and states stay in any case."))


class Reason(forms.Form):
    reason = _long(_("Why"), help_text=NO_DATA)


class Hold(forms.Form):
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text=_("Empty: without an end"))
    why = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class Lift(forms.Form):
    why = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
