"""Shape of input about meetings."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.people.fields import People, Person
from yingxu.people.models import Department, User
from yingxu.tasks.fields import Nodes

from .models import Purpose

LONGS = [(30, _("half an hour")), (60, _("an hour")), (90, _("an hour and a half")), (120, _("two hours")), (180, _("three hours")), (480, _("a day"))]


class Moment(forms.DateTimeField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"), **kwargs)


class Text(forms.CharField):
    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(max_length=kwargs.pop("max_length", 20_000), widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class Timed(forms.Form):
    """When and where."""

    starts_at = Moment(label=_("Begins"))
    minutes = forms.TypedChoiceField(label=_("Lasts"), choices=LONGS, coerce=int, initial=60)
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    link = forms.URLField(label=_("Link"), max_length=500, required=False, assume_scheme="https", help_text=_("Of the video conference"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        minutes, starts = data.pop("minutes", None), data.get("starts_at")
        if starts and minutes:
            data["ends_at"] = starts + timedelta(minutes=minutes)
        return data


class Call(Timed):
    title = forms.CharField(label=_("Subject"), max_length=200)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices)
    suggested = forms.MultipleChoiceField(label=_("Those concerned"), required=False, widget=forms.CheckboxSelectMultiple)
    attendees = People(label=_("Others"), required=False, help_text=_("Names, separated by commas"))
    departments = forms.ModelMultipleChoiceField(
        label=_("Departments"), queryset=Department.objects.filter(active=True), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Their heads are invited"),
    )  # fmt: skip
    chair = Person(label=_("Chair"), required=False, help_text=_("Empty: you"))
    agenda = Text(label=_("Agenda"), required=False, help_text=_("One item a line"))
    field_order = ["title", "purpose", "starts_at", "minutes", "place", "link", "suggested", "departments", "attendees", "chair", "agenda"]
    widths = {"title": "w8", "purpose": "w4", "starts_at": "w6", "minutes": "w6", "place": "w6", "link": "w6", "attendees": "w6", "chair": "w6"}

    def __init__(self, *args: Any, people: Iterable[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.pk): user for user in people}
        if self.people:
            self.fields["suggested"].choices = [(pk, f"{u.name} · {u.department.name}" if u.department else u.name) for pk, u in self.people.items()]
        else:
            del self.fields["suggested"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [self.people[pk] for pk in data.pop("suggested", [])]
        data["attendees"] = list({user.pk: user for user in [*chosen, *data.get("attendees", [])]}.values())
        return data


class Reschedule(Timed):
    attendees = People(label=_("Who is invited"), required=False, help_text=_("Names, separated by commas; whoever is taken out gets a cancellation"))
    agenda = Text(label=_("Agenda"), required=False, help_text=_("One item a line"))
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False, help_text=_("Everybody invited reads it"))
    widths = {"starts_at": "w6", "minutes": "w6", "place": "w6", "link": "w6"}

    def __init__(self, *args: Any, ends_at: datetime | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = self.initial.get("starts_at")
        if first and ends_at:
            minutes = int((ends_at - first).total_seconds() // 60)
            if minutes not in dict(LONGS):
                self.fields["minutes"].choices = [(minutes, _("as before")), *LONGS]
            self.initial["minutes"] = minutes


class Cancel(forms.Form):
    reason = Text(label=_("Reason"), max_length=500)


class Answer(forms.Form):
    comes = forms.TypedChoiceField(
        label=_("Answer"), coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        choices=[("yes", pgettext_lazy("invitation", "I come")), ("no", pgettext_lazy("invitation", "I cannot come"))],
    )  # fmt: skip
    words = forms.CharField(label=_("A word to the chair"), max_length=500, required=False)


class Record(forms.Form):
    """The minutes, and who was there."""

    text = Text(label=_("Minutes"), rows=8)
    attended = forms.MultipleChoiceField(label=_("Who was there"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, people: Iterable[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["attended"].choices = [(str(pk), name) for pk, name in people]

    def clean_attended(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["attended"]]


class Decide(forms.Form):
    """The outcome, row by row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = Nodes(self.data if self.is_bound else None, rows=3)
        self.more = self.table.more

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["nodes"] = self.table.nodes()
        if self.table.wrong:
            self.add_error(None, _("Some rows are not complete; look at the marked ones."))
        return data
