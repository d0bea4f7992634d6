"""What customers type."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yingxu.privacy import queries as privacy
from yingxu.privacy.models import Request
from yingxu.templates import queries as record_templates


class RaiseForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is it about?"))
    body = forms.CharField(label=_("Tell us what you need"), max_length=10_000, widget=forms.Textarea)
    name = forms.CharField(label=_("How may we address you?"), max_length=60)
    phone = forms.CharField(label=_("Phone number"), required=False, max_length=40)
    email = forms.EmailField(label=_("E-mail"), required=False)
    agreed = forms.BooleanField(label=_("I have read the privacy notice and agree"), required=True)
    agreed_to = forms.MultipleChoiceField(label=_("You may also (optional)"), required=False, widget=forms.CheckboxSelectMultiple)
    website = forms.CharField(required=False)  # people leave this empty, machines do not
    nonce = forms.CharField(max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(t.code, t.name) for t in record_templates.kinds()]
        self.fields["agreed_to"].choices = [(p.code, f"{p.name}：{p.said.means}") for p in privacy.offered()]

    def clean(self) -> dict:
        data = super().clean() or {}
        if not data.get("phone") and not data.get("email") and not self.errors:
            self.add_error("phone", _("Leave a phone number or an e-mail address, so that we can answer you."))
        return data


class AskForm(forms.Form):
    """What a customer asks about their own data."""

    kind = forms.ChoiceField(label=_("What do you ask for?"), choices=Request.Kind.choices)
    contact = forms.CharField(label=_("Where shall the answer go?"), max_length=200, help_text=_("Phone number, e-mail or postal address"))
    words = forms.CharField(label=_("What exactly?"), required=False, max_length=4_000, widget=forms.Textarea)


class PointForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("for example: counter 2, or home page"))
    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[
            ("web", _("Web form")),
            ("counter", _("Counter")),
            ("visit", _("Visit")),
            ("event", _("Industry event")),
        ],
    )
    kind = forms.ChoiceField(label=_("Business type"), required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [
            ("", _("Let the customer choose")),
            *((t.code, t.name) for t in record_templates.kinds()),
        ]
