"""Facts about routing."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class RoutingRuleChanged(Event):
    """`how` is "created", "changed", "switched off", "switched on" or "moved"; `old` and `new` are the rule in words."""

    ICON = "users"
    code: str
    name: str
    how: str
    old: str = ""
    new: str = ""

    def sentence(self) -> Any:
        said = {
            "created": _("created the routing rule “%(name)s”"),
            "changed": _("changed the routing rule “%(name)s”"),
            "off": _("switched the routing rule “%(name)s” off"),
            "on": _("switched the routing rule “%(name)s” on"),
            "moved": _("moved the routing rule “%(name)s”"),
        }
        return said[self.how] % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class RoutingLearned(Event):
    """The suggestions were trained again; `accuracy` is the share it got right of what it had not seen."""

    ICON = "spark"
    target: str
    examples: int
    accuracy: float

    def sentence(self) -> Any:
        return _("learned from %(examples)s needs, right in %(percent)s%% of those it had not seen") % {
            "examples": self.examples,
            "percent": round(self.accuracy * 100, 1),
        }
