"""The shape of what the verbs are given. A form's fields are named like the verb's keywords."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.customers import queries as customers
from yingxu.customers.models import Customer
from yingxu.files.fields import Level as FileLevel
from yingxu.files.fields import Uploads
from yingxu.needs import queries as needs
from yingxu.needs.models import Need
from yingxu.people import queries as people
from yingxu.people.models import Department, User
from yingxu.ui import levels

from . import queries
from .actions.finish import Improvement
from .models import Emergency, Resource
from .states import Kind, Level, Line

ROWS = 4
MOST = 40


class Text(forms.CharField):
    def __init__(self, *, rows: int = 3, longest: int = 10_000, **kwargs: Any) -> None:
        super().__init__(max_length=longest, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


def said(user: User | None) -> str:
    """How a colleague is written in a field."""
    return f"{user.name} ({user.username})" if user else ""


def person(text: str) -> User:
    """The colleague a field names. Raises ValidationError."""
    name, _open, rest = text.partition("(")
    name, username = name.strip(), rest.rstrip(") ").strip()
    found = [u for u in people.colleagues(username or name) if (u.username == username if username else name in (u.name, u.username))]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValidationError(_("Several people are called “%(name)s”; choose one from the list."), params={"name": name})
    raise ValidationError(_("Nobody here is called “%(name)s”."), params={"name": text})


class Person(forms.CharField):
    """A colleague by name or sign-in name."""

    finder = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=130, **kwargs)

    def clean(self, value: Any) -> User | None:
        text = super().clean(value)
        return person(text) if text else None


class People(forms.CharField):
    """Several colleagues, with commas between them."""

    def clean(self, value: Any) -> list[User]:
        parts = super().clean(value).replace("，", "、").replace(",", "、").split("、")
        return [person(part.strip()) for part in parts if part.strip()]


def numbers(text: str, by: Actor) -> tuple[list[Need], list[Customer]]:
    """Needs and customers by their register numbers, between commas or spaces; only what the person may see exists."""
    touched: list[Need] = []
    others: list[Customer] = []
    for word in text.replace("，", " ").replace("、", " ").replace(",", " ").split()[:200]:
        try:
            if word.upper().startswith("KH-"):
                others.append(customers.one(word.upper(), by))
            else:
                touched.append(needs.find(word, by))
        except Gone:
            raise ValidationError(_("There is no need or customer %(number)s that you can open."), params={"number": word[:24]}) from None
    return touched, others


class Declare(forms.Form):
    """An emergency begins."""

    title = forms.CharField(label=gettext_lazy("What is it, in a few words"), max_length=120)
    happened = Text(label=gettext_lazy("What happened"), rows=4, help_text=gettext_lazy("What, where, since when, what is in danger"))
    level = forms.TypedChoiceField(label=pgettext_lazy("emergency", "Level"), choices=Level.choices, coerce=int, initial=Level.SECOND)
    lead = Person(label=gettext_lazy("Who leads"), required=False, help_text=gettext_lazy("Empty: the head of the response group"))
    numbers = forms.CharField(
        label=gettext_lazy("Needs and customers affected"), required=False, max_length=4_000,
        help_text=gettext_lazy("Register numbers, with commas or spaces between them; more can be added later"),
    )
    secrecy = forms.TypedChoiceField(label=gettext_lazy("Secrecy"), choices=[], coerce=int, initial=0)
    drill = forms.BooleanField(label=gettext_lazy("This is a drill: marked everywhere, no customer is told"), required=False)

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["secrecy"].choices = levels.choices(by.clearance)  # type: ignore[attr-defined]

    def clean_numbers(self) -> tuple[list[Need], list[Customer]]:
        return numbers(self.cleaned_data["numbers"], self.by)

    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        touched, others = given.pop("numbers")
        return given | {"needs": touched, "customers": others}


class VerbForm(forms.Form):
    """The input of one verb on an emergency."""

    template = "emergencies/verbs/plain.html"
    wide = False

    def __init__(self, *args: Any, emergency: Emergency, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.emergency, self.by = emergency, by
        self.prepare()

    def prepare(self) -> None:
        """Set choices and what is filled in at first."""

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class Bare(VerbForm):
    """Nothing to fill in, only to confirm."""


class Reason(VerbForm):
    reason = Text(label=gettext_lazy("Reason"), longest=500)


class Tell(VerbForm):
    """One message to everybody affected."""

    template = "emergencies/verbs/tell.html"
    text = Text(label=gettext_lazy("What the customers are told"), rows=5, longest=1_000)

    def prepare(self) -> None:
        self.found = queries.board(self.emergency, self.by, most=1)
        self.last = self.found.tellings[-1] if self.found.tellings else None


class Solve(VerbForm):
    solution = Text(label=gettext_lazy("How it was solved"), rows=4)


class HandOver(VerbForm):
    to = Person(label=gettext_lazy("Who leads from now on"))
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=500)


class Plan(VerbForm):
    measures = Text(label=gettext_lazy("Measures"), rows=7)

    def prepare(self) -> None:
        last = self.emergency.plans.first()
        self.initial.setdefault("measures", last.measures if last else "")


class Join(VerbForm):
    numbers = Text(label=gettext_lazy("Needs and customers affected"), rows=2, longest=4_000, help_text=gettext_lazy("Register numbers, with commas or spaces between them"))

    def clean_numbers(self) -> tuple[list[Need], list[Customer]]:
        return numbers(self.cleaned_data["numbers"], self.by)

    def values(self) -> dict[str, Any]:
        touched, others = self.cleaned_data["numbers"]
        return {"needs": touched, "customers": others}


class Leave(VerbForm):
    affected = forms.IntegerField(widget=forms.HiddenInput)
    reason = Text(label=gettext_lazy("Why they are not affected"), longest=200)


class CallIn(VerbForm):
    people = People(label=gettext_lazy("Whom to call"), max_length=500, help_text=gettext_lazy("Names or sign-in names, with commas between them; who has not answered is called again"))

    def prepare(self) -> None:
        waiting = [c.user for c in self.emergency.calls.filter(acknowledged_at=None).select_related("user")]
        self.initial.setdefault("people", "、".join(said(u) for u in waiting))

class Standing(VerbForm):
    standing = forms.CharField(label=gettext_lazy("How things stand, in one line"), max_length=120, required=False)

    def prepare(self) -> None:
        self.initial.setdefault("standing", self.emergency.standing)


class Cadence(VerbForm):
    minutes = forms.IntegerField(label=gettext_lazy("Minutes between two messages"), min_value=1, max_value=1_440)

    def prepare(self) -> None:
        self.initial.setdefault("minutes", self.emergency.cadence_minutes)


class Enclose(VerbForm):
    text = Text(label=gettext_lazy("What happened, who, what next"), rows=3, longest=2_000)
    uploads = Uploads(label=gettext_lazy("Files"))
    level = FileLevel(help_text=gettext_lazy("Only who is cleared for it knows that these files are there."))

    def prepare(self) -> None:
        if not FileLevel.offered(self, "level", self.by, self.emergency.matter):
            del self.fields["level"]


class Correct(VerbForm):
    line = forms.IntegerField(widget=forms.HiddenInput)
    text = Text(label=gettext_lazy("The right words"), rows=3, longest=2_000)


class Review(VerbForm):
    """The after-action review with a list of improvements (rows improvement_title, improvement_owner, improvement_due)."""

    template = "emergencies/verbs/review.html"
    wide = True
    well = Text(label=gettext_lazy("What went well"), rows=3)
    badly = Text(label=gettext_lazy("What went badly"), rows=3)
    causes = Text(label=gettext_lazy("Causes"), rows=3)

    def prepare(self) -> None:
        lists = [self.data.getlist(f"improvement_{name}") if self.is_bound else [] for name in ("title", "owner", "due")]
        longest = max((len(part) for part in lists), default=0)
        typed = [{"title": _at(lists[0], i), "owner": _at(lists[1], i), "due": _at(lists[2], i), "error": ""} for i in range(min(longest, MOST))]
        self.rows = typed if self.is_bound else [{"title": "", "owner": "", "due": "", "error": ""} for _i in range(ROWS)]

    def more(self) -> None:
        self.rows += [{"title": "", "owner": "", "due": "", "error": ""} for _i in range(ROWS)]

    def clean(self) -> dict[str, Any]:
        self.improvements = [made for row in self.rows if (made := self._read(row))]
        if any(row["error"] for row in self.rows):
            self.add_error(None, _("Some improvements cannot be read; see below."))
        return self.cleaned_data

    def _read(self, row: dict[str, str]) -> Improvement | None:
        if not row["title"]:
            row["error"] = _("Say what is to be done.") if row["owner"] or row["due"] else ""
            return None
        try:
            owner = person(row["owner"]) if row["owner"] else None
        except ValidationError as error:
            row["error"] = " ".join(error.messages)
            return None
        due: date | None = None
        try:
            due = parse_date(row["due"]) if row["due"] else None
        except ValueError:
            row["error"] = _("This is not a day.")
        return Improvement(row["title"], owner, due)

    def values(self) -> dict[str, Any]:
        return self.cleaned_data | {"improvements": self.improvements}


def _at(values: list[str], i: int) -> str:
    return values[i].strip() if i < len(values) else ""


class Task(VerbForm):
    title = forms.CharField(label=gettext_lazy("What is to be done"), max_length=200)
    owner = Person(label=gettext_lazy("Who does it"), required=False)
    department = forms.ModelChoiceField(label=gettext_lazy("Or a department"), queryset=Department.objects.filter(active=True), required=False, empty_label="")
    due_at = forms.DateTimeField(label=gettext_lazy("By when"), required=False)

    def prepare(self) -> None:
        self.initial.setdefault("due_at", soon(30))


class Meeting(VerbForm):
    wide = True
    title = forms.CharField(label=pgettext_lazy("meeting", "Title"), max_length=200)
    starts_at = forms.DateTimeField(label=gettext_lazy("Begins"))
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=5, max_value=480, initial=30)
    place = forms.CharField(label=pgettext_lazy("meeting", "Place"), max_length=200, required=False)
    link = forms.URLField(label=gettext_lazy("Link"), max_length=300, required=False, assume_scheme="https")
    people = People(label=gettext_lazy("Who takes part"), max_length=1_000, required=False, help_text=gettext_lazy("Names or sign-in names, with commas between them"))

    def prepare(self) -> None:
        called = [c.user for c in self.emergency.calls.select_related("user")]
        first = {"title": _("Emergency meeting: %(title)s") % {"title": self.emergency.title}, "starts_at": soon(10), "people": "、".join(said(u) for u in called)}
        for name, value in first.items():
            self.initial.setdefault(name, value)


def soon(minutes: int) -> datetime:
    """So many minutes from now, to the next five."""
    at = clock.now() + timedelta(minutes=minutes)
    return at.replace(second=0, microsecond=0) + timedelta(minutes=-at.minute % 5)


class Write(forms.Form):
    """A line of the log."""

    text = forms.CharField(max_length=2_000)
    kind = forms.ChoiceField(choices=Line.choices, initial=Line.FACT)


class Choose(forms.ModelChoiceField):
    """One of the reserves of which something is left."""

    def label_from_instance(self, resource: Resource) -> str:
        return f"{resource.matter.title} · {_('%(left)s %(unit)s left') % {'left': queries.plain(resource.left), 'unit': resource.unit}}"


class Dispatch(VerbForm):
    template = "emergencies/verbs/dispatch.html"
    resource = Choose(label=gettext_lazy("Reserve"), queryset=Resource.objects.none(), empty_label="")
    quantity = forms.DecimalField(label=gettext_lazy("How much"), max_digits=14, decimal_places=2)
    carrier = forms.CharField(label=gettext_lazy("Who brings it"), max_length=60, required=False)
    arrives_at = forms.DateTimeField(label=gettext_lazy("Arrives at"), required=False)
    back_on = forms.DateField(label=gettext_lazy("Expected back on"), required=False)

    def prepare(self) -> None:
        self.able = queries.reserves_for(self.by)
        self.fields["resource"].queryset = Resource.objects.filter(pk__in=[r.pk for r in self.able]).select_related("matter")  # type: ignore[attr-defined]


# ── reserves ──


class TakeIn(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind of reserve"), choices=Kind.choices)
    name = forms.CharField(label=pgettext_lazy("reserve", "Name"), max_length=80)
    total = forms.DecimalField(label=gettext_lazy("How much there is"), max_digits=14, decimal_places=2, min_value=0)
    unit = forms.CharField(label=pgettext_lazy("reserve", "Unit"), max_length=12)
    place = forms.CharField(label=pgettext_lazy("reserve", "Place"), max_length=80, required=False)
    keeper = Person(label=gettext_lazy("Keeper"))
    expires_on = forms.DateField(label=gettext_lazy("Good until"), required=False)
    check_on = forms.DateField(label=gettext_lazy("To be looked over by"), required=False)
    notes = Text(label=pgettext_lazy("reserve", "Notes"), rows=2, longest=2_000, required=False)


class Amend(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label=pgettext_lazy("reserve", "Name"), max_length=80)
    place = forms.CharField(label=pgettext_lazy("reserve", "Place"), max_length=80, required=False)
    keeper = Person(label=gettext_lazy("Keeper"))
    expires_on = forms.DateField(label=gettext_lazy("Good until"), required=False)
    check_on = forms.DateField(label=gettext_lazy("To be looked over by"), required=False)
    notes = Text(label=pgettext_lazy("reserve", "Notes"), rows=2, longest=2_000, required=False)


class Adjust(forms.Form):
    total = forms.DecimalField(label=gettext_lazy("How much there is"), max_digits=14, decimal_places=2, min_value=0)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class LookOver(forms.Form):
    next_on = forms.DateField(label=gettext_lazy("To be looked over again by"), required=False)


class GiveBack(forms.Form):
    dispatch = forms.IntegerField(widget=forms.HiddenInput)
    returned = forms.DecimalField(label=gettext_lazy("Came back"), max_digits=14, decimal_places=2, min_value=0, required=False)
    used = forms.DecimalField(label=gettext_lazy("Used up"), max_digits=14, decimal_places=2, min_value=0, required=False)
    note = forms.CharField(label=gettext_lazy("A word"), max_length=200, required=False)

    def values(self) -> dict[str, Any]:
        return {k: v if v is not None else 0 for k, v in self.cleaned_data.items()}
