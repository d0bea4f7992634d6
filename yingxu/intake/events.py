"""The facts imports and incoming mail can state."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class ImportFinished(Event):
    ICON = "inbox"
    PERSONAL = ("name",)
    name: str
    run: int
    done: int
    repeated: int
    refused: int

    def sentence(self):
        return (
            _("imported %(name)s: %(done)s taken in, %(repeated)s already there, %(refused)s refused") % self.__dict__
        )


@dataclass(frozen=True, kw_only=True)
class ImportUndone(Event):
    ICON = "back"
    PERSONAL = ("name",)
    name: str
    run: int
    undone: int
    kept: int

    def sentence(self):
        return (
            _("undid the import of %(name)s: %(undone)s declared void, %(kept)s kept because they were worked on")
            % self.__dict__
        )


@dataclass(frozen=True, kw_only=True)
class MailRegistered(Event):
    """A mail became the need it is stated on; whoever acknowledges it hears this."""

    ICON = "mail"
    mail: int
    left_out: int = 0

    def sentence(self):
        if self.left_out:
            return _("took in the mail; %(n)s of its files are not kept here, they are in the mail itself") % {"n": self.left_out}
        return _("took in the mail")


@dataclass(frozen=True, kw_only=True)
class MailFilesLeft(Event):
    ICON = "clip"
    mail: int
    left_out: int

    def sentence(self):
        return _("%(n)s files of a mail are not kept here, they are in the mail itself") % {"n": self.left_out}


@dataclass(frozen=True, kw_only=True)
class AutoReplyCame(Event):
    ICON = "mail"
    PERSONAL = ("subject",)
    mail: int
    subject: str = ""

    def sentence(self):
        return _("an automatic reply came in: %(subject)s") % {"subject": self.subject or _("no subject")}


@dataclass(frozen=True, kw_only=True)
class MailWaits(Event):
    """A mail that somebody wrote could not be placed by itself."""

    ICON = "mail"
    TONE = "bad"
    PERSONAL = ("subject",)
    mail: int
    subject: str = ""

    def sentence(self):
        return _("a mail waits for somebody to place it: %(subject)s") % {"subject": self.subject or _("no subject")}


@dataclass(frozen=True, kw_only=True)
class MailPlaced(Event):
    ICON = "mail"
    mail: int

    def sentence(self):
        return _("put a mail here that could not be placed by itself")


@dataclass(frozen=True, kw_only=True)
class MailTakenBack(Event):
    ICON = "back"
    TONE = "bad"
    mail: int

    def sentence(self):
        return _("took a mail back that was put here by mistake; its words belong elsewhere")


@dataclass(frozen=True, kw_only=True)
class MailDropped(Event):
    ICON = "minus"
    PERSONAL = ("reason",)
    mail: int
    reason: str

    def sentence(self):
        return _("dropped a mail: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class MailRestored(Event):
    ICON = "back"
    mail: int

    def sentence(self):
        return _("put a mail back among those that wait for a person")


@dataclass(frozen=True, kw_only=True)
class MailOpened(Event):
    """Somebody took the whole mail as it came, uncovered addresses and all."""

    ICON = "eye"
    mail: int

    def sentence(self):
        return _("downloaded the original of a mail")


@dataclass(frozen=True, kw_only=True)
class MailsExported(Event):
    ICON = "download"
    PERSONAL = ("asked",)
    count: int
    asked: str = ""

    def sentence(self):
        return _("exported the list of %(n)s mails") % {"n": self.count}


@dataclass(frozen=True, kw_only=True)
class MailboxChanged(Event):
    ICON = "settings"
    name: str
    how: str

    def sentence(self):
        said = {
            "added": _("added the mailbox %(name)s"), "edited": _("changed the mailbox %(name)s"),
            "on": _("switched the mailbox %(name)s on"), "off": _("switched the mailbox %(name)s off"),
        }  # fmt: skip
        return said.get(self.how, said["edited"]) % {"name": self.name}
