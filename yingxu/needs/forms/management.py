"""Straight to management: the question, the answer, the decision, handing it on; and the inbox's filters."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import clock
from yingxu.people.fields import Person
from yingxu.people.models import Department

from ..models import Raise as Raised
from ..queries import management
from .ask import Text, VerbForm
from .lists import Bulk
from .triage import categories

LONGEST = 5_000


class Raise(VerbForm):
    """What is asked, why it cannot wait, what we would do; to whom is chosen only where several decide."""

    template = "needs/verbs/raise.html"
    wide = True
    question = Text(label=gettext_lazy("What has to be decided"), rows=3, longest=LONGEST)
    why = Text(label=gettext_lazy("Why it cannot wait"), rows=2, longest=LONGEST, required=False)
    recommendation = Text(label=gettext_lazy("What we recommend"), rows=2, longest=LONGEST, required=False)
    to = forms.ChoiceField(label=gettext_lazy("To whom"), required=False)
    waits = forms.BooleanField(
        label=gettext_lazy("The result waits for the answer"), required=False,
        help_text=gettext_lazy("The work goes on; only the result cannot be submitted before"),
    )  # fmt: skip

    def prepare(self) -> None:
        self.able = {str(user.pk): user for user in management.deciders(self.need) if user.pk != self.by.user_id}
        names = [(pk, user.name) for pk, user in self.able.items()]
        self.fields["to"].choices = [("", gettext_lazy("Whoever decides")), *names]  # type: ignore[attr-defined]
        if len(names) < 2:
            del self.fields["to"]

    def extra(self) -> dict[str, Any]:
        return {"able": list(self.able.values())}

    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        return {**given, "to": self.able.get(given.get("to") or "")}


class Settle(VerbForm):
    """The words that answer or decide; the question stands above them."""

    template = "needs/verbs/settle.html"
    wide = True
    text = Text(label=gettext_lazy("Your words"), rows=4, longest=LONGEST)

    def prepare(self) -> None:
        self.raised = management.open_raise(self.need)

    def extra(self) -> dict[str, Any]:
        return {"raised": self.raised}


class Delegate(Settle):
    """Who answers instead, and until when."""

    text = Text(label=gettext_lazy("A word to them"), rows=2, longest=LONGEST, required=False)
    to = Person(label=gettext_lazy("Who answers or decides"))
    due_on = forms.DateField(label=gettext_lazy("Until"))
    field_order = ("to", "due_on", "text")
    widths = {"to": "w6", "due_on": "w6"}

    def prepare(self) -> None:
        super().prepare()
        self.first(due_on=clock.today() + timedelta(days=1))


class BulkDelegate(Bulk):
    """Several questions to one person."""

    to = Person(label=gettext_lazy("Who answers or decides"))
    due_on = forms.DateField(label=gettext_lazy("Until"))
    text = forms.CharField(label=gettext_lazy("A word to them"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}))


class BulkAdvise(Bulk):
    """The same words to several."""

    text = forms.CharField(label=gettext_lazy("Your words"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}))


class RaiseNumber(forms.Form):
    """Which need, where one does not stand on it already."""

    number = forms.CharField(label=gettext_lazy("Which need"), max_length=80)


class RaiseFilter(forms.Form):
    """Every way to narrow the inbox down; its fields are the list's own query string."""

    q = forms.CharField(label=gettext_lazy("Words"), required=False, max_length=100)
    state = forms.MultipleChoiceField(label=pgettext_lazy("field", "State"), required=False, choices=Raised.State.choices)
    category = forms.MultipleChoiceField(label=gettext_lazy("Category"), required=False)
    department = forms.MultipleChoiceField(label=gettext_lazy("Department"), required=False)
    late = forms.ChoiceField(label=gettext_lazy("Late"), required=False, choices=[("", gettext_lazy("All")), ("1", gettext_lazy("Only those"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [*((code, label) for code, label, _d in categories()), ("none", gettext_lazy("Not assessed"))]  # type: ignore[attr-defined]
        self.fields["department"].choices = list(Department.objects.filter(active=True).values_list("id", "name"))  # type: ignore[attr-defined]


class RaisePeriod(forms.Form):
    """From which day to which a question was raised; "from" is no name Python lets a field have."""


RaisePeriod.base_fields["from"] = forms.DateField(label=gettext_lazy("Raised from"), required=False)
RaisePeriod.base_fields["to"] = forms.DateField(label=gettext_lazy("Raised until"), required=False)
