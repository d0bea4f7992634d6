"""The spine: everything with a life of its own has a matter; journal, notes, watchers, drafts and numbers hang on it."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import CUSTOMER, NAME


class Secrecy(models.IntegerChoices):
    """The company's own business grades; state secrets must not be stored."""

    NONE = 0, _("Ordinary")
    CONFIDENTIAL = 1, _("Confidential")
    SECRET = 2, _("Secret")
    TOP = 3, _("Top secret")


class MatterManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().defer("search")


class Matter(models.Model):
    """`kind` is the room's word ("need"); `due_at` the nearest open deadline, kept by `deadlines`; never business state."""

    kind = models.CharField(max_length=20)
    number = models.CharField(max_length=24, unique=True)
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    department = models.ForeignKey(
        "people.Department", null=True, blank=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    secrecy = models.PositiveSmallIntegerField(choices=Secrecy.choices, default=Secrecy.NONE)
    circle = models.ForeignKey(  # whose circle of persons governs this one, perhaps its own; None: no circle bounds it
        "self", null=True, blank=True, db_index=False, on_delete=models.PROTECT, related_name="governed"
    )
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)  # since when it is no more than its number, dates and states
    search = SearchVectorField(null=True)

    objects = MatterManager()

    class Meta:
        base_manager_name = "objects"
        constraints = [models.CheckConstraint(condition=Q(secrecy__lte=3), name="secrecy_known")]
        indexes = [
            models.Index(
                fields=["kind", "department", "due_at", "id"], condition=Q(closed_at=None), name="open_by_department"
            ),
            models.Index(fields=["kind", "owner", "due_at", "id"], condition=Q(closed_at=None), name="open_by_owner"),
            models.Index(fields=["kind", "due_at", "id"], name="by_due"),
            models.Index(fields=["kind", "opened_at", "id"], name="by_opened"),
            models.Index(fields=["kind", "department", "opened_at", "id"], name="by_department_opened"),
            models.Index(fields=["kind", "owner", "opened_at", "id"], name="by_owner_opened"),
            GinIndex(fields=["search"], name="matter_search"),
            models.Index(fields=["circle", "id"], condition=Q(circle__isnull=False), name="by_circle"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def guarded(self) -> bool:
        """Has it a level or a circle, so that nothing of it leaves the house by itself?"""
        return bool(self.secrecy) or self.circle_id is not None

    def beyond(self, other: "Matter") -> bool:
        """Has this a higher level than the other or a circle the other has not, so that not everybody who reads the other may read it?"""
        return self.secrecy > other.secrecy or self.circle_id not in (None, other.circle_id)


class Admission(models.Model):
    """That a person was let in by name, and until when; never edited but for its end. `member`: as one of the circle; otherwise for a
    look that was asked for and granted. It lifts no clearance."""

    matter = models.ForeignKey(Matter, db_index=False, on_delete=models.PROTECT, related_name="admissions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, db_index=False, on_delete=models.PROTECT, related_name="admissions")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=200, blank=True)
    member = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["user", "matter"]), models.Index(fields=["matter", "user"])]
        constraints = [models.CheckConstraint(condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("begins_at")), name="admission_ends_after")]


class Overlap(models.Model):
    """A matter that hangs from several with different circles has a circle of its own, of those who are in all of these."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="overlaps")
    circle = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "circle"], name="one_overlap")]


class Counter(models.Model):
    """The last number given per series and year; locked last in a transaction, so numbers have no gaps."""

    series = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    last = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="one_counter")]


class Acted:
    """Who it was, of a row that says who acted."""

    actor_kind: str
    actor_name: str
    personal: dict

    @property
    def who(self) -> str:
        """The name to show. A customer's stands in the personal part alone; once that is blanked it was just a customer."""
        if self.actor_kind == CUSTOMER:
            return self.personal.get(NAME) or str(_("Customer"))
        return self.actor_name


class Entry(Acted, models.Model):
    """One stated fact: the timeline, the outbox and the evidence in one append-only table (a trigger forbids change).

    `at` is when it happened, `recorded_at` when the database took it. `personal` may be blanked when the law asks.
    Of a customer `actor_name` is CUSTOMER; who it was stands in `personal` (`who`). `tx` orders settled entries for listeners: an entry is settled once every transaction up to its own has ended.
    """

    matter = models.ForeignKey(Matter, null=True, db_index=False, on_delete=models.PROTECT, related_name="entries")
    event = models.CharField(max_length=60)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=RawSQL("clock_timestamp()", ()))
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    facts = models.JSONField(default=dict)
    personal = models.JSONField(default=dict)
    tell = ArrayField(models.BigIntegerField(), default=list)
    tx = models.BigIntegerField(db_default=RawSQL("pg_current_xact_id()::text::bigint", ()))

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["matter", "id"]),
            models.Index(fields=["tx", "id"]),
            BrinIndex(fields=["at"], autosummarize=True, name="entries_by_time"),
        ]


