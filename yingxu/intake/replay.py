"""An event log, many rows a need: each need's rows are walked through the verbs in order, at their own times.

What a log's states mean is mapped to five words: new, working, waiting, resolved, closed. A rise of the log's counter of
reassignments is one transfer (also of what was already resolved), a rise of its counter of reopenings one new round; without counters a change of department or a
return from resolved says the same. `counts` reads both back from our own journal.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.needs import actions as needs
from yingxu.needs.events import NeedAssigned, NeedRejected, NeedTransferred
from yingxu.needs.models import Need
from yingxu.needs.states import Category, Channel, State
from yingxu.people import actions as people
from yingxu.people.models import Department

from .backfill import Reader
from .columns import guess_meaning

NOWHERE = ("", "?", "-", "none", "null")


class Replay:
    """One need's rows, oldest first."""

    def __init__(self, reader: Reader, by: Actor, history: Actor) -> None:
        self.reader, self.by, self.history = reader, by, history
        self.meanings: Mapping[str, str] = reader.run.options.get("states", {})

    def run(self, case: str, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> needs.Registered:
        """Register and walk. The whole case is one receipt, so the same log twice makes no doubles."""
        first = rows[0][1]
        self.department = self._department(first)
        self.reassigned, self.reopened = self._count(first, "reassigned"), self._count(first, "reopened")
        at = self._at(first)
        intake = needs.Intake(
            kind=self.reader.run.options["kind"], body=self.reader.text(first, "title") or case, title=self.reader.text(first, "title")[:200] or case,
            channel=self._channel(first), customer_name=self._named(first), tags=[], raised_at=min(self.reader.moment(first, "raised_at") or at, at),
            registered_at=at, backfill=True,
        )  # fmt: skip
        once = needs.Once.of(
            "import-log:" + self.reader.run.options.get("list", ""), case, [dict(cells) for _line, cells in rows]
        )
        done = needs.register(intake, by=self.by, once=once)
        if done.repeated:
            return done
        self.need = Need.objects.get(pk=done.id)
        with clock.at(at):
            self._triage(first)
        for _line, cells in rows:
            with clock.at(self._at(cells)):
                self._step(cells)
        return done

    def _step(self, cells: Mapping[str, Any]) -> None:
        meaning = self.meanings.get(self.reader.text(cells, "state")) or guess_meaning(self.reader.text(cells, "state"))
        reopened = self._count(cells, "reopened")
        while self.reopened < reopened:
            self._resolve()
            self._again()
            self.reopened += 1
        if (
            "reopened" not in self.reader.columns
            and self.need.state == State.CONFIRMATION
            and meaning in ("new", "working")
        ):
            self._again()
        self._move_to(cells)
        if meaning == "waiting":
            self._work()
            if not self.need.held_at:
                self.need = needs.hold(self.need, by=self.by, reason=self.reader.text(cells, "state"))
        elif meaning == "working":
            self._work()
        elif meaning == "resolved":
            self._resolve()
        elif meaning == "closed":
            self._resolve()
            if self.need.state == State.CONFIRMATION:
                self.need = needs.confirm(self.need, by=self.by, channel=Channel.IMPORT, visit=False)

    def _triage(self, cells: Mapping[str, Any]) -> None:
        category = self.reader.known(
            cells, "category", self.reader.categories, self.reader.run.options.get("category") or Category.GENERAL
        )
        self.need = needs.triage(self.need, by=self.by, category=category)
        self.need = needs.assign(self.need, by=self.by, department=self.department)

    def _move_to(self, cells: Mapping[str, Any]) -> None:
        target, count = self._department(cells), self._count(cells, "reassigned")
        if "reassigned" in self.reader.columns:
            rises = count - self.reassigned
            self.reassigned = count
        else:
            rises = int(target.pk != self.department.pk)
        if rises <= 0 or self.need.state not in (State.ACCEPTANCE, State.HANDLING, State.CONFIRMATION):
            return
        for _n in range(rises):
            if self.need.state == State.CONFIRMATION:
                self.need = needs.pass_on(self.need, by=self.by, department=target, reason=_("as in the log"))
                continue
            if target.pk == self.need.matter.department_id or self.need.state == State.ACCEPTANCE:
                self.need = needs.assign(self._waiting(), by=self.by, department=target, reason=_("as in the log"))
            else:
                self.need = needs.transfer(self.need, by=self.by, department=target, reason=_("as in the log"))
        self.department = target

    def _waiting(self) -> Need:
        """A transfer within the same department is recorded as one more assignment."""
        if self.need.state == State.HANDLING:
            self.need = needs.return_to_triage(self.need, by=self.by, reason=_("as in the log"))
            self.need = needs.triage(self.need, by=self.by, category=self.need.category)
        return self.need

    def _work(self) -> None:
        if self.need.held_at:
            self.need = needs.resume(self.need, by=self.by)
        if self.need.state == State.ACCEPTANCE:
            self.need = needs.accept(self.need, by=self.by)

    def _resolve(self) -> None:
        """To "waiting for the customer". Plan and result are stated as history; the importer reviews what history handed in."""
        if self.need.state not in (State.ACCEPTANCE, State.HANDLING):
            return
        self._work()
        said = _("As recorded in the log.")
        if not self.need.plans.filter(round=self.need.round).exists():
            self.need = needs.plan(self.need, by=self.history, measures=said)
        self.need = needs.submit(self.need, by=self.history, done=said, answer=said)
        self.need = needs.review(self.need, by=self.by)
        self.need = needs.feed_back(self.need, by=self.by, channel=Channel.IMPORT)

    def _again(self) -> None:
        self.need = needs.reject(self.need, by=self.by, reason=_("Reopened in the log."), channel=Channel.IMPORT)
        self.need = needs.triage(self.need, by=self.by, category=self.need.category)
        self.need = needs.assign(self.need, by=self.by, department=self.department)
        self.need = needs.accept(self.need, by=self.by)

    def _at(self, cells: Mapping[str, Any]) -> datetime:
        at = self.reader.moment(cells, "at")
        if at is None:
            raise Invalid(_("A row has no time."))
        return at

    def _count(self, cells: Mapping[str, Any], target: str) -> int:
        text = self.reader.text(cells, target)
        return int(text) if text.isdecimal() else 0

    def _named(self, cells: Mapping[str, Any]) -> str:
        name = self.reader.text(cells, "customer_name")
        return "" if name.lower() in NOWHERE else name

    def _channel(self, cells: Mapping[str, Any]) -> str:
        return self.reader.channels.get(self.reader.text(cells, "channel").capitalize(), Channel.IMPORT)

    def _department(self, cells: Mapping[str, Any]) -> Department:
        name = self.reader.text(cells, "department")
        if name.lower() in NOWHERE:
            name = _("Not stated")
        found = self.reader.departments.get(name)
        if found is None:
            if not self.reader.run.options.get("make_departments"):
                raise Invalid(
                    _("There is no department “%(name)s”. Add it, or let the import add departments.") % {"name": name}
                )
            found = self.reader.departments[name] = people.add_department(by=self.by, name=name)
        return found


def counts(need: Need) -> tuple[int, int]:
    """(reassignments, reopenings) as our own journal has them. The first assignment of a round is not a reassignment."""
    rows = list(
        need.matter.entries.filter(event__in=[NeedAssigned.NAME, NeedTransferred.NAME, NeedRejected.NAME]).values_list(
            "event", "facts"
        )
    )
    moves = [facts["round"] for event, facts in rows if event != NeedRejected.NAME]
    return len(moves) - len(set(moves)), sum(event == NeedRejected.NAME for event, _facts in rows)
