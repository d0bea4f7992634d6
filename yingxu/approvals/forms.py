"""Shape of input about approvals."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.people.fields import Person

from . import queries
from .models import Chain, Needed, Who


class Text(forms.CharField):
    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(max_length=kwargs.pop("max_length", 500), widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class Moment(forms.DateTimeField):
    """A day and time as browsers send them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"), **kwargs)

    def clean(self, value: Any) -> datetime | None:
        return super().clean(value)


class Signing(forms.Form):
    """What every signature carries: the step that was seen, and the password where the step asks for it."""

    step = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, step: int | None = None, reauth: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["step"] = step
        if reauth:
            self.fields["password"] = forms.CharField(
                label=_("Your password, or a code of your second factor"), max_length=128, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
                help_text=_("This signature needs it once more."),
            )  # fmt: skip


class Approve(Signing):
    words = Text(label=_("A word"), required=False, rows=2)


class Refuse(Signing):
    reason = Text(label=_("Reason"))


class SendBack(Signing):
    reason = Text(label=_("What must be changed"))


class Delegate(Signing):
    to = Person(label=_("Who signs instead"))
    reason = Text(label=_("Reason"), rows=2)


class Add(Signing):
    who = Person(label=_("Who must agree, too"))
    where = forms.ChoiceField(
        label=_("When"), widget=forms.RadioSelect,
        choices=[("before", pgettext_lazy("added signer", "Before me")), ("beside", pgettext_lazy("added signer", "Together with me")), ("after", pgettext_lazy("added signer", "After me"))],
    )  # fmt: skip
    reason = Text(label=_("Reason"), rows=2)


class Withdraw(forms.Form):
    reason = Text(label=_("Reason"))


class Resubmit(forms.Form):
    words = Text(label=_("What you have changed or want to say"))


class Revise(Resubmit):
    """For what was asked in one's own words: those, changed."""

    details = Text(label=_("What is asked"), rows=5, max_length=5_000)
    field_order = ["details", "words"]


class Propose(forms.Form):
    title = forms.CharField(label=_("What is to be signed"), max_length=200)
    details = Text(label=_("What is asked"), rows=5, max_length=5_000, help_text=_("Everything the signer needs to know. It is frozen when you send it."))
    number = forms.CharField(label=_("On which record (number)"), required=False, max_length=24, help_text=_("Empty: on none"))


class NameDeputy(forms.Form):
    deputy = Person(label=_("Deputy"), help_text=_("Signs for you in that time, and only what they may see themselves."))
    begins_at = Moment(label=_("From"))
    ends_at = Moment(label=_("To"))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)
    widths = {"begins_at": "w6", "ends_at": "w6"}


class NameDeputyFor(NameDeputy):
    """For whoever manages the chains: also for somebody else."""

    user = Person(label=_("For whom"), required=False, help_text=_("Empty: for yourself"))
    field_order = ["user", "deputy", "begins_at", "ends_at", "reason"]


class ChainForm(forms.Form):
    """Steps from the first to the last; a row without "who" is no step."""

    ROWS = 8
    distinct = forms.BooleanField(label=_("Different people at every step"), required=False)
    lapse_days = forms.IntegerField(label=_("Lapses after (days)"), min_value=0, max_value=365, help_text=_("0: never"))
    active = forms.BooleanField(label=_("In use"), required=False)
    was = forms.CharField(required=False, widget=forms.HiddenInput, max_length=4_000)

    def __init__(self, *args: Any, chain: Chain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = list(chain.steps.all())
        plain = [(who.value, who.label) for who in (Who.HEAD, Who.MATTER_HEAD)]
        roles = [(f"role:{code}", _("Role: %(name)s") % {"name": name}) for code, name in queries.roles()]
        person = [("person:", Who.PERSON.label)]
        self.initial |= {
            "distinct": chain.distinct, "lapse_days": chain.lapse_days, "active": chain.active, "was": queries.chain_words(chain),
        }  # fmt: skip
        for row in range(self.ROWS):
            held = steps[row] if row < len(steps) else None
            self.fields[f"name{row}"] = forms.CharField(label=pgettext_lazy("approvals", "Step"), max_length=60, required=False)
            self.fields[f"who{row}"] = forms.ChoiceField(label=_("Who"), choices=[("", "–"), *plain, *roles, *person], required=False)
            self.fields[f"code{row}"] = Person(label=pgettext_lazy("approvals", "Person"), required=False)
            self.fields[f"needed{row}"] = forms.ChoiceField(label=_("How many"), choices=Needed.choices, required=False)
            self.fields[f"within{row}"] = forms.CharField(label=_("Within"), max_length=10, required=False)
            self.fields[f"reauth{row}"] = forms.BooleanField(label=_("Password"), required=False)
            self.fields[f"clock{row}"] = forms.BooleanField(label=_("Round the clock"), required=False)
            if held:
                named = held.who == Who.PERSON
                self.initial |= {
                    f"name{row}": held.name, f"who{row}": "person:" if named else f"{held.who}:{held.code}".rstrip(":"),
                    f"code{row}": held.code if named else "", f"needed{row}": held.needed, f"within{row}": held.within,
                    f"reauth{row}": held.reauth, f"clock{row}": held.round_the_clock,
                }  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        return [{part: self[f"{part}{row}"] for part in ("name", "who", "code", "needed", "within", "reauth", "clock")} for row in range(self.ROWS)]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for row in range(self.ROWS):
            who = found.get(f"who{row}")
            if who == "person:" and not found.get(f"code{row}") and f"code{row}" not in self.errors:
                self.add_error(f"code{row}", _("Name the person."))
            if who and not found.get(f"name{row}"):
                self.add_error(f"name{row}", _("Name the step."))
        return found

    def steps(self) -> list[dict[str, Any]]:
        found = []
        for row in range(self.ROWS):
            data = self.cleaned_data
            who, _colon, code = data[f"who{row}"].partition(":")
            if who:
                person = data[f"code{row}"]
                found.append({
                    "name": data[f"name{row}"], "who": who, "code": person.username if who == Who.PERSON and person else code,
                    "needed": data[f"needed{row}"] or Needed.ANY, "within": data[f"within{row}"].strip(), "reauth": data[f"reauth{row}"],
                    "round_the_clock": data[f"clock{row}"],
                })  # fmt: skip
        return found

