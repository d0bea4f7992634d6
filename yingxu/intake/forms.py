"""The phone and counter form: the shape of its input."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yingxu.needs.states import Category, Channel
from yingxu.templates import queries as record_templates

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
