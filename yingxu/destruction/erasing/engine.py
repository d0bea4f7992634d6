"""The erasing itself, in the caller's transaction: rows deleted, columns emptied, personal parts of the ledgers blanked. Bytes on the disk
go after the commit, when no row names them any more."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.action import step
from yingxu.files.models import File, place
from yingxu.matters.actions import erase_personal
from yingxu.matters.models import Matter

from .inventory import BLANK, GONE, LEDGERS
from .reach import Rows, edges, rows
from .sweeping import sweep
from .traces import traces


@step
def erase(matters: set[int]) -> Counter[str]:
    """Erase these matters and what hangs from them for good; what stays of each is its number, its dates, states and counts. Doing it
    again does nothing more. Returns how many rows of each table were deleted or emptied, by the table's label."""
    found = rows(matters)
    left = traces(found)
    done = _erase(found)
    done.update(sweep(found, left))
    Matter._base_manager.filter(pk__in=found[Matter], erased_at=None).update(erased_at=clock.now())
    return done


@step
def erase_rows(found: Rows) -> Counter[str]:
    """Only these rows: part of a file that goes while the file stays."""
    return _erase(found)


def empty(field: Any) -> Any:
    """What an emptied column holds."""
    if isinstance(field, models.JSONField | ArrayField):
        return None if field.null else (field.get_default() if field.has_default() else {})
    if field.null:
        return None
    if isinstance(field, models.BinaryField):
        return b""
    if field.name == "title":
        with translation.override(settings.LANGUAGE_CODE):
            return _("Destroyed")
    return ""


def _erase(found: Rows) -> Counter[str]:
    done: Counter[str] = Counter()
    for model, keys in found.items():
        label = model._meta.label
        if ledger := LEDGERS.get(label):
            done[label] += erase_personal(keys, by=SYSTEM, ledger=ledger)
        elif label in BLANK:
            values = {name: empty(model._meta.get_field(name)) for name in BLANK[label]}
            done[label] += model._base_manager.filter(pk__in=keys).update(**values)
    _gone({model: keys for model, keys in found.items() if _goes(model)}, done)
    return +done


def _goes(model: type[models.Model]) -> bool:
    """Is it a table of GONE, or one that only pairs its rows with others?"""
    if not model._meta.auto_created:
        return model._meta.label in GONE
    ends = [f.related_model._meta.label for f in model._meta.local_concrete_fields if isinstance(f, models.ForeignKey)]
    return any(end in GONE for end in ends)


def _gone(going: Rows, done: Counter[str]) -> None:
    """Delete in the order that the references between the tables allow; what stays lets go of what goes."""
    known, left = edges(), dict(going)
    stored = set(File.objects.filter(pk__in=going.get(File, ())).values_list("stored", flat=True))
    for model, keys in going.items():
        for field in [*known.get(model, ()), *_apart(model)]:
            if field.null and (field.model not in going or field.model is model):
                field.model._base_manager.filter(**{f"{field.name}__in": keys}).update(**{field.name: None})
    while left:
        free = [m for m in left if not any(f.model in left and f.model is not m for f in known.get(m, ()))]
        for model in free:
            keys = left.pop(model)
            done[model._meta.label] += model._base_manager.filter(pk__in=keys)._raw_delete("default")
    if stored:
        transaction.on_commit(lambda: drop_bytes(stored))


def _apart(model: type[models.Model]) -> list[models.ForeignKey]:
    """References to a table that its rows do not make part of them."""
    known = {id(f) for f in edges().get(model, ())}
    every = (f for m in apps.get_models() if m._meta.managed for f in m._meta.local_concrete_fields if isinstance(f, models.ForeignKey))
    return [f for f in every if f.related_model is model and id(f) not in known]


def drop_bytes(names: set[str]) -> None:
    """Remove bytes from the disk that no row names any more, wherever a column `stored` could name them."""
    for model in apps.get_models():
        if any(f.name == "stored" for f in model._meta.local_concrete_fields):
            names = names - set(model._base_manager.filter(stored__in=names).values_list("stored", flat=True))
    for name in names:
        place(name).unlink(missing_ok=True)
        (Path(settings.FILES_DIR) / "tmp" / name).unlink(missing_ok=True)

