"""What is looked for where no reference leads, told before the rows go: numbers, identifiers, names, who wrote mails, which meetings and
emergencies spoke of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote

from yingxu.agendas.models import Item
from yingxu.customers import identifiers
from yingxu.customers.models import Contact, Customer, Identifier
from yingxu.emergencies.models import Affected
from yingxu.intake.models import Raw, Received
from yingxu.matters.models import Entry, Matter
from yingxu.tasks.models import Task

from .reach import Rows

SHORTEST = 5  # characters of a number or an identifier; less would be somebody else's too
NAME = 2  # of a name


@dataclass
class Traces:
    """`sharp` stands for nobody else; `names` are borne by no other customer or contact. `spoken`: for each meeting of management that
    talked about it (its matter) the titles it stood under, `titles` everything on those agendas. `crises`: emergencies it was touched by."""

    sharp: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    spoken: dict[int, set[str]] = field(default_factory=dict)
    titles: dict[int, set[str]] = field(default_factory=dict)
    crises: set[int] = field(default_factory=set)


def traces(found: Rows) -> Traces:
    """Of these rows, while they are still there. Puts the mails that belong to nobody else among them."""
    made = Traces(_sharp(found), _names(found), crises=_crises(found))
    made.spoken, made.titles = _spoken(found)
    _mails(found)
    return made


def like(words: Iterable[str]) -> list[str]:
    """Patterns for LIKE ANY, also for words as they stand in an address."""
    every = dict.fromkeys(form for word in words for form in (word, quote(word)))
    return ["%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%" for word in every]


def _sharp(found: Rows) -> list[str]:
    words = set(Matter._base_manager.filter(pk__in=found.get(Matter, ())).values_list("number", flat=True))
    for kind, sealed, masked in Identifier.objects.filter(pk__in=found.get(Identifier, ())).values_list("type", "sealed", "masked"):
        value = identifiers.unseal(sealed)
        words |= {value.removeprefix("+86"), identifiers.show(kind, value), masked}
    return sorted(word for word in words if len(word) >= SHORTEST)


def _names(found: Rows) -> list[str]:
    names: set[str] = set()
    for model in (Customer, Contact):
        names |= set(model._base_manager.filter(pk__in=found.get(model, ())).values_list("name", flat=True))
    for model in (Customer, Contact):
        names -= set(model._base_manager.filter(name__in=names).exclude(pk__in=found.get(model, ())).values_list("name", flat=True))
    return sorted(name for name in names if len(name) >= NAME)


def _crises(found: Rows) -> set[int]:
    touched = Affected.objects.filter(pk__in=found.get(Affected, ())).values_list("emergency", flat=True)
    return set(touched) - found.get(Matter, set())


def _spoken(found: Rows) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    spoken: dict[int, set[str]] = defaultdict(set)
    titles: dict[int, set[str]] = defaultdict(set)
    rows = Item.objects.filter(pk__in=found.get(Item, ())).exclude(agenda__in=found.get(Matter, ()))
    for meeting, title in rows.values_list("agenda", "title"):
        spoken[meeting].add(title)
    for meeting, title in Item.objects.filter(agenda__in=list(spoken)).values_list("agenda", "title"):
        titles[meeting].add(title)
    for meeting, title in Task.objects.filter(pk__in=found.get(Task, ()), decision__agenda__in=list(spoken)).values_list("decision__agenda", "title"):
        spoken[meeting].add(title)
    return dict(spoken), dict(titles)


def _mails(found: Rows) -> None:
    """Mails from the addresses of who goes, that were put to nothing and wait or were set aside, with what was stated of them."""
    marks = {bytes(mark) for mark in Identifier.objects.filter(pk__in=found.get(Identifier, ())).values_list("fingerprint", flat=True)}
    others = Identifier.objects.filter(fingerprint__in=marks).exclude(pk__in=found.get(Identifier, ()))
    marks -= {bytes(mark) for mark in others.values_list("fingerprint", flat=True)}
    keys = set(Received.objects.filter(sender_mark__in=marks, about=None).values_list("pk", flat=True))
    keys |= set(Received.objects.filter(original__in=keys, about=None).values_list("pk", flat=True))
    if keys:
        stated = Entry.objects.filter(matter=None, event__startswith="intake.mail", facts__mail__in=sorted(keys)).values_list("pk", flat=True)
        for model, more in ((Received, keys), (Raw, set(Raw.objects.filter(pk__in=keys).values_list("pk", flat=True))), (Entry, set(stated))):
            found.setdefault(model, set()).update(more)
