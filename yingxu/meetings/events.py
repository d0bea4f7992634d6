"""What is stated about meetings: on their own timeline, and on that of what they are about."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event
from yingxu.ui.show import told

from .models import Purpose


@dataclass(frozen=True, kw_only=True)
class MeetingEvent(Event):
    ICON = "users"
    PERSONAL: ClassVar[tuple[str, ...]] = ("title",)
    number: str
    title: str


@dataclass(frozen=True, kw_only=True)
class MeetingCalled(MeetingEvent):
    ICON = "calendar"
    PERSONAL = ("place",)
    purpose: str
    starts_at: datetime | str
    place: str = ""
    people: list[str] | None = None

    def sentence(self) -> str:
        return _("called the meeting “%(title)s” (%(number)s, %(purpose)s) for %(at)s; %(people)s") % {
            "title": self.title, "number": self.number, "purpose": Purpose(self.purpose).label, "at": told(self.starts_at),
            "people": ngettext("%(num)s person invited", "%(num)s people invited", len(self.people or [])) % {"num": len(self.people or [])},
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class MeetingMoved(MeetingEvent):
    """Another time, place or other people."""

    ICON, NOTICE = "calendar", ""
    PERSONAL = ("place", "reason")
    starts_before: datetime | str
    starts_at: datetime | str
    place: str = ""
    reason: str = ""

    def sentence(self) -> str:
        if self.starts_before == self.starts_at:
            return _("changed the meeting “%(title)s” on %(at)s: %(reason)s") % {
                "title": self.title, "at": told(self.starts_at), "reason": self.reason or self.place,
            }  # fmt: skip
        return _("moved the meeting “%(title)s” from %(before)s to %(at)s: %(reason)s") % {
            "title": self.title, "before": told(self.starts_before), "at": told(self.starts_at), "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class MeetingCancelled(MeetingEvent):
    ICON, TONE = "x", "bad"
    PERSONAL = ("reason",)
    starts_at: datetime | str
    reason: str

    def sentence(self) -> str:
        return _("cancelled the meeting “%(title)s” on %(at)s: %(reason)s") % {
            "title": self.title, "at": told(self.starts_at), "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class InvitationAnswered(MeetingEvent):
    PERSONAL = ("words",)
    comes: bool
    words: str = ""
    by_mail: str = ""  # who, when their calendar answered

    def sentence(self) -> str:
        if self.by_mail:
            said = _("%(name)s answered by mail: comes to “%(title)s”") if self.comes else _("%(name)s answered by mail: does not come to “%(title)s”")
            return said % {"name": self.by_mail, "title": self.title} + (f"：{self.words}" if self.words else "")
        said = _("comes to “%(title)s”") if self.comes else _("does not come to “%(title)s”")
        return said % {"title": self.title} + (f"：{self.words}" if self.words else "")


@dataclass(frozen=True, kw_only=True)
class MinutesRecorded(MeetingEvent):
    ICON, TONE = "edit", "good"
    WATCHERS = True
    version: int
    attended: int = 0

    def sentence(self) -> str:
        if self.version > 1:
            return _("corrected the minutes of “%(title)s”, version %(version)s") % {"title": self.title, "version": self.version}
        return _("recorded the minutes of “%(title)s”") % {"title": self.title}


@dataclass(frozen=True, kw_only=True)
class MeetingDecided(MeetingEvent):
    """The meeting gave out work; each task states itself besides."""

    ICON = "check"
    tasks: list[int]

    def sentence(self) -> str:
        return ngettext("“%(title)s” decided %(num)s task", "“%(title)s” decided %(num)s tasks", len(self.tasks)) % {
            "title": self.title, "num": len(self.tasks),
        }  # fmt: skip
