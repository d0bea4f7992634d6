"""What every form of a verb has in common, and the fields they share."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base.access import Actor
from yingxu.files.fields import Level, Uploads

from ..models import Need
from ..queries import reach
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


class ChannelField(forms.ChoiceField):
    """How we spoke with the customer."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Channel"))
        super().__init__(choices=[(c.value, c.label) for c in SPOKEN], **kwargs)


class ToCustomer(VerbForm):
    """Words to the customer by a chosen way. Mail and SMS leave by themselves, so they need an address, which the choice shows."""

    def ways(self) -> None:
        """Write the addresses into the choice of the channel, and begin with the need's own way when it leads anywhere."""
        self.hints = reach.hints(self.need)
        named = [(c.value, self._named(c)) for c in SPOKEN]
        self.fields["channel"].choices = named
        own = self.need.channel if self.need.channel in SPOKEN else Channel.PHONE.value
        self.first(channel=own if self.hints.get(own) != "" else Channel.PHONE.value)

    def _named(self, channel: Channel) -> str:
        hint = self.hints.get(channel.value)
        if hint is None:
            return str(channel.label)
        return _("%(channel)s (%(address)s)") % {"channel": channel.label, "address": hint or _("no address known")}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.told() and getattr(self, "hints", {}).get(given.get("channel")) == "":
            self.add_error("channel", _("No address of this customer is known for this way. Add it to the customer's file, or choose another."))
        return given

    def told(self) -> bool:
        """Are words going to the customer at all?"""
        return "channel" in self.fields


class RatingField(forms.TypedChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[("", ""), *((n, str(n)) for n in range(1, 6))], coerce=int, empty_value=None, required=False,
                         label=pgettext_lazy("field", "Rating"), **kwargs)  # fmt: skip


class Reason(VerbForm):
    """One reason, and no more."""

    reason = Text(label=gettext_lazy("Reason"), longest=500)


class Attach(VerbForm):
    uploads = Uploads(label=gettext_lazy("Files"))
    public = forms.BooleanField(label=gettext_lazy("The customer may see them"), required=False)
    level = Level(help_text=gettext_lazy("Only who is cleared for it knows that these files are there."))

    def prepare(self) -> None:
        if not Level.offered(self, "level", self.by, self.need.matter):
            del self.fields["level"]
