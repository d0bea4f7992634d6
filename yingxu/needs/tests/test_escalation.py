"""K4 on screen: what is late climbs, is seen on the need, in the queue and in the inbox, and is taken there with one press."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.controls import controls
from yingxu.base.events import revive
from yingxu.deadlines import actions as deadlines
from yingxu.deadlines import jobs
from yingxu.deadlines import queries as times
from yingxu.deadlines.models import Climb, ExtensionRequest, Step
from yingxu.matters.models import Entry
from yingxu.needs import actions
from yingxu.needs.states import State
from yingxu.needs.tests.conftest import MORNING
from yingxu.notices import actions as notices

pytestmark = pytest.mark.django_db


def tick(moment: datetime) -> None:
    jobs.sweep(moment)
    jobs.climb(moment)


def tell() -> None:
    """What the worker hands to the inbox."""
    for entry in Entry.objects.exclude(tell=[]).order_by("id"):
        notices.deliver(revive(entry.event, entry.facts, entry.personal), entry)


@pytest.fixture
def late(story):
    """An important need of 典当业务部 whose handling became late on Monday morning: the owner and the head were told."""
    with clock.at(MORNING):
        need = story.at(State.HANDLING)
        deadlines.stop(need.matter, "progress", at=MORNING, by=SYSTEM)
    tick(datetime(2026, 3, 23, 9, 30, tzinfo=clock.zone()))
    tick(NOW)
    return story.fresh(need.number)


@pytest.fixture
def today(story):
    """An urgent need whose plan became late half an hour ago, whatever the hour: owner, head and response group were told."""
    now = timezone.now()
    with clock.at(now - timedelta(minutes=151)):
        need = story.at(State.HANDLING, planned=False, category="urgent")
    tick(now)
    tell()
    return story.fresh(need.number)


NOW = datetime(2026, 3, 23, 12, 5, tzinfo=clock.zone())


def test_the_need_shows_who_was_told_and_who_is_next(story, enter, late):
    with clock.at(NOW):
        page = enter("江听雨").get(f"/needs/{late.number}/").content.decode()
    assert "已升级到第" in page and "顾一鸣" in page and "下一级" in page and "认领" in page
    timeline = page.partition('id="story"')[2]
    assert "升级到第 2 级（共 4 级）" in timeline


def test_the_queue_marks_it_and_the_preview_offers_to_take_it(story, enter, late):
    client = enter("江听雨")
    with clock.at(NOW):
        assert "升级 1 级" in client.get("/needs/?queue=overdue").content.decode()
        preview = client.get(f"/needs/{late.number}/preview/").content.decode()
    assert "还没有人认领" in preview


def test_taking_it_by_http_stops_it_and_says_so(story, enter, late):
    climb = Climb.objects.filter(matter=late.matter).order_by("id").first()
    client = enter("江听雨")
    with clock.at(NOW):
        answer = client.post(f"/settings/deadlines/climbs/{climb.pk}/", {"words": "我下午盯着"})
        assert answer.status_code == 302 and late.number in answer.headers["Location"]
        page = client.get(f"/needs/{late.number}/").content.decode()
        again = client.post(f"/settings/deadlines/climbs/{climb.pk}/", {"promised_at": "2026-03-20T10:00"})
        assert again.status_code == 422 and "承诺时间要在现在之后" in again.content.decode()
    assert "江听雨已认领" in page and "我下午盯着" in page


def test_who_is_not_above_cannot_take_it(story, enter, late):
    climb = Climb.objects.filter(matter=late.matter).first()
    assert enter("方屿").post(f"/settings/deadlines/climbs/{climb.pk}/").status_code in (403, 404)
    assert Climb.objects.get(pk=climb.pk).state == "climbing"


def test_the_inbox_takes_it_in_one_press(story, enter, today):
    client = enter("江听雨")
    page = client.get("/inbox/").content.decode()
    climb = Climb.objects.get(matter=today.matter, clock__step="plan")
    take = f"/settings/deadlines/climbs/{climb.pk}/"
    assert take in page
    assert client.post(take, {"back": "inbox"}).headers["Location"] == "/inbox/"
    assert take not in client.get("/inbox/").content.decode()  # taken: nothing to press any more


def test_more_time_is_decided_in_the_inbox_and_the_ladder_follows(story, enter, today):
    running = today.matter.clocks.get(step="plan")
    assert running.breached_at and Climb.objects.filter(clock=running, state="climbing").exists()
    until = timezone.now().replace(microsecond=0) + timedelta(days=2)
    with clock.at(timezone.now()):
        asked = deadlines.request_extension(running, by=story.by("顾一鸣"), until=until, reason="等鉴定")
    tell()
    client = enter("江听雨")
    page = client.get("/inbox/").content.decode()
    decide = f"/settings/deadlines/extensions/{asked.pk}/?back=inbox"
    assert "等鉴定" in page
    assert decide in page
    assert client.post(decide, {"decision": "granted"}).headers["Location"] == "/inbox/"
    assert decide not in client.get("/inbox/").content.decode()  # decided: nothing to press any more
    page = client.get(f"/needs/{today.number}/").content.decode()
    running.refresh_from_db()
    done = ExtensionRequest.objects.get()
    assert (running.due_at, done.due_after) == (until, until) and done.due_before < until
    assert not Climb.objects.filter(clock=running).exclude(state="ended").exists()
    assert "批了延期" in page  # the clock says from when to when and why


def test_a_refusal_needs_its_reason_and_the_ladder_goes_on(story, enter, late):
    running = late.matter.clocks.get(step="handling")
    with clock.at(NOW):
        asked = deadlines.request_extension(running, by=story.by("顾一鸣"), until=NOW + timedelta(days=3), reason="等鉴定")
        answer = enter("江听雨").post(f"/settings/deadlines/extensions/{asked.pk}/", {"decision": "refused", "note": ""})
        assert answer.status_code == 422
        deadlines.decide_extension(asked, by=story.by("江听雨"), granted=False, note="先给答复")
    assert Climb.objects.filter(clock=running, state="climbing").exists()


def test_another_owner_hears_of_it_anew(story, late):
    with clock.at(NOW):
        actions.transfer(late, by=story.by("江听雨"), owner=story.world.user("叶知秋"))
    assert Climb.objects.filter(matter=late.matter, ending="handed").exists()
    assert Climb.objects.filter(matter=late.matter, state="climbing", begun_at=NOW).exists()


def test_changed_limits_say_on_both_pages_what_moved(story, enter, late):
    with clock.at(NOW):
        deadlines.set_target("important", "handling", by=SYSTEM, amount=6, unit="days")
        page = enter("江听雨").get(f"/needs/{late.number}/").content.decode()
        assert "时限改了" in page
        settings = enter("管鹿鸣").get("/settings/deadlines/targets/")
    assert settings.status_code == 200


def test_figures_and_controls_count_it(story, late):
    with clock.at(NOW):
        start, end = NOW - timedelta(days=30), NOW + timedelta(days=1)
        seen = times.escalations(story.by("江听雨"), start, end)
        assert (seen.begun, seen.rungs, seen.taken, seen.by_step) == (2, 4, 0, {"first_response": 1, "handling": 3})
        tally = controls()["deadlines.escalated"].tally(start, end, None)
        assert tally.applied == tally.kept + tally.failed > 0
        taken = controls()["deadlines.escalation_taken"].tally(start, end, None)
        assert (taken.applied, taken.kept, taken.failed) == (2, 0, 1)  # handling still climbs
        tick(datetime(2026, 3, 30, 12, tzinfo=clock.zone()))
        failed = controls()["deadlines.escalation_taken"].tally(start, end, None)
        assert failed.failed == 2 and failed.broken[0].matter_id == late.pk
        assert times.escalations(story.by("江听雨"), start, end).top == 2


def test_the_ladders_are_edited_on_screen(story, enter):
    client = enter("管鹿鸣")
    page = client.get("/settings/deadlines/ladders/").content.decode()
    assert page.count("<tr>") == len(Step) + 2 and "总经理" in page
    editor = reverse("deadlines:ladder", args=["urgent", "handling"])
    form = client.get(editor).content.decode()
    was = form.partition('name="was" value="')[2].partition('"')[0]
    given = {"was": was, "who0": "owner", "after0": "0m", "who1": "role:executive", "after1": "10m", "round_the_clock": "on"}
    assert client.post(editor, given | {"after1": "soon"}).status_code == 422
    assert client.post(editor, given).status_code == 302
    held = times.ladder("urgent/handling")
    assert [(r.who, r.code, times.after(r)) for r in held.rungs] == [("owner", "", "0m"), ("role", "executive", "10m")] and held.round_the_clock
    assert client.post(editor, given | {"was": "somebody else's"}).status_code == 409
    assert client.post(editor, {"was": times.ladder_words(held.rungs), "remove": "1"}).status_code == 302
    assert times.ladder("urgent/handling").rungs == () and times.ladder("urgent/handling").wider == "urgent"
    assert client.post(reverse("deadlines:ladder", args=["default"]), {"was": times.ladder_words(times.ladder("default").rungs)}).status_code == 422
    assert client.get("/settings/deadlines/ladders/never/").status_code == 404
    assert enter("顾一鸣").get("/settings/deadlines/ladders/").status_code == 403
