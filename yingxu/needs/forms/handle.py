"""Handling: accept, plan with its time nodes, progress, result, transfer."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.people.fields import DepartmentField, Person, said
from yingxu.tasks.fields import Nodes

from ..queries import plans
from .ask import Text, VerbForm


class Accept(VerbForm):
    owner = Person(label=gettext_lazy("Who handles it"), required=False, help_text=gettext_lazy("Empty: you, or who it was assigned to"))


class Plan(VerbForm):
    """Measures, owner and a list of time nodes. The rows are plain lists node_title, node_due, node_department, node_owner."""

    template = "needs/verbs/plan.html"
    wide = True
    quick = ("measures", "plan")
    measures = Text(label=gettext_lazy("Measures"), rows=4)
    owner = Person(label=gettext_lazy("Answers for it"), required=False)

    def prepare(self) -> None:
        present = next((p for p in plans(self.need) if p.round == self.need.round), None)
        owner = present.owner if present else self.need.matter.owner
        self.first(measures=present.measures if present else "", owner=said(owner) if owner else "")
        known = [n for n in present.nodes.all() if n.open] if present else []
        self.table = Nodes(self.data if self.is_bound else None, known)
        self.more = self.table.more

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["nodes"] = self.table.nodes()
        if self.table.wrong:
            self.add_error(None, _("Some time nodes are not complete; look at the marked rows."))
        return data


class Progress(VerbForm):
    quick = ("text", "progress")
    text = Text(label=gettext_lazy("What was done"), rows=4)
    to_customer = forms.BooleanField(label=gettext_lazy("Tell the customer too"), required=False)


class Submit(VerbForm):
    template = "needs/verbs/submit.html"
    wide = True
    quick = ("answer", "result")
    done = Text(label=gettext_lazy("What was done and what came of it"), rows=4)
    answer = Text(label=gettext_lazy("Words for the customer"), rows=4, help_text=gettext_lazy("Customer service reviews them and sends them"))

    def prepare(self) -> None:
        sent_back = self.need.results.filter(round=self.need.round, review="sent_back").order_by("-id").first()
        if sent_back:
            self.first(done=sent_back.done, answer=sent_back.answer)
        self.sent_back = sent_back

    def extra(self) -> dict[str, Any]:
        return {"sent_back": self.sent_back}


class Transfer(VerbForm):
    template = "needs/verbs/assign.html"
    department = DepartmentField(required=False, empty=gettext_lazy("The same department"))
    owner = Person(label=gettext_lazy("Person"), required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=500,
                             help_text=gettext_lazy("Needed for another department, which has to accept it anew"))  # fmt: skip

    def extra(self) -> dict[str, Any]:
        return {"suggestion": None, "anything": False, "suggested_category": ""}
