"""The pages of time, by HTTP (K1–K3)."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from yingxu.base.access import SYSTEM, Reach, Rule
from yingxu.deadlines import actions, official, queries
from yingxu.deadlines.models import CalendarDay, ExtensionRequest, Step
from yingxu.matters import access
from yingxu.people.models import Role, RoleRule

from .cast import actor, cn, matter, start

HTMX = {"HTTP_HX_REQUEST": "true"}


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["mark"] = user.session_mark
    session.save()
    return client


@pytest.fixture
def manager(firm):
    return browser(firm.manager)


# ── the calendar ──


def test_the_year_stands_on_one_page(firm, manager, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        answer = manager.get("/settings/deadlines/calendar/?year=2026")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count('class="month"') == 12
    assert 'class="day holiday" href="?day=2026-10-01"' in page
    assert 'class="day makeup" href="?day=2026-10-10"' in page
    assert 'class="day off" href="?day=2026-03-21"' in page
    assert len(answer.content) < 65_536


def test_the_index_leads_to_the_calendar(manager):
    assert manager.get("/settings/deadlines/").headers["Location"] == "/settings/deadlines/calendar/"


@pytest.mark.parametrize(
    "address", ["calendar/?year=1066", "calendar/?day=2026-02-30", "calendar/someday/", "targets/urgent/dreaming/", "clocks/999999/"]
)
def test_what_does_not_exist_is_not_found(manager, address):
    assert manager.get(f"/settings/deadlines/{address}").status_code == 404


def test_a_day_is_changed_and_changed_back(firm, manager):
    page = manager.get("/settings/deadlines/calendar/2026-03-17/", follow=True)
    assert page.request["QUERY_STRING"] == "day=2026-03-17"
    answer = manager.post("/settings/deadlines/calendar/2026-03-17/", {"kind": "off", "name": "店庆"})
    assert answer.status_code == 302
    shown = manager.get(answer.headers["Location"]).content.decode()
    assert "店庆" in shown and 'class="day off company chosen" href="?day=2026-03-17"' in shown
    manager.post("/settings/deadlines/calendar/2026-03-17/", {"kind": "usual"})
    assert queries.calendar().is_working_day(date(2026, 3, 17))


def test_a_working_day_with_bad_hours_comes_back(firm, manager):
    answer = manager.post("/settings/deadlines/calendar/2026-03-21/", {"kind": "working", "name": "盘点", "windows": "morning"})
    assert answer.status_code == 422
    assert "morning" in answer.content.decode() and "盘点" in answer.content.decode()
    assert not CalendarDay.objects.filter(source="company").exists()
    overlap = {"kind": "working", "windows": "9:00-12:00 11:00-13:00"}
    assert manager.post("/settings/deadlines/calendar/2026-03-21/", overlap).status_code == 422


def week(**more):
    hours = {f"day{n}": "9:00-12:00，13:00–17:30" for n in range(5)}
    return {**hours, "day5": "", "day6": "", "was": queries.hours(queries.calendar().week), **more}


def test_working_hours_are_changed(firm, manager):
    clock = start(matter(firm), "handling")
    answer = manager.post("/settings/deadlines/calendar/hours/", week())
    assert answer.status_code == 302 and "moved=1" in answer.headers["Location"]
    assert queries.calendar().day_minutes == 450
    assert queries.hours(queries.calendar().week).startswith("09:00-12:00 13:00-17:30 |")
    clock.refresh_from_db()
    assert timezone.localtime(clock.due_at).hour == 17
    assert "1" in manager.get(answer.headers["Location"]).content.decode()


def test_hours_somebody_else_changed_meanwhile_are_not_overwritten(firm, manager):
    form = week()
    with transaction.atomic():
        actions.install(by=SYSTEM, calendar={"windows": {"mon-sat": ["08:00-12:00"]}})
    answer = manager.post("/settings/deadlines/calendar/hours/", form)
    assert answer.status_code == 409
    assert queries.calendar().day_minutes == 240


def test_no_hours_at_all_are_refused(firm, manager):
    answer = manager.post("/settings/deadlines/calendar/hours/", {**week(), **{f"day{n}": "" for n in range(7)}})
    assert answer.status_code == 422
    assert queries.calendar().day_minutes == 450


def test_official_days_are_imported_by_a_button(firm, manager):
    known = max(official.known_years())
    CalendarDay.objects.filter(date__year=known).delete()
    assert f"official/{known}/" in manager.get(f"/settings/deadlines/calendar/?year={known}").content.decode()
    assert manager.post(f"/settings/deadlines/calendar/official/{known}/").status_code == 302
    assert queries.official_days(known).exists()
    assert manager.post(f"/settings/deadlines/calendar/official/{known + 1}/").status_code == 422


# ── targets ──


def test_the_table_shows_every_step_and_category(firm, manager, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        page = manager.get("/settings/deadlines/targets/").content.decode()
    assert page.count("/settings/deadlines/targets/general/") == 2 * len(Step)
    assert "2 个工作日" in page and "昼夜" in page


def test_a_limit_is_edited_in_its_cell(firm, manager):
    start(matter(firm), "handling")
    here = "/settings/deadlines/targets/general/handling/"
    form = manager.get(here, **HTMX).content.decode()
    assert form.lstrip().startswith("<form") and 'value="2"' in form
    was = queries.figures(queries.target_table()[("general", "handling")])
    given = {"amount": "4", "unit": "hours", "warn_percent": "50", "was": was}
    answer = manager.post(here, given, **HTMX)
    assert answer.status_code == 200 and "4 小时" in answer.content.decode()
    assert "1" in answer.headers["HX-Trigger"]
    assert queries.targets("general")["handling"].minutes == 240
    assert manager.post(here, given, **HTMX).status_code == 409  # the cell is not what this form was opened on


def test_without_javascript_the_cell_opens_in_the_page(firm, manager):
    here = "/settings/deadlines/targets/general/handling/"
    page = manager.get(here).content.decode()
    assert page.count("<form") >= 1 and f'action="{here}"' in page and "<h1" in page
    was = queries.figures(queries.target_table()[("general", "handling")])
    answer = manager.post(here, {"amount": "", "unit": "hours", "warn_percent": "80", "was": was})
    assert answer.status_code == 302
    assert "handling" not in queries.targets("general")


@pytest.mark.parametrize("given", [{"amount": "0"}, {"amount": "soon"}, {"warn_percent": "0"}, {"unit": "weeks"}, {"amount": "99999"}])
def test_a_bad_limit_comes_back_with_its_sentence(firm, manager, given):
    here = "/settings/deadlines/targets/general/handling/"
    form = {"amount": "4", "unit": "hours", "warn_percent": "50", **given}
    answer = manager.post(here, form, **HTMX)
    assert answer.status_code == 422 and "error" in answer.content.decode()
    assert queries.targets("general")["handling"].minutes == 900


def test_settings_are_closed_to_others(firm):
    clerk = browser(firm.clerk)
    for address in ("calendar/", "targets/", "targets/general/handling/", "extensions/"):
        assert clerk.get(f"/settings/deadlines/{address}").status_code == 403, address
    for address in ("calendar/hours/", "calendar/2026-03-17/", "calendar/official/2026/", "targets/general/handling/"):
        assert clerk.post(f"/settings/deadlines/{address}").status_code == 403, address
    assert Client().get("/settings/deadlines/calendar/").status_code == 302


# ── more time ──


@pytest.fixture
def running(firm):
    return start(matter(firm), "handling", at=timezone.now())


def local(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def test_asking_and_deciding_by_page(firm, running):
    clerk, head = browser(firm.clerk), browser(firm.head)
    here = f"/settings/deadlines/clocks/{running.pk}/extension/"
    assert clerk.get(here).status_code == 200
    until = running.due_at + timedelta(days=14)
    assert clerk.post(here, {"until": local(until), "reason": " "}).status_code == 422
    assert clerk.post(here, {"until": "then", "reason": "x"}).status_code == 422
    assert clerk.post(here, {"until": local(timezone.now()), "reason": "x"}).status_code == 422
    assert clerk.post(here, {"until": local(until), "reason": "等待第三方鉴定"}).status_code == 302
    assert clerk.post(here, {"until": local(until), "reason": "again"}).status_code == 409
    asked = ExtensionRequest.objects.get()

    page = head.get("/settings/deadlines/extensions/").content.decode()
    assert "等待第三方鉴定" in page and asked.matter.number in page
    decide = f"/settings/deadlines/extensions/{asked.pk}/"
    assert head.post(decide, {"decision": "refused"}).status_code == 422
    assert head.post(decide, {"decision": "maybe"}).status_code == 422
    assert head.post(decide, {"decision": "granted"}).status_code == 302
    running.refresh_from_db()
    assert local(running.due_at) == local(until)
    assert head.post(decide, {"decision": "granted"}).status_code == 409


def test_requests_of_others_are_not_there(firm, running):
    stranger = browser(firm.stranger)
    asked = actions.request_extension(
        running, by=actor(firm.clerk), until=running.due_at + timedelta(days=14), reason="等待"
    )
    assert "等待" not in stranger.get("/settings/deadlines/extensions/").content.decode()
    assert stranger.post(f"/settings/deadlines/extensions/{asked.pk}/", {"decision": "granted"}).status_code == 404
    assert stranger.get(f"/settings/deadlines/clocks/{running.pk}/extension/").status_code == 404


def test_the_arithmetic_is_for_whoever_sees_the_matter(firm, running):
    """A kind of matter nobody registered is seen by nobody, so its clocks are not there."""
    need = matter(firm, kind="unseen")
    hidden = start(need, "handling")
    assert browser(firm.clerk).get(f"/settings/deadlines/clocks/{hidden.pk}/").status_code == 404


@pytest.fixture
def seen(monkeypatch):
    """Lets who may ask for more time see this room's matters, as a room with a table of its own would say."""
    rule = Rule("deadlines.seen_in_a_test", "see", secrecy=None)
    monkeypatch.setitem(access.VIEWS, "asked", access.View(rule, ExtensionRequest))
    return rule


def test_the_arithmetic_of_a_clock_is_shown(firm, seen):
    clock = start(matter(firm, kind="asked"), "handling", at=cn(2026, 3, 13, 16))
    with transaction.atomic():
        actions.pause(clock.matter, at=cn(2026, 3, 16, 10))
        actions.resume(clock.matter, at=cn(2026, 3, 16, 11))
        actions.stop(clock.matter, "handling", at=cn(2026, 3, 16, 15), by=SYSTEM)
    ExtensionRequest.objects.create(
        pk=clock.matter_id, matter=clock.matter, clock=clock, asked_by=firm.clerk, asked_at=clock.started_at, reason="x",
        asked_minutes=1, due_before=clock.started_at, due_asked=clock.started_at,
    )  # fmt: skip
    RoleRule.objects.create(role=Role.objects.get(code="clerk"), rule=seen.name, reach=Reach.OWN)
    here = f"/settings/deadlines/clocks/{clock.pk}/"
    page = browser(firm.clerk).get(here).content.decode()
    assert "9:00–10:00 11:00–12:00 13:30–15:00" in page and "5 小时 30 分" in page
    assert "<h1" not in browser(firm.clerk).get(here, **HTMX).content.decode()
    assert browser(firm.stranger).get(here).status_code == 404
