"""What do I do now: whose turn it is, by role (N17)."""

from datetime import timedelta

import pytest
from django.db import transaction

from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.desk import queries
from yingxu.matters import actions as matters
from yingxu.matters.models import Matter
from yingxu.needs import actions as needs
from yingxu.needs.actions.register import Intake
from yingxu.needs.models import Need
from yingxu.notices.models import Notice
from yingxu.people import actions as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def a_need(world):
    """A need registered by 沈岚, as far along as asked for."""

    def register(title: str = "翡翠手镯今日绝当到期", *, category: str = "", department: str = "", owner: str = "") -> Need:
        intake = Intake(kind="consultation", body=title + "。", title=title, channel="phone", customer_name="季棠", phone="13900002046", backfill=True)
        need = Need.objects.get(pk=needs.register(intake, by=world.by("沈岚")).id)
        if category:
            need = needs.triage(need, by=world.by("沈岚"), category=category)
        if department:
            need = needs.assign(need, by=world.by("沈岚"), department=world.department(department), owner=world.user(owner) if owner else None)
        return need

    return register


def _titles(by: Actor) -> list[str]:
    return [turn.row["matter__title"] for turn in queries.turns(by)]


def test_whose_turn_it_is_follows_the_loop(world, a_need):
    service, pawn, vault = world.by("沈岚"), world.by("江听雨"), world.by("许清和")
    need = a_need("手镯")
    assert _titles(service) == ["手镯"] and not _titles(pawn)
    need = needs.triage(need, by=service, category="urgent")
    assert _titles(service) == ["手镯"], "now to be assigned"
    need = needs.assign(need, by=service, department=world.department("pawn"))
    assert _titles(pawn) == ["手镯"] and not _titles(service) and not _titles(vault)
    needs.accept(need, by=pawn)
    assert _titles(pawn) == ["手镯"], "now the owner handles it"


def test_the_most_urgent_comes_first(world, a_need):
    for title, hours in (("later", 5), ("late", -3), ("soon", 1)):
        need = a_need(title)
        Matter.objects.filter(pk=need.pk).update(due_at=clock.now() + timedelta(hours=hours))
    assert _titles(world.by("沈岚")) == ["late", "soon", "later"]


def test_secret_needs_wait_for_nobody_who_may_not_see_them(world, a_need):
    need = a_need("绝密手镯")
    Matter.objects.filter(pk=need.pk).update(secrecy=3)
    assert not _titles(world.by("沈岚"))
    assert [f.count for f in queries.figures(world.by("沈岚"))] == [0, 0]


def test_figures_are_the_lists_they_open(world, a_need):
    a_need("a")
    a_need("b", category="general")
    mine = a_need("c", category="urgent", department="pawn", owner="顾一鸣")
    Matter.objects.filter(pk=mine.pk).update(due_at=clock.now() - timedelta(hours=1))
    service = {f.href: f.count for f in queries.figures(world.by("沈岚"))}
    assert service["/needs/?queue=triage"] == 1 and service["/needs/?queue=overdue&owner=me"] == 0
    clerk = {str(f.name): (f.count, f.tone) for f in queries.figures(world.by("顾一鸣"))}
    overdue = next(iter(clerk.values()))
    assert overdue == (1, "bad")
    for figure in queries.figures(world.by("江听雨")):
        wish = dict(pair.split("=") for pair in figure.href.partition("?")[2].split("&"))
        from yingxu.needs import queries as lists

        assert figure.count == lists.capped(lists.matching(world.by("江听雨"), lists.Filters.parse(wish)))


def test_the_page(world, a_need, signed_in, django_assert_max_num_queries):
    for n in range(12):
        a_need(f"第 {n} 件", category="general")
    client = signed_in("沈岚")
    with django_assert_max_num_queries(30):
        html = client.get("/").content.decode()
    assert html.count('class="subject"') == 8 and "现在做什么" in html and "处理最急的一件" in html
    assert html.count("button primary") == 1 and html.count("<h1") == 1


def test_all_done(world, signed_in):
    html = signed_in("沈岚").get("/").content.decode()
    assert "都办完了" in html and "没有未读通知" in html and html.count("button primary") == 1


def test_nobody_without_a_role_is_left_in_the_dark(world, signed_in):
    user = people.add_user(by=SYSTEM, username="new", name="新人", department=None, password="x" * 12)
    world.people["新人"] = user
    assert "还没有角色" in signed_in("新人").get("/").content.decode()


def test_whoever_only_looks_after_the_system_is_led_to_it(world, signed_in):
    html = signed_in("管鹿鸣").get("/").content.decode()
    assert "没有需求要你处理" in html and 'href="/settings/"' in html and "还没有角色" not in html


def test_the_places_a_phone_has_no_room_for_are_in_ones_menu(world, signed_in):
    html = signed_in("沈岚").get("/").content.decode()
    rail, menu = (html.split(begin)[1].split(end)[0] for begin, end in (('class="rail"', "</nav>"), ("person-menu", "</details>")))
    assert 'href="/needs/"' in rail and 'href="/needs/"' not in menu
    assert 'class="phone-only" href="/emergencies/"' in menu and 'href="/emergencies/"' in rail


def test_drafts_lead_back_and_vanish_with_the_right_to_see(world, a_need, signed_in):
    need = a_need("手镯")
    user = world.user("沈岚")
    matters.save_draft(user.pk, f"needs.reply:{need.matter.number}", {"text": "您好，续当手续"})
    matters.save_draft(user.pk, "nowhere.form", {"text": "x"})
    matters.save_draft(user.pk, "needs.reply:2020-000001", {"text": "x"})
    html = signed_in("沈岚").get("/").content.decode()
    assert "尚未提交" in html and "您好，续当手续" in html
    assert len(queries.unsent(world.by("沈岚"))) == 1
    Matter.objects.filter(pk=need.pk).update(secrecy=3)
    assert not queries.unsent(world.by("沈岚"))


def test_notices_on_the_home_page(world, a_need, signed_in):
    need = a_need("手镯")
    entry = need.matter.entries.first()
    with transaction.atomic():
        Notice.objects.create(user=world.user("沈岚"), entry=entry, matter=need.matter, kind="told", at=entry.at)
    assert f"/inbox/{Notice.objects.get().pk}/open/" in signed_in("沈岚").get("/").content.decode()
