"""K5: before closing time the unsent is flagged, at it each head gets the department's list, an unread one is told further, once."""

import threading
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from django.db import connection, transaction
from openpyxl import load_workbook

from yingxu.base import clock, remember
from yingxu.base.access import SYSTEM
from yingxu.base.controls import controls
from yingxu.base.errors import Invalid
from yingxu.deadlines import actions as deadlines
from yingxu.matters import actions as matters
from yingxu.matters.models import Draft, Entry
from yingxu.needs import actions, jobs
from yingxu.needs.models import DayEnd, DayList
from yingxu.needs.queries import dayend
from yingxu.needs.states import State
from yingxu.notices.models import Delivery
from yingxu.people.models import Department, Grant, User

pytestmark = pytest.mark.django_db


def cn(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=clock.zone())


def closes(day: date) -> datetime:
    found = dayend.closing(day)
    assert found is not None
    return found


WEDNESDAY = date(2026, 3, 18)


def stated(name: str) -> list[Entry]:
    return list(Entry.objects.filter(event=f"needs.{name}").order_by("id"))


def of(code: str) -> DayList:
    return DayList.objects.get(department__code=code)


@pytest.fixture
def busy(story):
    """On Wednesday a need came to 典当业务部, and 顾一鸣 has not sent a word of progress."""
    with clock.at(cn(2026, 3, 18, 10)):
        need = story.at(State.HANDLING, planned=False)
        matters.save_draft(story.world.user("顾一鸣").pk, f"needs.progress:{need.number}", {"text": "客户说的秘密"})
    return need


def test_the_unsent_is_flagged_before_closing_once(story, enter, busy):
    end = closes(WEDNESDAY)
    jobs.end_days(end - timedelta(minutes=31))
    assert stated("day_ending") == []
    for minutes in (30, 29, 5):
        jobs.end_days(end - timedelta(minutes=minutes))
    said = stated("day_ending")
    assert len(said) == 1 and said[0].tell == [story.world.user("顾一鸣").pk] and said[0].facts["drafts"] == 1
    assert "秘密" not in str(said[0].facts)
    with clock.at(end - timedelta(minutes=10)):
        assert "1 条记录还没提交" in enter("顾一鸣").get("/").content.decode()
        assert "还没提交" not in enter("江听雨").get("/").content.decode()
    assert not DayList.objects.exists()


def test_each_head_gets_the_list_on_screen_by_mail_and_as_a_workbook(story, enter, busy):
    User.objects.filter(username="jiangtingyu").update(email="head@example.com")
    end = closes(WEDNESDAY)
    jobs.end_days(end)
    jobs.end_days(end + timedelta(minutes=1))
    row, head = of("pawn"), story.world.user("江听雨")
    assert (row.new, row.unsent, row.drafts) == (1, 1, [{"name": "顾一鸣", "count": 1}])
    assert [e.tell for e in stated("day_list_made") if e.facts["list"] == row.pk] == [[head.pk]]
    mail = Delivery.objects.get(key=f"daylist:{row.pk}")
    assert mail.user_id == head.pk and "典当业务部" in mail.subject
    client = enter("江听雨")
    assert "典当业务部" in client.get("/needs/daylists/").content.decode()
    page = client.get(f"/needs/daylists/{row.pk}/").content.decode()
    assert busy.number in page and "顾一鸣" in page and "客户说的秘密" not in page
    assert DayList.objects.get(pk=row.pk).read_at is None  # looking writes nothing; the page itself sends the reading
    book = load_workbook(BytesIO(b"".join(client.get(f"/needs/daylists/{row.pk}/export/").streaming_content)))
    cells = [[str(c.value or "") for c in line] for line in book.active.iter_rows()]
    assert cells[1][0] == busy.number and "顾一鸣" in cells[2]
    assert client.post(f"/needs/daylists/{row.pk}/read/", HTTP_HX_REQUEST="true", HTTP_HX_TRIGGER="opened").status_code == 204
    row.refresh_from_db()
    assert row.read_by_id == head.pk and row.look_at is None


