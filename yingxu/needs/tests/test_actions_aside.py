"""Put aside for a while (field.md §5): out of one's own list only, back on top with a notice, sooner when the customer writes."""

from datetime import timedelta

import pytest
from django.db import transaction

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone, Invalid, NotAllowed, WrongMoment
from yingxu.base.events import revive
from yingxu.matters.models import Entry, Snooze
from yingxu.needs import actions, queries
from yingxu.needs.states import State
from yingxu.notices.actions import deliver
from yingxu.notices.models import Notice

pytestmark = pytest.mark.django_db
MINE = queries.Filters(queue="mine")
HOUR = timedelta(hours=1)


def numbers(html: str) -> list[str]:
    return [part.partition('"')[0] for part in html.split('data-row="')[1:]]


@pytest.fixture
def two(story):
    """Two needs of 顾一鸣; the first is due first."""
    found = [story.at(State.HANDLING, title=title) for title in ("先到期", "后到期")]
    for n, need in enumerate(found):
        need.matter.due_at = clock.now() + timedelta(hours=4 + n)
        need.matter.owner = story.world.user("顾一鸣")
        need.matter.save(update_fields=["due_at", "owner"])
    return found


def heard() -> None:
    """What the dispatcher does once the entry is settled."""
    for entry in Entry.objects.filter(event="needs.snooze_over"):
        entry.recorded_at = entry.at  # the story's day, not today's
        with transaction.atomic():
            deliver(revive(entry.event, entry.facts, entry.personal), entry)


def test_out_of_one_s_own_list_and_nobody_else_s(story, enter, two):
    (first, second), gu = two, story.by("顾一鸣")
    client, before = enter("顾一鸣"), Entry.objects.count()
    actions.snooze(second, by=gu, until=clock.now() + HOUR)
    assert Entry.objects.count() == before, "nobody else learns of it"
    assert numbers(client.get("/needs/?queue=mine").content.decode()) == [first.number]
    assert numbers(client.get("/needs/?queue=aside").content.decode()) == [second.number]
    assert second.number in numbers(client.get("/needs/?queue=department").content.decode())
    assert queries.counts(gu)["mine"] == 1 and queries.counts(gu)["aside"] == 1
    assert queries.counts(story.by("叶知秋"))["aside"] == 0
    assert "推后到" in client.get(f"/needs/{second.number}/").content.decode()
    actions.unsnooze(second, by=gu)
    assert queries.counts(gu)["mine"] == 2 and not Snooze.objects.exists()


def test_back_on_top_with_one_notice(story, enter, two):
    (first, second), gu = two, story.by("顾一鸣")
    actions.snooze(second, by=gu, until=clock.now() + HOUR)
    assert actions.remind_of_snoozed() == 0
    with clock.at(clock.now() + HOUR):
        assert actions.remind_of_snoozed() == 1 and actions.remind_of_snoozed() == 0
        heard()
        notice = Notice.objects.get(user_id=gu.user_id, entry__event="needs.snooze_over")
        assert notice.matter_id == second.matter_id and second.number in str(notice.entry.facts)
        assert not second.matter.entries.filter(event="needs.snooze_over").exists(), "the timeline of all says nothing of it"
        client = enter("顾一鸣")
        html = client.get("/needs/?queue=mine").content.decode()
        assert numbers(html) == [second.number, first.number] and "提醒时间到" in html
        client.post("/pulse/", {"here": f"{second.pk}.", "news": f"{second.pk}.0.0"})
        assert numbers(client.get("/needs/?queue=mine").content.decode()) == [first.number, second.number], "opened, so it stands where it stands"


def test_nobody_is_reminded_of_what_they_may_not_see_any_more(story, two):
    need, gu = two[0], story.by("顾一鸣")
    actions.snooze(need, by=gu, until=clock.now() + HOUR)
    need.matter.secrecy = 3
    need.matter.save(update_fields=["secrecy"])
    with clock.at(clock.now() + HOUR):
        actions.remind_of_snoozed()
        heard()
    assert not Notice.objects.filter(user_id=gu.user_id, entry__event="needs.snooze_over").exists()


def test_the_customer_s_words_bring_it_back(story, two):
    need, gu = two[0], story.by("顾一鸣")
    actions.snooze(need, by=gu, until=clock.now() + timedelta(days=3))
    actions.listen(need, by=Actor(kind="customer", name="季棠", matters=frozenset({need.pk})), text="我明天就来")
    assert queries.counts(gu)["mine"] == 2 and actions.remind_of_snoozed() == 1


@pytest.mark.parametrize("until", [timedelta(0), timedelta(hours=-1), timedelta(days=400)])
def test_a_moment_from_now_on_within_a_year(story, two, until):
    with pytest.raises(Invalid):
        actions.snooze(two[0], by=story.by("顾一鸣"), until=clock.now() + until)
    assert not Snooze.objects.exists()


def test_refused(story, two):
    with pytest.raises((NotAllowed, Gone)):
        actions.snooze(two[0], by=story.by("方屿"), until=clock.now() + HOUR)
    with pytest.raises((NotAllowed, Gone)):
        actions.unsnooze(two[0], by=story.by("方屿"))
    with pytest.raises(WrongMoment):
        actions.snooze(story.at(State.CLOSED), by=story.by("沈岚"), until=clock.now() + HOUR)


def test_by_the_page_with_a_way_back(story, enter, two):
    client, need = enter("顾一鸣"), two[0]
    page = client.get(f"/needs/{need.number}/").content.decode()
    assert 'data-key="z"' in page and "稍后提醒" in page
    done = client.post(f"/needs/{need.number}/snooze/", {"when": "tomorrow"})
    assert f"/needs/{need.number}/unsnooze/" in done["HX-Trigger"]
    assert Snooze.objects.get().until.astimezone(clock.zone()).hour == 9
    assert client.post(f"/needs/{need.number}/unsnooze/").status_code == 302 and not Snooze.objects.exists()
