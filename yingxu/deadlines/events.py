"""What this room states: warnings, breaches, escalations, alarms, longer limits, changed settings."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event
from yingxu.ui.show import duration, told

from .models import Step, Who


@dataclass(frozen=True, kw_only=True)
class ClockWarned(Event):
    """Most of the time for a step is used. `user_id` and `department_id` are who has to act."""

    ICON = "clock"
    step: str
    round: int
    due_at: datetime | str
    user_id: int | None
    department_id: int | None

    def sentence(self) -> str:
        return _("%(step)s is due soon: %(due)s") % {"step": Step(self.step).label, "due": told(self.due_at)}


@dataclass(frozen=True, kw_only=True)
class ClockBreached(Event):
    """The time for a step is over and it is not done. `user_id` and `department_id` are who had to act."""

    ICON = "warning"
    TONE = "bad"
    step: str
    round: int
    due_at: datetime | str
    user_id: int | None
    department_id: int | None

    def sentence(self) -> str:
        return _("%(step)s is late: it was due %(due)s") % {"step": Step(self.step).label, "due": told(self.due_at)}


@dataclass(frozen=True, kw_only=True)
class Rung(Event):
    """A rung was told: number `rung` of `rungs`, `who` in the ladder's words (and the code of a role or department), their names;
    `late` in minutes of days that have `day` minutes. `promised_at` and `promised_by`: a promise has passed, and whose."""

    ICON = "up"
    TONE = "bad"
    climb: int
    rung: int
    rungs: int
    who: str
    code: str
    names: tuple[str, ...] | list[str]
    late: float
    day: int
    promised_at: datetime | str | None = None
    promised_by: str = ""

    def _whom(self) -> str:
        if not self.names:
            return _("%(who)s (nobody there, so the next rung is told)") % {"who": Who(self.who).label}
        names = "、".join(self.names)
        # "everybody with a role" says less than the names do
        return names if self.who == Who.ROLE else f"{Who(self.who).label}（{names}）"

    def _promise(self, sentence: str) -> str:
        if not self.promised_at:
            return sentence
        broken = _("%(name)s had promised %(moment)s.") % {"name": self.promised_by, "moment": told(self.promised_at)}
        return f"{sentence} {broken}"

    def _place(self) -> dict:
        return {"rung": self.rung, "rungs": self.rungs, "whom": self._whom()}


@dataclass(frozen=True, kw_only=True)
class ClockEscalated(Rung):
    """A step stays late: the next rung of its ladder was told."""

    step: str
    round: int
    due_at: datetime | str | None

    def sentence(self) -> str:
        return self._promise(_("%(step)s is late by %(late)s: escalated, rung %(rung)s of %(rungs)s: %(whom)s") % {
            "step": Step(self.step).label, "late": duration(self.late, self.day), **self._place(),
        })  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AlarmTold(Rung):
    """An alarm calls a rung; it reaches them by every way they have, at any hour."""

    URGENT = True
    PERSONAL = ("about",)
    about: str

    def sentence(self) -> str:
        said = {"about": self.about, "late": duration(self.late, self.day), **self._place()}
        if self.rung == 1:
            return _("Alarm: %(about)s. Called: %(whom)s. Please take it at once.") % said
        return self._promise(_("Alarm, unanswered for %(late)s: %(about)s. Rung %(rung)s of %(rungs)s: %(whom)s") % said)


@dataclass(frozen=True, kw_only=True)
class Taken(Event):
    """Somebody took what was escalated, perhaps with words and a promised time."""

    PERSONAL = ("words",)
    ICON = "check"
    TONE = "good"
    rung: int
    promised_at: datetime | str | None = None
    words: str = ""

    def _rest(self, sentence: str) -> str:
        promise = _("Promised until %(moment)s.") % {"moment": told(self.promised_at)} if self.promised_at else ""
        return " ".join(part for part in (sentence, promise, self.words) if part)


@dataclass(frozen=True, kw_only=True)
class EscalationTaken(Taken):
    step: str
    round: int

    def sentence(self) -> str:
        return self._rest(_("took the late %(step)s; nobody further is told.") % {"step": Step(self.step).label})


@dataclass(frozen=True, kw_only=True)
class AlarmTaken(Taken):
    """Those who were called may rest again."""

    URGENT = True
    PERSONAL = ("about",)
    about: str

    def sentence(self) -> str:
        return self._rest(_("took the alarm: %(about)s.") % {"about": self.about})


@dataclass(frozen=True, kw_only=True)
class AlarmStopped(Event):
    """An alarm ended before anybody took it."""

    URGENT = True
    ICON = "check"
    PERSONAL = ("about",)
    about: str

    def sentence(self) -> str:
        return _("The alarm is over: %(about)s") % {"about": self.about}


@dataclass(frozen=True, kw_only=True)
class LaddersChanged(Event):
    ICON = "settings"
    version: int

    def sentence(self) -> str:
        return _("The escalation ladders were changed.")


@dataclass(frozen=True, kw_only=True)
class ExtensionRequested(Event):
    PERSONAL = ("reason",)
    ICON = "clock"
    step: str
    round: int
    due_at: datetime | str
    asked_due_at: datetime | str
    reason: str
    request: int = 0

    def sentence(self) -> str:
        return _("More time asked for %(step)s: from %(old)s to %(new)s. %(reason)s") % {
            "step": Step(self.step).label, "old": told(self.due_at), "new": told(self.asked_due_at),
            "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ExtensionDecided(Event):
    PERSONAL = ("note",)
    ICON = "clock"
    step: str
    round: int
    granted: bool
    due_before: datetime | str
    due_at: datetime | str | None
    note: str = ""

    def sentence(self) -> str:
        words = {"step": Step(self.step).label, "old": told(self.due_before), "note": self.note}
        if self.granted and self.due_at:
            return _("More time granted for %(step)s: from %(old)s to %(new)s. %(note)s") % {
                **words, "new": told(self.due_at),
            }  # fmt: skip
        return _("No more time for %(step)s, it stays due %(old)s. %(note)s") % words


@dataclass(frozen=True, kw_only=True)
class TargetsChanged(Event):
    """`moved` open clocks got another due date."""

    ICON = "settings"
    version: int
    moved: int

    def sentence(self) -> str:
        return _moved(_("The time limits were changed."), self.moved)


@dataclass(frozen=True, kw_only=True)
class CalendarChanged(Event):
    """`moved` open clocks got another due date."""

    ICON = "settings"
    version: int
    moved: int

    def sentence(self) -> str:
        return _moved(_("The working calendar was changed."), self.moved)


def _moved(first: str, moved: int) -> str:
    second = ngettext("%(n)d open clock moved.", "%(n)d open clocks moved.", moved) % {"n": moved}
    return f"{first} {second}" if moved else first
