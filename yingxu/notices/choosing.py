"""What somebody may choose: for each kind of notice and each way, when. Emergencies go by every way at once, whatever was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from .models import Notice, Ways

K = Notice.Kind


class Way(models.TextChoices):
    SCREEN = "screen", pgettext_lazy("way", "Inbox")
    MAIL = "mail", pgettext_lazy("way", "Mail")
    SMS = "sms", pgettext_lazy("way", "SMS")
    ROBOT = "robot", pgettext_lazy("way", "Group robot")


class When(models.TextChoices):
    NOW = "now", pgettext_lazy("when told", "At once")
    HOURLY = "hourly", pgettext_lazy("when told", "Each hour together")
    DAILY = "daily", pgettext_lazy("when told", "At the end of the day")
    OFF = "off", pgettext_lazy("when told", "Not at all")


POSSIBLE: Mapping[str, tuple[str, ...]] = {
    Way.SCREEN: (When.NOW, When.OFF), Way.MAIL: (When.NOW, When.HOURLY, When.DAILY, When.OFF), Way.SMS: (When.NOW, When.OFF),
    Way.ROBOT: (When.NOW, When.OFF),
}  # fmt: skip
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    K.TOLD: {Way.SCREEN: When.NOW, Way.MAIL: When.HOURLY, Way.SMS: When.OFF, Way.ROBOT: When.NOW},
    K.MENTION: {Way.SCREEN: When.NOW, Way.MAIL: When.NOW, Way.SMS: When.OFF, Way.ROBOT: When.OFF},
    K.CLOCK: {Way.SCREEN: When.NOW, Way.MAIL: When.NOW, Way.SMS: When.OFF, Way.ROBOT: When.NOW},
    K.WATCHED: {Way.SCREEN: When.NOW, Way.MAIL: When.DAILY, Way.SMS: When.OFF, Way.ROBOT: When.OFF},
    K.EMERGENCY: dict.fromkeys(Way.values, When.NOW),
}
MUST_SEE = (K.TOLD, K.CLOCK, K.EMERGENCY)  # what one has to act on stays in the inbox
QUIET = (time(21, 0), time(8, 0))


@dataclass(frozen=True)
class Wishes:
    """One person's choices where they differ from everybody's, and the hours not to be disturbed (None, None: none)."""

    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    quiet: tuple[time | None, time | None] = QUIET

    @classmethod
    def of(cls, row: Ways) -> "Wishes":
        return cls(row.choices, (row.quiet_from, row.quiet_to))

    def when(self, kind: str, way: str) -> str:
        """When to tell of this kind by this way."""
        said = self.choices.get(kind, {}).get(way, "")
        if kind == K.EMERGENCY or said not in allowed(kind, way):
            return DEFAULTS[kind][way]
        return said

    def wakes_at(self, now: datetime) -> datetime | None:
        """When the quiet hours end that it is in now; None outside them."""
        begins, ends = self.quiet
        if begins is None or ends is None or begins == ends:
            return None
        local = timezone.localtime(now)
        at = local.time()
        if not (begins <= at < ends if begins < ends else at >= begins or at < ends):
            return None
        day = local.date() + timedelta(days=1 if at >= ends else 0)
        return timezone.make_aware(datetime.combine(day, ends))


def allowed(kind: str, way: str) -> tuple[str, ...]:
    """What may be chosen."""
    if way == Way.SCREEN and kind in MUST_SEE:
        return (When.NOW,)
    return POSSIBLE[way]


def slot(when: str, now: datetime, daily_at: time) -> datetime:
    """When the next message of those that are sent together leaves."""
    local = timezone.localtime(now)
    if when == When.HOURLY:
        return (local + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    today = timezone.make_aware(datetime.combine(local.date(), daily_at))
    return today if today > now else timezone.make_aware(datetime.combine(local.date() + timedelta(days=1), daily_at))


def cleaned(given: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Only what differs from everybody's, and only what may be chosen."""
    found: dict[str, dict[str, str]] = {}
    for kind in K.values:
        for way in Way.values:
            said = given.get(f"{kind}.{way}", "")
            if kind != K.EMERGENCY and said in allowed(kind, way) and said != DEFAULTS[kind][way]:
                found.setdefault(kind, {})[way] = said
    return found
