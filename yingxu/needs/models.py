"""A need and what happened to it: rounds, plans, results, reviews, confirmations, visits, links."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from .states import ENDED, Category, Channel, Outcome, State

USER = settings.AUTH_USER_MODEL


def _user(**options) -> models.ForeignKey:
    return models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", **options)


class Need(models.Model):
    """Title, number, owner, department, secrecy and the nearest deadline are the matter's. `raised_at` is when the customer said
    it, `matter.opened_at` when we registered it. `held_at` is set while we wait for the customer in the middle of handling."""

    matter = models.OneToOneField("matters.Matter", on_delete=models.PROTECT, primary_key=True, related_name="need")
    kind = models.SlugField(max_length=40, db_index=False)
    template = models.ForeignKey("templates.TemplateVersion", null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey("customers.Customer", null=True, db_index=False, on_delete=models.PROTECT, related_name="needs")
    contact = models.ForeignKey("customers.Contact", null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    caller = models.CharField(max_length=80, blank=True)  # the name as given, also when there is no customer file
    channel = models.CharField(max_length=10, choices=Channel.choices)
    category = models.CharField(max_length=10, choices=Category.choices, blank=True)
    urgency = models.PositiveSmallIntegerField(null=True)  # 1–5, assessed at triage
    importance = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.REGISTERED)
    round = models.PositiveSmallIntegerField(default=1)
    body = models.TextField()
    fields = models.JSONField(default=dict)
    tags = ArrayField(models.CharField(max_length=30), default=list)
    raised_at = models.DateTimeField()
    registered_by = _user(null=True, db_index=False)
    accepted_by = _user(null=True, db_index=False)
    held_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    rating = models.PositiveSmallIntegerField(null=True)  # the latest, 1–5
    review_on = models.DateField(null=True)  # when a watched need is looked at again
    origin = models.ForeignKey("self", null=True, db_index=False, on_delete=models.PROTECT, related_name="followers")
    merged_into = models.ForeignKey("self", null=True, db_index=False, on_delete=models.PROTECT, related_name="merged")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="need_state_known"),
            models.CheckConstraint(condition=Q(category__in=["", *Category.values]), name="need_category_known"),
            models.CheckConstraint(condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5), name="need_rating_1_5"),
            models.CheckConstraint(condition=~Q(merged_into=F("matter")), name="need_not_merged_into_itself"),
        ]
        indexes = [
            models.Index(fields=["state"], condition=~Q(state__in=[s.value for s in ENDED]), name="need_open_states"),
            models.Index(fields=["customer", "-matter"], name="need_by_customer"),
            models.Index(fields=["registered_by"], condition=~Q(state__in=[s.value for s in ENDED]), name="need_open_registered_by"),
            models.Index(fields=["accepted_by"], condition=~Q(state__in=[s.value for s in ENDED]), name="need_open_accepted_by"),
            models.Index(fields=["origin"], condition=Q(origin__isnull=False), name="need_by_origin"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="need_by_merged_into"),
        ]

    def __str__(self) -> str:
        return str(self.matter)

    @property
    def number(self) -> str:
        return self.matter.number

    @property
    def title(self) -> str:
        return self.matter.title

    @property
    def ended(self) -> bool:
        return self.state in ENDED


class Receipt(models.Model):
    """What was acknowledged once is never recorded twice: one row per (source, key), e.g. an Idempotency-Key or a form's nonce. The
    needs' own half of `matters.Receipt`, written in the one statement that registers a thousand of them."""

    source = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    fingerprint = models.BinaryField(max_length=32)
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="receipts")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="acknowledged_once")]


class Round(models.Model):
    """Each time round the loop after the first begins with the customer's rejection and is kept."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    began_at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["need", "number"], name="one_round")]


class Plan(models.Model):
    """Measures, owner and time nodes (tasks on the need), written before acting; a new version replaces, never overwrites, and takes
    over the open nodes it keeps."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="plans")
    round = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField()
    measures = models.TextField()
    owner = _user()
    nodes = models.ManyToManyField("tasks.Task", related_name="plans")
    by = _user()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["need", "round", "version"], name="one_plan_version")]


class Result(models.Model):
    """What the department did and proposes to tell the customer; reviewed before it goes out."""

    class Review(models.TextChoices):
        WAITING = "waiting"
        PASSED = "passed"
        SENT_BACK = "sent_back"

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="results")
    round = models.PositiveSmallIntegerField()
    done = models.TextField()
    answer = models.TextField()  # the words for the customer
    by = _user()
    at = models.DateTimeField()
    review = models.CharField(max_length=10, choices=Review.choices, default=Review.WAITING)
    reviewed_by = _user(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]


class Outgoing(models.Model):
    """Words to the customer that wait out the seconds in which their writer can take them back (`actions.sending`). The row goes when
    they leave, are withdrawn or are refused; what happened is in the journal."""

    class What(models.TextChoices):
        REPLY = "reply"
        FEEDBACK = "feed_back"

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="outgoing")
    what = models.CharField(max_length=10, choices=What.choices)
    text = models.TextField()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    more = models.JSONField(default=dict)  # of a reply: whether it asks, and its files, already on disk
    by = _user()
    at = models.DateTimeField()
    leaves_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["id"]