class Look(Acted, models.Model):
    """Somebody looked, took a list away, came or went, or was refused at a door: the access log, append-only like the journal.

    `serves` is the need a look was for. `facts` hold codes and counts, `personal` what was typed (filter words, a wrong sign-in
    name) and where from; `personal` may be blanked when the law asks. `user_id` is the staff user behind a token or a session.
    """

    class What(models.TextChoices):
        PAGE = "page", pgettext_lazy("look", "Opened")
        API = "api", pgettext_lazy("look", "Read by a program")
        FILE = "file", pgettext_lazy("look", "Took a file")
        PRINT = "print", pgettext_lazy("look", "Printed")
        EXPORT = "export", pgettext_lazy("look", "Exported")
        REVEAL = "reveal", pgettext_lazy("look", "Uncovered a number")
        REFUSED = "refused", pgettext_lazy("look", "Was refused")
        SIGNED_IN = "signed_in", pgettext_lazy("look", "Signed in")
        SIGNED_OUT = "signed_out", pgettext_lazy("look", "Signed out")
        SIGN_IN_REFUSED = "sign_in_refused", pgettext_lazy("look", "Sign-in refused")
        ERASED = "erased", pgettext_lazy("look", "Blanked personal data")

    what = models.CharField(max_length=20, choices=What.choices)
    # no constraints in the database: they would let a page wait for a verb that holds the matter's row, and no matter is ever deleted
    matter = models.ForeignKey(
        Matter, null=True, db_index=False, db_constraint=False, on_delete=models.PROTECT, related_name="looks"
    )
    serves = models.ForeignKey(Matter, null=True, db_index=False, db_constraint=False, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=RawSQL("clock_timestamp()", ()))
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    user_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    personal = models.JSONField(default=dict)
    tx = models.BigIntegerField(db_default=RawSQL("pg_current_xact_id()::text::bigint", ()))

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["matter", "at"], name="looks_at_a_matter"),
            models.Index(fields=["user_id", "at"], name="looks_of_a_person"),
            models.Index(fields=["tx", "id"], name="looks_in_order"),
            BrinIndex(fields=["at"], autosummarize=True, name="looks_by_time"),
        ]


class Seal(models.Model):
    """One sealed batch of a ledger ("journal" or "looks"): what its rows were, chained to the batch before.

    `tx` and `row` are the place of its last row. `leaves` hold 72 bytes for each row: its id, the hash of all but its personal part,
    and a commitment to that part (zeros when there is none). `salts` hold the 16 random bytes each commitment was made with; they
    are no part of `mac`, and are blanked with the personal part, so that nobody can guess it from its commitment.
    """

    ledger = models.CharField(max_length=8)
    number = models.BigIntegerField()
    tx = models.BigIntegerField()
    row = models.BigIntegerField()
    rows = models.PositiveIntegerField()
    leaves = models.BinaryField()
    salts = models.BinaryField()
    previous = models.BinaryField(max_length=32)
    key = models.CharField(max_length=20)
    mac = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ledger", "number"], name="one_seal_of_a_number")]
        indexes = [models.Index(fields=["ledger", "tx", "row"], name="seals_by_place")]


class Verification(models.Model):
    """Somebody had a ledger held against its seals: how far it came (`through`, with the `code` of that seal), what it found.
    `heads` are those outside the database that agreed, None when there were none to compare with."""

    ledger = models.CharField(max_length=8)
    by_name = models.CharField(max_length=80)
    user_id = models.BigIntegerField(null=True)
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    through = models.BigIntegerField(default=0)
    code = models.BinaryField(max_length=32, default=bytes)
    rows = models.BigIntegerField(default=0)
    blanked = models.BigIntegerField(default=0)
    heads = models.BigIntegerField(null=True)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]

    @property
    def running(self) -> bool:
        """Not ended, and heard of a moment ago; a worker that was killed leaves one that is not heard of any more."""
        return self.ended_at is None and clock.now() - self.seen_at < timedelta(minutes=10)


class Cursor(models.Model):
    """How far a listener has heard the journal."""

    listener = models.CharField(max_length=80, primary_key=True)
    tx = models.BigIntegerField(default=0)
    entry = models.BigIntegerField(default=0)


class Failure(models.Model):
    """A reaction that raised on an entry: retried, then set aside where people see it, while the others go on."""

    listener = models.CharField(max_length=80)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    error = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["listener", "entry"], name="one_failure")]


class Note(models.Model):
    """Words on a matter. `voice`: said (customer), told (us to the customer), internal (nobody outside reads it)."""

    class Voice(models.TextChoices):
        SAID = "said", _("From the customer")
        TOLD = "told", _("To the customer")
        INTERNAL = "internal", _("Internal note")

    matter = models.ForeignKey(Matter, db_index=False, on_delete=models.PROTECT, related_name="notes")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="note")
    voice = models.CharField(max_length=8, choices=Voice.choices)
    channel = models.CharField(max_length=20, blank=True)
    body = models.TextField()
    question = models.BooleanField(default=False)  # waits for the customer's answer
    answered_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["matter", "id"])]


class Watcher(models.Model):
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="watchers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watching")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "user"], name="one_watch")]


class Draft(models.Model):
    """What a person has typed and not sent; `place` names the form ("needs.reply:2026-000123", "needs.intake")."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    place = models.CharField(max_length=80)
    content = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "place"], name="one_draft_per_place")]


class Seen(models.Model):
    """The last entry of a matter a person has seen; what is newer is unread."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="seen")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "user"], name="one_seen")]


class Presence(models.Model):
    """That somebody had a matter open a moment ago, and when they last typed on it. Kept in an unlogged table: worth nothing a
    minute later, and nothing is lost when the database falls."""

    matter = models.ForeignKey(Matter, db_index=False, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, db_index=False, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    typing_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "user"], name="one_presence")]


class Snooze(models.Model):
    """A person put a matter aside until a moment; nobody else's lists change. `told` once they were reminded; the row goes when they
    open the matter again or take it back."""

    matter = models.ForeignKey(Matter, db_index=False, on_delete=models.CASCADE, related_name="snoozes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    told = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "user"], name="one_snooze")]
        indexes = [models.Index(fields=["until"], condition=Q(told=False), name="snoozes_to_tell")]


class Receipt(models.Model):
    """What was asked once is done once: one row per (source, key), e.g. an Idempotency-Key or a form's nonce. `model` and `made` say
    what came of it ("tasks.task" and its id)."""

    source = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    fingerprint = models.BinaryField(max_length=32)
    model = models.CharField(max_length=60, blank=True)
    made = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="done_once")]
