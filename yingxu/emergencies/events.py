"""What emergencies state. Drills say so in every sentence, and their matter's title does, too."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from yingxu.base.events import Event
from yingxu.ui.show import told

from .states import Kind, Level, Line


@dataclass(frozen=True, kw_only=True)
class EmergencyEvent(Event):
    drill: bool = False

    def said(self, words: str) -> str:
        """The sentence, marked when it is a drill."""
        return _("[Drill] %(words)s") % {"words": words} if self.drill else words


@dataclass(frozen=True, kw_only=True)
class EmergencyDeclared(EmergencyEvent):
    ICON, TONE, URGENT = "alarm", "bad", True
    level: int
    called: int = 0

    def sentence(self) -> str:
        words = {"level": Level(self.level).label, "n": self.called}
        return self.said(ngettext("declared an emergency, %(level)s; %(n)d person was called", "declared an emergency, %(level)s; %(n)d people were called", self.called) % words)


@dataclass(frozen=True, kw_only=True)
class CallAcknowledged(EmergencyEvent):
    ICON = "check"
    minutes: float = 0
    leads: bool = False

    def sentence(self) -> str:
        if self.leads:
            return self.said(_("acknowledged the emergency and takes it in hand"))
        return self.said(_("acknowledged the call"))


@dataclass(frozen=True, kw_only=True)
class PeopleCalled(EmergencyEvent):
    ICON, URGENT = "alarm", True
    names: list[str]

    def sentence(self) -> str:
        return self.said(_("called %(names)s") % {"names": "、".join(self.names)})


@dataclass(frozen=True, kw_only=True)
class LeadHandedOver(EmergencyEvent):
    ICON, URGENT, PERSONAL = "users", True, ("reason",)
    old: str
    new: str
    reason: str = ""

    def sentence(self) -> str:
        return self.said(_("handed the lead over from %(old)s to %(new)s") % {"old": self.old or _("nobody"), "new": self.new})


@dataclass(frozen=True, kw_only=True)
class AffectedJoined(EmergencyEvent):
    ICON = "customer"
    PERSONAL = ("names",)
    names: list[str]
    count: int = 0

    def sentence(self) -> str:
        many = self.count or len(self.names)
        first = "、".join(self.names[:3])
        if many > 3:
            return self.said(_("added as affected: %(first)s and %(n)s more") % {"first": first, "n": many - 3})
        return self.said(_("added as affected: %(first)s") % {"first": first})


@dataclass(frozen=True, kw_only=True)
class AffectedLeft(EmergencyEvent):
    ICON, PERSONAL = "customer", ("name", "reason")
    name: str
    reason: str = ""

    def sentence(self) -> str:
        return self.said(_("not affected after all: %(name)s") % {"name": self.name})


@dataclass(frozen=True, kw_only=True)
class LineWritten(EmergencyEvent):
    """A line of the log; its words are the entry's note."""

    ICON = "edit"
    kind: str = "fact"

    def sentence(self) -> str:
        return self.said(_("decided") if self.kind == Line.DECISION else _("noted"))


@dataclass(frozen=True, kw_only=True)
class LineCorrected(EmergencyEvent):
    """`line` is the entry that was wrong; the right words are this entry's note."""

    ICON = "edit"
    line: int

    def sentence(self) -> str:
        return self.said(_("corrected a line of the log"))


@dataclass(frozen=True, kw_only=True)
class StandingChanged(EmergencyEvent):
    ICON, PERSONAL = "pin", ("standing",)
    standing: str

    def sentence(self) -> str:
        return self.said(_("how things stand: %(standing)s") % {"standing": self.standing or "–"})


@dataclass(frozen=True, kw_only=True)
class PlanAdopted(EmergencyEvent):
    ICON = "list"
    version: int

    def sentence(self) -> str:
        return self.said(_("wrote the plan, version %(n)s") % {"n": self.version})


@dataclass(frozen=True, kw_only=True)
class CadenceSet(EmergencyEvent):
    ICON = "clock"
    old: int
    new: int

    def sentence(self) -> str:
        return self.said(_("customers hear from us every %(new)s min now, no longer every %(old)s min") % {"new": self.new, "old": self.old})


@dataclass(frozen=True, kw_only=True)
class CustomersTold(EmergencyEvent):
    """The words are the entry's note. `sent` by themselves, `calls` by hand."""

    ICON = "send"
    number: int
    count: int
    calls: int = 0
    end: bool = False

    def sentence(self) -> str:
        words = {"n": self.number, "count": self.count}
        said = _("told the customers that it is over (message %(n)s), %(count)s of them") if self.end else _("told the customers (message %(n)s), %(count)s of them")
        return self.said(said % words)


@dataclass(frozen=True, kw_only=True)
class CustomerCalled(EmergencyEvent):
    ICON = "phone"
    PERSONAL = ("name",)
    number: int
    name: str

    def sentence(self) -> str:
        return self.said(_("told %(name)s by phone (message %(n)s)") % {"name": self.name, "n": self.number})


