"""Shape of input about tokens."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yingxu.base import clock
from yingxu.base.access import RULES, Actor
from yingxu.people.models import User
from yingxu.people.queries import colleagues

from . import scopes


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
        people = colleagues() if by.may(RULES["people.manage"]) else colleagues().filter(pk=by.user_id)
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
