"""Rows of time nodes in a form: what, by when, which department, who. Plans, meetings and emergencies ask with them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.people import queries as people
from yingxu.people.fields import Person, said

from .actions import Node
from .models import Task

ROWS = 5  # empty rows, and how many more a press adds
MOST = 40


@dataclass
class Row:
    """One row as it was typed, and what is wrong with it."""

    title: str = ""
    due: str = ""
    department: str = ""
    owner: str = ""
    error: str = ""


class Nodes:
    """For a form: plain lists node_title, node_due, node_department, node_owner. `nodes()` answers what is complete."""

    def __init__(self, data: Any = None, known: list[Task] | None = None, *, rows: int = ROWS) -> None:
        self.departments = list(people.departments())
        known = known or []
        self.rows = self._typed(data) if data is not None else [_row(task) for task in known] + [Row() for _i in range(max(1, rows - len(known)))]

    def _typed(self, data: Any) -> list[Row]:
        lists = [data.getlist(name)[:MOST] for name in ("node_title", "node_due", "node_department", "node_owner")]
        longest = max((len(part) for part in lists), default=0)
        return [Row(*(part[i].strip() if i < len(part) else "" for part in lists)) for i in range(longest)]

    def more(self) -> None:
        """A few more empty rows."""
        self.rows += [Row() for _i in range(ROWS)]

    def nodes(self) -> list[Node]:
        """Raises nothing: a row that is not complete carries its error; ask `wrong`."""
        return [node for row in self.rows if (row.title or row.due) and (node := self._node(row))]

    @property
    def wrong(self) -> bool:
        return any(row.error for row in self.rows)

    def _node(self, row: Row) -> Node | None:
        try:
            if not row.title:
                raise ValidationError(_("What is to be done?"))
            return Node(
                title=row.title[:200], due_at=moment(row.due), owner=Person(required=False).clean(row.owner),
                department=next((d for d in self.departments if str(d.pk) == row.department), None),
            )  # fmt: skip
        except ValidationError as error:
            row.error = " ".join(error.messages)
            return None


def _row(task: Task) -> Row:
    due = timezone.localtime(task.due_at).strftime("%Y-%m-%dT%H:%M") if task.due_at else ""
    return Row(task.title, due, str(task.department_id or ""), said(task.owner) if task.owner else "")


def moment(text: str) -> datetime:
    """A day and time as a browser sends them; a day alone means the end of its working time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValidationError(_("By when?")) from None
    if len(text) == len("2026-03-18"):
        found += timedelta(hours=18)
    return found if timezone.is_aware(found) else found.replace(tzinfo=clock.zone())
