"""What is stated about how a file is guarded: on its own timeline, seen by who sees the file. Levels are kept with what they were called
then (`was`, `now`)."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event
from yingxu.files.events import AboutFile


@dataclass(frozen=True, kw_only=True)
class LevelSet(Event):
    ICON = "stamp"
    PERSONAL = ("why",)
    old: int
    new: int
    was: str
    now: str
    why: str
    ends_on: date | str | None = None
    then: str = ""

    def sentence(self) -> str:
        words = {"old": self.was, "new": self.now, "why": self.why, "day": str(self.ends_on)}
        if self.ends_on:
            return _("set the level from “%(old)s” to “%(new)s” until %(day)s: %(why)s") % words
        return _("set the level from “%(old)s” to “%(new)s”: %(why)s") % words


@dataclass(frozen=True, kw_only=True)
class LoweringAsked(Event):
    ICON = "stamp"
    PERSONAL = ("why",)
    old: int
    new: int
    was: str
    now: str
    open_up: bool
    why: str

    def sentence(self) -> str:
        parts = []
        if self.new < self.old:
            parts.append(_("to lower the level from “%(old)s” to “%(new)s”") % {"old": self.was, "new": self.now})
        if self.open_up:
            parts.append(_("to end the circle of persons"))
        return _("asked a second person %(what)s: %(why)s") % {"what": "；".join(parts), "why": self.why}


@dataclass(frozen=True, kw_only=True)
class Lowered(Event):
    """A second person agreed; `asked_by` and `request` say whose wish it was."""

    ICON = "stamp"
    PERSONAL = ("why",)
    old: int
    new: int
    was: str
    now: str
    opened: bool
    why: str
    asked_by: int
    request: int

    def sentence(self) -> str:
        parts = []
        if self.new < self.old:
            parts.append(_("lowered the level from “%(old)s” to “%(new)s”") % {"old": self.was, "new": self.now})
        if self.opened:
            parts.append(_("ended the circle of persons"))
        return _("%(what)s, since a second person agreed: %(why)s") % {"what": "；".join(parts), "why": self.why}


@dataclass(frozen=True, kw_only=True)
class TermSet(Event):
    ICON = "calendar"
    PERSONAL = ("why",)
    old: date | str | None
    new: date | str | None
    why: str

    def sentence(self) -> str:
        if self.new is None:
            return _("let the level go on without a term: %(why)s") % {"why": self.why}
        return _("let the level go on until %(day)s: %(why)s") % {"day": str(self.new), "why": self.why}


@dataclass(frozen=True, kw_only=True)
class TermEnded(Event):
    """The term is over and the level is what it was before."""

    ICON = "stamp"
    WATCHERS = True
    old: int
    new: int
    was: str
    now: str

    def sentence(self) -> str:
        return _("let the level go from “%(old)s” to “%(new)s”, since its term is over") % {"old": self.was, "new": self.now}


@dataclass(frozen=True, kw_only=True)
class TermAsked(Event):
    """The term is over and somebody must say what becomes of the level."""

    ICON = "question"
    NOTICE = "clock"
    level: int
    now: str
    ends_on: date | str

    def sentence(self) -> str:
        return _("asks what becomes of the level “%(level)s”, whose term ended on %(day)s") % {"level": self.now, "day": str(self.ends_on)}


@dataclass(frozen=True, kw_only=True)
class CircleSet(Event):
    ICON = "users"
    PERSONAL = ("why",)
    joined: list[str]
    left: list[str]
    size: int
    why: str

    def sentence(self) -> str:
        who = [_("in: %(names)s") % {"names": "、".join(self.joined)}] if self.joined else []
        who += [_("out: %(names)s") % {"names": "、".join(self.left)}] if self.left else []
        many = ngettext("%(num)s person", "%(num)s persons", self.size) % {"num": self.size}
        return _("set the circle of persons to %(many)s (%(who)s): %(why)s") % {"many": many, "who": "；".join(who) or _("as before"), "why": self.why}


@dataclass(frozen=True, kw_only=True)
class SectionRaised(Event):
    """`section` is its key: who may not know of the section is not told of this either."""

    ICON = "stamp"
    PERSONAL = ("why",)
    section: int
    name: str
    old: int
    new: int
    was: str
    now: str
    why: str

    def sentence(self) -> str:
        words = {"section": self.name, "old": self.was, "new": self.now, "why": self.why}
        return _("set the level of “%(section)s” from “%(old)s” to “%(new)s”: %(why)s") % words


@dataclass(frozen=True, kw_only=True)
class SectionLoweringAsked(Event):
    ICON = "stamp"
    PERSONAL = ("why",)
    section: int
    name: str
    old: int
    new: int
    was: str
    now: str
    why: str

    def sentence(self) -> str:
        words = {"section": self.name, "old": self.was, "new": self.now, "why": self.why}
        return _("asked a second person to lower the level of “%(section)s” from “%(old)s” to “%(new)s”: %(why)s") % words


@dataclass(frozen=True, kw_only=True)
class SectionLowered(Event):
    """A second person agreed; `asked_by` and `request` say whose wish it was."""

    ICON = "stamp"
    PERSONAL = ("why",)
    section: int
    name: str
    old: int
    new: int
    was: str
    now: str
    why: str
    asked_by: int
    request: int

    def sentence(self) -> str:
        words = {"section": self.name, "old": self.was, "new": self.now, "why": self.why}
        return _("lowered the level of “%(section)s” from “%(old)s” to “%(new)s”, since a second person agreed: %(why)s") % words


@dataclass(frozen=True, kw_only=True)
class LooksExported(Event):
    """Who looked at guarded files left as a file."""

    ICON = "download"
    count: int

    def sentence(self) -> str:
        return ngettext("exported %(count)s look at guarded archives", "exported %(count)s looks at guarded archives", self.count) % {"count": self.count}


@dataclass(frozen=True, kw_only=True)
class ManyLooked(Event):
    """`user` opened more guarded files in a day than is `usual`; for those who guard archives, and no proof of anything."""

    ICON = "eye"
    TONE = "warn"
    user: int
    name: str
    files: int
    usual: int

    def sentence(self) -> str:
        return _("noticed that %(name)s opened %(files)s guarded archives today, more than %(usual)s") % {"name": self.name, "files": self.files, "usual": self.usual}


@dataclass(frozen=True, kw_only=True)
class PaperEvent(Event, AboutFile):
    """About the level of a paper. `file` is its key: who may not know of the paper is not told of this either."""

    ICON = "stamp"
    PERSONAL = ("name", "why")
    file: int
    name: str
    old: int
    new: int
    was: str
    now: str
    why: str

    def _said(self, words: str) -> str:
        return words % {"paper": self.name, "old": self.was, "new": self.now, "why": self.why}


@dataclass(frozen=True, kw_only=True)
class PaperRaised(PaperEvent):
    def sentence(self) -> str:
        return self._said(_("set the level of the paper “%(paper)s” from “%(old)s” to “%(new)s”: %(why)s"))


@dataclass(frozen=True, kw_only=True)
class PaperLoweringAsked(PaperEvent):
    def sentence(self) -> str:
        return self._said(_("asked a second person to lower the level of the paper “%(paper)s” from “%(old)s” to “%(new)s”: %(why)s"))


@dataclass(frozen=True, kw_only=True)
class PaperLowered(PaperEvent):
    """A second person agreed; `asked_by` and `request` say whose wish it was."""

    asked_by: int
    request: int

    def sentence(self) -> str:
        return self._said(_("lowered the level of the paper “%(paper)s” from “%(old)s” to “%(new)s”, since a second person agreed: %(why)s"))


@dataclass(frozen=True, kw_only=True)
class RegisterExported(Event):
    ICON = "download"
    count: int

    def sentence(self) -> str:
        return ngettext("exported %(num)s guarded archive", "exported %(num)s guarded archives", self.count) % {"num": self.count}


@dataclass(frozen=True, kw_only=True)
class LevelsNamed(Event):
    ICON = "settings"
    old: list[str]
    new: list[str]

    def sentence(self) -> str:
        return _("called the secrecy levels %(new)s instead of %(old)s") % {"new": "、".join(self.new), "old": "、".join(self.old)}
