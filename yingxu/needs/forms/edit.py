"""Corrections, tags, links, merging, splitting, more time, and the composer under the timeline."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import clock
from yingxu.base.errors import Gone
from yingxu.customers import queries as customers
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines.models import Clock, Outcome
from yingxu.files.fields import Uploads
from yingxu.templates import queries as record_templates
from yingxu.ui import levels, show

from .. import queries
from ..actions.register import Intake
from ..models import Link as Links
from ..models import Need
from .ask import ChannelField, Text, ToCustomer, VerbForm
from .triage import kinds

PARTS = 4


class NumberField(forms.CharField):
    """Another need by its register number; what the person may not see does not exist."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Which need"))
        super().__init__(max_length=80, **kwargs)


class Other(VerbForm):
    """A form that names another need."""

    other = NumberField()

    def clean_other(self) -> Need:
        text = self.cleaned_data["other"].strip().split(" ")[0]
        try:
            found = queries.find(text, self.by)
        except Gone:
            raise ValidationError(_("There is no need %(number)s that you can see."), params={"number": text}) from None
        if found.pk == self.need.pk:
            raise ValidationError(_("That is this need itself."))
        return found

    def extra(self) -> dict[str, Any]:
        text = f"{self.need.matter.title} {self.need.body}"
        return {"similar": queries.similar(self.by, text, customer_id=self.need.customer_id, without=self.need.pk)}


class Merge(Other):
    template = "needs/verbs/merge.html"

    def values(self) -> dict[str, Any]:
        return {"into": self.cleaned_data["other"]}


class Link(Other):
    template = "needs/verbs/merge.html"
    type = forms.ChoiceField(
        label=gettext_lazy("How they hang together"), widget=forms.RadioSelect, initial=Links.Type.RELATED,
        choices=[(Links.Type.RELATED, pgettext_lazy("link", "Related")), (Links.Type.PARENT, pgettext_lazy("link", "This one is the whole, the other a part"))],
    )  # fmt: skip


class Unlink(Other):
    template = "needs/verbs/unlink.html"


class Split(VerbForm):
    """Each part becomes a need of its own. The rows are plain lists part_body and part_kind."""

    template = "needs/verbs/split.html"
    wide = True

    def prepare(self) -> None:
        self.kinds = kinds(self.need.kind)
        typed = zip(self.data.getlist("part_body"), self.data.getlist("part_kind"), strict=False) if self.is_bound else ()
        self.rows = [(body.strip(), kind) for body, kind in typed][:20] or [("", self.need.kind)] * PARTS

    def more(self) -> None:
        self.rows += [("", self.need.kind)] * PARTS

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(body for body, _kind in self.rows):
            self.add_error(None, _("Write at least one part."))
        if any(kind not in dict(self.kinds) for body, kind in self.rows if body):
            self.add_error(None, _("Choose a business type from the list."))
        return data

    def values(self) -> dict[str, Any]:
        need = self.need
        return {
            "parts": [
                Intake(
                    kind=kind, body=body, channel=need.channel, customer=need.customer, contact_name=need.caller, raised_at=need.raised_at,
                    secrecy=need.matter.secrecy, fields=need.fields if kind == need.kind else {}, backfill=True,
                )
                for body, kind in self.rows if body
            ]
        }  # fmt: skip


class Tag(VerbForm):
    tags = forms.CharField(label=pgettext_lazy("field", "Tags"), required=False, max_length=700, help_text=gettext_lazy("Separated by commas or spaces"))

    def prepare(self) -> None:
        self.first(tags="、".join(self.need.tags))

    def values(self) -> dict[str, Any]:
        wanted = tags_in(self.cleaned_data["tags"])
        return {"add": [t for t in wanted if t not in self.need.tags], "remove": [t for t in self.need.tags if t not in wanted]}


def tags_in(text: str) -> list[str]:
    """The tags in one line of text, in any usual separator."""
    return list(dict.fromkeys(part for part in re.split(r"[\s,，、;；]+", text) if part))


