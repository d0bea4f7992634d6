"""What is stated about consulting. Until it is granted it stands on no file's timeline, so that asking looks the same whatever there is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event

from .models import Finding


@dataclass(frozen=True, kw_only=True)
class ConsultAsked(Event):
    ICON = "eye"
    PERSONAL: ClassVar[tuple[str, ...]] = ("named", "purpose")
    consultation: int
    named: str
    purpose: str
    until: date | str

    def sentence(self) -> str:
        return _("asked to consult “%(named)s” until %(day)s: %(purpose)s") % {"named": self.named, "day": str(self.until), "purpose": self.purpose}


@dataclass(frozen=True, kw_only=True)
class ConsultGranted(Event):
    """The requester may read the file from now on; `to` is their name, `request` the signatures."""

    ICON = "eye"
    TONE = "good"
    PERSONAL: ClassVar[tuple[str, ...]] = ("purpose",)
    consultation: int
    request: int
    to: str
    purpose: str
    until: date | str

    def sentence(self) -> str:
        return _("lets %(name)s read this file until %(day)s, since every signature is there: %(purpose)s") % {"name": self.to, "day": str(self.until), "purpose": self.purpose}


@dataclass(frozen=True, kw_only=True)
class ConsultRefused(Event):
    """All that a requester is told, whatever the reason."""

    ICON = "eye"
    PERSONAL: ClassVar[tuple[str, ...]] = ("named",)
    consultation: int
    named: str

    def sentence(self) -> str:
        return _("did not grant the consulting of “%(named)s”. If it is needed, ask again with more about the purpose") % {"named": self.named}


@dataclass(frozen=True, kw_only=True)
class ConsultWithdrawn(Event):
    ICON = "eye"
    PERSONAL: ClassVar[tuple[str, ...]] = ("named",)
    consultation: int
    named: str

    def sentence(self) -> str:
        return _("no longer wants to consult “%(named)s”") % {"named": self.named}


@dataclass(frozen=True, kw_only=True)
class ConsultEnded(Event):
    """On the file's timeline: who can no longer read it, before its time (`why`) or because that is over."""

    ICON = "eye"
    PERSONAL = ("why",)
    consultation: int
    to: str
    why: str = ""

    def sentence(self) -> str:
        if self.why:
            return _("ended the reading of %(name)s: %(why)s") % {"name": self.to, "why": self.why}
        return _("ended the reading of %(name)s, since its time is over") % {"name": self.to}


@dataclass(frozen=True, kw_only=True)
class ConsultOver(Event):
    """To the requester, who no longer sees the file."""

    ICON = "eye"
    PERSONAL: ClassVar[tuple[str, ...]] = ("named",)
    consultation: int
    named: str

    def sentence(self) -> str:
        return _("closed the file “%(named)s” again: the time to read it is over") % {"named": self.named}


# ── readings in an emergency ──


@dataclass(frozen=True, kw_only=True)
class GlassAsked(Event):
    """On no file's timeline, so that asking looks the same whatever there is."""

    ICON = "alarm"
    PERSONAL: ClassVar[tuple[str, ...]] = ("named", "purpose")
    consultation: int
    named: str
    purpose: str
    hours: int

    def sentence(self) -> str:
        words = {"named": self.named, "num": self.hours, "purpose": self.purpose}
        return ngettext("asked to read “%(named)s” in an emergency for %(num)s hour: %(purpose)s", "asked to read “%(named)s” in an emergency for %(num)s hours: %(purpose)s", self.hours) % words


@dataclass(frozen=True, kw_only=True)
class GlassBroken(Event):
    """Everybody of the circle, the owner and the reader are told. `request` is the signature, None when an emergency opened it at once."""

    ICON = "alarm"
    TONE = "bad"
    NOTICE = "emergency"
    PERSONAL: ClassVar[tuple[str, ...]] = ("purpose",)
    consultation: int
    request: int | None
    to: str
    purpose: str
    ends_at: datetime | str
    emergency: str = ""

    def sentence(self) -> str:
        end = self.ends_at if isinstance(self.ends_at, datetime) else datetime.fromisoformat(self.ends_at)
        words = {"name": self.to, "at": f"{localtime(end):%m-%d %H:%M}", "purpose": self.purpose, "number": self.emergency}
        if self.emergency:
            return _("let %(name)s read this file at once until %(at)s, because of the emergency %(number)s: %(purpose)s") % words
        return _("lets %(name)s read this file in an emergency until %(at)s, since one signature is there: %(purpose)s") % words


@dataclass(frozen=True, kw_only=True)
class GlassReviewed(Event):
    ICON = "check"
    PERSONAL: ClassVar[tuple[str, ...]] = ("words",)
    consultation: int
    to: str
    finding: str
    words: str

    def sentence(self) -> str:
        return _("reviewed the emergency reading of %(name)s — %(finding)s: %(words)s") % {"name": self.to, "finding": Finding(self.finding).label, "words": self.words}
