"""Shape of input about time."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base.errors import Invalid

from . import queries, working
from .models import Unit, Who
from .spans import windows, written

WEEKDAYS = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
)  # fmt: skip


class Windows(forms.CharField):
    """Stretches of a day: 09:00-12:00 13:30-18:00."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=120, **kwargs)

    def clean(self, value: Any) -> list[working.Window]:
        try:
            return windows(super().clean(value))
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal)) from None


class WeekForm(forms.Form):
    """A week of working hours; a day left empty is free."""

    def __init__(self, *args: Any, week: tuple = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(WEEKDAYS):
            initial = written(week[number]) if week else ""
            self.fields[f"day{number}"] = Windows(label=name, initial=initial)
        self.fields["was"] = forms.CharField(required=False, widget=forms.HiddenInput, max_length=2_000)

    def week(self) -> list[list[working.Window]]:
        return [self.cleaned_data[f"day{number}"] for number in range(7)]


class DayForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("On this day"),
        choices=[("usual", _("as usual")), ("off", pgettext_lazy("a day", "off")), ("working", pgettext_lazy("a day", "worked"))],
    )
    name = forms.CharField(label=_("Why"), required=False, max_length=40)
    windows = Windows(label=_("Hours of this day"), help_text=_("Leave empty for the usual hours."))


class TargetForm(forms.Form):
    amount = forms.DecimalField(label=_("Within"), required=False, max_digits=7, decimal_places=2)
    unit = forms.ChoiceField(label=_("Unit"), choices=Unit.choices)
    round_the_clock = forms.BooleanField(label=_("Round the clock"), required=False)
    warn_percent = forms.IntegerField(label=_("Warn after"), min_value=1, max_value=100)
    was = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60)


class LadderForm(forms.Form):
    """Rungs from the lowest up; a row without "whom" is no rung."""

    ROWS = 8
    round_the_clock = forms.BooleanField(label=_("Round the clock"), required=False)
    was = forms.CharField(required=False, widget=forms.HiddenInput, max_length=2_000)

    def __init__(self, *args: Any, ladder: queries.Shown, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain = [(who.value, who.label) for who in Who if who not in (Who.ROLE, Who.DEPARTMENT)]
        labels = {Who.ROLE.value: _("Role: %(name)s"), Who.DEPARTMENT.value: _("Head of: %(name)s")}
        choices = [("", "–"), *plain, *((f"{who}:{code}", labels[who] % {"name": name}) for (who, code), name in queries.named().items())]
        self.initial |= {"round_the_clock": ladder.round_the_clock, "was": queries.ladder_words(ladder.rungs)}
        for row in range(self.ROWS):
            held = ladder.rungs[row] if row < len(ladder.rungs) else None
            self.fields[f"who{row}"] = forms.ChoiceField(label=_("Whom"), choices=choices, required=False)
            self.fields[f"after{row}"] = forms.CharField(label=_("How long after"), max_length=10, required=False)
            if held:
                self.initial |= {f"who{row}": f"{held.who}:{held.code}".rstrip(":"), f"after{row}": queries.after(held)}

    def rows(self) -> list[tuple[Any, Any]]:
        return [(self[f"who{row}"], self[f"after{row}"]) for row in range(self.ROWS)]

    def rungs(self) -> list[dict[str, str]]:
        found = []
        for row in range(self.ROWS):
            who, _colon, code = self.cleaned_data[f"who{row}"].partition(":")
            if who:
                found.append({"who": who, "code": code, "after": self.cleaned_data[f"after{row}"].strip() or "0m"})
        return found


class TakeForm(forms.Form):
    words = forms.CharField(label=_("A word to those who were told"), required=False, max_length=500, widget=forms.Textarea)
    promised_at = forms.DateTimeField(
        label=_("I will have it done by"), required=False, help_text=_("When this passes and it is still open, the next ones are told."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def taken(self) -> dict[str, Any]:
        at = self.cleaned_data["promised_at"]
        aware = at if at is None or timezone.is_aware(at) else timezone.make_aware(at)
        return {"words": self.cleaned_data["words"], "promised_at": aware}


class ExtensionForm(forms.Form):
    until = forms.DateTimeField(
        label=_("New date"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea)

    def clean_until(self) -> datetime:
        found: datetime = self.cleaned_data["until"]
        return found if timezone.is_aware(found) else timezone.make_aware(found)


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(choices=[("granted", _("Grant")), ("refused", _("Refuse"))])
    note = forms.CharField(label=_("Reason"), required=False, max_length=500)
