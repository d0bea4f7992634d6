"""Facts about record templates."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class TemplateCreated(Event):
    ICON = "list"
    code: str
    name: str

    def sentence(self) -> Any:
        return _("created the record template “%(name)s”") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class TemplateChanged(Event):
    """A new version; `change` says what was done, `number` is the new version."""

    ICON = "list"
    code: str
    name: str
    number: int
    change: str

    def sentence(self) -> Any:
        return _("made version %(number)s of the record template “%(name)s”: %(change)s") % {
            "number": self.number,
            "name": self.name,
            "change": self.change,
        }


@dataclass(frozen=True, kw_only=True)
class TemplateRenamed(Event):
    ICON = "list"
    code: str
    old: str
    new: str

    def sentence(self) -> Any:
        return _("renamed the record template “%(old)s” to “%(new)s”") % {"old": self.old, "new": self.new}


@dataclass(frozen=True, kw_only=True)
class TemplateArchived(Event):
    ICON = "list"
    code: str
    name: str
    active: bool

    def sentence(self) -> Any:
        if self.active:
            return _("brought back the record template “%(name)s”") % {"name": self.name}
        return _("archived the record template “%(name)s”") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class CategoryTextChanged(Event):
    ICON = "list"
    category: str
    label: str
    old: str
    new: str

    def sentence(self) -> Any:
        return _("changed the definition of the category “%(label)s”") % {"label": self.label}


@dataclass(frozen=True, kw_only=True)
class QuickTextChanged(Event):
    ICON = "list"
    code: str
    title: str
    active: bool

    def sentence(self) -> Any:
        if not self.active:
            return _("took away the ready-made words “%(title)s”") % {"title": self.title}
        return _("changed the ready-made words “%(title)s”") % {"title": self.title}
