"""Verbs and events: everybody who acts is named, every refusal is tested, every fact has a sentence."""

import dataclasses
import importlib
import inspect
import pkgutil
import re
import types
import typing
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import models
from django.utils import translation

import yingxu
from yingxu.base.access import Actor
from yingxu.base.action import ACTIONS
from yingxu.base.errors import NotAllowed
from yingxu.base.events import EVENTS, Event

from .rows import row
from .tree import rooms

for _room in rooms():
    for _part in ("actions", "events"):
        if importlib.util.find_spec(f"yingxu.{_room}.{_part}"):
            importlib.import_module(f"yingxu.{_room}.{_part}")
OURS = {name: verb for name, verb in ACTIONS.items() if name.startswith("yingxu.") and ".tests." not in name}
FACTS = {name: event for name, event in EVENTS.items() if ".tests" not in event.__module__}
WORDS = {"routing.routing_rule_changed": {"how": "moved"}}  # fields that take one of a few words without a list of choices
STRANGER = Actor(kind="user", name="stranger", id=0, user_id=0)


def _is_opening(verb: Any) -> bool:
    return "thing" not in inspect.signature(verb, follow_wrapped=False).parameters


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_verb_says_who_acts_and_what_it_does(name: str):
    inner = inspect.unwrap(OURS[name])
    by = inspect.signature(inner).parameters.get("by")
    assert by is not None and by.kind is inspect.Parameter.KEYWORD_ONLY, f"{name} needs a keyword `by`"
    assert (inspect.getdoc(inner) or "").strip(), f"{name} needs a sentence"


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(name for name, verb in OURS.items() if _is_opening(verb)))
def test_verbs_that_make_something_refuse_a_stranger(name: str):
    """The rule is asked before anything else, so nothing has to be given."""
    with pytest.raises(NotAllowed) as refusal:
        OURS[name](by=STRANGER)
    assert refusal.value.code == OURS[name].rule.name


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(name for name, verb in OURS.items() if not _is_opening(verb)))
def test_verbs_on_something_refuse_a_stranger(name: str):
    """S2: whoever holds no rule is refused by it, before the verb looks at what else was given."""
    inner = inspect.unwrap(OURS[name])
    model = typing.get_type_hints(inner)[next(iter(inspect.signature(inner).parameters))]
    with pytest.raises(NotAllowed) as refusal:
        OURS[name](row(model), by=STRANGER)
    assert refusal.value.code == OURS[name].rule.name


def _sample(hint: Any, field: str) -> Any:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    samples = {str: f"{field}?", int: 7, bool: True, float: 1.5, date: date(2026, 3, 2), datetime: datetime(2026, 3, 2, tzinfo=UTC)}
    if hint in samples:
        return samples[hint]
    return {}.__class__() if typing.get_origin(hint) is dict or hint is dict else [f"{field}?"]


def _choices(name: str, room: str, kind: type = models.Choices) -> list[type]:
    """Choices of this name, those of the event's own room first (two rooms may use one name)."""
    found = [sub for sub in kind.__subclasses__() if sub.__name__ == name]
    for sub in kind.__subclasses__():
        found += _choices(name, room, sub)
    return sorted(found, key=lambda sub: f".{room}." not in sub.__module__)


def _say(event: type[Event], values: dict[str, Any]) -> str:
    """The sentence; a sample that is not one of a field's choices is changed into one that is."""
    for _try in range(12):
        try:
            return str(event(**values).sentence())
        except ValueError as error:
            wrong = re.search(r"'?([^' ]+)'? is not a valid (\w+)", str(error))
            assert wrong, f"{event.NAME}: {error}"
            choice = next(iter(_choices(wrong[2], event.NAME.split(".")[0])[0])).value
            values = {key: choice if str(value) == wrong[1] else value for key, value in values.items()}
    raise AssertionError(f"{event.NAME} has no sentence")


@pytest.mark.parametrize("name", sorted(FACTS))
@pytest.mark.parametrize("full", [False, True], ids=["least", "full"])
def test_every_event_has_a_sentence(name: str, full: bool):
    event = FACTS[name]
    if not event.__dict__.get("sentence") and not any("sentence" in base.__dict__ for base in event.__mro__[1:-2] if base is not Event):
        assert event.__subclasses__(), f"{name} has no sentence"
        return
    hints = typing.get_type_hints(event)
    fields = [f for f in dataclasses.fields(event) if full or f.default is f.default_factory is dataclasses.MISSING]
    with translation.override("zh-hans"):
        said = _say(event, {f.name: _sample(hints[f.name], f.name) for f in fields} | WORDS.get(name, {}))
    assert said.strip() and "%(" not in said and "None" not in said
    assert set(event.PERSONAL) <= {f.name for f in dataclasses.fields(event)}


def test_rooms_are_loaded():
    assert {module.name for module in pkgutil.iter_modules(yingxu.__path__) if module.ispkg} >= {"base", "people", "matters"}
    assert OURS and FACTS
