"""May it be done? Chains a company set up, requests that go along them round by round, who was asked and what they said, deputies."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

USER = settings.AUTH_USER_MODEL


def _user(**options) -> models.ForeignKey:
    return models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", **options)


class Who(models.TextChoices):
    """Who signs at a step."""

    ROLE = "role", pgettext_lazy("approval step", "Holders of a role")
    HEAD = "head", pgettext_lazy("approval step", "Requester's own head")
    MATTER_HEAD = "matter_head", pgettext_lazy("approval step", "Head of the matter's department")
    PERSON = "person", pgettext_lazy("approval step", "A named person")


class Needed(models.TextChoices):
    """How many of those who are asked."""

    ANY = "any", pgettext_lazy("approval rule", "any one")
    ALL = "all", pgettext_lazy("approval rule", "all")
    MAJORITY = "majority", pgettext_lazy("approval rule", "more than half")


# ── what the company set up ──


class Chain(models.Model):
    """How one kind of subject is signed. `distinct`: nobody signs twice in a round. `lapse_days`: days after which a request nobody has
    finished is void (0: never). A request keeps the steps it began with; a change of the chain holds for the next round."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    description = models.CharField(max_length=300, blank=True)
    distinct = models.BooleanField(default=False)
    lapse_days = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name


class Asking(models.Model):
    """What a step of a chain says, and each request's copy of it. `code` is the role's code or the person's sign-in name; `within` is
    30m, 2h or 3d ("": no limit), in working time or round the clock; `reauth`: the password is asked for again."""

    place = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    who = models.CharField(max_length=11, choices=Who.choices)
    code = models.CharField(max_length=60, blank=True)
    needed = models.CharField(max_length=8, choices=Needed.choices, default=Needed.ANY)
    reauth = models.BooleanField(default=False)
    within = models.CharField(max_length=10, blank=True)
    round_the_clock = models.BooleanField(default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class ChainStep(Asking):
    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="steps")

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "place"], name="one_chain_step"),
            models.CheckConstraint(condition=Q(who__in=Who.values), name="chain_step_who_known"),
            models.CheckConstraint(condition=Q(needed__in=Needed.values), name="chain_step_rule_known"),
            models.CheckConstraint(
                condition=(Q(who__in=[Who.ROLE, Who.PERSON]) & ~Q(code="")) | (Q(who__in=[Who.HEAD, Who.MATTER_HEAD]) & Q(code="")),
                name="chain_step_named",
            ),
        ]


# ── what is asked ──


class State(models.TextChoices):
    """Of a request, and of a round."""

    OPEN = "open", pgettext_lazy("approval", "Being signed")
    SENT_BACK = "sent_back", pgettext_lazy("approval", "Sent back")
    GRANTED = "granted", pgettext_lazy("approval", "Approved")
    REFUSED = "refused", pgettext_lazy("approval", "Not approved")
    WITHDRAWN = "withdrawn", pgettext_lazy("approval", "Withdrawn")
    LAPSED = "lapsed", pgettext_lazy("approval", "Lapsed")


MOVES: dict[State, set[State]] = {
    State.OPEN: {State.SENT_BACK, State.GRANTED, State.REFUSED, State.WITHDRAWN, State.LAPSED},
    State.SENT_BACK: {State.OPEN, State.WITHDRAWN, State.LAPSED},
}
GOING = (State.OPEN, State.SENT_BACK)
OVER = (State.GRANTED, State.REFUSED, State.WITHDRAWN, State.LAPSED)


