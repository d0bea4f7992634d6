"""Shape of input about people."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import queries, trusted
from .models import Department, SignInRules, User

CLEARANCES = [(0, _("Ordinary")), (1, _("Confidential")), (2, _("Secret")), (3, _("Top secret"))]


class SignIn(forms.Form):
    username = forms.CharField(
        label=_("Sign-in name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"), max_length=256, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class SecondStep(forms.Form):
    code = forms.CharField(label=pgettext_lazy("second factor", "Code"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}))


class NewApp(forms.Form):
    name = forms.CharField(label=_("What you call it"), max_length=60, required=False, help_text=_("E.g. “my telephone”."))
    code = forms.CharField(label=_("The code it shows now"), max_length=12, widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}))
    sealed = forms.CharField(widget=forms.HiddenInput)


class NewPasskey(forms.Form):
    name = forms.CharField(label=_("What you call it"), max_length=60, required=False, help_text=_("E.g. “my telephone”."))
    answer = forms.CharField(max_length=8000, widget=forms.HiddenInput)


class SignInRulesForm(forms.ModelForm):
    class Meta:
        model = SignInRules
        fields = ["idle_minutes", "idle_minutes_administrators", "longest_hours", "tries", "lock_minutes", "factor_from", "profile", "min_length", "only_linked"]
        labels = {
            "idle_minutes": _("Signed out after idling for"), "idle_minutes_administrators": _("Administrators after"), "longest_hours": _("Every session ends after"),
            "tries": _("Locked after wrong passwords in a row"), "lock_minutes": _("At first for"), "profile": _("Profile"), "min_length": _("At least this long"),
            "only_linked": _("Who is linked to a provider signs in there only"),
        }  # fmt: skip

    factor_from = forms.TypedChoiceField(
        label=_("Second factor from clearance"), coerce=int, choices=[(0, _("Everybody")), *CLEARANCES[1:]], help_text=_("Administrators always need one."),
    )  # fmt: skip


class Preferences(forms.Form):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(label=_("Appearance"), choices=User.Theme.choices)
    letter_keys = forms.BooleanField(
        label=_("Letter keys"), required=False, help_text=_("Press a letter instead of a button, e.g. N to register a need.")
    )


class Password(forms.Form):
    old = forms.CharField(
        label=_("Present password"), max_length=256, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label=_("New password"), max_length=256, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label=_("New password again"), max_length=256, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict:
        data = super().clean() or {}
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", _("The two new passwords differ."))
        return data


class DepartmentForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    parent = forms.ModelChoiceField(Department.objects.none(), label=_("Belongs to"), required=False, empty_label=_("Top level"))
    head = forms.ModelChoiceField(User.objects.none(), label=pgettext_lazy("department", "Head"), required=False, empty_label=_("Nobody yet"))
    service = forms.BooleanField(
        label=_("This is customer service"), required=False,
        help_text=_("Customer service assesses, reviews and feeds back. One department can be customer service."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = queries.departments()
        self.fields["head"].queryset = queries.colleagues()


class Person(forms.Form):
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=60)
    username = forms.CharField(label=_("Sign-in name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    department = forms.ModelChoiceField(Department.objects.none(), label=_("Department"), required=False, empty_label=_("No department"))
    email = forms.EmailField(label=_("E-mail"), required=False)
    mobile = forms.CharField(label=_("Mobile"), max_length=40, required=False, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))
    chat_id = forms.CharField(
        label=_("Number in the company's messenger"), max_length=64, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("So that a group robot can call this person by name."),
    )  # fmt: skip
    clearance = forms.TypedChoiceField(
        label=_("Clearance"), choices=CLEARANCES, coerce=int, initial=0,
        help_text=_("The highest grade this person may see. What is above it does not exist for them."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = queries.departments()

    def clean_username(self) -> str:
        name = self.cleaned_data["username"].strip()
        if not name.replace(".", "").replace("-", "").replace("_", "").isalnum():
            raise ValidationError(_("Use letters, digits, dots, hyphens and underscores."))
        return name


class ProviderForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("provider", "Name"), max_length=40, help_text=_("As its button says it."))
    issuer = forms.CharField(label=_("Issuer"), max_length=300, widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}), help_text=_("Its address, exactly as it writes it itself."))
    client_id = forms.CharField(label=_("Client ID"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    secret = forms.CharField(
        label=_("Client secret"), max_length=300, required=False, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Kept sealed and never shown. Leave it empty to keep the one there is."),
    )  # fmt: skip
    factor_values = forms.CharField(
        label=_("Its words for a second factor"), max_length=200, required=False, widget=forms.TextInput(attrs={"placeholder": "mfa otp hwk"}),
        help_text=_("When the answer says one of these (amr or acr), ours is not asked for again. Empty: ours is always asked for."),
    )  # fmt: skip
    trusts_email = forms.BooleanField(
        label=_("Believe its verified e-mail addresses"), required=False,
        help_text=_("Who is not linked yet is found by address, administrators never. Only for a provider that gives addresses out itself."),
    )  # fmt: skip
    why = forms.CharField(label=_("Why"), max_length=300, required=False)


class LinkForm(forms.Form):
    provider = forms.ModelChoiceField(trusted.providers(), label=pgettext_lazy("sign-on", "Provider"), empty_label=None)
    subject = forms.CharField(label=_("Subject (sub)"), max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off"}), help_text=_("By what the provider knows this person; not the name."))
    why = forms.CharField(label=_("Why"), max_length=300, required=False)


class RoleForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    description = forms.CharField(label=_("What it is for"), max_length=200, required=False)


class GiveRole(forms.Form):
    role = forms.ModelChoiceField(queries.roles(), label=_("Role"), empty_label=_("Choose a role"))
    why = forms.CharField(label=_("Why"), max_length=300, required=False)


