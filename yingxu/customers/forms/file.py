"""The shape of what people type about customers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.people import queries as people
from yingxu.privacy.models import Consent
from yingxu.privacy.queries import guarding
from yingxu.ui import levels

from ..actions.consenting import Spoken
from ..models import Contact, Customer, Identifier

NOTHING = [("", "–")]


class Tags(forms.CharField):
    """Tags separated by commas, 、 or spaces."""

    def to_python(self, value: Any) -> list[str]:
        text = value if isinstance(value, str) else " ".join(value or [])
        for mark in "，,、；;":
            text = text.replace(mark, " ")
        return text.split()

    def prepare_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list | tuple) else value


class Names(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {where}" if (where := getattr(getattr(obj, "department", None), "name", "")) else obj.name


class Edit(forms.Form):
    """The fields of a file."""

    name = forms.CharField(label=_("Customer name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    type = forms.ChoiceField(label=_("Customer type"), choices=Customer.Type.choices)
    industry = forms.CharField(label=_("Industry"), max_length=60, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    reminder = forms.CharField(
        label=_("Reminder"), max_length=200, required=False, help_text=_("What everybody must know before talking to them")
    )
    tags = Tags(label=_("Tags"), required=False, help_text=_("Separated by spaces"))
    customer_since = forms.DateField(label=_("Customer since"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    owner = Names(label=_("Looked after by"), queryset=None, required=False)
    department = Names(label=_("Department"), queryset=None, required=False)
    remark = forms.CharField(label=_("Remark"), max_length=4_000, required=False, widget=forms.Textarea)
    why = forms.CharField(label=_("Basis"), max_length=200, required=False, help_text=_("What the change rests on: a visit, a call, a paper"))
    learned_on = forms.DateField(label=_("Learned on"), required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text=_("When it was not today"))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people.colleagues()
        self.fields["department"].queryset = people.departments()

    @property
    def changes(self) -> dict[str, Any]:
        return {key: value for key, value in self.cleaned_data.items() if key != "version"}


class New(Edit):
    """A new file: its fields, and the first contact."""

    type = forms.ChoiceField(
        label=_("Customer type"), choices=[("", _("By the name")), *Customer.Type.choices], required=False
    )
    contact_name = forms.CharField(label=_("Contact"), max_length=60, required=False, help_text=_("Whom we talk to there"))
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False, widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}))
    secrecy = forms.TypedChoiceField(
        label=_("Secrecy level"), coerce=int, empty_value=0, required=False, choices=[],
        help_text=_("The company's own business grades. State secrets must not be stored here."),
    )  # fmt: skip
    sure = forms.BooleanField(label=_("It is another customer, open a file all the same"), required=False)

    order = ("phone", "name", "type", "contact_name", "email")
    field_order = [*order, "industry", "owner", "department", "customer_since", "tags", "address", "reminder", "remark", "secrecy"]

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["version"], self.fields["why"], self.fields["learned_on"]
        self.fields["secrecy"].choices = levels.choices(by.clearance)
        if by.clearance == 0:
            del self.fields["secrecy"]

    @property
    def details(self) -> dict[str, Any]:
        found = {key: value for key, value in self.cleaned_data.items() if key not in ("sure", "owner", "department")}
        for key in ("owner", "department"):
            found[f"{key}_id"] = getattr(self.cleaned_data[key], "pk", None)
        return found


class Person(forms.Form):
    """A contact."""

    name = forms.CharField(label=_("Contact's name"), max_length=60)
    position = forms.CharField(label=_("Position"), max_length=60, required=False)
    department = forms.CharField(label=_("Department there"), max_length=60, required=False)
    role = forms.ChoiceField(label=_("Part in decisions"), choices=NOTHING + Contact.Role.choices, required=False)
    stance = forms.ChoiceField(label=_("Attitude to us"), choices=NOTHING + Contact.Stance.choices, required=False)
    reports_to = Names(label=_("Reports to"), queryset=Contact.objects.none(), required=False)
    preference = forms.CharField(label=_("Likes to be reached by"), max_length=60, required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False, help_text=_("What they look at, what they like"))

    def __init__(self, *args: Any, of: Customer, but: Contact | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reports_to"].queryset = of.contacts.filter(active=True).exclude(pk=but.pk if but else None)


class NewPerson(Person):
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)


class ChangedPerson(Person):
    """A contact as it is changed: with what the change rests on, and the mark of what was seen."""

    why = forms.CharField(label=_("Basis"), max_length=200, required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class NewIdentifier(forms.Form):
    """A further number of a customer or of one of its contacts."""

    type = forms.ChoiceField(label=pgettext_lazy("of an identifier", "Kind"), choices=Identifier.Type.choices)
    text = forms.CharField(label=_("Number or name"), max_length=254, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    contact = forms.ModelChoiceField(label=_("Contact"), queryset=Contact.objects.none(), required=False)
    channel = forms.ChoiceField(label=_("How the person agreed"), choices=NOTHING + Consent.SPOKEN, required=False)
    evidence = forms.CharField(label=_("Where it can be read or heard"), max_length=300, required=False)

    def __init__(self, *args: Any, of: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = of.contacts.filter(active=True)
        guarded = [label for type_, label in Identifier.Type.choices if guarding([type_])]
        if guarded:
            self.fields["evidence"].help_text = _("Needed for: %(kinds)s") % {"kinds": "、".join(str(label) for label in guarded)}
        else:
            del self.fields["channel"], self.fields["evidence"]

    def clean(self) -> dict[str, Any]:
        """What the verb takes: how the person agreed as one."""
        data = super().clean() or {}
        channel, evidence = data.pop("channel", ""), data.pop("evidence", "")
        return data | {"consent": Spoken(channel or Consent.Channel.COUNTER, evidence) if evidence else None}


def blame(form: forms.Form, refusal: Invalid) -> None:
    """Put a refusal's sentences beside the fields they are about."""
    for name, messages in refusal.fields.items():
        for message in messages:
            form.add_error(name if name in form.fields else None, str(message))
    if not refusal.fields:
        form.add_error(None, str(refusal))
