"""Proposals to destroy, legal holds, certificates. None of them holds data of a person: files are named by their numbers."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy


class Hold(models.Model):
    """While it stands nothing of the matter, and nothing that hangs from it, is proposed or destroyed. Never deleted: it is lifted."""

    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="legal_holds")
    why = models.CharField(max_length=300)
    until = models.DateField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["matter"], condition=Q(lifted_at=None), name="one_legal_hold")]


class State(models.TextChoices):
    PROPOSED = "proposed", pgettext_lazy("destruction", "To be appraised")
    SIGNING = "signing", pgettext_lazy("destruction", "Being signed")
    APPROVED = "approved", pgettext_lazy("destruction", "To be carried out")
    DONE = "done", pgettext_lazy("destruction", "Destroyed")
    REFUSED = "refused", pgettext_lazy("destruction", "Kept after all")
    WITHDRAWN = "withdrawn", pgettext_lazy("destruction", "Withdrawn")


MOVES = {
    State.PROPOSED: {State.SIGNING, State.REFUSED, State.WITHDRAWN}, State.SIGNING: {State.APPROVED, State.REFUSED, State.WITHDRAWN},
    State.APPROVED: {State.DONE},
}  # fmt: skip
OVER = (State.DONE, State.REFUSED, State.WITHDRAWN)


class Kind(models.TextChoices):
    """What is proposed."""

    FILE = "file", pgettext_lazy("destruction", "A whole customer file")
    SECTION = "section", pgettext_lazy("destruction", "One section of a file")
    PAPERS = "papers", pgettext_lazy("destruction", "Papers of a file")
    DUE = "due", pgettext_lazy("destruction", "What is over its time")


class Proposal(models.Model):
    """That outdated material be destroyed: number XH-2026-000001. `part` names the section or the papers by their keys, `retention` the
    kind of data. `digest` is the SHA-256 of the frozen list that was signed."""

    matter = models.OneToOneField("matters.Matter", on_delete=models.PROTECT, primary_key=True, related_name="destruction")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    retention = models.CharField(max_length=60, blank=True)
    part = models.JSONField(default=dict)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PROPOSED)
    value = models.CharField(max_length=500, blank=True)
    stays = models.CharField(max_length=500, blank=True)
    appraised_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    appraised_at = models.DateTimeField(null=True)
    request = models.ForeignKey("approvals.Request", null=True, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=State.values), name="destruction_state_known")]
        indexes = [models.Index(fields=["state", "-matter"], name="destruction_by_state")]

    def __str__(self) -> str:
        return self.matter.number


class Item(models.Model):
    """One matter of the frozen list. `frozen` is what hung from it, each number with when it last changed; `counts` the rows by table."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("destruction item", "Waiting")
        GONE = "gone", pgettext_lazy("destruction item", "Destroyed")
        LEFT = "left", pgettext_lazy("destruction item", "Left out")

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="items")
    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24)
    kind = models.CharField(max_length=20)
    frozen = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    why = models.CharField(max_length=200, blank=True)  # why it was left out
    at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["proposal", "matter"], name="one_destruction_item")]


class Certificate(models.Model):
    """That something was destroyed for good: number XZ-2026-000001. `facts` says what kind, how many, by which approvals, and the list of
    numbers; no data of anybody. Append-only: a trigger forbids change."""

    number = models.CharField(max_length=24, unique=True)
    proposal = models.OneToOneField(Proposal, null=True, on_delete=models.PROTECT, related_name="certificate")
    matter = models.ForeignKey("matters.Matter", null=True, on_delete=models.PROTECT, related_name="+")  # the proposal's, or the request's of who asked
    at = models.DateTimeField()
    gone = models.PositiveIntegerField()
    left = models.PositiveIntegerField(default=0)
    facts = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number
