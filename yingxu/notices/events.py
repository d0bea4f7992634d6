"""What is stated about things sent out of the house."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from yingxu.base.events import Event

from .models import Channel


@dataclass(frozen=True, kw_only=True)
class DeliveryFailed(Event):
    ICON = "warning"
    TONE = "bad"
    PERSONAL = ("to", "why")
    delivery: int
    channel: str
    to: str = ""
    why: str = ""

    def sentence(self):
        values = {"channel": Channel(self.channel).label, "to": self.to, "why": self.why}
        return _("could not deliver by %(channel)s to %(to)s: %(why)s") % values


@dataclass(frozen=True, kw_only=True)
class DeliveryBounced(Event):
    ICON = "warning"
    TONE = "bad"
    PERSONAL = ("to", "why")
    delivery: int
    channel: str
    to: str = ""
    why: str = ""

    def sentence(self):
        values = {"channel": Channel(self.channel).label, "to": self.to, "why": self.why}
        return _("got the %(channel)s to %(to)s back: %(why)s") % values


@dataclass(frozen=True, kw_only=True)
class DeliveryReleased(Event):
    ICON = "send"
    PERSONAL = ("to",)
    delivery: int
    channel: str
    to: str = ""

    def sentence(self):
        return _("sent the %(channel)s to %(to)s again") % {"channel": Channel(self.channel).label, "to": self.to}


@dataclass(frozen=True, kw_only=True)
class DeliveryCancelled(Event):
    ICON = "x"
    PERSONAL = ("to",)
    delivery: int
    channel: str
    to: str = ""

    def sentence(self):
        return _("cancelled the %(channel)s to %(to)s") % {"channel": Channel(self.channel).label, "to": self.to}


@dataclass(frozen=True, kw_only=True)
class ChannelChanged(Event):
    """The set-up of a way out; "common" is what all have in common."""

    ICON = "settings"
    channel: str
    on: bool

    def sentence(self):
        if self.channel not in Channel.values:
            return _("changed how messages leave the house")
        values = {"channel": Channel(self.channel).label}
        return _("set up %(channel)s: switched on") % values if self.on else _("set up %(channel)s: nothing leaves") % values


@dataclass(frozen=True, kw_only=True)
class RobotChanged(Event):
    ICON = "chat"
    robot: int
    name: str
    how: str = ""

    def sentence(self):
        said = {
            "added": _("added the group robot “%(name)s”"), "on": _("switched the group robot “%(name)s” on"),
            "off": _("switched the group robot “%(name)s” off"),
        }  # fmt: skip
        return said.get(self.how, _("changed the group robot “%(name)s”")) % {"name": self.name}
