"""What was learned stands in the file in time: noted with its day, measured in working days, late ones told of (A5)."""

from datetime import date

import pytest

from yingxu.base import clock
from yingxu.base.controls import controls
from yingxu.base.errors import Gone, Invalid, NotAllowed, WrongMoment
from yingxu.customers import actions as customers
from yingxu.matters.models import Entry, Matter
from yingxu.upkeep import actions, jobs, queries
from yingxu.upkeep.models import News

from .conftest import moment

pytestmark = pytest.mark.django_db
FRIDAY = moment("2026-04-03T10:00")  # then a weekend and, on Monday, Qingming


@pytest.fixture
def noted(world):
    with clock.at(FRIDAY):
        return actions.note(world.customer("季棠"), by=world.by("沈岚"), kind="update", text="换了新号码", learned_on=date(2026, 4, 3))


def test_the_time_runs_in_working_days_from_the_day_it_was_learned(world, noted):
    assert noted.due_on == date(2026, 4, 8)
    assert queries.news.due("entry", date(2026, 4, 3)) == date(2026, 4, 9)


@pytest.mark.parametrize(("given", "field"), [({"kind": "other"}, "kind"), ({"text": " "}, "text"), ({"learned_on": date(2026, 4, 4)}, "learned_on")])
def test_what_cannot_be_noted(world, given, field):
    with clock.at(FRIDAY), pytest.raises(Invalid) as refused:
        actions.note(world.customer("季棠"), by=world.by("沈岚"), **({"kind": "entry", "text": "新联系人", "learned_on": date(2026, 4, 3)} | given))
    assert field in refused.value.fields and not News.objects.exists()


def test_entered_only_once_the_file_has_changed(world, noted):
    by = world.by("沈岚")
    with clock.at(moment("2026-04-07T10:00")):
        with pytest.raises(Invalid):
            actions.enter(noted, by=by)
        customers.edit(world.customer("季棠"), by=by, address="青瓦巷 9 号")
        actions.enter(noted, by=by)
        with pytest.raises(WrongMoment):
            actions.enter(News.objects.get(pk=noted.pk), by=by)
        tally = controls()["upkeep.updated_in_time"].tally(moment("2026-04-01T00:00"), moment("2026-05-01T00:00"), None)
    assert (tally.applied, tally.kept, tally.failed) == (1, 1, 0)


def test_late_ones_are_told_of_once(world, noted):
    for text in ("2026-04-08T17:00", "2026-04-09T08:00", "2026-04-09T12:00"):
        with clock.at(moment(text)):
            jobs.turn()
    late = Entry.objects.get(event="upkeep.news_late")
    assert world.user("沈岚").pk in late.tell and world.user("沈岚").department.head_id in late.tell
    with clock.at(moment("2026-04-09T12:00")):
        tally = controls()["upkeep.updated_in_time"].tally(moment("2026-04-01T00:00"), moment("2026-05-01T00:00"), None)
        assert (tally.failed, tally.broken[0].matter_id) == (1, noted.customer_id)
        assert queries.news.counts(world.by("沈岚")) == {"open": 1, "late": 1, "broken": 0, "done": 0}


def test_a_change_that_says_its_day_is_measured_at_once(world):
    with clock.at(moment("2026-04-09T10:00")):
        customers.edit(world.customer("季棠"), by=world.by("沈岚"), address="新街 1 号", learned_on=date(2026, 4, 3))
        row = News.objects.get()
        assert (row.kind, row.due_on) == ("update", date(2026, 4, 8)) and row.entered_at
        assert controls()["upkeep.updated_in_time"].tally(moment("2026-04-01T00:00"), moment("2026-05-01T00:00"), None).failed == 1
        with pytest.raises(Invalid):
            customers.edit(world.customer("季棠"), by=world.by("沈岚"), address="新街 2 号", learned_on=date(2026, 4, 10))


def test_a_dealing_written_down_late_breaks_the_rule_of_entry(world):
    with clock.at(moment("2026-04-15T10:00")):
        customers.write_down(world.customer("季棠"), by=world.by("沈岚"), kind="called", text="问候", at=moment("2026-04-02T10:00"))
        customers.write_down(world.customer("季棠"), by=world.by("沈岚"), kind="called", text="问候", at=moment("2026-04-14T10:00"))
        tally = controls()["upkeep.entered_in_time"].tally(moment("2026-04-01T00:00"), moment("2026-05-01T00:00"), None)
    assert (tally.applied, tally.kept, tally.failed) == (2, 1, 1)


def test_who_may_not_see_the_customer_does_not_see_the_news(world, noted):
    Matter.objects.filter(pk=noted.customer_id).update(secrecy=3)
    assert queries.news.counts(world.by("沈岚"))["open"] == 0
    with pytest.raises(Gone):
        queries.news.find(noted.pk, world.by("沈岚"))
    with pytest.raises(NotAllowed):
        actions.enter(noted, by=world.by("沈岚"))


def test_pages(world, enter, noted):
    client, number = enter("沈岚"), world.customer("季棠").number
    with clock.at(moment("2026-04-09T10:00")):
        assert "换了新号码" in client.get("/upkeep/news/?part=late").content.decode()
        assert "换了新号码" in client.get(f"/customers/{number}/?part=news").content.decode()
        assert client.get("/upkeep/news/?part=x").status_code == 422
        assert client.post(f"/upkeep/news/on/{number}/", {"kind": "entry", "text": "", "learned_on": "2026-04-09"}).status_code == 422
        assert client.post(f"/upkeep/news/on/{number}/", {"kind": "entry", "text": "开了分店", "learned_on": "2026-04-09"}).status_code == 302
        assert client.post(f"/upkeep/news/{noted.pk}/enter/").status_code == 422
        assert client.post("/upkeep/news/export/", {"part": "open"}).status_code == 403
        assert enter("苏慕青").post("/upkeep/news/export/", {"part": "open"}).status_code == 200
