"""The review and what follows it: feedback, the customer's verdict, the visit, the end."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import clock
from yingxu.people.fields import Person

from .. import rules
from ..actions.register import Intake
from ..models import Result
from ..states import Channel, Outcome, State
from .ask import SPOKEN, ChannelField, RatingField, Text, ToCustomer, VerbForm

YES_NO = [("yes", pgettext_lazy("visit", "Satisfied")), ("no", pgettext_lazy("visit", "Not satisfied")), ("", pgettext_lazy("visit", "Did not say"))]


def own_channel(need: Any) -> str:
    """The channel the need came by, where staff can use it."""
    return need.channel if need.channel in SPOKEN else Channel.PHONE.value


class Review(ToCustomer):
    """The result as submitted; its words for the customer may be improved. With `tell` it is fed back in the same press."""

    template = "needs/verbs/review.html"
    wide = True
    quick = ("answer", "feedback")
    answer = Text(label=gettext_lazy("Words for the customer"), rows=5)
    tell = forms.BooleanField(label=gettext_lazy("Send them to the customer now"), required=False)
    channel = ChannelField()

    def prepare(self) -> None:
        self.result = self.need.results.filter(review=Result.Review.WAITING).select_related("by").order_by("-id").first()
        self.first(answer=self.result.answer if self.result else "", tell=True)
        self.ways()
        if not rules.FEEDBACK.allows(self.by, self.need):
            del self.fields["tell"], self.fields["channel"]

    def told(self) -> bool:
        return super().told() and bool(self.cleaned_data.get("tell"))

    def extra(self) -> dict[str, Any]:
        return {"result": self.result}


class FeedBack(ToCustomer):
    template = "needs/verbs/feed_back.html"
    wide = True
    quick = ("text", "feedback")
    text = Text(label=gettext_lazy("Words for the customer"), rows=5)
    channel = ChannelField()

    def prepare(self) -> None:
        result = self.need.results.filter(review=Result.Review.PASSED, round=self.need.round).order_by("-id").first()
        self.first(text=result.answer if result else "")
        self.ways()


class Confirm(VerbForm):
    template = "needs/verbs/confirm.html"
    rating = RatingField()
    comment = Text(label=gettext_lazy("The customer's words"), required=False, longest=5_000)
    channel = ChannelField(label=gettext_lazy("Said by"))

    def prepare(self) -> None:
        self.first(channel=own_channel(self.need))


class Reject(VerbForm):
    template = "needs/verbs/confirm.html"
    quick = ("reason", "reject")
    reason = Text(label=gettext_lazy("What the customer is not satisfied with"), longest=5_000)
    rating = RatingField()
    channel = ChannelField(label=gettext_lazy("Said by"))

    def prepare(self) -> None:
        self.first(channel=own_channel(self.need))


class Close(VerbForm):
    """Ends it without the customer's word; what may be chosen depends on the state."""

    template = "needs/verbs/close.html"
    outcome = forms.ChoiceField(label=gettext_lazy("How it ends"), widget=forms.RadioSelect)
    reason = Text(label=gettext_lazy("Reason"), longest=2_000)

    def prepare(self) -> None:
        allowed = {State.CONFIRMATION: (Outcome.SILENT, Outcome.DECLINED), State.WATCHING: (Outcome.NOT_PURSUED,)}
        self.fields["outcome"].choices = [(o.value, o.label) for o in allowed.get(State(self.need.state), (Outcome.DECLINED,))]
        if len(self.fields["outcome"].choices) == 1:
            self.first(outcome=self.fields["outcome"].choices[0][0])


class Visit(VerbForm):
    """The follow-up visit; a new problem becomes a new linked need."""

    template = "needs/verbs/visit.html"
    quick = ("notes", "visit")
    satisfied = forms.ChoiceField(label=gettext_lazy("The customer is"), choices=YES_NO, required=False, widget=forms.RadioSelect)
    channel = ChannelField()
    notes = Text(label=gettext_lazy("What the customer said"), required=False)
    problem = Text(label=gettext_lazy("A new problem"), required=False, help_text=gettext_lazy("Becomes a new need, linked to this one"))

    def prepare(self) -> None:
        self.first(channel=own_channel(self.need))

    def values(self) -> dict[str, Any]:
        given, need = self.cleaned_data, self.need
        problem = None
        if given["problem"].strip():
            problem = Intake(
                kind=need.kind, body=given["problem"], channel=Channel.VISIT, customer=need.customer, contact_name=need.caller,
                secrecy=need.matter.secrecy, origin=need, fields=need.fields, backfill=True,
            )  # fmt: skip
        said = {"yes": True, "no": False}.get(given["satisfied"])
        return {"satisfied": said, "notes": given["notes"], "channel": given["channel"], "problem": problem}


class Reschedule(VerbForm):
    widths = {"due_on": "w6", "assignee": "w6"}
    template = "needs/verbs/watch.html"
    due_on = forms.DateField(label=gettext_lazy("New day"))
    assignee = Person(label=gettext_lazy("Who visits"), required=False)

    def prepare(self) -> None:
        visit = self.need.visits.filter(done_at=None).order_by("id").first()
        self.first(due_on=visit.due_on if visit else clock.today() + timedelta(days=1))
