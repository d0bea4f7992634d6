"""States of an emergency and the table of moves; its levels; kinds of lines in its log; kinds of reserves."""

from django.db import models
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    DECLARED = "declared", pgettext_lazy("state of an emergency", "Declared, not acknowledged")
    RUNNING = "running", pgettext_lazy("state of an emergency", "Under way")
    SOLVED = "solved", pgettext_lazy("state of an emergency", "Solved")
    REVIEWED = "reviewed", pgettext_lazy("state of an emergency", "Reviewed")
    CLOSED = "closed", pgettext_lazy("state of an emergency", "Closed")
    CALLED_OFF = "called_off", pgettext_lazy("state of an emergency", "Called off")


S = State
ENDED = (S.CLOSED, S.CALLED_OFF)
BURNING = (S.DECLARED, S.RUNNING)  # the red banner shows
OPEN = tuple(s for s in State if s not in ENDED)
MOVES: dict[State, set[State]] = {
    S.DECLARED: {S.RUNNING, S.CALLED_OFF},
    S.RUNNING: {S.SOLVED, S.CALLED_OFF},
    S.SOLVED: {S.RUNNING, S.REVIEWED},  # it may break out again
    S.REVIEWED: {S.CLOSED},
    S.CLOSED: set(),
    S.CALLED_OFF: set(),
}


class Level(models.IntegerChoices):
    """How bad it is; 1 is the worst."""

    FIRST = 1, pgettext_lazy("level of an emergency", "Level one")
    SECOND = 2, pgettext_lazy("level of an emergency", "Level two")
    THIRD = 3, pgettext_lazy("level of an emergency", "Level three")


class Line(models.TextChoices):
    """What a line of the log is."""

    FACT = "fact", pgettext_lazy("line of a log", "Fact")
    DECISION = "decision", pgettext_lazy("line of a log", "Decision")


class Way(models.TextChoices):
    """How a customer is told."""

    PORTAL = "portal", pgettext_lazy("way of telling", "On the need")
    MAIL = "mail", pgettext_lazy("way of telling", "E-mail")
    SMS = "sms", pgettext_lazy("way of telling", "SMS")
    CALL = "call", pgettext_lazy("way of telling", "By phone, by hand")
    DRILL = "drill", pgettext_lazy("way of telling", "Drill, not sent")


class Kind(models.TextChoices):
    """What a reserve is."""

    EQUIPMENT = "equipment", pgettext_lazy("kind of reserve", "Equipment")
    SUPPLIES = "supplies", pgettext_lazy("kind of reserve", "Supplies")
    EXPERTS = "experts", pgettext_lazy("kind of reserve", "Experts")
    MONEY = "money", pgettext_lazy("kind of reserve", "Money")


class Move(models.TextChoices):
    """What happened to a stock."""

    OPENED = "opened", pgettext_lazy("movement of a stock", "Taken into the register")
    ADJUSTED = "adjusted", pgettext_lazy("movement of a stock", "Adjusted")
    DISPATCHED = "dispatched", pgettext_lazy("movement of a stock", "Dispatched")
    RETURNED = "returned", pgettext_lazy("movement of a stock", "Returned")
    CONSUMED = "consumed", pgettext_lazy("movement of a stock", "Used up")


ICON = {Kind.EQUIPMENT: "wrench", Kind.SUPPLIES: "box", Kind.EXPERTS: "users", Kind.MONEY: "yuan"}
