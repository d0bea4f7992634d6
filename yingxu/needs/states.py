"""States of a need, the table of moves, and where on the nine-step loop each state stands (ui.md §6)."""

from django.db import models
from django.utils.translation import pgettext_lazy

from yingxu.base.names import teach


class State(models.TextChoices):
    REGISTERED = "registered", pgettext_lazy("state", "Registered")
    TRIAGE = "triage", pgettext_lazy("state", "Waiting for triage")
    WATCHING = "watching", pgettext_lazy("state", "On the watch list")
    ASSIGNMENT = "assignment", pgettext_lazy("state", "Waiting for assignment")
    ACCEPTANCE = "acceptance", pgettext_lazy("state", "Waiting for acceptance")
    HANDLING = "handling", pgettext_lazy("state", "In hand")
    REVIEW = "review", pgettext_lazy("state", "Waiting for review")
    FEEDBACK = "feedback", pgettext_lazy("state", "Waiting for feedback")
    CONFIRMATION = "confirmation", pgettext_lazy("state", "Waiting for the customer")
    REOPENED = "reopened", pgettext_lazy("state", "Reopened")
    VISIT = "visit", pgettext_lazy("state", "Waiting for the follow-up visit")
    CLOSED = "closed", pgettext_lazy("state", "Closed")
    MERGED = "merged", pgettext_lazy("state", "Merged")
    VOID = "void", pgettext_lazy("state", "Void")


S = State
ENDED = (S.CLOSED, S.MERGED, S.VOID)
OPEN = tuple(s for s in State if s not in ENDED)
TO_TRIAGE = (S.REGISTERED, S.TRIAGE, S.REOPENED)
ANSWERED = (S.VISIT, S.CLOSED)

_FROM_TRIAGE = {S.ASSIGNMENT, S.ACCEPTANCE, S.WATCHING, S.VISIT, S.CLOSED, S.MERGED, S.VOID}
MOVES: dict[State, set[State]] = {
    S.REGISTERED: _FROM_TRIAGE,
    S.TRIAGE: _FROM_TRIAGE,
    S.REOPENED: _FROM_TRIAGE,
    S.WATCHING: {S.TRIAGE, S.CLOSED, S.MERGED, S.VOID},
    S.ASSIGNMENT: {S.ACCEPTANCE, S.WATCHING, S.VISIT, S.CLOSED, S.MERGED, S.VOID},
    S.ACCEPTANCE: {S.ACCEPTANCE, S.HANDLING, S.TRIAGE, S.MERGED, S.VOID},
    S.HANDLING: {S.REVIEW, S.ACCEPTANCE, S.TRIAGE, S.MERGED, S.VOID},
    S.REVIEW: {S.FEEDBACK, S.HANDLING},
    S.FEEDBACK: {S.CONFIRMATION},
    S.CONFIRMATION: {S.VISIT, S.CLOSED, S.REOPENED},
    S.VISIT: {S.CLOSED},
    S.MERGED: {S.TRIAGE},
    S.CLOSED: set(),
    S.VOID: set(),
}

# the nine joints of the loop: register, triage, assign, accept, handle, review, feed back, confirm, visit
STEP: dict[State, int] = {
    S.REGISTERED: 2, S.TRIAGE: 2, S.REOPENED: 2, S.WATCHING: 2, S.ASSIGNMENT: 3, S.ACCEPTANCE: 4, S.HANDLING: 5, S.REVIEW: 6,
    S.FEEDBACK: 7, S.CONFIRMATION: 8, S.VISIT: 9, S.CLOSED: 10, S.MERGED: 10, S.VOID: 10,
}  # fmt: skip


class Category(models.TextChoices):
    URGENT = "urgent", pgettext_lazy("category", "Urgent")
    IMPORTANT = "important", pgettext_lazy("category", "Important")
    GENERAL = "general", pgettext_lazy("category", "General")
    POTENTIAL = "potential", pgettext_lazy("category", "Potential")


class Channel(models.TextChoices):
    PHONE = "phone", pgettext_lazy("channel", "Phone")
    COUNTER = "counter", pgettext_lazy("channel", "Counter")
    CHAT = "chat", pgettext_lazy("channel", "Online chat")
    WECHAT = "wechat", pgettext_lazy("channel", "WeChat")
    MAIL = "mail", pgettext_lazy("channel", "E-mail")
    WEB = "web", pgettext_lazy("channel", "Web form")
    PORTAL = "portal", pgettext_lazy("channel", "Portal")
    IMPORT = "import", pgettext_lazy("channel", "Import")
    API = "api", pgettext_lazy("channel", "API")
    SURVEY = "survey", pgettext_lazy("channel", "Survey")
    RESEARCH = "research", pgettext_lazy("channel", "Market research")
    VISIT = "visit", pgettext_lazy("channel", "Visit")
    EVENT = "event", pgettext_lazy("channel", "Industry event")
    SOCIAL = "social", pgettext_lazy("channel", "Social media")
    SMS = "sms", pgettext_lazy("channel", "SMS")
    OTHER = "other", pgettext_lazy("channel", "Other")


class Outcome(models.TextChoices):
    ANSWERED = "answered", pgettext_lazy("outcome", "Answered on the spot")
    SATISFIED = "satisfied", pgettext_lazy("outcome", "Customer satisfied")
    SILENT = "silent", pgettext_lazy("outcome", "No answer from the customer")
    DECLINED = "declined", pgettext_lazy("outcome", "Closed by decision")
    NOT_PURSUED = "not_pursued", pgettext_lazy("outcome", "Not pursued")


teach("channel", lambda code: Channel(code).label, lambda: Channel.values)
