"""What is stated about backups and keys."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yingxu.base.events import Event

DISKS = {
    "data": gettext_noop("the disk of the data"), "files": gettext_noop("the disk of the files"), "database": gettext_noop("the disk of the database"),
    "temp": gettext_noop("the disk of temporary files"), "place": gettext_noop("the disk of the backups"), "second": gettext_noop("the second place of the backups"),
}  # fmt: skip


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
class LogSilent(Event):
    ICON = "warning"
    TONE = "bad"
    URGENT = True
    second: bool
    why: str
    values: dict

    def sentence(self):
        if self.second:
            return _("the log does not reach the second place any more: %(why)s") % {"why": _said(self) or _("nothing arrives")}
        return _("the log is not archived any more: %(why)s") % {"why": _said(self) or _("nothing arrives")}


@dataclass(frozen=True, kw_only=True)
class DiskFilling(Event):
    """`left`: whole percent; `refused`: so little that nothing new is taken."""

    ICON = "warning"
    TONE = "bad"
    URGENT = True
    disk: str
    left: int
    refused: bool

    def sentence(self):
        values = {"disk": _(DISKS.get(self.disk, self.disk)), "left": self.left}
        if self.refused:
            return _("nothing new is taken any more: %(disk)s is full (%(left)s %% free)") % values
        return _("%(disk)s gets full (%(left)s %% free)") % values


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


def _said(event: "BackupFailed | SecondCopyFailed | ProofFailed | LogSilent") -> str:
    if not event.why:
        return ""
    return _(event.why) % event.values if event.values else _(event.why)
