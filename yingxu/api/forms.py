"""Shape of input about tokens and webhooks."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.people.models import User
from yingxu.people.queries import colleagues
from yingxu.privacy import queries as privacy

from . import hooked, rules, scopes
from .models import Delivery, Endpoint


class TokenForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("Where it is used, e.g. the website or the till"))
    user = forms.ModelChoiceField(
        User.objects.none(), label=_("Acts for"), empty_label=None, help_text=_("The token may never do more than this person")
    )
    allowed = forms.MultipleChoiceField(
        label=_("May"), choices=list(scopes.GROUPS.items()), widget=forms.CheckboxSelectMultiple
    )
    until = forms.DateField(label=_("Valid until"), required=False, help_text=_("Empty: until it is revoked"))
    per_minute = forms.IntegerField(
        label=_("Requests a minute"), min_value=0, max_value=100_000, initial=600, help_text=_("In each web process; 0 for no limit")
    )

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = colleagues() if by.may(rules.ACT_FOR) else colleagues().filter(pk=by.user_id)
        self.fields["user"].queryset = people  # type: ignore[attr-defined]
        self.fields["user"].initial = by.user_id

    def wanted(self) -> dict[str, Any]:
        """The arguments of `make_token`."""
        given = self.cleaned_data
        until = given["until"]
        end = datetime.combine(until + timedelta(days=1), time(), tzinfo=clock.zone()) if until else None
        return {
            "name": given["name"], "user": given["user"], "allowed": given["allowed"], "expires_at": end,
            "per_minute": given["per_minute"],
        }  # fmt: skip


class EndpointForm(forms.Form):
    """The events are drawn room by room by the page; their field is here for what was chosen."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("What it is for, e.g. stock system or data warehouse"))
    url = forms.CharField(
        label=_("Address"), max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url", "placeholder": "https://"}),
        help_text=_("https, reachable from the internet"),
    )  # fmt: skip
    recipient = forms.ChoiceField(label=_("Recipient"), choices=lambda: [(name, name) for name in privacy.recipient_names()], help_text=_("From the register of recipients"))
    purpose = forms.CharField(label=pgettext_lazy("webhook", "Purpose"), max_length=200, help_text=_("What they need it for; law asks that both are written down"))
    user = forms.ModelChoiceField(
        User.objects.none(), label=_("Acts for"), empty_label=None, help_text=_("What this person may not see is not sent; an administrator usually sees no needs")
    )
    events = forms.MultipleChoiceField(label=_("Events"))

    def __init__(self, *args: Any, by: Actor, endpoint: Endpoint | None = None, **kwargs: Any) -> None:
        start = {name: getattr(endpoint, name) for name in ("name", "recipient", "purpose", "user", "events")} if endpoint else {"user": by.user_id}
        super().__init__(*args, initial=start, **kwargs)
        people = colleagues() if by.may(rules.ACT_FOR) else colleagues().filter(pk__in=[by.user_id, endpoint.user_id if endpoint else None])
        self.fields["user"].queryset = people  # type: ignore[attr-defined]
        self.fields["events"].choices = [(name, name) for name in hooked.events()]  # type: ignore[attr-defined]
        if endpoint:
            self.fields["url"].required = False
            self.fields["url"].help_text = _("Empty: it stays %(shown)s") % {"shown": endpoint.shown}


class SpanForm(forms.Form):
    """What is sent once more: by when it came up and what became of it."""

    start = forms.DateTimeField(label=pgettext_lazy("span", "From"))
    end = forms.DateTimeField(label=pgettext_lazy("span", "To"))
    states = forms.MultipleChoiceField(
        label=_("Which"), widget=forms.CheckboxSelectMultiple,
        choices=[(s.value, s.label) for s in (Delivery.State.FAILED, Delivery.State.DELIVERED, Delivery.State.WITHHELD)],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        now = clock.now()
        start = {"start": now - timedelta(days=3), "end": now + timedelta(minutes=1), "states": [Delivery.State.FAILED.value]}
        super().__init__(*args, initial=start, **kwargs)
