"""Facts about what is put to management. The words themselves are the entry's note."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from yingxu.base.events import Event
from yingxu.ui.show import told

from .base import NeedEvent


@dataclass(frozen=True, kw_only=True)
class RaisedToManagement(NeedEvent):
    ICON = "arrow-up"
    to: str
    waits: bool = False
    category: str = ""

    def sentence(self):
        if self.waits:
            return _("raised it to management (%(to)s); the result waits for the answer") % {"to": self.to}
        return _("raised it to management (%(to)s)") % {"to": self.to}


@dataclass(frozen=True, kw_only=True)
class ManagementAnswered(NeedEvent):
    WATCHERS = True
    ICON, TONE = "chat", "good"
    by_delegate: bool = False

    def sentence(self):
        return _("answered for management") if self.by_delegate else _("answered what was raised to management")


@dataclass(frozen=True, kw_only=True)
class ManagementDecided(NeedEvent):
    WATCHERS = True
    ICON, TONE = "stamp", "good"
    by_delegate: bool = False

    def sentence(self):
        return _("decided for management") if self.by_delegate else _("decided what was raised to management")


@dataclass(frozen=True, kw_only=True)
class RaiseDelegated(NeedEvent):
    ICON = "users"
    to: str
    to_id: int
    due_on: date | str

    def sentence(self):
        return _("delegated the question to %(to)s, until %(day)s") % {"to": self.to, "day": told(self.due_on)}


@dataclass(frozen=True, kw_only=True)
class RaiseWithdrawn(NeedEvent):
    ICON = "back"
    PERSONAL = ("reason",)
    reason: str
    lapsed: bool = False

    def sentence(self):
        if self.lapsed:
            return _("ended the question to management, because the need ended")
        return _("took the question to management back: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class RaisesExported(Event):
    """What was put to management left the house as a file."""

    ICON = "download"
    PERSONAL = ("query",)
    count: int
    query: str = ""

    def sentence(self):
        return _("exported what was put to management: %(count)s") % {"count": self.count}
