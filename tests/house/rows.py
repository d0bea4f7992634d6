"""The smallest row of any table, made from what its columns demand, so that a rule about every verb can be tested on all of them."""

import itertools
from datetime import UTC, date, datetime, time
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.fields import NOT_PROVIDED

_count = itertools.count(1)
MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)


WANTED = {"deadlines.clock": {"due_at"}, "api.delivery": {"next_at"}}  # optional columns that a constraint asks for


def row(model: type[models.Model], **given: Any) -> models.Model:
    """Saved, with everything optional left out that is not given."""
    wanted = WANTED.get(model._meta.label_lower, set())
    fields = [field for field in model._meta.concrete_fields if _needed(field) or field.name in wanted]
    return model._base_manager.create(**{field.name: _value(field) for field in fields if field.name not in given}, **given)


def _needed(field: models.Field) -> bool:
    if field.null or field.has_default() or field.db_default is not NOT_PROVIDED or field.generated:
        return False
    return isinstance(field, models.ForeignKey) or not (field.primary_key and isinstance(field, models.AutoField))


def _value(field: models.Field) -> Any:
    if isinstance(field, models.ForeignKey):
        return row(field.related_model)
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, ArrayField):
        return [_value(field.base_field)]
    number = next(_count)
    if isinstance(field, models.CharField | models.TextField):
        return f"x{number}"[: field.max_length or 9]
    for kind, sample in {
        models.DateTimeField: MOMENT,
        models.DateField: date(2026, 3, 2),
        models.TimeField: time(9),
        models.BooleanField: True,
        models.BinaryField: str(number).encode(),
        models.JSONField: {},
    }.items():
        if isinstance(field, kind):
            return sample
    return number % 30_000
