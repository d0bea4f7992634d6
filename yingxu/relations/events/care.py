"""Care: a birthday is known, an occasion comes, was taken care of, or is withheld."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class BirthdayNoted(Event):
    """No day in it: the journal cannot be blanked by halves."""

    ICON = "calendar"
    gone: bool = False

    def sentence(self):
        return _("took a birthday out of the file") if self.gone else _("noted a birthday")


@dataclass(frozen=True, kw_only=True)
class CarePlanned(Event):
    ICON = "calendar"
    name: str
    on: date

    def sentence(self):
        return _("care is due: %(name)s on %(day)s") % {"name": self.name, "day": self.on}


@dataclass(frozen=True, kw_only=True)
class CareWithheld(Event):
    ICON = "x"
    name: str
    on: date

    def sentence(self):
        return _("no care for %(name)s on %(day)s: the customer did not agree to marketing") % {"name": self.name, "day": self.on}


@dataclass(frozen=True, kw_only=True)
class CareSettled(Event):
    ICON = "check"
    PERSONAL = ("result",)
    name: str
    done: bool
    result: str = ""

    def sentence(self):
        said = _("took care of %(name)s") if self.done else _("left out %(name)s")
        return said % {"name": self.name} + (f" · {self.result}" if self.result else "")
