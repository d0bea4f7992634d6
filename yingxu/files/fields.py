"""Files in other rooms' forms, and their level."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Actor
from yingxu.matters.models import Matter
from yingxu.ui import levels

from . import queries


class Uploads(forms.FileField):
    """Several files at once; `clean` answers a list."""

    widget = type("ManyFiles", (forms.ClearableFileInput,), {"allow_multiple_selected": True})

    def clean(self, data: Any, initial: Any = None) -> list:
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if not given and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return [super(Uploads, self).clean(one, initial) for one in given]


class Level(forms.TypedChoiceField):
    """A level above what the files hang on, or none (0). Choices come with `offered`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("Level of the files"), "coerce": int, "empty_value": 0, "required": False, "choices": [(0, _("as what they hang on"))], **kwargs})

    @staticmethod
    def offered(form: forms.Form, name: str, by: Actor, matter: Matter) -> bool:
        """The form offers the levels this actor may give; whether there are any."""
        most = queries.most_level(by, matter)
        if most <= matter.secrecy:
            return False
        field: Any = form.fields[name]
        field.choices = [*field.choices, *((n, text) for n, text in levels.choices(most) if n > matter.secrecy)]
        return True
