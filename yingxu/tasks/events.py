"""What is stated about tasks, on the timeline of their matter. Names and titles are kept as said."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event
from yingxu.ui.show import told


@dataclass(frozen=True, kw_only=True)
class TaskEvent(Event):
    """`task` is the row, `title` what it was called then."""

    ICON = "check"
    PERSONAL: ClassVar[tuple[str, ...]] = ("title",)
    task: int
    title: str


@dataclass(frozen=True, kw_only=True)
class TaskGiven(TaskEvent):
    ICON = "list"
    to: str  # the person, or the department
    due_at: datetime | str | None = None
    origin: str = ""
    owner_id: int | None = None
    department_id: int | None = None

    def sentence(self) -> str:
        if self.due_at:
            return _("gave a task to %(name)s: “%(title)s”, due %(due)s") % {"name": self.to, "title": self.title, "due": _due(self.due_at)}
        return _("gave a task to %(name)s: “%(title)s”") % {"name": self.to, "title": self.title}


@dataclass(frozen=True, kw_only=True)
class TaskFinished(TaskEvent):
    PERSONAL = ("result",)
    TONE = "good"
    WATCHERS = True
    late: bool = False
    result: str = ""

    def sentence(self) -> str:
        said = _("finished “%(title)s”") % {"title": self.title}
        said += _(", late") if self.late else ""
        return f"{said}：{self.result}" if self.result else said


@dataclass(frozen=True, kw_only=True)
class TaskReopened(TaskEvent):
    PERSONAL = ("reason",)
    ICON, TONE = "undo", "bad"
    reason: str = ""

    def sentence(self) -> str:
        said = _("took up “%(title)s” again: it is not done") % {"title": self.title}
        return f"{said}。{self.reason}" if self.reason else said


@dataclass(frozen=True, kw_only=True)
class TaskHandedOver(TaskEvent):
    PERSONAL = ("reason",)
    ICON = "users"
    to: str
    before: str
    reason: str
    owner_id: int | None = None
    department_id: int | None = None

    def sentence(self) -> str:
        return _("handed “%(title)s” over from %(before)s to %(to)s: %(reason)s") % {
            "title": self.title, "before": self.before, "to": self.to, "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TaskChanged(TaskEvent):
    """The plan it belongs to was written anew: another date or other hands."""

    ICON = "edit"
    to: str
    due_at: datetime | str | None = None

    def sentence(self) -> str:
        if self.due_at:
            return _("changed “%(title)s”: %(name)s, due %(due)s") % {"title": self.title, "name": self.to, "due": _due(self.due_at)}
        return _("changed “%(title)s”: %(name)s") % {"title": self.title, "name": self.to}


@dataclass(frozen=True, kw_only=True)
class TaskWithdrawn(TaskEvent):
    PERSONAL = ("reason",)
    ICON = "x"
    reason: str

    def sentence(self) -> str:
        return _("withdrew “%(title)s”: %(reason)s") % {"title": self.title, "reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class PostponementAsked(TaskEvent):
    PERSONAL = ("reason",)
    ICON = "snooze"
    due_before: datetime | str | None
    due_asked: datetime | str
    reason: str

    def sentence(self) -> str:
        return _("asks for another date of “%(title)s”: %(old)s → %(new)s. %(reason)s") % {
            "title": self.title, "old": _due(self.due_before), "new": _due(self.due_asked), "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TaskPostponed(TaskEvent):
    """Put off, at once by who may, or granted on request."""

    PERSONAL = ("reason",)
    ICON = "snooze"
    due_before: datetime | str | None
    due_at: datetime | str
    reason: str

    def sentence(self) -> str:
        return _("put “%(title)s” off: %(old)s → %(new)s. %(reason)s") % {
            "title": self.title, "old": _due(self.due_before), "new": _due(self.due_at), "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PostponementRefused(TaskEvent):
    PERSONAL = ("note",)
    ICON, TONE = "snooze", "bad"
    due_at: datetime | str | None
    note: str

    def sentence(self) -> str:
        return _("“%(title)s” stays due %(old)s: %(note)s") % {"title": self.title, "old": _due(self.due_at), "note": self.note}


@dataclass(frozen=True, kw_only=True)
class TaskLate(TaskEvent):
    ICON, TONE, NOTICE = "warning", "bad", "clock"
    due_at: datetime | str
    who: str = ""
    owner_id: int | None = None
    department_id: int | None = None

    def sentence(self) -> str:
        return _("The task “%(title)s” is late: it was due %(due)s (%(name)s)") % {
            "title": self.title, "due": _due(self.due_at), "name": self.who,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TasksExported(Event):
    """A list left the house as a file."""

    ICON = "download"
    count: int

    def sentence(self) -> str:
        return ngettext("exported %(count)s task", "exported %(count)s tasks", self.count) % {"count": self.count}


def _due(value: datetime | str | None) -> str:
    return told(value) or _("no date")
