"""What keeps the product alive: backups and their proofs, the change of keys, and the heartbeat of each loop."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy


class Plan(models.Model):
    """When backups are taken and where they lie; one row. An empty `place` is `backups` in the data directory."""

    hour = models.PositiveSmallIntegerField(default=3, validators=[MaxValueValidator(23)])
    place = models.CharField(max_length=300, blank=True)
    second = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_plan"), models.CheckConstraint(condition=Q(hour__lt=24), name="plan_hour")]


class Work(models.Model):
    """Something long that runs in the background and says how far it is. `sentence` and `values` are why it failed."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("backup", "Waiting")
        RUNNING = "running", pgettext_lazy("backup", "Under way")
        DONE = "done", pgettext_lazy("backup", "Done")
        FAILED = "failed", pgettext_lazy("backup", "Failed")

    class Stage(models.TextChoices):
        COUNTING = "counting", gettext_lazy("counting the tables")
        DATABASE = "database", gettext_lazy("database")
        BASE = "base", gettext_lazy("copy of the database as it is")
        LOG = "log", gettext_lazy("replaying the log")
        PAPERS = "papers", gettext_lazy("papers")
        COMPARING = "comparing", gettext_lazy("comparing the tables")
        SECOND = "second", gettext_lazy("second place")
        SEALING = "sealing", gettext_lazy("sealing anew")

    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=10, choices=Stage.choices, blank=True)
    done = models.BigIntegerField(default=0)  # bytes of the database, else how many
    sentence = models.CharField(max_length=300, blank=True)
    values = models.JSONField(default=dict)

    class Meta:
        abstract = True

    @property
    def why(self) -> str:
        return _(self.sentence) % self.values if self.sentence else ""

    @property
    def seconds(self) -> int:
        return int((self.ended_at - self.begun_at).total_seconds()) if self.ended_at else 0


class Backup(Work):
    """One backup. `size` is what it holds, `written` what was new on the disk (bytes); `gone_at` when the rules of keeping deleted it.
    `second_at` is when its copy was whole in the second place, `second_sentence` why it is not."""

    name = models.CharField(max_length=16, blank=True)
    place = models.CharField(max_length=300, blank=True)
    size = models.BigIntegerField(default=0)
    written = models.BigIntegerField(default=0)
    papers = models.BigIntegerField(default=0)
    tables = models.PositiveIntegerField(default=0)
    second_at = models.DateTimeField(null=True, blank=True)
    second_sentence = models.CharField(max_length=300, blank=True)
    second_values = models.JSONField(default=dict)
    gone_at = models.DateTimeField(null=True, blank=True)
    proof: "Proof | None" = None  # the newest, as `queries.backups` found it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], condition=~Q(name=""), name="one_backup")]
        indexes = [models.Index(fields=["-begun_at"], name="backups_newest")]

    @property
    def second_why(self) -> str:
        return _(self.second_sentence) % self.second_values if self.second_sentence else ""

    def __str__(self) -> str:
        return self.name


class Proof(Work):
    """A backup was really restored into a scratch database and compared. `differences` are sentences, when it was not the same.
    `reached_at`: up to when the log was replayed too (None: there was none)."""

    backup = models.ForeignKey(Backup, on_delete=models.PROTECT, related_name="proofs")
    tables = models.PositiveIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    papers = models.BigIntegerField(default=0)
    differences = models.JSONField(default=list)
    reached_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-begun_at"], name="proofs_newest")]


class Resealing(Work):
    """Everything sealed is sealed anew with the key `key`; `total` is how many values had another one when it began."""

    key = models.CharField(max_length=20)
    total = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["-begun_at"], name="resealings_newest")]


class Archive(models.Model):
    """How far the database's log is kept in a place (1: the first, 2: the second). Everything committed before `reached_at` is there;
    `sentence` is why the last look at `at` failed; papers that came before `papers_at` are there too."""

    place = models.PositiveSmallIntegerField(primary_key=True)
    segment = models.CharField(max_length=24, blank=True)
    reached_at = models.DateTimeField(null=True, blank=True)
    papers_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    sentence = models.CharField(max_length=300, blank=True)
    values = models.JSONField(default=dict)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(place__in=[1, 2]), name="archive_place")]

    @property
    def why(self) -> str:
        return _(self.sentence) % self.values if self.sentence else ""


class Disk(models.Model):
    """A disk as it was at the last look: "good", "warn" or "bad", and when people were told of it last."""

    name = models.CharField(max_length=20, primary_key=True)
    level = models.CharField(max_length=4, default="good")
    told_at = models.DateTimeField(null=True, blank=True)


class Heartbeat(models.Model):
    """That a loop of the worker went round, by the database's clock. `every` is how long it may take, in seconds."""

    loop = models.CharField(max_length=80, primary_key=True)
    every = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=RawSQL("clock_timestamp()", ()))
