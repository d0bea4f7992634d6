"""Imports: the run, its rows, and mappings remembered for the next file of the same shape. Mail: mailboxes and what came in."""

import zlib

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import crypto

from .mail.signs import Nature


class ImportRun(models.Model):
    """One file on its way in. `done` rows have been dealt with; a run that stopped goes on behind them."""

    class Shape(models.TextChoices):
        NEEDS = "needs", _("One row a need")
        EVENTS = "events", _("One row an event of a need (log)")

    class State(models.TextChoices):
        RECEIVED = "received", _("Columns to be mapped")
        WAITING = "waiting", _("Waiting to start")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Stopped")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    name = models.CharField(max_length=120)
    stored = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    shape = models.CharField(max_length=6, choices=Shape.choices, default=Shape.NEEDS)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RECEIVED)
    header = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)  # {column: target}
    options = models.JSONField(default=dict)  # kind, channel, category, states …
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(done__lte=models.F("total")), name="not_more_than_all")]


class ImportRow(models.Model):
    """What became of one row (for an event log: of one need)."""

    class Outcome(models.TextChoices):
        DONE = "done", _("Imported")
        REPEATED = "repeated", _("Already there")
        REFUSED = "refused", _("Refused")

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    need = models.ForeignKey("needs.Need", null=True, on_delete=models.PROTECT, related_name="+")
    message = models.CharField(max_length=300, blank=True)
    undone = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "line"], name="one_outcome_per_line")]
        indexes = [models.Index(fields=["run", "outcome", "line"])]


class RememberedMapping(models.Model):
    """How the columns of a header were mapped the last time."""

    header = models.CharField(max_length=64, unique=True)  # SHA-256 of the column names
    shape = models.CharField(max_length=6, choices=ImportRun.Shape.choices)
    mapping = models.JSONField()
    options = models.JSONField()
    at = models.DateTimeField()


@crypto.seals("sealed_password")
class Mailbox(models.Model):
    """An address of the company that mail is taken in for: fetched by IMAP, or delivered to our own listener. `last_uid` of
    `uid_validity` is the last message taken; `waiting` are those seen and not yet taken. `trouble` is what went wrong the last time."""

    class Way(models.TextChoices):
        IMAP = "imap", _("Fetched by IMAP")
        DELIVERED = "delivered", _("Delivered to our listener (LMTP or SMTP)")

    class Security(models.TextChoices):
        TLS = "tls", _("TLS from the beginning, usually port 993")
        STARTTLS = "starttls", _("STARTTLS, usually port 143")
        NONE = "none", _("Unencrypted, only on this machine")

    class After(models.TextChoices):
        SEEN = "seen", _("Mark it as read")
        KEEP = "keep", _("Leave it untouched")
        MOVE = "move", _("Move it to a folder")
        DELETE = "delete", _("Delete it there")

    name = models.CharField(max_length=60)
    address = models.CharField(max_length=254, unique=True)
    aliases = ArrayField(models.CharField(max_length=254), default=list, blank=True)
    way = models.CharField(max_length=9, choices=Way.choices, default=Way.IMAP)
    host = models.CharField(max_length=200, blank=True)
    port = models.PositiveIntegerField(default=993)
    security = models.CharField(max_length=8, choices=Security.choices, default=Security.TLS)
    username = models.CharField(max_length=200, blank=True)
    sealed_password = models.TextField(blank=True)
    folder = models.CharField(max_length=200, default="INBOX", blank=True)
    after = models.CharField(max_length=6, choices=After.choices, default=After.SEEN)
    move_to = models.CharField(max_length=200, blank=True)
    every_minutes = models.PositiveSmallIntegerField(default=2)
    kind = models.SlugField(max_length=40, blank=True)  # of needs when nothing suggests one
    active = models.BooleanField(default=True)
    uid_validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    well_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)

    SEALED = "intake.mailbox"

    class Meta:
        ordering = ["name", "id"]

    @property
    def password(self) -> str:
        return crypto.unseal(self.sealed_password, self.SEALED) if self.sealed_password else ""

    @property
    def addresses(self) -> list[str]:
        return [self.address, *self.aliases]

    def __str__(self) -> str:
        return self.name