class Lower(VerbForm):
    level = forms.TypedChoiceField(label=gettext_lazy("Secrecy level"), coerce=int, choices=[], help_text=gettext_lazy("What hangs from the need keeps its own level."))
    why = forms.CharField(label=gettext_lazy("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def prepare(self) -> None:
        least = self.need.customer.matter.secrecy if self.need.customer_id else 0
        self.fields["level"].choices = [(n, levels.name(n)) for n in range(least, self.need.matter.secrecy)]


class Amend(VerbForm):
    """Corrections. `version` is the one the form was drawn from; template fields are drawn and read by the templates room."""

    template = "needs/verbs/amend.html"
    wide = True
    version = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    caller = forms.CharField(label=gettext_lazy("Contact"), required=False, max_length=80)
    customer = forms.CharField(label=gettext_lazy("Customer's register number"), required=False, max_length=24)
    secrecy = forms.TypedChoiceField(label=gettext_lazy("Secrecy level"), coerce=int, choices=[],
                                     help_text=gettext_lazy("Can only be raised here"))  # fmt: skip

    def prepare(self) -> None:
        need = self.need
        self.layout = need.template or record_templates.version_for(need.kind)
        self.given = record_templates.given(self.layout, self.data) if self.is_bound and self.layout else dict(need.fields)
        self.wrong: dict[str, list[str]] = {}
        self.fields["secrecy"].choices = levels.choices()
        self.first(
            version=need.version, title=need.matter.title, caller=need.caller, secrecy=need.matter.secrecy,
            customer=need.customer.matter.number if need.customer_id else "",
        )  # fmt: skip

    def clean_customer(self) -> Any:
        number = self.cleaned_data["customer"].strip()
        if not number:
            return None
        if self.need.customer_id and number == self.need.customer.matter.number:
            return self.need.customer
        try:
            return customers.one(number, self.by)
        except Gone:
            raise ValidationError(_("There is no customer %(number)s that you can see."), params={"number": number}) from None

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        changes = {name: given[name] for name in ("title", "caller", "customer", "secrecy")}
        if self.layout:
            changes["fields"] = self.given
        return {"version": given["version"], "changes": changes}

    def extra(self) -> dict[str, Any]:
        drawn = record_templates.form(self.layout, self.given, errors=self.wrong) if self.layout else []
        return {"inputs": drawn}


class Extend(VerbForm):
    """More time for one running clock."""

    template = "needs/verbs/extend.html"
    clock = forms.ChoiceField(label=gettext_lazy("For which step"))
    until = forms.DateTimeField(label=gettext_lazy("Until when"), input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
    reason = Text(label=gettext_lazy("Why more time is needed"), longest=500)

    def prepare(self) -> None:
        self.running: list[Clock] = [c for c in deadlines.clocks(self.need.matter) if c.outcome == Outcome.RUNNING]
        self.fields["clock"].choices = [(c.pk, c.get_step_display()) for c in self.running]
        order = sorted(self.running, key=lambda c: c.step != "handling")
        if order:
            self.first(clock=order[0].pk)

    def extra(self) -> dict[str, Any]:
        return {"running": self.running}

    def clean_clock(self) -> Clock:
        return next(c for c in self.running if str(c.pk) == self.cleaned_data["clock"])


class Snooze(VerbForm):
    """Until when the need leaves one's own list."""

    template = "needs/verbs/snooze.html"
    when = forms.ChoiceField(label=gettext_lazy("When to remind me"), widget=forms.RadioSelect)
    until = forms.DateTimeField(label=gettext_lazy("At another moment"), required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])

    def prepare(self) -> None:
        now = clock.now().astimezone(clock.zone())
        nine = now.replace(hour=9, minute=0, second=0, microsecond=0)
        offered = (
            ("hour", _("In an hour, %(at)s"), now + timedelta(hours=1)), ("afternoon", _("This afternoon, %(at)s"), nine.replace(hour=16)),
            ("tomorrow", _("Tomorrow, %(at)s"), nine + timedelta(days=1)), ("monday", _("Next Monday, %(at)s"), nine + timedelta(days=7 - now.weekday())),
        )  # fmt: skip
        self.moments = {code: at for code, _words, at in offered}
        later = [(code, words % {"at": show.hm(at)}) for code, words, at in offered if at > now]
        self.fields["when"].choices = [*later, ("at", _("Another moment"))]
        self.first(when="hour")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("when") == "at" and not given.get("until") and "until" not in self.errors:
            self.add_error("until", _("Say when."))
        return given

    def values(self) -> dict[str, Any]:
        chosen = self.cleaned_data["when"]
        return {"until": self.cleaned_data["until"] if chosen == "at" else self.moments[chosen]}

    def extra(self) -> dict[str, Any]:
        return {"due_at": self.need.matter.due_at}


class Follow(VerbForm):
    """Follow or stop following: nothing to fill in."""


class Say(ToCustomer):
    """The composer: to the customer, among us, or what the customer said."""

    AUDIENCES = ("reply", "internal", "heard")
    audience = forms.ChoiceField(choices=[(a, a) for a in AUDIENCES])
    text = Text()
    channel = ChannelField(required=False)
    question = forms.BooleanField(required=False)
    uploads = Uploads(required=False)

    def prepare(self) -> None:
        self.ways()

    def told(self) -> bool:
        return self.cleaned_data.get("audience") == "reply"