class Confirmation(models.Model):
    """The customer's verdict on a round: from the portal, or recorded by staff from a call."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="confirmations")
    round = models.PositiveSmallIntegerField()
    satisfied = models.BooleanField()
    rating = models.PositiveSmallIntegerField(null=True)
    comment = models.TextField(blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    recorded_by = _user(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["need", "round"], name="one_verdict_per_round")]


class Hold(models.Model):
    """Waiting for the customer in the middle of handling; the right clocks pause."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=200)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = _user(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["need"], condition=Q(until=None), name="one_open_hold")]


class Visit(models.Model):
    """The follow-up visit after closing; a new problem becomes a new linked need."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="visits")
    due_on = models.DateField()
    assignee = _user(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = _user(null=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, blank=True)
    satisfied = models.BooleanField(null=True)
    notes = models.TextField(blank=True)
    found = models.ForeignKey(Need, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]


class Link(models.Model):
    """`a` is the parent (or the older one) of `b`."""

    class Type(models.TextChoices):
        PARENT = "parent"
        RELATED = "related"
        FOLLOW_UP = "follow_up"
        DUPLICATE = "duplicate"

    a = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="links_out")
    b = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="links_in")
    type = models.CharField(max_length=10, choices=Type.choices)
    by = _user(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["a", "b", "type"], name="one_link"),
            models.CheckConstraint(condition=~Q(a=F("b")), name="no_self_link"),
        ]


class Raise(models.Model):
    """A question put straight to management (N13). `to` is whom it was put to by name (empty: whoever decides), `holder` who has to
    answer it now. With `waits` the result of the work waits for the answer. At most one is open on a need; all are kept."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("raise", "Waiting")
        DELEGATED = "delegated", pgettext_lazy("raise", "Delegated")
        ANSWERED = "answered", pgettext_lazy("raise", "Answered")
        DECIDED = "decided", pgettext_lazy("raise", "Decided")
        WITHDRAWN = "withdrawn", pgettext_lazy("raise", "Withdrawn")

    OPEN = (State.WAITING, State.DELEGATED)

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="raises")
    question = models.TextField()
    why = models.TextField(blank=True)  # why it cannot wait
    recommendation = models.TextField(blank=True)
    waits = models.BooleanField(default=False)
    by = _user()
    at = models.DateTimeField()
    to = _user(null=True)
    holder = _user(null=True, db_index=False)
    clock = models.ForeignKey("deadlines.Clock", null=True, db_index=False, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    words = models.TextField(blank=True)  # the answer, the decision, or why it was withdrawn
    ended_by = _user(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["waiting", "delegated", "answered", "decided", "withdrawn"]), name="raise_state_known"),
            models.CheckConstraint(condition=Q(state__in=["waiting", "delegated"], ended_at=None) | Q(state__in=["answered", "decided", "withdrawn"], ended_at__isnull=False), name="raise_ended_says_when"),
            models.CheckConstraint(condition=Q(ended_by=None) | Q(state="withdrawn") | ~Q(ended_by=F("by")), name="raise_decided_by_another"),
            models.UniqueConstraint(fields=["need"], condition=Q(ended_at=None), name="one_open_raise"),
        ]
        indexes = [
            models.Index(fields=["holder"], condition=Q(ended_at=None), name="raise_open_by_holder"),
            models.Index(fields=["-ended_at", "-id"], condition=Q(ended_at__isnull=False), name="raise_by_end"),
        ]

    @property
    def open(self) -> bool:
        return self.state in self.OPEN


class Delegation(models.Model):
    """One link of the chain: who handed the question to whom, with which words, until when."""

    raised = models.ForeignKey(Raise, on_delete=models.PROTECT, related_name="delegations")
    by = _user()
    to = _user()
    words = models.TextField(blank=True)
    due_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]


class SavedView(models.Model):
    """A named set of filters; `team` views are seen by the owner's department."""

    owner = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=30)
    query = models.CharField(max_length=500)  # the list's own query string
    team = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_view_name")]


class DayEndSettings(models.Model):
    """How long before closing time owners are shown what they have not sent, and how long a list may stay unread next morning."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    before_minutes = models.PositiveSmallIntegerField(default=30)
    morning_minutes = models.PositiveSmallIntegerField(default=60)  # of working time

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_end_of_day")]


class DayEnd(models.Model):
    """One working day that ended: when it closed, when its unsent records were flagged, when its lists were made."""

    day = models.DateField(primary_key=True)
    closes_at = models.DateTimeField()
    flagged_at = models.DateTimeField(null=True)
    flagged = models.PositiveIntegerField(default=0)  # people
    listed_at = models.DateTimeField(null=True)


class DayList(models.Model):
    """A department's list of the day (K5): what was new from the closing before to this one, as it stood then, and how many records
    of whom were not sent (never what is in them). `look_at` is when an unread list is told further."""

    department = models.ForeignKey("people.Department", on_delete=models.PROTECT, related_name="day_lists")
    day = models.DateField()
    since = models.DateTimeField()
    closes_at = models.DateTimeField()
    made_at = models.DateTimeField()
    head = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    needs = models.JSONField(default=list)  # [{id, state, category, owner, step, due, late}]
    drafts = models.JSONField(default=list)  # [{name, count}]
    new = models.PositiveIntegerField(default=0)
    unsent = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0)  # open needs of the department that were late at closing time
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["department", "day"], name="one_list_a_day")]
        indexes = [
            models.Index(fields=["-day", "department"], name="day_lists"),
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="day_list_look_at"),
        ]
