"""What hangs from a matter, found by following the foreign keys of every table towards it; a table added later is found by itself."""

from collections import deque
from collections.abc import Iterable

from django.apps import apps
from django.db import models

from yingxu.matters.models import Matter

from .inventory import APART, KEPT

Rows = dict[type[models.Model], set]


def label(field: models.Field) -> str:
    return f"{field.model._meta.label}.{field.name}"


def edges() -> dict[type[models.Model], list[models.ForeignKey]]:
    """For each table the references to it that make a row part of what it points to."""
    found: dict[type[models.Model], list[models.ForeignKey]] = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label in KEPT or not model._meta.managed:
            continue
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.ForeignKey) and label(field) not in APART:
                found.setdefault(field.related_model, []).append(field)
    return found


def tables() -> set[type[models.Model]]:
    """Every table whose rows can hang from a matter."""
    known = edges()
    seen: set[type[models.Model]] = {Matter}
    queue: deque[type[models.Model]] = deque(seen)
    while queue:
        for field in known.get(queue.popleft(), ()):
            if field.model not in seen:
                seen.add(field.model)
                queue.append(field.model)
    return seen


def rows(matters: Iterable[int], *, alone: bool = False) -> Rows:
    """The keys of everything that hangs from these matters, by table, with the matters that hang from them: the needs of a customer and
    what was merged into it, meetings and requests about either. `alone`: without those."""
    known = edges()
    found: Rows = {}
    queue: deque[tuple[type[models.Model], set]] = deque([(Matter, set(matters))])
    while queue:
        model, keys = queue.popleft()
        new = keys - found.setdefault(model, set())
        if not new:
            continue
        found[model] |= new
        own = _own_matter(model)
        if own is not None and (more := new - found.get(Matter, set())):
            if alone:
                found[model] -= more
                new -= more
            else:
                queue.append((Matter, more))
        for field in known.get(model, ()):
            theirs = field.model._base_manager.filter(**{f"{field.name}__in": new}).values_list("pk", flat=True)
            queue.append((field.model, set(theirs)))
    return {model: keys for model, keys in found.items() if keys}


def _own_matter(model: type[models.Model]) -> models.Field | None:
    """The field by which a row is a matter's own, with its key."""
    pk = model._meta.pk
    return pk if isinstance(pk, models.OneToOneField) and pk.related_model is Matter else None
