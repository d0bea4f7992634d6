"""Shape of input about papers, contracts, dealings and the declaration of fields."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.files.fields import Level, Uploads
from yingxu.matters.models import Matter, Secrecy
from yingxu.people import queries as people

from ..fields import Field
from ..models import Contact, Contract, Customer, Dealing, Instalment, Paper
from ..queries.contracts import CURRENCIES
from .file import Names


class Scans(Uploads):
    def __init__(self) -> None:
        super().__init__(label=_("Scans"), required=False, help_text=_("pictures, PDF, Office files; 25 MB each"))


class WithScans(forms.Form):
    """A form with scans, whose level is chosen by those who may give one."""

    def __init__(self, *args: Any, by: Actor, matter: Matter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not Level.offered(self, "level", by, matter):
            del self.fields["level"]


class Day(forms.DateField):
    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def _text(label: Any, longest: int, *, required: bool = False, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=required, **kwargs)


class PaperForm(WithScans):
    kind = forms.ChoiceField(label=pgettext_lazy("of an identifier", "Kind"), choices=Paper.Kind.choices)
    name = _text(_("Name"), 60)
    number = _text(_("Number on the paper"), 60, help_text=_("Kept sealed; leave it empty to keep the one there is"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    issuer = _text(_("Issued by"), 80)
    issued_on = Day(_("Issued on"))
    valid_until = Day(_("Valid until"))
    note = _text(_("Note"), 200)
    scans = Scans()
    level = Level(label=_("Level of the scans"), help_text=_("Only who is cleared for it knows that these scans are there."))
    why = _text(_("Basis"), 200)


class ContractForm(WithScans):
    title = _text(_("Title"), 120, required=True)
    kind = _text(pgettext_lazy("of an identifier", "Kind"), 40)
    ours = _text(_("Our party"), 80)
    theirs = _text(_("Their party"), 120, required=True)
    amount = forms.DecimalField(label=_("Amount"), max_digits=15, decimal_places=2, min_value=0, required=False)
    currency = forms.ChoiceField(label=_("Currency"), choices=[(c, c) for c in CURRENCIES], required=False)
    reference = _text(_("Number on the paper"), 60)
    signed_on = Day(_("Signed on"))
    begins_on = Day(_("Begins on"))
    ends_on = Day(_("Ends on"))
    renewal = forms.ChoiceField(label=_("At its end"), choices=Contract.Renewal.choices, initial=Contract.Renewal.ASK)
    remind_on = Day(_("Remind on"), help_text=_("Empty: so many days before its end"))
    owner = Names(label=_("Looked after by"), queryset=None, required=False)
    clauses = forms.CharField(label=_("Clauses"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 6}))
    scans = Scans()
    level = Level(label=_("Level of the scans"), help_text=_("Only who is cleared for it knows that these scans are there."))
    why = _text(_("Basis"), 200)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people.colleagues()


class Plan(forms.Form):
    """The collection plan, an instalment a line: day, amount, note."""

    instalments = forms.CharField(
        label=_("Instalments"), max_length=6_000, required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One a line: day, amount, and a note, such as 2026-12-31 50000 second part. What was paid stays."),
    )  # fmt: skip
    why = _text(_("Basis"), 200)

    def clean_instalments(self) -> list[tuple[date, Decimal, str]]:
        found = []
        for number, line in enumerate(self.cleaned_data["instalments"].splitlines(), 1):
            if not line.strip():
                continue
            day, amount, *note = [*line.replace("，", ",").split(None, 2), ""][:3] if len(line.split()) > 1 else [line, "", ""]
            try:
                on, sum_ = parse_date(day), Decimal(amount.replace(",", ""))
            except (ValueError, InvalidOperation):
                on, sum_ = None, Decimal(0)
            if on is None or not sum_.is_finite() or sum_ <= 0 or sum_ != sum_.quantize(Decimal("0.01")) or sum_ >= Decimal(10) ** 13:
                raise ValidationError(_("Line %(n)s is no instalment: write a day and an amount."), params={"n": number})
            found.append((on, sum_, note[0] if note else ""))
        return found

    @staticmethod
    def written(rows: Sequence[Instalment]) -> str:
        """What has not been paid, as it is written in the form."""
        return "\n".join(f"{r.due_on.isoformat()} {r.left} {r.note}".rstrip() for r in rows if r.left > 0)


class Payment(forms.Form):
    amount = forms.DecimalField(label=_("Amount"), max_digits=15, decimal_places=2, required=False, help_text=_("Empty: all that is left"))
    paid_on = Day(_("Paid on"))


class Reason(forms.Form):
    reason = _text(_("Reason"), 200, required=True)


class Renewal(forms.Form):
    begins_on = forms.DateField(label=_("Begins on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(label=_("Ends on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    amount = forms.DecimalField(label=_("Amount"), max_digits=15, decimal_places=2, min_value=0, required=False)


class DealingForm(forms.Form):
    kind = forms.ChoiceField(label=pgettext_lazy("of an identifier", "Kind"), choices=Dealing.Kind.choices, initial=Dealing.Kind.CALLED)
    at = forms.DateTimeField(label=pgettext_lazy("dealing", "When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))
    contact = Names(label=_("Contact"), queryset=Contact.objects.none(), required=False)
    place = _text(pgettext_lazy("dealing", "Place"), 120)
    text = forms.CharField(label=pgettext_lazy("dealing", "Content"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 4}))
    next_step = _text(_("Next step"), 200, help_text=_("Becomes a task"))
    next_owner = Names(label=_("Who does it"), queryset=None, required=False)
    next_due = forms.DateTimeField(label=_("By when"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))

    def __init__(self, *args: Any, of: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = of.contacts.filter(active=True)
        self.fields["next_owner"].queryset = people.colleagues()

    def clean_at(self) -> Any:
        """A minute that is not over yet is now."""
        return min(self.cleaned_data["at"], clock.now()) if (self.cleaned_data["at"] - clock.now()).total_seconds() < 60 else self.cleaned_data["at"]


# ── the declaration of fields ──

TYPES = [(t, label) for t, label in (
    ("text", pgettext_lazy("field type", "Text")), ("long_text", pgettext_lazy("field type", "Long text")), ("number", pgettext_lazy("field type", "Number")),
    ("money", pgettext_lazy("field type", "Money")), ("percent", pgettext_lazy("field type", "Percentage")), ("date", pgettext_lazy("field type", "Date")),
    ("choice", pgettext_lazy("field type", "One of several")), ("choices", pgettext_lazy("field type", "Several of several")),
    ("yes_no", pgettext_lazy("field type", "Yes or no")), ("phone", pgettext_lazy("field type", "Telephone")),
)]  # fmt: skip


class SectionForm(forms.Form):
    name = _text(_("Name"), 40, required=True)
    hint = _text(_("Hint"), 200)
    type = forms.ChoiceField(label=_("For which customers"), choices=[("", pgettext_lazy("customers of every type", "Everybody")), *Customer.Type.choices], required=False)
    secrecy = forms.TypedChoiceField(label=_("Secret at least"), coerce=int, choices=Secrecy.choices, initial=0, help_text=_("Who is not cleared for it does not see that it exists."))
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)


class NewSection(SectionForm):
    code = _text(_("Code"), 40, required=True, help_text=_("Small English letters, digits and _; it never changes."))
    field_order = ["name", "code", "hint", "type", "secrecy"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["active"]


class FieldForm(forms.Form):
    """One field of a section. Whether it is sensitive is decided once, when it is added."""

    label = _text(_("Label"), 40, required=True)
    type = forms.ChoiceField(label=pgettext_lazy("field", "Type"), choices=TYPES)
    options = forms.CharField(label=_("Options"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("One a line; for “one of several” and “several of several”."))
    unit = _text(_("Unit after the value"), 20)
    hint = _text(_("Hint under the field"), 120)
    sensitive = forms.BooleanField(label=_("Sensitive: kept sealed, covered on screen, uncovering is logged"), required=False)

    def __init__(self, *args: Any, own: Field | None = None, **kwargs: Any) -> None:
        if own is not None:
            kwargs["initial"] = {"label": own.label, "type": own.type, "options": "\n".join(own.options), "unit": own.unit, "hint": own.hint, "sensitive": own.sensitive}
        super().__init__(*args, **kwargs)
        if own is not None:
            del self.fields["sensitive"]

    def field(self) -> dict[str, Any]:
        """What the verbs take. Call it after is_valid()."""
        given = dict(self.cleaned_data)
        given["options"] = [line.strip() for line in given["options"].splitlines() if line.strip()]
        return given


class Terms(forms.Form):
    paper_days = forms.IntegerField(label=_("Days before a paper runs out"), min_value=0, max_value=365)
    contract_days = forms.IntegerField(label=_("Days before a contract ends"), min_value=0, max_value=365)
    instalment_days = forms.IntegerField(label=_("Days before an instalment is due"), min_value=0, max_value=365)


__all__ = [
    "ContractForm", "DealingForm", "FieldForm", "NewSection", "PaperForm", "Payment", "Plan", "Reason", "Renewal", "SectionForm", "Terms",
]  # fmt: skip