def test_what_a_reader_may_not_see_is_only_counted(story, enter, busy):
    User.objects.filter(username="jiangtingyu").update(clearance=0)
    busy.matter.secrecy = 3
    busy.matter.save(update_fields=["secrecy"])
    jobs.end_days(closes(WEDNESDAY))
    page = enter("江听雨").get(f"/needs/daylists/{of('pawn').pk}/").content.decode()
    assert busy.number not in page and "另有 1 件" in page


def test_others_lists_are_not_there(story, enter, busy):
    jobs.end_days(closes(WEDNESDAY))
    assert enter("许清和").get(f"/needs/daylists/{of('pawn').pk}/").status_code == 404
    assert enter("许清和").post(f"/needs/daylists/{of('pawn').pk}/read/").status_code == 404
    assert enter("顾一鸣").get("/needs/daylists/").status_code == 403


def test_an_unread_list_is_told_further_next_morning_once(story, busy):
    jobs.end_days(closes(WEDNESDAY))
    row = of("pawn")
    morning = row.look_at
    assert morning.astimezone(clock.zone()).date() == date(2026, 3, 19)
    jobs.end_days(morning - timedelta(seconds=1))
    assert stated("day_list_unread") == []
    jobs.end_days(morning)
    jobs.end_days(morning + timedelta(minutes=5))
    said = [e for e in stated("day_list_unread") if e.facts["list"] == row.pk]
    assert len(said) == 1
    assert said[0].tell == sorted({story.world.user("陆砚秋").pk, story.world.user("秦望舒").pk})
    with clock.at(morning + timedelta(hours=1)):  # read later: it stays told
        actions.read_day_list(row, by=story.by("江听雨"))
    tally = controls()["needs.day_lists_read"].tally(cn(2026, 3, 18), cn(2026, 3, 20), None)
    assert tally.failed >= 1 and any(e.matter_id == busy.pk for e in tally.broken)


def test_a_read_list_is_not_told_further(story, busy):
    jobs.end_days(closes(WEDNESDAY))
    row = of("pawn")
    with clock.at(closes(WEDNESDAY) + timedelta(minutes=3)):
        actions.read_day_list(row, by=story.by("江听雨"))
    jobs.end_days(row.look_at + timedelta(days=1))
    assert not [e for e in stated("day_list_unread") if e.facts["list"] == row.pk]


def test_over_a_weekend_friday_is_told_further_on_monday_and_monday_holds_the_weekend(story):
    friday = date(2026, 3, 20)
    with clock.at(cn(2026, 3, 20, 10)):
        story.at(State.HANDLING, planned=False)
    jobs.end_days(closes(friday))
    weekend = story_need(story, cn(2026, 3, 21, 23))
    for moment in (cn(2026, 3, 21, 18), cn(2026, 3, 22, 23, 59)):
        jobs.end_days(moment)
    assert set(DayList.objects.values_list("day", flat=True)) == ({friday} if not dayend.closing(date(2026, 3, 21)) else {friday, date(2026, 3, 21)})
    monday = closes(date(2026, 3, 23))
    jobs.end_days(monday)
    held = DayList.objects.get(department__code="pawn", day=date(2026, 3, 23))
    assert weekend.pk in [n["id"] for n in held.needs]


def story_need(story, moment: datetime):
    with clock.at(moment):
        return story.at(State.HANDLING, planned=False)


def test_spring_festival_a_make_up_day_and_a_company_day(story):
    """2026: 15–23 February off, Saturday the 14th worked; the company gives the 26th off."""
    Grant.objects.update(begins_at=cn(2025, 1, 1))
    with clock.at(cn(2026, 2, 1)), transaction.atomic():
        deadlines.set_day(date(2026, 2, 26), "off", by=SYSTEM, name="盘点")
    makeup = closes(date(2026, 2, 14))
    story_need(story, cn(2026, 2, 14, 10))
    jobs.end_days(makeup)
    row = DayList.objects.get(department__code="pawn")
    assert row.day == date(2026, 2, 14) and row.look_at.astimezone(clock.zone()).date() == date(2026, 2, 24)
    for day in range(15, 24):
        jobs.end_days(cn(2026, 2, day, 23))
    assert DayEnd.objects.filter(listed_at__isnull=False).count() == 1
    assert stated("day_list_unread") == []
    jobs.end_days(row.look_at)
    assert len({e.facts["list"] for e in stated("day_list_unread")}) == len(stated("day_list_unread")) > 0
    jobs.end_days(cn(2026, 2, 26, 23))
    assert set(DayEnd.objects.filter(listed_at__isnull=False).values_list("day", flat=True)) == {date(2026, 2, d) for d in (14, 24, 25)}


