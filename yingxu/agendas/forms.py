"""Shape of input about meetings of management."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yingxu.matters.models import Matter
from yingxu.matters.queries import visible_matters
from yingxu.people.fields import People, Person
from yingxu.people.models import Department

from .models import Item

LASTS = [(30, _("half an hour")), (60, _("an hour")), (90, _("an hour and a half")), (120, _("two hours")), (180, _("three hours"))]


class Text(forms.CharField):
    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(max_length=20_000, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class Moment(forms.DateTimeField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"), **kwargs)


class Prepare(forms.Form):
    """When, where, who; the agenda is made from the data."""

    title = forms.CharField(label=_("Subject"), max_length=200)
    starts_at = Moment(label=_("Begins"))
    minutes = forms.TypedChoiceField(label=_("Lasts"), choices=LASTS, coerce=int, initial=60)
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    link = forms.URLField(label=_("Link"), max_length=500, required=False, assume_scheme="https", help_text=_("Of the video conference"))
    attendees = People(label=_("Who is invited"), required=False, help_text=_("Names, separated by commas"))
    departments = forms.ModelMultipleChoiceField(
        label=_("Departments"), queryset=Department.objects.filter(active=True), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Their heads are invited"),
    )  # fmt: skip
    chair = Person(label=_("Chair"), required=False, help_text=_("Empty: you"))
    field_order = ["title", "starts_at", "minutes", "place", "link", "departments", "attendees", "chair"]
    widths = {"starts_at": "w6", "minutes": "w6", "place": "w6", "link": "w6", "attendees": "w6", "chair": "w6"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        minutes, starts = data.pop("minutes", None), data.get("starts_at")
        return {**data, "ends_at": starts + timedelta(minutes=minutes)} if starts and minutes else data


class AddItem(forms.Form):
    title = forms.CharField(label=_("What to talk about"), max_length=200)
    number = forms.CharField(label=_("About which need"), max_length=24, required=False)
    note = forms.CharField(label=_("Why"), max_length=500, required=False)
    widths = {"number": "w6", "note": "w6"}

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        number, data["matter"] = data.pop("number", "").strip().split(" ")[0], None
        if number:
            data["matter"] = self._matter(number)
        return data

    def _matter(self, number: str) -> Matter | None:
        found = visible_matters(self.by).filter(number=number).first()
        if found is None:
            self.add_error("number", _("There is nothing with this number that you can see."))
        return found


class Decide(forms.Form):
    """What, who, until when."""

    title = forms.CharField(label=_("What is decided"), max_length=200)
    owner = Person(label=_("Who does it"), required=False)
    department = forms.ModelChoiceField(label=_("Or which department"), queryset=Department.objects.filter(active=True), required=False)
    due_at = Moment(label=_("Until"))
    details = Text(label=_("In full"), rows=2, required=False)
    widths = {"owner": "w4", "department": "w4", "due_at": "w4"}


class Minutes(forms.Form):
    """Minutes item by item: a field for each, and who was there."""

    attended = forms.MultipleChoiceField(label=_("Who was there"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, items: Iterable[Item], people: Iterable[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = list(items)
        for item in self.items:
            self.fields[f"said_{item.pk}"] = Text(label=item.title, rows=2, required=False, initial=item.minutes)
        self.fields["attended"].choices = [(str(pk), name) for pk, name in people]  # type: ignore[attr-defined]

    def of(self, item: Item) -> Any:
        """The field of an item."""
        return self[f"said_{item.pk}"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        said = {item.pk: data.get(f"said_{item.pk}", "") for item in self.items}
        return {"minutes": said, "attended": [int(pk) for pk in data.get("attended", [])]}
