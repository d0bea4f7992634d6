"""Shape of input about consulting."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import clock

from .models import Finding

DAY = forms.DateInput(attrs={"type": "date"})


class Ask(forms.Form):
    named = forms.CharField(label=_("Which file"), max_length=120, help_text=_("Register number, or the customer's whole name"))
    purpose = forms.CharField(label=pgettext_lazy("consulting", "What for"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    serves = forms.CharField(label=_("Serves the need"), max_length=24, required=False, help_text=_("Number of the need, if there is one"))
    until = forms.DateField(label=_("May be read until"), widget=DAY)
    widths = {"named": "w6", "serves": "w6", "until": "w6"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].widget.attrs["min"] = clock.today().isoformat()


class Why(forms.Form):
    why = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class Refuse(Why):
    field_order = ("why",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].help_text = _("Only those who guard archives read this; whoever asked hears “not granted” and nothing else.")


class Point(forms.Form):
    number = forms.CharField(label=_("Register number"), max_length=24)


class BreakGlass(forms.Form):
    named = forms.CharField(label=_("Which file"), max_length=120, help_text=_("Register number, or the customer's whole name"))
    hours = forms.TypedChoiceField(label=_("For how long"), coerce=int, initial=2, choices=[(n, format_lazy("{} {}", n, _("hours"))) for n in (1, 2, 4, 8)])
    purpose = forms.CharField(label=_("What cannot wait"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    known = forms.BooleanField(label=_("I know that everybody who guards the file is told at once, that every look is written down, and that it is reviewed afterwards"))
    widths = {"named": "w6", "hours": "w6"}


class Review(forms.Form):
    finding = forms.ChoiceField(label=_("What you found"), choices=Finding.choices, widget=forms.RadioSelect)
    words_ = forms.CharField(label=_("In words"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class Nothing(forms.Form):
    """Nothing to give."""
