"""Facts between us and the customer: words, feedback, verdict, visit."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from yingxu.ui.show import told

from ..states import Outcome
from .base import NeedEvent


@dataclass(frozen=True, kw_only=True)
class ResultFedBack(NeedEvent):
    WATCHERS = True
    ICON, PUBLIC = "chat", True
    result: int
    channel: str = ""
    category: str = ""

    def sentence(self):
        return _("fed the result back to the customer")


@dataclass(frozen=True, kw_only=True)
class NeedConfirmed(NeedEvent):
    WATCHERS = True
    ICON, TONE, PUBLIC = "check", "good", True
    PERSONAL = ("comment",)
    rating: int | None = None
    comment: str = ""
    channel: str = ""
    category: str = ""

    def sentence(self):
        if self.rating:
            return _("confirmed: satisfied, %(rating)s of 5") % {"rating": self.rating}
        return _("confirmed: satisfied")


@dataclass(frozen=True, kw_only=True)
class NeedRejected(NeedEvent):
    WATCHERS = True
    ICON, TONE, PUBLIC = "refresh", "bad", True
    PERSONAL = ("reason",)
    reason: str = ""
    rating: int | None = None
    channel: str = ""

    def sentence(self):
        return _("not satisfied, to be handled again: round %(round)s begins") % {"round": self.round + 1}


@dataclass(frozen=True, kw_only=True)
class NeedAnswered(NeedEvent):
    ICON, TONE, PUBLIC = "check", "good", True

    def sentence(self):
        return _("answered on the spot")


@dataclass(frozen=True, kw_only=True)
class NeedClosed(NeedEvent):
    WATCHERS = True
    ICON, PUBLIC = "check", True
    PERSONAL = ("reason",)
    outcome: str
    reason: str = ""

    def sentence(self):
        return _("closed it: %(outcome)s") % {"outcome": Outcome(self.outcome).label}


@dataclass(frozen=True, kw_only=True)
class VisitScheduled(NeedEvent):
    ICON = "calendar"
    due_on: date | str
    category: str = ""

    def sentence(self):
        return _("scheduled the follow-up visit for %(day)s") % {"day": told(self.due_on)}


@dataclass(frozen=True, kw_only=True)
class VisitRecorded(NeedEvent):
    ICON = "phone"
    PERSONAL = ("notes",)
    satisfied: bool | None = None
    notes: str = ""
    found: str = ""

    def sentence(self):
        if self.found:
            return _("recorded the follow-up visit; a new problem became %(number)s") % {"number": self.found}
        return _("recorded the follow-up visit")


@dataclass(frozen=True, kw_only=True)
class CustomerSpoke(NeedEvent):
    """The customer wrote or called; the words are the entry's note."""

    WATCHERS = True

    ICON, PUBLIC = "chat", True
    channel: str = ""
    category: str = ""

    def sentence(self):
        return _("wrote to us")


@dataclass(frozen=True, kw_only=True)
class CustomerTold(NeedEvent):
    """We wrote to the customer; the words are the entry's note."""

    ICON, PUBLIC = "chat", True
    channel: str = ""
    question: bool = False

    def sentence(self):
        return _("asked the customer") if self.question else _("replied to the customer")


@dataclass(frozen=True, kw_only=True)
class HandlingComplained(NeedEvent):
    """The customer complains about how the need is handled; goes to the response group, not to the department (L6)."""

    WATCHERS = True

    ICON, TONE, PUBLIC = "complaint", "bad", True
    number: str

    def sentence(self):
        return _("complained about the handling: %(number)s") % {"number": self.number}


@dataclass(frozen=True, kw_only=True)
class CustomerReminded(NeedEvent):
    ICON, PUBLIC = "bell", True
    count: int = 1

    def sentence(self):
        return _("reminded the customer to confirm, time %(count)s") % {"count": self.count}


@dataclass(frozen=True, kw_only=True)
class WordsWithdrawn(NeedEvent):
    """Words to the customer were taken back before they left: the customer never saw them."""

    ICON = "undo"
    what: str = "reply"

    def sentence(self):
        return _("took back the feedback before it left") if self.what == "feed_back" else _("took back a reply before it left")


@dataclass(frozen=True, kw_only=True)
class WordsNotSent(NeedEvent):
    """Words to the customer could not leave any more; they went back to their writer."""

    ICON, TONE = "warning", "bad"
    PERSONAL = ("reason",)
    what: str = "reply"
    reason: str = ""

    def sentence(self):
        if self.what == "feed_back":
            return _("did not send the feedback, it is a draft again: %(reason)s") % {"reason": self.reason}
        return _("did not send the reply, it is a draft again: %(reason)s") % {"reason": self.reason}
