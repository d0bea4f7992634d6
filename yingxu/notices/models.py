"""Who must know of what (one row per person and journal entry), and what leaves the house to say so."""

import json
import uuid
from datetime import time
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import crypto


class Notice(models.Model):
    """That somebody was told of an entry, and when they took note. The words are made when it is read, in the reader's language."""

    class Kind(models.TextChoices):
        TOLD = "told", _("For me")
        MENTION = "mention", _("Mentions")
        CLOCK = "clock", _("Time limits")
        WATCHED = "watched", _("Followed")
        EMERGENCY = "emergency", _("Emergencies")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    entry = models.ForeignKey("matters.Entry", on_delete=models.PROTECT, related_name="+")
    matter = models.ForeignKey("matters.Matter", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "entry"], name="told_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="notices_of"),
            models.Index(fields=["user", "-id"], condition=Q(read_at=None), name="notices_unread"),
        ]


class Channel(models.TextChoices):
    """A way out of the house."""

    MAIL = "mail", _("Mail")
    SMS = "sms", _("SMS")
    WECOM = "wecom", _("WeCom robot")
    DINGTALK = "dingtalk", _("DingTalk robot")
    FEISHU = "feishu", _("Feishu robot")


CHATS = (Channel.WECOM, Channel.DINGTALK, Channel.FEISHU)


RECORDED = "recording"  # in the place of a provider's number: it was written down and sent to nobody


@crypto.seals("sealed_to", "sealed_content")
class Delivery(models.Model):
    """One thing to be sent to one address: the outbox. The address and the content are sealed; `hint` is the address as a page may
    show it. `key` makes sending once: the same key is the same delivery. `ref` is our reference at the other side (SMS), and what
    the mail token is made of; only the token's hash is kept. `lease_until` is how long the worker that took it has."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("delivery", "Waiting")
        SENDING = "sending", pgettext_lazy("delivery", "Being sent")
        SENT = "sent", pgettext_lazy("delivery", "Sent")
        FAILED = "failed", pgettext_lazy("delivery", "Not delivered")
        BOUNCED = "bounced", pgettext_lazy("delivery", "Returned")
        HELD = "held", pgettext_lazy("delivery", "Held")
        CANCELLED = "cancelled", pgettext_lazy("delivery", "Cancelled")

    channel = models.CharField(max_length=8, choices=Channel.choices)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    key = models.CharField(max_length=160, unique=True)
    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    token_hash = models.BinaryField(max_length=32, unique=True, null=True)
    sealed_to = models.TextField(blank=True)
    hint = models.CharField(max_length=80, blank=True)
    subject = models.CharField(max_length=250, blank=True)
    sealed_content = models.TextField()
    urgent = models.BooleanField(default=False)
    purpose = models.CharField(max_length=40, blank=True)  # what the address is used for, beyond answering what was asked of us
    about = models.ForeignKey("matters.Matter", null=True, blank=True, on_delete=models.PROTECT, related_name="+")  # whose address: their file
    matter = models.ForeignKey("matters.Matter", null=True, blank=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey("matters.Entry", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    robot = models.ForeignKey("notices.Robot", null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries")
    caused_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    notices = models.ManyToManyField(Notice, related_name="deliveries")
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    provider_id = models.CharField(max_length=120, blank=True)
    recipient = models.CharField(max_length=120, blank=True)  # who got it to bring it there, by the register; "" for a server of our own
    sent = ArrayField(models.CharField(max_length=40), default=list)  # names of what went out (P8), never what was in it

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["channel", "-urgent", "next_at", "id"], condition=Q(state="waiting"), name="deliveries_due"),
            models.Index(fields=["channel", "lease_until"], condition=Q(state="sending"), name="deliveries_taken"),
            models.Index(fields=["matter", "id"], name="deliveries_of"),
            models.Index(fields=["state", "-id"], name="deliveries_by_state"),
        ]

    SEALED = "notices.delivery"

    @property
    def to(self) -> str:
        """The address, unsealed."""
        return crypto.unseal(self.sealed_to, self.SEALED) if self.sealed_to else ""

    @property
    def receipt(self) -> str:
        """What the other side called it; that nobody got it when it was only recorded."""
        return str(_("only recorded here, sent to nobody")) if self.provider_id == RECORDED else self.provider_id

    @property
    def content(self) -> dict[str, Any]:
        """What is sent: body, html, template and params, headers. Empty for a notice to a colleague, whose words are made when it leaves."""
        return json.loads(crypto.unseal(self.sealed_content, self.SEALED))

    @property
    def token(self) -> str:
        """32 hex digits nobody can guess, bound to this delivery and its address: in the Message-ID and the reply address of mail."""
        return crypto.fingerprint(f"{self.ref}|{self.to}", "notices.thread").hex()


class Part(models.Model):
    """A paper that goes with a mail: bytes of our own, or those of a kept file (`stored`, its name in the files directory)."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="parts")
    name = models.CharField(max_length=120)
    mime = models.CharField(max_length=120)
    body = models.BinaryField(null=True)
    stored = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ["id"]


