"""What every form of a verb has in common, and the fields they share."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base.access import Actor
from yingxu.people import queries as people
from yingxu.people.models import Department, User

from ..models import Need
from ..states import Channel

SPOKEN = (Channel.PHONE, Channel.COUNTER, Channel.WECHAT, Channel.SMS, Channel.MAIL, Channel.CHAT, Channel.VISIT, Channel.PORTAL, Channel.OTHER)
LONGEST = 20_000


class VerbForm(forms.Form):
    """The input of one verb on `need`, given by `by`. `template` draws its fields, `quick` says which ready-made words go into
    which field, `wide` makes the dialog wide; `widths` are those of ui.auto."""

    template = "needs/verbs/plain.html"
    widths: dict[str, str] = {}
    quick: tuple[str, str] | None = None  # (field, place of the ready-made words)
    wide = False

    def __init__(self, *args: Any, need: Need, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.need, self.by = need, by
        self.prepare()

    def prepare(self) -> None:
        """Set choices and what is filled in at first."""

    def extra(self) -> dict[str, Any]:
        """What the template needs beside the form."""
        return {}

    def values(self) -> dict[str, Any]:
        """The cleaned input as the verb's keywords."""
        return dict(self.cleaned_data)

    def first(self, **values: Any) -> None:
        """Fill in what is not filled in yet."""
        for name, value in values.items():
            self.initial.setdefault(name, value)


class Bare(VerbForm):
    """Nothing to fill in, only to confirm."""


class Text(forms.CharField):
    """Words of any length up to the limit of the verbs."""

    def __init__(self, *, rows: int = 3, longest: int = LONGEST, **kwargs: Any) -> None:
        super().__init__(max_length=longest, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class Person(forms.CharField):
    """A colleague, written as name or sign-in name. A name that several have needs "name (sign-in name)", as the list fills in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=130, **kwargs)

    def clean(self, value: Any) -> User | None:
        text = super().clean(value)
        if not text:
            return None
        name, _open, rest = text.partition("(")
        name, username = name.strip(), rest.rstrip(") ").strip()
        found = [u for u in people.colleagues(username or name) if _is(u, name, username)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ValidationError(_("Several people are called “%(name)s”; choose one from the list."), params={"name": name})
        raise ValidationError(_("Nobody here is called “%(name)s”."), params={"name": text})

    def prepare_value(self, value: Any) -> Any:
        return said(value) if isinstance(value, User) else value


def _is(user: User, name: str, username: str) -> bool:
    return user.username == username if username else name in (user.name, user.username)


def said(user: User) -> str:
    """How a colleague is written in a field: the name, with the sign-in name so that it is clear who."""
    return f"{user.name} ({user.username})"


class DepartmentField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Department"))
        super().__init__(queryset=Department.objects.filter(active=True), empty_label=kwargs.pop("empty", ""), **kwargs)


class ChannelField(forms.ChoiceField):
    """How we spoke with the customer."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Channel"))
        super().__init__(choices=[(c.value, c.label) for c in SPOKEN], **kwargs)


class RatingField(forms.TypedChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[("", ""), *((n, str(n)) for n in range(1, 6))], coerce=int, empty_value=None, required=False,
                         label=pgettext_lazy("field", "Rating"), **kwargs)  # fmt: skip


class Reason(VerbForm):
    """One reason, and no more."""

    reason = Text(label=gettext_lazy("Reason"), longest=500)


class Files(forms.FileField):
    """Several files at once; `clean` answers a list."""

    widget = type("ManyFiles", (forms.ClearableFileInput,), {"allow_multiple_selected": True})

    def clean(self, data: Any, initial: Any = None) -> list:
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if not given and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return [super(Files, self).clean(one, initial) for one in given]


class Attach(VerbForm):
    uploads = Files(label=gettext_lazy("Files"))
    public = forms.BooleanField(label=gettext_lazy("The customer may see them"), required=False)
