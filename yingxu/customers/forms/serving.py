"""What a look at a file is for."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.matters.models import Matter


class Serves(forms.Form):
    """A need of the customer, or a reason when it is none of them."""

    need = forms.ChoiceField(label=gettext_lazy("It serves the need"), widget=forms.RadioSelect, required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, needs: Sequence[Matter], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = [(matter.number, f"{matter.number} {matter.title}") for matter in needs]
        self.fields["need"].choices = [*chosen, ("", _("none of these: a reason"))] if chosen else []
        self.fields["need"].initial = chosen[0][0] if len(chosen) == 1 else None
        if chosen:
            self.fields["reason"].help_text = _("Only when it serves none of these needs")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("need") and not given.get("reason", "").strip():
            self.add_error("reason", _("Choose a need, or say what the look is for."))
        return given