class Attempt(models.Model):
    """One try to send. Without `ended_at` the worker that made it has not come back."""

    class Outcome(models.TextChoices):
        SENT = "sent", pgettext_lazy("delivery", "Sent")
        LATER = "later", pgettext_lazy("delivery", "Later again")
        REFUSED = "refused", pgettext_lazy("delivery", "Refused for good")
        LOST = "lost", pgettext_lazy("delivery", "Outcome unknown")
        LEFT = "left", pgettext_lazy("delivery", "Not sent")

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="one_attempt")]


class Outgoing(models.Model):
    """What all ways out have in common; one row. `address` is where people reach us (https://…), for links; `daily_at` when the
    day's digest leaves."""

    address = models.URLField(max_length=200, blank=True)
    daily_at = models.TimeField(default=time(17, 30))


@crypto.seals("sealed_password")
class MailOut(models.Model):
    """The company's mail server; one row. Replies come to `reply_address` with the thread's token after a plus."""

    class Security(models.TextChoices):
        STARTTLS = "starttls", _("STARTTLS, usually port 587")
        TLS = "tls", _("TLS from the beginning, usually port 465")
        NONE = "none", _("Unencrypted, only on this machine")

    on = models.BooleanField(default=False)
    host = models.CharField(max_length=200, blank=True)
    port = models.PositiveIntegerField(default=587)
    security = models.CharField(max_length=8, choices=Security.choices, default=Security.STARTTLS)
    username = models.CharField(max_length=200, blank=True)
    sealed_password = models.TextField(blank=True)
    from_address = models.CharField(max_length=254, blank=True)
    from_name = models.CharField(max_length=80, blank=True)
    reply_address = models.CharField(max_length=254, blank=True)

    SEALED = "notices.mail_out"

    @property
    def password(self) -> str:
        return crypto.unseal(self.sealed_password, self.SEALED) if self.sealed_password else ""

    @property
    def domain(self) -> str:
        return self.from_address.rpartition("@")[2]


@crypto.seals("sealed_secret")
class SmsOut(models.Model):
    """The SMS provider; one row. `region` and `app_id` are Tencent's."""

    class Provider(models.TextChoices):
        RECORDING = "recording", _("None: SMS are only recorded here")
        ALIYUN = "aliyun", _("Alibaba Cloud (Aliyun)")
        TENCENT = "tencent", _("Tencent Cloud")

    provider = models.CharField(max_length=10, choices=Provider.choices, default=Provider.RECORDING)
    key_id = models.CharField(max_length=100, blank=True)
    sealed_secret = models.TextField(blank=True)
    sign_name = models.CharField(max_length=40, blank=True)
    app_id = models.CharField(max_length=40, blank=True)
    region = models.CharField(max_length=40, default="ap-guangzhou", blank=True)

    SEALED = "notices.sms_out"

    @property
    def secret(self) -> str:
        return crypto.unseal(self.sealed_secret, self.SEALED) if self.sealed_secret else ""


class SmsTemplate(models.Model):
    """What the provider calls one of our templates. `names` is the order in which a provider that counts gets the values."""

    key = models.CharField(max_length=40, unique=True)
    code = models.CharField(max_length=40, blank=True)
    names = ArrayField(models.CharField(max_length=30), default=list, blank=True)


@crypto.seals("sealed_url", "sealed_secret")
class Robot(models.Model):
    """A robot in a group of colleagues. Without departments it serves all, without kinds it says all. `recent` are its messages of the
    last minute, `rest_until` the end of a pause it was told to make."""

    name = models.CharField(max_length=40)
    channel = models.CharField(max_length=8, choices=[(c.value, c.label) for c in CHATS])
    sealed_url = models.TextField()
    sealed_secret = models.TextField(blank=True)
    departments = models.ManyToManyField("people.Department", blank=True, related_name="+")
    kinds = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    on = models.BooleanField(default=True)
    recent = ArrayField(models.DateTimeField(), default=list, blank=True)
    rest_until = models.DateTimeField(null=True)
    stumbles = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["id"]

    SEALED = "notices.robot"

    @property
    def url(self) -> str:
        return crypto.unseal(self.sealed_url, self.SEALED)

    @property
    def secret(self) -> str:
        return crypto.unseal(self.sealed_secret, self.SEALED) if self.sealed_secret else ""

    def __str__(self) -> str:
        return self.name


class Ways(models.Model):
    """How somebody wants to be told: {kind: {way: when}}, where it differs from what everybody gets; and when not to be disturbed."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ways")
    choices = models.JSONField(default=dict)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