class Request(models.Model):
    """Something that waits for signatures. `chain` and `chain_name` are the chain as it was called then; `url` is where what is asked
    for can be looked at; `key` keeps a room from asking the same twice. `above` is the level of what it is
    about where that is more than its matter's: a part of a file. What is asked stands in its rounds."""

    matter = models.ForeignKey("matters.Matter", null=True, on_delete=models.PROTECT, related_name="approvals")
    chain = models.CharField(max_length=40)
    chain_name = models.CharField(max_length=60)
    distinct = models.BooleanField(default=False)
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=80, blank=True)
    above = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    rounds_made = models.PositiveSmallIntegerField(default=0)
    asked_by = _user(null=True, db_index=False)
    asked_at = models.DateTimeField()
    lapses_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="approval_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=GOING, ended_at=None) | Q(state__in=OVER, ended_at__isnull=False), name="approval_ends_once"
            ),
            models.UniqueConstraint(fields=["chain", "key"], condition=Q(state__in=GOING) & ~Q(key=""), name="one_open_approval"),
        ]
        indexes = [
            models.Index(fields=["asked_by", "-id"], name="approval_by_requester"),
            models.Index(fields=["state", "-id"], name="approval_by_state"),
            models.Index(fields=["lapses_at"], condition=Q(state__in=GOING, lapses_at__isnull=False), name="approval_to_lapse"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def open(self) -> bool:
        return self.state == State.OPEN

    @property
    def going(self) -> bool:
        return self.state in GOING


class Round(models.Model):
    """One way along the chain with one frozen subject. `digest` is the SHA-256 of the subject's canonical JSON; `words` what the
    requester said to it. Neither is ever changed: another subject is another round (a trigger forbids it)."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    subject = models.JSONField()
    digest = models.CharField(max_length=64)
    words = models.CharField(max_length=500, blank=True)
    outcome = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = _user(null=True, db_index=False)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="one_approval_round"),
            models.UniqueConstraint(fields=["request"], condition=Q(outcome="open"), name="one_open_approval_round"),
            models.CheckConstraint(condition=Q(outcome__in=State.values), name="approval_round_outcome_known"),
            models.CheckConstraint(condition=Q(outcome="open", ended_at=None) | (~Q(outcome="open") & Q(ended_at__isnull=False)), name="approval_round_ends_once"),
        ]


class Step(Asking):
    """A step of a round. `told` counts the rungs of the ladder that were told it is late; `look_at` is when the clock must look."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("approval step", "To come")
        OPEN = "open", pgettext_lazy("approval step", "Being signed")
        PASSED = "passed", pgettext_lazy("approval step", "Signed")
        STOPPED = "stopped", pgettext_lazy("approval step", "Ended here")
        DROPPED = "dropped", pgettext_lazy("approval step", "Not needed")

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    vacant_at = models.DateTimeField(null=True)  # since when there is nobody who could sign
    due_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)
    told = models.PositiveSmallIntegerField(default=0)
    look_at = models.DateTimeField(null=True)
    added_by = _user(null=True, db_index=False)
    added_why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["round", "place"], name="one_step_place", deferrable=models.Deferrable.DEFERRED),
            models.UniqueConstraint(fields=["round"], condition=Q(state="open"), name="one_open_step"),
            models.CheckConstraint(condition=Q(state__in=["waiting", "open", "passed", "stopped", "dropped"]), name="step_state_known"),
            models.CheckConstraint(condition=Q(who__in=Who.values) & Q(needed__in=Needed.values), name="step_words_known"),
        ]
        indexes = [
            models.Index(fields=["look_at"], condition=Q(state="open", look_at__isnull=False), name="step_to_look_at"),
            models.Index(fields=["opened_at"], name="step_opened"),
        ]

    @property
    def open(self) -> bool:
        return self.state == self.State.OPEN


class Seat(models.Model):
    """One person asked at a step, and what they said. `signed_by` differs from `user` where a deputy signed for them. `instead_of` is
    the seat that was delegated to this person. An `added` seat must agree besides whatever the step's rule says."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("signature", "Waiting")
        APPROVED = "approved", pgettext_lazy("signature", "Approved")
        REFUSED = "refused", pgettext_lazy("signature", "Refused")
        SENT_BACK = "sent_back", pgettext_lazy("signature", "Sent back")
        DELEGATED = "delegated", pgettext_lazy("signature", "Handed on")
        DROPPED = "dropped", pgettext_lazy("signature", "Not needed")

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="seats")
    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="seats")
    user = _user(db_index=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField()
    added = models.BooleanField(default=False)
    instead_of = models.ForeignKey("self", null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=500, blank=True)  # why it was handed on, or this person added
    signed_by = _user(null=True, db_index=False)
    signed_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=500, blank=True)
    proof = models.CharField(max_length=20, blank=True)  # how the signer showed again who they are

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["step", "user"], condition=Q(state="waiting"), name="one_waiting_seat"),
            models.CheckConstraint(condition=Q(state__in=["waiting", "approved", "refused", "sent_back", "delegated", "dropped"]), name="seat_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "refused", "sent_back"], signed_by__isnull=False, signed_at__isnull=False)
                | Q(state__in=["waiting", "delegated", "dropped"], signed_by=None),
                name="seat_signed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "request"], condition=Q(state="waiting"), name="seat_waiting"),
            models.Index(fields=["user", "-id"], name="seat_by_user"),
            models.Index(fields=["signed_by", "-id"], condition=Q(signed_by__isnull=False), name="seat_by_signer"),
        ]

    @property
    def waiting(self) -> bool:
        return self.state == self.State.WAITING


class Deputy(models.Model):
    """Somebody signs for somebody else while they are away, from a moment to a moment. Ended early, never edited."""

    user = _user()
    deputy = _user()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    made_by = _user(null=True, db_index=False)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("begins_at")), name="deputy_ends_after"),
            models.CheckConstraint(condition=~Q(user=F("deputy")), name="deputy_is_another"),
        ]
