"""Handling: accept, plan with its time nodes, progress, result, transfer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock
from yingxu.people import queries as people
from yingxu.people.fields import DepartmentField, Person, said

from ..actions.handle import Node
from ..queries import plans
from .ask import Text, VerbForm

ROWS = 5  # empty rows for time nodes, and how many more a press adds
MOST = 40


class Accept(VerbForm):
    owner = Person(label=gettext_lazy("Who handles it"), required=False, help_text=gettext_lazy("Empty: you, or who it was assigned to"))


@dataclass
class NodeRow:
    """One row for a time node as it was typed, and what is wrong with it."""

    title: str = ""
    due: str = ""
    department: str = ""
    owner: str = ""
    error: str = ""


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
        self.rows = self._typed() if self.is_bound else self._known(present)
        self.departments = list(people.departments())

    def _known(self, present: Any) -> list[NodeRow]:
        left = [n for n in present.nodes.all() if n.done_at is None] if present else []
        return [
            NodeRow(n.title, timezone.localtime(n.due_at).strftime("%Y-%m-%dT%H:%M"), str(n.department_id or ""), said(n.owner) if n.owner else "")
            for n in left
        ] + [NodeRow() for _i in range(max(1, ROWS - len(left)))]

    def _typed(self) -> list[NodeRow]:
        names = ("node_title", "node_due", "node_department", "node_owner")
        lists = [self.data.getlist(name)[:MOST] for name in names]
        longest = max((len(part) for part in lists), default=0)
        return [NodeRow(*(part[i].strip() if i < len(part) else "" for part in lists)) for i in range(longest)]

    def more(self) -> None:
        """A few more empty rows."""
        self.rows += [NodeRow() for _i in range(ROWS)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["nodes"] = [node for row in self.rows if (row.title or row.due) and (node := self._node(row))]
        if any(row.error for row in self.rows):
            self.add_error(None, _("Some time nodes are not complete; look at the marked rows."))
        return data

    def _node(self, row: NodeRow) -> Node | None:
        try:
            if not row.title:
                raise ValidationError(_("What is to be done?"))
            return Node(
                title=row.title[:200], due_at=_moment(row.due), owner=Person(required=False).clean(row.owner),
                department=next((d for d in self.departments if str(d.pk) == row.department), None),
            )  # fmt: skip
        except ValidationError as error:
            row.error = " ".join(error.messages)
            return None


def _moment(text: str) -> datetime:
    """A day and time as a browser sends them; a day alone means the end of its working time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValidationError(_("By when?")) from None
    if len(text) == len("2026-03-18"):
        found += timedelta(hours=18)
    return found if timezone.is_aware(found) else found.replace(tzinfo=clock.zone())


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
