"""Shape of input: when backups are taken and where they lie."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PlanForm(forms.Form):
    hour = forms.IntegerField(label=_("Hour"), min_value=0, max_value=23, help_text=_("Every day at this hour; one that was missed is taken at the next full hour."))
    place = forms.CharField(label=_("Where to"), max_length=300, required=False, help_text=_("A directory on this machine; empty: “backups” in the data directory."))
    second = forms.CharField(
        label=_("Second place"), max_length=300, required=False,
        help_text=_("A directory on another disk, best of another machine, that is mounted here. What lies beside the data is lost with it."),
    )  # fmt: skip
