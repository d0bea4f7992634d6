"""Triage: category, kind, whose; answered at once; watched."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import clock
from yingxu.people.fields import DepartmentField, Person, said
from yingxu.routing import queries as routing
from yingxu.templates import queries as record_templates

from .. import rules
from ..categories import label as category_label
from ..states import Category as Categories
from .ask import Text, VerbForm

GRADES = [("", "—"), *((n, str(n)) for n in range(1, 6))]
WATCHED_DAYS = 14


def categories() -> list[tuple[str, Any, str]]:
    """(code, label, definition), in the company's own words where a pack has them."""
    known = [(c.category, category_label(c.category, c.label), c.definition) for c in record_templates.categories()]
    return known or [(c.value, c.label, "") for c in Categories]


def kinds(also: str = "") -> list[tuple[str, str]]:
    """The kinds a need can have; `also` an archived one it has already."""
    found = [(t.code, t.name) for t in record_templates.kinds()]
    return found if not also or also in dict(found) else [*found, (also, record_templates.kind_name(also))]


class Category(VerbForm):
    """Another category or kind, after the assessment."""

    template = "needs/verbs/category.html"
    wide = True
    category = forms.ChoiceField(label=gettext_lazy("Category"), widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=gettext_lazy("Business type"))
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=500)

    def prepare(self) -> None:
        self.fields["category"].choices = [(code, label) for code, label, _definition in categories()]
        self.fields["kind"].choices = kinds(self.need.kind)
        self.first(category=self.need.category, kind=self.need.kind)

    def extra(self) -> dict[str, Any]:
        return {"categories": categories()}


class Assess(Category):
    """The whole assessment in one form: what it is, how urgent, and who takes it. The system's proposal is shown with its reasons;
    it is filled in only when `take` says so."""

    template = "needs/verbs/triage.html"
    urgency = forms.TypedChoiceField(label=pgettext_lazy("field", "Urgency"), choices=GRADES, coerce=int, empty_value=None, required=False)
    importance = forms.TypedChoiceField(label=pgettext_lazy("field", "Importance"), choices=GRADES, coerce=int, empty_value=None, required=False)
    department = DepartmentField(required=False, empty=gettext_lazy("Assign later"))
    owner = Person(label=gettext_lazy("Person"), required=False)

    def prepare(self) -> None:
        super().prepare()
        self.first(urgency=self.need.urgency, importance=self.need.importance)
        if not rules.ASSIGN.allows(self.by, self.need):
            del self.fields["department"], self.fields["owner"]

    @cached_property
    def suggestion(self) -> routing.Suggestion:
        """What rules and history propose for this need."""
        need = self.need
        text = f"{need.matter.title}\n{need.body}"
        return routing.suggest(text, need.kind, need.category, need.channel, need.customer if need.customer_id else None, need.fields)

    def take(self) -> None:
        """Fill in what the system proposes, because the person asked for it."""
        found = self.suggestion
        given = {"category": found.category, "department": found.department, "owner": found.owner and said(found.owner)}
        self.initial.update({name: value for name, value in given.items() if value and name in self.fields})

    def extra(self) -> dict[str, Any]:
        found = self.suggestion
        named = {code: label for code, label, _definition in categories()}
        return super().extra() | {
            "suggestion": found, "suggested_category": named.get(found.category, ""), "anything": bool(found.department or found.category),
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        owner = data.get("owner")
        if owner and not data.get("department"):
            data["department"] = owner.department
        if owner and data.get("department") and owner.department_id != data["department"].pk:
            self.add_error("owner", _("%(name)s does not work there.") % {"name": owner.name})
        return data

    def values(self) -> dict[str, Any]:
        found = self.suggestion
        proposed = {"suggested": found.category, "confidence": found.category_percent} if found.category else {}
        return super().values() | proposed


class Assign(VerbForm):
    template = "needs/verbs/assign.html"
    department = DepartmentField()
    owner = Person(label=gettext_lazy("Person"), required=False)
    reason = forms.CharField(label=gettext_lazy("A word to them"), required=False, max_length=500)

    @cached_property
    def suggestion(self) -> routing.Suggestion:
        need = self.need
        text = f"{need.matter.title}\n{need.body}"
        return routing.suggest(text, need.kind, need.category, need.channel, need.customer if need.customer_id else None, need.fields)

    def take(self) -> None:
        found = self.suggestion
        self.initial.update({"department": found.department, "owner": found.owner and said(found.owner)})

    def extra(self) -> dict[str, Any]:
        return {"suggestion": self.suggestion, "suggested_category": "", "anything": bool(self.suggestion.department)}


class Answer(VerbForm):
    quick = ("answer", "reply")
    answer = Text(label=gettext_lazy("Your answer to the customer"), rows=5)
    visit = forms.BooleanField(label=gettext_lazy("Schedule a follow-up visit"), required=False)


class Watch(VerbForm):
    widths = {"review_on": "w6", "reviewer": "w6"}
    template = "needs/verbs/watch.html"
    review_on = forms.DateField(label=gettext_lazy("Look at it again on"))
    reviewer = Person(label=gettext_lazy("Who looks"), required=False)
    signals = Text(label=gettext_lazy("Signals to watch for"), required=False, longest=2_000)

    def prepare(self) -> None:
        self.first(review_on=clock.today() + timedelta(days=WATCHED_DAYS))


class Promote(VerbForm):
    reason = forms.CharField(label=gettext_lazy("Why now"), required=False, max_length=500)


