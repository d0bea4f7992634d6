"""The facts needs can state. `round` is the round they belong to; names are kept as said, so that history reads the same later."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event

from .states import Category, Channel, Outcome


@dataclass(frozen=True, kw_only=True)
class NeedEvent(Event):
    round: int = 1


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
    review_on: date | str
    signals: str = ""

    def sentence(self):
        return _("put it on the watch list, to be looked at on %(day)s") % {"day": self.review_on}


@dataclass(frozen=True, kw_only=True)
class NeedPromoted(NeedEvent):
    ICON = "flag"
    reason: str = ""

    def sentence(self):
        return _("took it off the watch list to be handled")


@dataclass(frozen=True, kw_only=True)
class NeedAssigned(NeedEvent):
    WATCHERS = True
    ICON, PUBLIC = "users", True
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
    reason: str
    department: str = ""

    def sentence(self):
        return _("returned it to triage: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class NeedTransferred(NeedEvent):
    WATCHERS = True
    ICON = "users"
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
    ICON = "check"
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
    result: int
    reason: str
    category: str = ""

    def sentence(self):
        return _("sent the result back: %(reason)s") % {"reason": self.reason}


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
        return _("scheduled the follow-up visit for %(day)s") % {"day": self.due_on}


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
class NoteWritten(NeedEvent):
    ICON, NOTICE = "lock", "mention"

    def sentence(self):
        return _("wrote an internal note")


@dataclass(frozen=True, kw_only=True)
class NeedAmended(NeedEvent):
    ICON = "edit"
    PERSONAL = ("old", "new")
    field: str
    label: str
    old: str = ""
    new: str = ""

    def sentence(self):
        return _("changed %(label)s from “%(old)s” to “%(new)s”") % {
            "label": self.label, "old": self.old or "–", "new": self.new or "–",
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NeedTagged(NeedEvent):
    ICON = "tag"
    added: list[str]
    removed: list[str]

    def sentence(self):
        if self.added and self.removed:
            return _("added the tags %(added)s and removed %(removed)s") % {
                "added": "、".join(self.added), "removed": "、".join(self.removed),
            }  # fmt: skip
        if self.added:
            return _("added the tags %(added)s") % {"added": "、".join(self.added)}
        return _("removed the tags %(removed)s") % {"removed": "、".join(self.removed)}


@dataclass(frozen=True, kw_only=True)
class NeedLinked(NeedEvent):
    ICON = "link"
    other: str
    type: str

    def sentence(self):
        return _("linked it to %(number)s") % {"number": self.other}


@dataclass(frozen=True, kw_only=True)
class NeedUnlinked(NeedEvent):
    ICON = "link"
    other: str

    def sentence(self):
        return _("removed the link to %(number)s") % {"number": self.other}


@dataclass(frozen=True, kw_only=True)
class NeedMerged(NeedEvent):
    ICON = "merge"
    into: str

    def sentence(self):
        return _("merged it into %(number)s") % {"number": self.into}


@dataclass(frozen=True, kw_only=True)
class NeedAbsorbed(NeedEvent):
    ICON = "merge"
    other: str

    def sentence(self):
        return _("took in %(number)s") % {"number": self.other}


@dataclass(frozen=True, kw_only=True)
class NeedUnmerged(NeedEvent):
    ICON = "merge"
    into: str

    def sentence(self):
        return _("took it out of %(number)s again") % {"number": self.into}


@dataclass(frozen=True, kw_only=True)
class NeedSplit(NeedEvent):
    ICON = "link"
    parts: list[str]

    def sentence(self):
        return ngettext(
            "split off %(count)s need: %(numbers)s", "split off %(count)s needs: %(numbers)s", len(self.parts)
        ) % {"count": len(self.parts), "numbers": "、".join(self.parts)}


@dataclass(frozen=True, kw_only=True)
class NeedVoided(NeedEvent):
    WATCHERS = True
    ICON, TONE = "x", "bad"
    reason: str

    def sentence(self):
        return _("declared it void: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class FilesAttached(NeedEvent):
    ICON = "clip"
    names: list[str]

    def sentence(self):
        return _("attached %(names)s") % {"names": "、".join(self.names)}


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
class NeedsExported(Event):
    """A list left the house as a file; `query` says which."""

    ICON = "download"
    count: int
    query: str

    def sentence(self):
        return ngettext("exported %(count)s need", "exported %(count)s needs", self.count) % {"count": self.count}