def test_a_worker_that_was_away_makes_up_for_each_day_once(story, busy):
    jobs.end_days(closes(WEDNESDAY) - timedelta(minutes=20))  # flagged; then the worker goes down
    back = cn(2026, 3, 20, 11)
    thursday = story_need(story, cn(2026, 3, 19, 11))
    jobs.end_days(back)
    jobs.end_days(back + timedelta(minutes=1))
    rows = {row.day: row for row in DayList.objects.filter(department__code="pawn")}
    assert sorted(rows) == [WEDNESDAY, date(2026, 3, 19)]
    assert [n["id"] for n in rows[WEDNESDAY].needs] == [busy.pk] and [n["id"] for n in rows[date(2026, 3, 19)].needs] == [thursday.pk]
    made = [e.facts["list"] for e in stated("day_list_made")]
    assert len(made) == len(set(made))
    assert controls()["needs.day_lists_made"].tally(cn(2026, 3, 18), cn(2026, 3, 21), None).failed == 2


def test_a_clock_that_jumps_repeats_nothing(story, busy):
    end = closes(WEDNESDAY)
    jobs.end_days(end)
    jobs.end_days(end - timedelta(days=1))
    jobs.end_days(end - timedelta(minutes=10))
    jobs.end_days(end + timedelta(minutes=1))
    assert DayList.objects.filter(department__code="pawn").count() == 1
    assert len([e for e in stated("day_list_made") if e.facts["list"] == of("pawn").pk]) == 1


def test_empty_lists_tell_nobody(story):
    jobs.end_days(closes(WEDNESDAY))
    assert DayList.objects.exists() and not DayList.objects.exclude(look_at=None).exists()
    assert stated("day_list_made") == []


def test_how_long_before_is_set_on_screen(story, enter):
    client = enter("管鹿鸣")
    assert client.get("/needs/daylists/hours/").status_code == 200
    assert client.post("/needs/daylists/hours/", {"before_minutes": "45", "morning_minutes": "90"}).status_code == 302
    assert dayend.settings().before_minutes == 45
    assert client.post("/needs/daylists/hours/", {"before_minutes": "1", "morning_minutes": "90"}).status_code == 422
    with pytest.raises(Invalid):
        actions.set_day_end(by=SYSTEM, before_minutes=30, morning_minutes=1)
    assert enter("江听雨").get("/needs/daylists/hours/").status_code == 403


def test_the_page_of_lists_filters_and_costs_the_same(story, enter, busy, django_assert_max_num_queries):
    jobs.end_days(closes(WEDNESDAY))
    client = enter("陆砚秋")
    client.get("/needs/daylists/")
    with django_assert_max_num_queries(14):
        page = client.get("/needs/daylists/?unread=1").content.decode()
    assert "典当业务部" in page and page.count("<tr>") == 1 + DayList.objects.exclude(new=0, unsent=0).count()
    assert "没有符合的清单" in client.get(f"/needs/daylists/?department={Department.objects.get(code='hr').pk}&unread=1").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_each_list_once():
    from tests.world import company

    world = company()
    with clock.at(cn(2026, 3, 18, 10)):
        Draft.objects.create(user=world.user("顾一鸣"), place="needs.intake", content={"body": "x"}, saved_at=cn(2026, 3, 18, 10))
    end, line = closes(WEDNESDAY), threading.Barrier(2)

    def work():
        try:
            line.wait(10)
            jobs.end_days(end)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _n in range(2)]
    [w.start() for w in workers]
    [w.join(60) for w in workers]
    assert DayList.objects.count() == DayList.objects.values("department", "day").distinct().count() > 3
    assert len(stated("day_list_made")) == 1
    remember.forget_everything()