@crypto.seals("sealed_sender")
class Received(models.Model):
    """One mail that came in and what became of it. `key` (Message-ID and content) makes it one, however often and wherever it comes:
    further arrivals are rows with `original`. `about` is the matter it belongs to, `maybe` the one it claims to; `entry` the journal
    entry its words became. The sender's address is sealed; `sender_hint` is how a page shows it, `sender_mark` how it is found."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("mail", "To be read")
        NEED = "need", pgettext_lazy("mail", "Became a need")
        REPLY = "reply", pgettext_lazy("mail", "Put to its need")
        BOUNCE = "bounce", pgettext_lazy("mail", "Bounce, attached")
        AUTO = "auto", pgettext_lazy("mail", "Automatic reply, attached")
        ANSWER = "answer", pgettext_lazy("mail", "Answer to an invitation")
        QUARANTINE = "quarantine", pgettext_lazy("mail", "Waits for a person")
        DUPLICATE = "duplicate", pgettext_lazy("mail", "Came again")
        DROPPED = "dropped", pgettext_lazy("mail", "Dropped")

    class Reason(models.TextChoices):
        """Why a person has to look at it."""

        STRANGER = "stranger", _("The sender has nothing to do with the need it names")
        OTHER = "other", _("It answers something that is no need")
        NOBODY = "nobody", _("No sender it could be answered to")
        AUTOMATIC = "auto", _("An automatic reply to nothing of ours")
        BOUNCE = "bounce", _("A bounce of nothing we sent")
        LIST = "list", _("From a mailing list")
        LOOP = "loop", _("It goes in circles: one of our own came back")
        RATE = "rate", _("Too many from this sender in an hour")
        UNREADABLE = "unreadable", _("It could not be read")
        TOO_BIG = "too_big", _("Larger than we take")
        TAKEN_BACK = "taken_back", _("Taken back by a person")

    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="received")
    original = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="again")
    times = models.PositiveIntegerField(default=1)
    key = models.BinaryField(max_length=32)
    message_id = models.CharField(max_length=255, blank=True)
    refs = ArrayField(models.CharField(max_length=255), default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    nature = models.CharField(max_length=8, choices=Nature.choices, default=Nature.MESSAGE)
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    sender_name = models.CharField(max_length=120, blank=True)
    sender_hint = models.CharField(max_length=80, blank=True)
    sealed_sender = models.TextField(blank=True)
    sender_mark = models.BinaryField(max_length=16, null=True)
    subject = models.CharField(max_length=250, blank=True)
    at = models.DateTimeField()
    size = models.PositiveIntegerField()
    left_out = models.JSONField(default=list)  # [[name, why], …] of files that are only in the mail itself
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    about = models.ForeignKey("matters.Matter", null=True, on_delete=models.PROTECT, related_name="+")
    maybe = models.ForeignKey("matters.Matter", null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    entry = models.OneToOneField("matters.Entry", null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=300, blank=True)

    SEALED = "intake.received"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(original=None), name="mail_once"),
            models.UniqueConstraint(fields=["original", "mailbox"], condition=Q(original__isnull=False), name="mail_again_once"),
            models.CheckConstraint(condition=Q(original=None) | Q(state="duplicate"), name="mail_again_is_duplicate"),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="mails_newest"),
            models.Index(fields=["state", "-at", "-id"], name="mails_by_state"),
            models.Index(fields=["sender_mark", "-at"], name="mails_by_sender"),
            models.Index(fields=["message_id"], name="mails_by_message_id"),
            GinIndex(fields=["refs"], name="mails_by_refs"),
        ]

    @property
    def sender(self) -> str:
        """The sender's address, unsealed."""
        return crypto.unseal(self.sealed_sender, self.SEALED) if self.sealed_sender else ""

    def __str__(self) -> str:
        return self.subject


@crypto.seals("sealed")
class Raw(models.Model):
    """The bytes of a mail as they came, compressed and sealed, in the same transaction as its row."""

    received = models.OneToOneField(Received, on_delete=models.CASCADE, primary_key=True, related_name="raw")
    sealed = models.BinaryField()

    SEALED = "intake.raw"

    @property
    def body(self) -> bytes:
        return zlib.decompress(crypto.unseal_bytes(bytes(self.sealed), self.SEALED))

    @classmethod
    def of(cls, received: Received, body: bytes) -> "Raw":
        return cls(received=received, sealed=crypto.seal_bytes(zlib.compress(body, 1), cls.SEALED))
