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
