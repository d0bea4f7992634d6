"""Facts about the policy."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class PackInstalled(Event):
    """`before` is the version that was there, "" for the first; `conflicts` how many of the company's edits stayed against it."""

    ICON = "policy"
    name: str
    title: str
    version: str
    before: str = ""
    conflicts: int = 0

    def sentence(self) -> Any:
        values = {"title": self.title, "version": self.version, "before": self.before}
        if self.before:
            return _("upgraded the policy pack “%(title)s” from %(before)s to %(version)s") % values
        return _("installed the policy pack “%(title)s” %(version)s") % values
