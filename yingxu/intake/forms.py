"""The phone and counter form, and the settings of a mailbox: the shape of their input."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yingxu.base.errors import Invalid
from yingxu.needs.states import Category, Channel
from yingxu.templates import queries as record_templates

from .models import Mailbox

SHOWN_CHANNELS = (
    "phone",
    "counter",
    "wechat",
    "visit",
    "chat",
    "mail",
    "survey",
    "research",
    "event",
    "social",
    "other",
)


class IntakeForm(forms.Form):
    channel = forms.ChoiceField(label=_("Channel"), choices=[(c, Channel(c).label) for c in SHOWN_CHANNELS])
    phone = forms.CharField(label=_("Phone number"), required=False, max_length=40)
    customer = forms.CharField(
        required=False, max_length=24, widget=forms.HiddenInput
    )  # register number of the chosen customer
    customer_name = forms.CharField(label=_("Customer"), required=False, max_length=120)
    contact_name = forms.CharField(label=_("Contact"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("Business type"))
    body = forms.CharField(label=_("The customer's words"), max_length=20_000, widget=forms.Textarea)
    title = forms.CharField(label=_("Subject"), required=False, max_length=200)
    category = forms.ChoiceField(label=_("Category"), required=False, choices=[("", ""), *Category.choices])
    department = forms.IntegerField(label=_("Department"), required=False, widget=forms.Select)
    answer = forms.CharField(label=_("Answer"), required=False, max_length=20_000, widget=forms.Textarea)
    origin = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)
    nonce = forms.CharField(max_length=64, widget=forms.HiddenInput)
    began = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(t.code, t.name) for t in record_templates.kinds()]


class MailboxForm(forms.Form):
    """A mailbox; the password is only ever typed, never shown."""

    name = forms.CharField(label=_("Name"), max_length=60)
    address = forms.CharField(label=_("Mail address"), max_length=254)
    aliases = forms.CharField(label=_("Further addresses"), required=False, max_length=1_000, help_text=_("Separated by commas; mail to them ends here, too"))
    way = forms.ChoiceField(label=_("How mail comes in"), choices=Mailbox.Way.choices)
    host = forms.CharField(label=_("IMAP server"), required=False, max_length=200)
    port = forms.IntegerField(label=_("Port"), required=False, min_value=1, max_value=65_535)
    security = forms.ChoiceField(label=_("Encryption"), choices=Mailbox.Security.choices)
    username = forms.CharField(label=_("User name"), required=False, max_length=200)
    password = forms.CharField(label=_("Password"), required=False, max_length=200, widget=forms.PasswordInput)
    folder = forms.CharField(label=_("Folder"), required=False, max_length=200)
    after = forms.ChoiceField(label=_("What happens to a mail that was taken in"), choices=Mailbox.After.choices)
    move_to = forms.CharField(label=_("Folder it is moved to"), required=False, max_length=200)
    every_minutes = forms.IntegerField(label=_("Look every … minutes"), min_value=1, max_value=1_440)
    kind = forms.ChoiceField(label=_("Business type when nothing suggests one"), required=False)

    def __init__(self, data: Any = None, *, box: Mailbox | None = None) -> None:
        first: dict[str, Any] = {"port": 993, "folder": "INBOX", "after": Mailbox.After.SEEN, "every_minutes": 2}
        if box:
            first = {name: getattr(box, name) for name in self.base_fields if name not in ("password", "aliases")} | {"aliases": ", ".join(box.aliases)}
        super().__init__(data, initial=first)
        self.fields["kind"].choices = [("", "—"), *((t.code, t.name) for t in record_templates.kinds())]
        if box and box.sealed_password:
            self.fields["password"].help_text = _("Empty: the one we have stays")

    def values(self) -> dict[str, Any]:
        """The cleaned input as the verb's keywords."""
        given = dict(self.cleaned_data)
        given["aliases"] = [one.strip() for one in re.split(r"[,;，；\s]+", given["aliases"]) if one.strip()]
        return given | {"port": given["port"] or 993}

    def blame(self, refusal: Invalid) -> None:
        """Put what the verb refused beside its fields."""
        for name, messages in refusal.fields.items():
            self.add_error(name if name in self.fields else None, [str(m) for m in messages])
