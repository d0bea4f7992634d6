"""The demonstration company: lively, told through the verbs, the same for the same seed."""

from collections import Counter
from datetime import datetime

import pytest
from django.utils import timezone

from tests import seeding
from tests.world import content
from yingxu.base import clock
from yingxu.deadlines.models import Clock, ExtensionRequest
from yingxu.matters.models import Entry
from yingxu.needs.models import Confirmation, Hold, Need, Visit
from yingxu.templates import actions as templates
from yingxu.templates import queries as kinds

pytestmark = pytest.mark.django_db


@pytest.fixture
def teller(world):
    return seeding.Lives(world, timezone.now())


@pytest.mark.parametrize("kind", seeding.KINDS)
def test_every_written_need_fits_its_template(teller, kind):
    """N1: titles fit, blanks are filled, fields pass the one rule set at the last step, names mentioned exist."""
    written = content(f"needs/{kind}")
    assert len(written["needs"]) >= 25
    version = kinds.version_for(kind)
    for entry in written["needs"]:
        told = teller.pick(kind, timezone.now(), entry)
        assert "{" not in told.title + told.body and len(told.title) <= 60
        templates.validate(version, told.fields, at="close")
    names = set(teller.world.people)
    for way in written["ways"].values():
        for text in way["notes"]:
            assert text.split()[0].removeprefix("@") in names, text
        assert {code for _title, code, _hours in way["nodes"]} <= set(teller.world.departments)
        for text in [way[k] for k in way if isinstance(way[k], str)]:
            assert "{" not in teller.pick(kind, timezone.now()).say(text), text


@pytest.mark.parametrize("now", ["2026-03-18T15:20", "2026-10-04T23:50", "2027-02-21T08:05"])
def test_a_small_company_is_told_to_the_present(db, now):
    """S3: what bin/demo shows, in small: states, rounds, holds, breaches, visits, all in the past. Whatever day it is: a working
    day, a night in a holiday, a year whose holidays nobody has announced."""
    now = datetime.fromisoformat(now).replace(tzinfo=clock.zone())
    seeding.seed(now=now, count=40, starred=False)
    states = Counter(Need.objects.values_list("state", flat=True))
    assert states["closed"] > 8 and len(states) >= 3
    assert not Entry.objects.filter(at__gt=now).exists()
    assert Need.objects.filter(round__gt=1).exists() and Confirmation.objects.filter(satisfied=False).exists()
    assert Visit.objects.filter(done_at__isnull=False).exists()
    assert Clock.objects.filter(outcome="breached").exists() and Clock.objects.filter(outcome="met").count() > 50
    numbers = list(Need.objects.order_by("matter__opened_at", "pk").values_list("matter__number", flat=True))
    assert numbers == sorted(numbers)
    assert Hold.objects.exists() or ExtensionRequest.objects.exists()


def test_what_screens_show_by_name_is_written(world):
    """The needs of the mocks: their words, their customers."""
    known = {c["name"] for c in content("customers")["customers"]}
    for kind, words, customer, _state, _hours, _late in seeding.STARRED:
        assert [e for e in content(f"needs/{kind}")["needs"] if words in e["title"]], words
        assert customer in known
