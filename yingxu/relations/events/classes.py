"""Classes: reckoned by the rules, set by a person."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event

from .. import words


@dataclass(frozen=True, kw_only=True)
class CustomerClassified(Event):
    """By the rules: [dimension, old, new] of everything that changed in one reckoning."""

    ICON = "flag"
    changes: list = field(default_factory=list)
    version: int = 0

    def sentence(self):
        told = [words.change(*change) for change in self.changes if len(change) == 3]
        return _("classes were reckoned anew: %(changes)s") % {"changes": "；".join(told) or "–"}


@dataclass(frozen=True, kw_only=True)
class ClassSet(Event):
    """By a person; `over` when the rules hold again."""

    ICON = "edit"
    PERSONAL = ("reason",)
    dimension: str
    old: str
    new: str
    reason: str = ""
    over: bool = False

    def sentence(self):
        told = words.change(self.dimension, self.old, self.new)
        if self.over:
            return _("the rules hold again: %(change)s") % {"change": told}
        return _("set %(change)s (%(reason)s)") % {"change": told, "reason": self.reason or "–"}


@dataclass(frozen=True, kw_only=True)
class ClassesReckoned(Event):
    ICON = "list"
    total: int
    changed: int
    version: int

    def sentence(self):
        return ngettext(
            "reckoned the classes of %(total)s customer by rules %(version)s: %(changed)s changed",
            "reckoned the classes of %(total)s customers by rules %(version)s: %(changed)s changed", self.total,
        ) % {"total": self.total, "changed": self.changed, "version": self.version}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RelationRulesChanged(Event):
    ICON = "edit"
    part: str
    version: int

    def sentence(self):
        return _("changed the rules: %(part)s, version %(version)s") % {"part": words.part(self.part), "version": self.version}


@dataclass(frozen=True, kw_only=True)
class RelationsExported(Event):
    ICON = "download"
    what: str
    count: int

    def sentence(self):
        return ngettext("exported a list of %(count)s row", "exported a list of %(count)s rows", self.count) % {"count": self.count}
