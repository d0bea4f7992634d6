"""One row, one need: as an intake, and what became of it, walked through the verbs at its own times."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.base.tables import as_text
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
from yingxu.needs.states import Category, Channel
from yingxu.people.models import Department
from yingxu.templates import queries as record_templates

from .columns import FIELD, moment
from .models import ImportRun


@dataclass(frozen=True)
class Row:
    """What a row says: the need, the key it is known by, and what happened to it."""

    intake: needs.Intake
    once: needs.Once
    answer: str = ""
    answered_at: datetime | None = None
    department: Department | None = None
    rating: int | None = None


class Reader:
    """Reads rows of one run; labels of kinds, categories, channels and departments are looked up once."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.columns = {target: column for column, target in run.mapping.items() if target}
        self.kinds = {t.name: t.code for t in record_templates.all_kinds()} | {
            t.code: t.code for t in record_templates.all_kinds()
        }
        self.categories = {c.label: c.category for c in record_templates.categories()} | {c: c for c in Category.values}
        self.channels = {str(c.label): c.value for c in Channel} | {c.value: c.value for c in Channel}
        self.departments = {d.name: d for d in Department.objects.filter(active=True)}

    def read(self, line: int, cells: Mapping[str, Any]) -> Row:
        """Raises Invalid with a sentence naming the column."""
        options = self.run.options
        body = self.text(cells, "body")
        title = self.text(cells, "title")[:200]
        raised = self.moment(cells, "raised_at")
        answered = self.moment(cells, "answered_at")
        answer = self.text(cells, "answer")
        if answered and raised and answered < raised:
            raise self.wrong("answered_at", _("The answer is older than the need."))
        fields = {
            target.removeprefix(FIELD): self.text(cells, target) for target in self.columns if target.startswith(FIELD)
        }
        intake = needs.Intake(
            kind=self.known(cells, "kind", self.kinds, options.get("kind", "")),
            body=tidy(body) or title,
            title=title,
            channel=self.known(cells, "channel", self.channels, options.get("channel", "import")),
            category=self.known(cells, "category", self.categories, options.get("category", "")),
            customer_name=self.text(cells, "customer_name")[:120],
            contact_name=self.text(cells, "contact_name")[:60],
            phone=self.text(cells, "phone"), email=self.text(cells, "email"),
            fields={k: v for k, v in fields.items() if v},
            tags=[t for t in re.split(r"[,，、;；|\s]+", self.text(cells, "tags")) if t][:20],
            raised_at=raised, registered_at=raised, backfill=True,
        )  # fmt: skip
        rating = self.text(cells, "rating")
        if rating and rating not in "12345":
            raise self.wrong("rating", _("A rating is 1 to 5."))
        return Row(
            intake, self.once(line, cells), answer, answered,
            self.known(cells, "department", self.departments, None), int(rating) if rating else None,
        )  # fmt: skip

    def once(self, line: int, cells: Mapping[str, Any]) -> needs.Once:
        """The row's key: its number in the old list when that is mapped, else the file and the line."""
        content = {name: str(value) for name, value in cells.items()}
        key = self.text(cells, "key")
        if key:
            return needs.Once.of("import:" + self.run.options.get("list", ""), key, content)
        return needs.Once.of("import-file", f"{self.run.sha256}:{line}", content)

    def text(self, cells: Mapping[str, Any], target: str) -> str:
        try:
            return as_text(cells.get(self.columns.get(target, "")))
        except ValueError as error:
            raise self.wrong(target, str(error)) from None

    def moment(self, cells: Mapping[str, Any], target: str) -> datetime | None:
        try:
            return moment(cells.get(self.columns.get(target, "")))
        except ValueError as error:
            raise self.wrong(target, str(error)) from None

    def known(self, cells: Mapping[str, Any], target: str, known: Mapping[str, Any], default: Any) -> Any:
        value = self.text(cells, target)
        if not value:
            return default
        mapped = self.run.options.get("values", {}).get(target, {}).get(value, value)
        if mapped in known:
            return known[mapped]
        raise self.wrong(target, _("“%(value)s” is not known here.") % {"value": value[:40]})

    def wrong(self, target: str, message: str) -> Invalid:
        column = self.columns.get(target, target)
        return Invalid(_("%(column)s: %(message)s") % {"column": column, "message": message})


def tidy(text: str) -> str:
    """Without the tabs and blank lines that web pages leave around a text."""
    lines = [line.strip(" \t\u3000") for line in text.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def follow(row: Row, need: Need, by: Actor) -> None:
    """What happened after registering, at its own time: answered and closed, or given to a department."""
    at = row.answered_at or need.matter.opened_at
    with clock.at(at):
        if row.answer:
            needs.answer_now(need, by=by, answer=tidy(row.answer))
        elif row.department:
            category = row.intake.category or Category.GENERAL
            need = needs.triage(need, by=by, category=category)
            needs.assign(need, by=by, department=row.department)
