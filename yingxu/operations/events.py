"""What is stated about backups and keys."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class BackupMade(Event):
    ICON = "box"
    TONE = "good"
    backup: str
    size: int

    def sentence(self):
        return _("took the backup %(name)s") % {"name": self.backup}


@dataclass(frozen=True, kw_only=True)
class BackupFailed(Event):
    ICON = "warning"
    TONE = "bad"
    URGENT = True
    why: str
    values: dict

    def sentence(self):
        return _("could not take a backup: %(why)s") % {"why": _said(self)}


@dataclass(frozen=True, kw_only=True)
class SecondCopyFailed(Event):
    ICON = "warning"
    TONE = "bad"
    why: str
    values: dict

    def sentence(self):
        return _("could not bring the backup to the second place: %(why)s") % {"why": _said(self)}


@dataclass(frozen=True, kw_only=True)
class BackupProved(Event):
    ICON = "check"
    TONE = "good"
    backup: str
    tables: int
    rows: int

    def sentence(self):
        values = {"name": self.backup, "tables": self.tables, "rows": self.rows}
        return _("restored the backup %(name)s to try it: %(tables)s tables and %(rows)s rows are the same") % values


@dataclass(frozen=True, kw_only=True)
class ProofFailed(Event):
    ICON = "warning"
    TONE = "bad"
    URGENT = True
    backup: str
    why: str
    values: dict

    def sentence(self):
        return _("could not restore the backup %(name)s: %(why)s") % {"name": self.backup, "why": _said(self)}


@dataclass(frozen=True, kw_only=True)
class PlanChanged(Event):
    ICON = "settings"
    hour: int
    place: str
    second: str

    def sentence(self):
        return _("set backups to %(hour)s o'clock") % {"hour": self.hour}


@dataclass(frozen=True, kw_only=True)
class KeyAdded(Event):
    ICON = "lock"
    key: str

    def sentence(self):
        return _("made %(key)s the key of what is sealed") % {"key": self.key}


@dataclass(frozen=True, kw_only=True)
class KeyRetired(Event):
    ICON = "lock"
    key: str

    def sentence(self):
        return _("took the key %(key)s out of use") % {"key": self.key}


@dataclass(frozen=True, kw_only=True)
class Restored(Event):
    ICON = "undo"
    backup: str
    held: int

    def sentence(self):
        return _("restored the backup %(name)s; %(held)s messages wait for a person") % {"name": self.backup, "held": self.held}


def _said(event: "BackupFailed | SecondCopyFailed | ProofFailed") -> str:
    return _(event.why) % event.values if event.values else _(event.why)
