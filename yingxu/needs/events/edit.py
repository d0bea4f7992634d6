"""Facts about the record itself: notes, corrections, links."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event
from yingxu.files.events import AboutFiles

from .base import NeedEvent


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
    PERSONAL = ("added", "removed")
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
    PERSONAL = ("reason",)
    reason: str

    def sentence(self):
        return _("declared it void: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class FilesAttached(NeedEvent, AboutFiles):
    """`names` are a reader's, given to them by `files.queries.known`; the journal keeps how many came."""

    ICON = "clip"
    PERSONAL = ("names",)
    names: Sequence[str] = ()
    attached: int = 0

    def sentence(self):
        if self.names:
            return _("attached %(names)s") % {"names": "、".join(self.names)}
        return ngettext("attached %(num)s file", "attached %(num)s files", self.attached) % {"num": self.attached}


@dataclass(frozen=True, kw_only=True)
class NeedsExported(Event):
    """A list left the house as a file; `query` says which."""

    ICON = "download"
    PERSONAL = ("query",)
    count: int
    query: str

    def sentence(self):
        return ngettext("exported %(count)s need", "exported %(count)s needs", self.count) % {"count": self.count}


@dataclass(frozen=True, kw_only=True)
class SnoozeOver(Event):
    """The moment until which one person put a need aside has come. Stated on no matter, since it concerns nobody else; `about` says
    which one that person is told of."""

    ICON = "snooze"
    about: int
    number: str = ""

    def sentence(self):
        return _("reminds you, as you wished, of %(number)s") % {"number": self.number}


@dataclass(frozen=True, kw_only=True)
class LoweringAsked(NeedEvent):
    ICON = "stamp"
    PERSONAL = ("why",)
    was: str
    now: str
    why: str

    def sentence(self):
        return _("asked a second person to lower the level from “%(old)s” to “%(new)s”: %(why)s") % {"old": self.was, "new": self.now, "why": self.why}


@dataclass(frozen=True, kw_only=True)
class LevelLowered(NeedEvent):
    """A second person agreed; `asked_by` and `request` say whose wish it was."""

    ICON = "stamp"
    PERSONAL = ("why",)
    was: str
    now: str
    why: str
    asked_by: int
    request: int

    def sentence(self):
        words = {"old": self.was, "new": self.now, "why": self.why}
        return _("lowered the level from “%(old)s” to “%(new)s”, since a second person agreed: %(why)s") % words
