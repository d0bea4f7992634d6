"""Shape of input about guarding archives."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Actor
from yingxu.people.fields import People
from yingxu.people.models import Department
from yingxu.ui import levels

from .models import Then

DAY = forms.DateInput(attrs={"type": "date"})
OURS = _("The company's own business grades. State secrets must not be stored here.")


class Why(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)


class Level(forms.Form):
    level = forms.TypedChoiceField(label=_("Secrecy level"), coerce=int, choices=[], help_text=OURS)
    ends_on = forms.DateField(label=_("Until"), required=False, widget=DAY, help_text=_("Empty: without an end"))
    then = forms.ChoiceField(label=_("When that day is over"), choices=Then.choices, initial=Then.ASK)
    why = Why()
    widths = {"level": "w4", "ends_on": "w4", "then": "w4"}

    def __init__(self, *args: Any, by: Actor, above: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = [(n, text) for n, text in levels.choices(by.clearance) if n > above]


class Lower(forms.Form):
    level = forms.TypedChoiceField(label=_("Secrecy level"), coerce=int, choices=[], help_text=_("What hangs from the file keeps its own level."))
    open_up = forms.BooleanField(label=_("End the circle of persons"), required=False)
    why = Why()

    def __init__(self, *args: Any, now: int, closed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = levels.choices(now)
        if not closed:
            del self.fields["open_up"]


class PartLevel(forms.Form):
    level = forms.TypedChoiceField(label=_("Secrecy level"), coerce=int, choices=[], help_text=OURS)
    why = Why()

    def __init__(self, *args: Any, open_to: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = [(n, levels.name(n)) for n in open_to]


class Term(forms.Form):
    ends_on = forms.DateField(label=_("Until"), required=False, widget=DAY, help_text=_("Empty: without an end"))
    why = Why()


class Circle(forms.Form):
    persons = People(label=_("Who may know of it"), required=False, help_text=_("Names, separated by commas"))
    departments = forms.ModelMultipleChoiceField(
        label=_("Heads of departments"), queryset=Department.objects.filter(active=True, head__isnull=False), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("Whoever heads the department today"),
    )  # fmt: skip
    why = Why()


class Names(forms.Form):
    level1 = forms.CharField(label=_("Lowest level"), max_length=12)
    level2 = forms.CharField(label=_("Middle level"), max_length=12)
    level3 = forms.CharField(label=_("Highest level"), max_length=12)
    widths = {"level1": "w4", "level2": "w4", "level3": "w4"}
