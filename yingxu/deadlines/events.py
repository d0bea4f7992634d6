"""What this room states: warnings, breaches, longer limits, changed settings."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event

from .models import Step


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
        return _("%(step)s is due soon: %(due)s") % {"step": Step(self.step).label, "due": _moment(self.due_at)}


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
        return _("%(step)s is late: it was due %(due)s") % {"step": Step(self.step).label, "due": _moment(self.due_at)}


@dataclass(frozen=True, kw_only=True)
class ExtensionRequested(Event):
    PERSONAL = ("reason",)
    ICON = "clock"
    step: str
    round: int
    due_at: datetime | str
    asked_due_at: datetime | str
    reason: str

    def sentence(self) -> str:
        return _("More time asked for %(step)s: from %(old)s to %(new)s. %(reason)s") % {
            "step": Step(self.step).label, "old": _moment(self.due_at), "new": _moment(self.asked_due_at),
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
        words = {"step": Step(self.step).label, "old": _moment(self.due_before), "note": self.note}
        if self.granted and self.due_at:
            return _("More time granted for %(step)s: from %(old)s to %(new)s. %(note)s") % {
                **words, "new": _moment(self.due_at),
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


def _moment(value: datetime | str) -> str:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
