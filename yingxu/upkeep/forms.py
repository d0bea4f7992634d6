"""Shape of input about upkeep."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.customers.models import Customer
from yingxu.people import queries as people

from .fields import known
from .models import News


class Owner(forms.Form):
    """Who looks after the chosen customers from now on."""

    owner = forms.ModelChoiceField(label=_("Looked after by"), queryset=None)
    why = forms.CharField(label=_("Basis"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people.colleagues()  # type: ignore[attr-defined]


class Words(forms.Form):
    """The owner's own words in a monthly report."""

    summary = forms.CharField(label=_("How the month went"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5}), help_text=_("Name no guarded customer here: whoever may read the report reads these words."))
    risks = forms.CharField(label=_("Risks noticed"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    plans = forms.CharField(label=pgettext_lazy("reports", "Next month"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class Draft(Words):
    """The same while it is still being written: nothing has to be there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["summary"].required = False


class Said(forms.Form):
    text = forms.CharField(label=pgettext_lazy("reports", "Comment"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class Learned(forms.Form):
    """What was learned about a customer, and when."""

    kind = forms.ChoiceField(label=pgettext_lazy("news", "Is it new, or has something changed?"), choices=News.Kind.choices)
    learned_on = forms.DateField(label=_("Learned on"), widget=forms.DateInput(attrs={"type": "date"}), help_text=_("The day of the talk, the need, the meeting; the time runs from then."))
    text = forms.CharField(label=_("What was learned"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    widths = {"kind": "w6", "learned_on": "w6"}


class Setting(forms.Form):
    quarter_fields = forms.MultipleChoiceField(label=_("Verified anew each quarter"), required=False, widget=forms.CheckboxSelectMultiple)
    week_fields = forms.MultipleChoiceField(label=_("Supplemented each week where empty"), required=False, widget=forms.CheckboxSelectMultiple)
    grades = forms.MultipleChoiceField(label=_("Only customers of these grades"), required=False, choices=Customer.Grade.choices, widget=forms.CheckboxSelectMultiple, help_text=_("None ticked: every customer"))
    quarter_days = forms.IntegerField(label=_("Working days for a quarter's list"), min_value=1, max_value=60)
    week_most = forms.IntegerField(label=_("Customers on a week's list, at most"), min_value=1, max_value=500)
    entry_days = forms.IntegerField(label=_("Working days to enter what is new"), min_value=1, max_value=30)
    update_days = forms.IntegerField(label=_("Working days to update what changed"), min_value=1, max_value=30)
    widths = {"quarter_days": "w6", "week_most": "w6", "entry_days": "w6", "update_days": "w6"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("quarter_fields", "week_fields"):
            self.fields[name].choices = list(known().items())
