"""Shape of input: the ways out, and how one wants to be told."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import outlets
from yingxu.people import queries as people
from yingxu.people.models import Department

from .choosing import DEFAULTS, When, Wishes, allowed
from .choosing import Way as Ways_
from .models import CHATS, MailOut, Notice, Robot, SmsOut
from .sms.templates import TEMPLATES

_SECRET = {"autocomplete": "new-password"}
_KEEP = _("Leave it empty to keep the one there is.")


class Party(forms.ChoiceField):
    """A recipient of the register, for one of its purposes."""

    def __init__(self, outlet: str = "", **kwargs: Any) -> None:
        super().__init__(
            label=_("Who receives what goes out here, for what"), required=False, choices=lambda: [("", _("nobody yet")), *outlets.parties()],
            initial=lambda: outlets.party(outlet) if outlet else "", help_text=_("From the register of recipients. While it is nobody, nothing leaves."), **kwargs,
        )  # fmt: skip


class Common(forms.Form):
    address = forms.CharField(
        label=_("Where people reach Yingxu"), max_length=200, required=False, widget=forms.TextInput(attrs={"placeholder": "https://yingxu.example.com"}),
        help_text=_("For the links in mails and messages."),
    )  # fmt: skip
    daily_at = forms.TimeField(label=_("End of the day"), help_text=_("When those who want it get the day's notices in one mail."))


class Mail(forms.Form):
    on = forms.BooleanField(label=_("Mail goes out"), required=False, help_text=_("While this is off, mails are kept in the outbox."))
    host = forms.CharField(label=_("Server"), max_length=200, required=False, widget=forms.TextInput(attrs={"placeholder": "smtp.example.com"}))
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65_535)
    security = forms.ChoiceField(label=_("Encryption"), choices=MailOut.Security.choices)
    username = forms.CharField(label=_("Sign-in name"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    password = forms.CharField(label=_("Password"), max_length=200, required=False, strip=False, help_text=_KEEP, widget=forms.PasswordInput(attrs=_SECRET))
    from_address = forms.CharField(label=_("Sender's address"), max_length=254, required=False)
    from_name = forms.CharField(label=_("Sender's name"), max_length=80, required=False)
    reply_address = forms.CharField(
        label=_("Replies come to"), max_length=254, required=False,
        help_text=_("The mailbox Yingxu reads; empty: the sender's address. Its server must deliver name+anything@… to it, as most do."),
    )  # fmt: skip
    party = Party("mail")


class Sms(forms.Form):
    provider = forms.ChoiceField(label=_("Provider"), choices=SmsOut.Provider.choices)
    key_id = forms.CharField(label=_("Access key (ID)"), max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    secret = forms.CharField(label=_("Secret key"), max_length=200, required=False, strip=False, help_text=_KEEP, widget=forms.PasswordInput(attrs=_SECRET))
    sign_name = forms.CharField(label=_("Signature"), max_length=40, required=False, help_text=_("As the provider approved it, without brackets."))
    app_id = forms.CharField(label=_("Application number (Tencent)"), max_length=40, required=False)
    region = forms.CharField(label=_("Region (Tencent)"), max_length=40, required=False)
    party = Party("sms")


class SmsTemplates(forms.Form):
    """code.<key> and order.<key> of every template."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, template in TEMPLATES.items():
            self.fields[f"code.{key}"] = forms.CharField(label=template.title, max_length=40, required=False)
            self.fields[f"order.{key}"] = forms.CharField(label=_("Order of the values"), max_length=200, required=False)

    def wanted(self) -> dict[str, Any]:
        data = self.cleaned_data
        orders = {key: data[f"order.{key}"].replace("，", ",").replace("、", ",").replace(",", " ").split() for key in TEMPLATES}
        return {"codes": {key: data[f"code.{key}"] for key in TEMPLATES}, "orders": orders}


class TestMail(forms.Form):
    to = forms.CharField(label=_("Send a test to"), max_length=254)


class TestSms(forms.Form):
    to = forms.CharField(label=_("Send a test to"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    template = forms.ChoiceField(label=_("Template"), choices=[(key, found.title) for key, found in TEMPLATES.items()])


class RobotForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("robot", "Name"), max_length=40)
    channel = forms.ChoiceField(label=_("Make"), choices=[(c.value, c.label) for c in CHATS])
    url = forms.CharField(
        label=_("Address (webhook)"), max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "https://…"}),
        help_text=_("Copied from the group's settings. It is a secret: whoever has it can speak in the group."),
    )  # fmt: skip
    secret = forms.CharField(
        label=_("Signing secret"), max_length=200, required=False, strip=False, widget=forms.PasswordInput(attrs=_SECRET),
        help_text=_("DingTalk and Feishu, when signing is switched on there; WeCom has none."),
    )  # fmt: skip
    departments = forms.ModelMultipleChoiceField(
        Department.objects.none(), label=_("For the departments"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: for all."),
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label=_("What it says"), choices=Notice.Kind.choices, required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None chosen: everything.")
    )
    party = Party()

    def __init__(self, *args: Any, robot: Robot | None = None, **kwargs: Any) -> None:
        if robot is not None:
            kwargs["initial"] = {
                "name": robot.name, "channel": robot.channel, "departments": list(robot.departments.all()), "kinds": robot.kinds,
                "party": outlets.party(f"robot:{robot.pk}"),
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["departments"].queryset = people.departments()  # type: ignore[attr-defined]
        if robot is not None:
            del self.fields["channel"]
            self.fields["url"].required = False
            self.fields["url"].help_text = self.fields["secret"].help_text = _KEEP


class WaysForm(forms.Form):
    """<kind>.<way> for everything that may be chosen, the quiet hours, and where SMS and robots find the person."""

    quiet = forms.BooleanField(label=_("Quiet hours"), required=False)
    quiet_from = forms.TimeField(label=_("from"), required=False)
    quiet_to = forms.TimeField(label=_("until"), required=False)
    mobile = forms.CharField(label=_("My mobile"), max_length=40, required=False, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}))
    chat_id = forms.CharField(label=_("My number in the company's messenger"), max_length=64, required=False)

    def __init__(self, *args: Any, wishes: Wishes, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Notice.Kind:
            for way in Ways_:
                if kind == Notice.Kind.EMERGENCY or len(allowed(kind, way)) < 2:
                    continue
                self.fields[f"{kind}.{way}"] = forms.ChoiceField(
                    label=f"{kind.label}, {way.label}", choices=[(w, When(w).label) for w in allowed(kind, way)], required=False,
                    initial=wishes.when(kind, way),
                )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("quiet") and not (data.get("quiet_from") and data.get("quiet_to")):
            self.add_error("quiet_from", _("Say from when until when."))
        return data

    def rows(self) -> list[tuple[Any, list[Any]]]:
        """(kind, [bound field, or the fixed word] per way) for the table."""
        found = []
        for kind in Notice.Kind:
            cells: list[Any] = []
            for way in Ways_:
                name = f"{kind}.{way}"
                cells.append(self[name] if name in self.fields else When(DEFAULTS[kind][way]).label)
            found.append((kind.label, cells))
        return found
