"""Facts on the way from first words to a reviewed result."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from yingxu.ui.show import told

from ..states import Category, Channel
from .base import NeedEvent


@dataclass(frozen=True, kw_only=True)
class NeedRegistered(NeedEvent):
    ICON, PUBLIC = "need", True
    kind: str
    channel: str
    category: str = ""
    raised_at: str = ""

    def sentence(self):
        return _("registered the need (%(channel)s)") % {"channel": Channel(self.channel).label}


@dataclass(frozen=True, kw_only=True)
class NeedTriaged(NeedEvent):
    ICON = "flag"
    PERSONAL = ("reason",)
    category: str
    kind: str
    old_category: str = ""
    old_kind: str = ""
    urgency: int | None = None
    importance: int | None = None
    suggested: str = ""  # what the system had proposed
    confidence: int | None = None  # percent
    reason: str = ""

    def sentence(self):
        said = _("set the category to %(category)s") % {"category": Category(self.category).label}
        if not self.suggested:
            return said
        if self.suggested == self.category:
            return said + _("; the system had suggested the same")
        return said + _("; the system had suggested %(category)s") % {"category": Category(self.suggested).label}


@dataclass(frozen=True, kw_only=True)
class NeedWatched(NeedEvent):
    ICON = "eye"
    PERSONAL = ("signals",)
    review_on: date | str
    signals: str = ""

    def sentence(self):
        return _("put it on the watch list, to be looked at on %(day)s") % {"day": told(self.review_on)}


@dataclass(frozen=True, kw_only=True)
class NeedPromoted(NeedEvent):
    ICON = "flag"
    PERSONAL = ("reason",)
    reason: str = ""

    def sentence(self):
        return _("took it off the watch list to be handled")


@dataclass(frozen=True, kw_only=True)
class NeedAssigned(NeedEvent):
    WATCHERS = True
    ICON, PUBLIC = "users", True
    PERSONAL = ("reason",)
    department: str
    department_id: int
    owner: str = ""
    owner_id: int | None = None
    old_department: str = ""
    category: str = ""
    reason: str = ""

    def sentence(self):
        if self.owner:
            return _("assigned it to %(department)s, %(owner)s") % {"department": self.department, "owner": self.owner}
        return _("assigned it to %(department)s") % {"department": self.department}


@dataclass(frozen=True, kw_only=True)
class NeedAccepted(NeedEvent):
    ICON, PUBLIC = "check", True
    category: str = ""

    def sentence(self):
        return _("accepted it")


@dataclass(frozen=True, kw_only=True)
class NeedReturned(NeedEvent):
    ICON, TONE = "back", "bad"
    PERSONAL = ("reason",)
    reason: str
    department: str = ""

    def sentence(self):
        return _("returned it to triage: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class NeedTransferred(NeedEvent):
    WATCHERS = True
    ICON = "users"
    PERSONAL = ("reason",)
    to: str
    to_id: int | None
    reason: str = ""

    def sentence(self):
        return _("transferred it to %(name)s") % {"name": self.to}


@dataclass(frozen=True, kw_only=True)
class PlanWritten(NeedEvent):
    ICON = "list"
    plan: int
    version: int

    def sentence(self):
        return _("wrote the handling plan, version %(version)s") % {"version": self.version}


@dataclass(frozen=True, kw_only=True)
class NodeDone(NeedEvent):
    """As the journal of earlier versions has it; nodes are tasks now and state tasks.TaskFinished."""

    ICON = "check"
    PERSONAL = ("title",)
    title: str
    late: bool = False

    def sentence(self):
        return _("finished “%(title)s”") % {"title": self.title}


@dataclass(frozen=True, kw_only=True)
class ProgressRecorded(NeedEvent):
    WATCHERS = True
    ICON = "edit"
    category: str = ""
    to_customer: bool = False

    def sentence(self):
        return _("recorded progress")


@dataclass(frozen=True, kw_only=True)
class NeedHeld(NeedEvent):
    ICON = "pause"
    PERSONAL = ("reason",)
    reason: str

    def sentence(self):
        return _("is waiting for the customer: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class NeedResumed(NeedEvent):
    ICON = "clock"
    minutes: int = 0

    def sentence(self):
        return _("went on")


@dataclass(frozen=True, kw_only=True)
class ResultSubmitted(NeedEvent):
    ICON = "check"
    result: int
    category: str = ""

    def sentence(self):
        return _("submitted the result")


@dataclass(frozen=True, kw_only=True)
class ResultPassed(NeedEvent):
    WATCHERS = True
    ICON, TONE = "stamp", "good"
    result: int
    category: str = ""

    def sentence(self):
        return _("reviewed the result: passed")


@dataclass(frozen=True, kw_only=True)
class ResultSentBack(NeedEvent):
    ICON, TONE = "back", "bad"
    PERSONAL = ("reason",)
    result: int
    reason: str
    category: str = ""

    def sentence(self):
        return _("sent the result back: %(reason)s") % {"reason": self.reason}