@dataclass(frozen=True, kw_only=True)
class UpdateOverdue(EmergencyEvent):
    """It was time to tell these customers, and nobody did."""

    ICON, TONE, NOTICE, URGENT = "warning", "bad", "clock", True
    names: list[str]
    count: int
    due_at: datetime | str

    def sentence(self) -> str:
        first = "、".join(self.names[:3])
        if self.count > 3:
            return self.said(_("It is time to tell %(first)s and %(n)s more, and nobody has") % {"first": first, "n": self.count - 3})
        return self.said(_("It is time to tell %(first)s, and nobody has") % {"first": first})


@dataclass(frozen=True, kw_only=True)
class EmergencySolved(EmergencyEvent):
    ICON, TONE = "check", "good"
    minutes: float

    def sentence(self) -> str:
        return self.said(_("solved; now every affected customer is told"))


@dataclass(frozen=True, kw_only=True)
class EmergencyAgain(EmergencyEvent):
    ICON, TONE, URGENT, PERSONAL = "alarm", "bad", True, ("reason",)
    reason: str = ""

    def sentence(self) -> str:
        return self.said(_("it broke out again"))


@dataclass(frozen=True, kw_only=True)
class EmergencyReviewed(EmergencyEvent):
    ICON = "policy"
    improvements: int = 0

    def sentence(self) -> str:
        return self.said(ngettext("wrote the after-action review, %(n)d improvement", "wrote the after-action review, %(n)d improvements", self.improvements) % {"n": self.improvements})


@dataclass(frozen=True, kw_only=True)
class EmergencyClosed(EmergencyEvent):
    ICON, TONE = "check", "good"

    def sentence(self) -> str:
        return self.said(_("closed the emergency"))


@dataclass(frozen=True, kw_only=True)
class EmergencyCalledOff(EmergencyEvent):
    ICON, PERSONAL, URGENT = "x", ("reason",), True
    reason: str

    def sentence(self) -> str:
        return self.said(_("called the emergency off: %(reason)s") % {"reason": self.reason})


# ── reserves ──


@dataclass(frozen=True, kw_only=True)
class ReserveEvent(EmergencyEvent):
    ICON = "box"


@dataclass(frozen=True, kw_only=True)
class ReserveTakenIn(ReserveEvent):
    kind: str
    quantity: str
    unit: str

    def sentence(self) -> str:
        return _("took it into the register: %(kind)s, %(quantity)s %(unit)s") % {"kind": Kind(self.kind).label, "quantity": self.quantity, "unit": self.unit}


@dataclass(frozen=True, kw_only=True)
class ReserveAmended(ReserveEvent):
    ICON = "edit"
    fields: list[str]

    def sentence(self) -> str:
        return _("changed the record")


@dataclass(frozen=True, kw_only=True)
class StockAdjusted(ReserveEvent):
    PERSONAL = ("reason",)
    old: str
    new: str
    unit: str
    reason: str

    def sentence(self) -> str:
        return _("adjusted the stock from %(old)s to %(new)s %(unit)s: %(reason)s") % vars(self)


@dataclass(frozen=True, kw_only=True)
class ReserveLookedOver(ReserveEvent):
    ICON = "check"
    next_on: str = ""

    def sentence(self) -> str:
        return _("looked it over")


@dataclass(frozen=True, kw_only=True)
class ReserveDispatched(ReserveEvent):
    ICON = "truck"
    PERSONAL = ("carrier",)
    name: str
    quantity: str
    unit: str
    to: str
    carrier: str = ""

    def sentence(self) -> str:
        return self.said(_("dispatched %(quantity)s %(unit)s of %(name)s to %(to)s") % vars(self))


@dataclass(frozen=True, kw_only=True)
class ReserveArrived(ReserveEvent):
    ICON, TONE = "truck", "good"
    name: str
    quantity: str
    unit: str

    def sentence(self) -> str:
        return self.said(_("%(quantity)s %(unit)s of %(name)s have arrived") % vars(self))


@dataclass(frozen=True, kw_only=True)
class ReserveReturned(ReserveEvent):
    name: str
    returned: str
    used: str
    unit: str

    def sentence(self) -> str:
        return self.said(_("%(name)s: %(returned)s %(unit)s came back, %(used)s %(unit)s used up") % vars(self))


@dataclass(frozen=True, kw_only=True)
class ReserveDue(ReserveEvent):
    """`what`: expiry, check or return."""

    ICON, TONE, NOTICE = "clock", "bad", "clock"
    what: str
    on: date | str

    def sentence(self) -> str:
        words = {
            "expiry": pgettext("reserve", "it expires on %(on)s"),
            "check": pgettext("reserve", "it is to be looked over by %(on)s"),
            "return": pgettext("reserve", "it should have come back by %(on)s"),
        }
        return self.said(words.get(self.what, words["check"]) % {"on": told(self.on)})


@dataclass(frozen=True, kw_only=True)
class EmergenciesExported(EmergencyEvent):
    ICON = "download"
    count: int
    reserves: bool = False

    def sentence(self) -> str:
        if self.reserves:
            return ngettext("exported %(n)d reserve", "exported %(n)d reserves", self.count) % {"n": self.count}
        return ngettext("exported %(n)d emergency", "exported %(n)d emergencies", self.count) % {"n": self.count}
