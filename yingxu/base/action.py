"""How a verb runs: one transaction, the row locked and read again, the rule checked, no way around."""

import functools
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from .access import Actor, Rule
from .errors import Gone, NotAllowed

ACTIONS: dict[str, Callable] = {}


def action(rule: Rule) -> Callable:
    """A verb on a row: `close(need, *, by, …)`. The row (and its matter) is locked and read again before the rule is asked."""

    def wrap(fn: Callable) -> Callable:
        @functools.wraps(fn)
        def run(thing: Any, *args: Any, by: Actor, **kwargs: Any) -> Any:
            with transaction.atomic():
                row = locked(thing)
                check(rule, by, row)
                return fn(row, *args, by=by, **kwargs)

        return _register(run, rule)

    return wrap


def opens(rule: Rule) -> Callable:
    """A verb that makes a row: `register(*, by, …)`."""

    def wrap(fn: Callable) -> Callable:
        @functools.wraps(fn)
        def run(*args: Any, by: Actor, **kwargs: Any) -> Any:
            with transaction.atomic():
                if by.kind != "customer":
                    check(rule, by)
                return fn(*args, by=by, **kwargs)

        return _register(run, rule)

    return wrap


def step(fn: Callable) -> Callable:
    """A part of other verbs; needs an open transaction and is never called from a view."""

    @functools.wraps(fn)
    def run(*args: Any, **kwargs: Any) -> Any:
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError(f"{fn.__qualname__} may only be called by another verb")
        return fn(*args, **kwargs)

    return run


def check(rule: Rule, by: Actor, thing: Any = None) -> None:
    """Raise NotAllowed, naming the rule, unless `by` may."""
    if not rule.allows(by, thing):
        raise NotAllowed(_("You may not do this: %(rule)s.") % {"rule": rule.title}, code=rule.name)


def locked(thing: Any) -> Any:
    """The same row, read again under a lock; its matter is locked first. Raises Gone when it is no longer there."""
    model = type(thing)
    rows = model._base_manager.select_for_update(of=("self",))
    if getattr(thing, "matter_id", None) is not None:
        matter = model._meta.get_field("matter").related_model
        if matter._base_manager.select_for_update().filter(pk=thing.matter_id).first() is None:
            raise Gone()
        rows = model._base_manager.select_for_update(of=("self",)).select_related("matter")
    row = rows.filter(pk=thing.pk).first()
    if row is None:
        raise Gone()
    return row


def _register(run: Callable, rule: Rule) -> Callable:
    run.rule = rule  # type: ignore[attr-defined]
    ACTIONS[f"{run.__module__}.{run.__name__}"] = run
    return run
