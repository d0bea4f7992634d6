"""Care: the Chinese calendar against known days, tasks once, consent, what came of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.customers import actions as customers
from yingxu.matters.models import Matter
from yingxu.relations import actions, jobs, occasions, queries
from yingxu.relations.models import Birthday, Care
from yingxu.tasks import actions as tasks
from yingxu.tasks.models import Task

from .conftest import MORNING, opened, signed


@pytest.mark.parametrize(("year", "festival", "day"), [
    (2023, "spring_festival", "2023-01-22"), (2024, "spring_festival", "2024-02-10"), (2025, "spring_festival", "2025-01-29"), (2026, "spring_festival", "2026-02-17"),
    (2027, "spring_festival", "2027-02-06"), (2023, "mid_autumn", "2023-09-29"), (2024, "mid_autumn", "2024-09-17"), (2025, "mid_autumn", "2025-10-06"),
    (2026, "mid_autumn", "2026-09-25"), (2026, "dragon_boat", "2026-06-19"), (2025, "dragon_boat", "2025-05-31"), (2026, "lantern", "2026-03-03"),
    (2025, "double_ninth", "2025-10-29"),
])  # fmt: skip
def test_festivals_fall_on_their_known_days(year: int, festival: str, day: str):
    assert list(occasions.festival(date(year, 1, 1), date(year, 12, 31), festival)) == [date.fromisoformat(day)]


def test_who_was_born_in_a_leap_month_has_a_birthday_every_year():
    # 2023 had a leap second month, 2025 a leap sixth one
    assert occasions.lunar(2023, 2, 1, leap=True) == date(2023, 3, 22) and occasions.lunar(2023, 2, 1) == date(2023, 2, 20)
    assert occasions.lunar(2024, 2, 1, leap=True) == occasions.lunar(2024, 2, 1) == date(2024, 3, 10)
    assert occasions.lunar(2025, 6, 1, leap=True) == date(2025, 7, 25)
    assert occasions.lunar(2025, 2, 1, leap=True) == occasions.lunar(2025, 2, 1)  # a leap month of another number


def test_the_thirtieth_that_does_not_exist_is_the_twenty_ninth():
    # the twelfth month of 2024 (the snake's eve) had 29 days, that of 2023 had 30
    assert occasions.lunar(2023, 12, 30) == date(2024, 2, 9) and occasions.lunar(2024, 12, 30) == date(2025, 1, 28) == occasions.lunar(2024, 12, 29)
    for year in range(1950, 2060):
        for month in range(1, 13):
            assert (occasions.lunar(year, month, 30) - occasions.lunar(year, month, 29)).days in (0, 1)


def test_a_leap_day_and_the_turn_of_the_year():
    assert occasions.solar(2024, 2, 29) == date(2024, 2, 29) and occasions.solar(2026, 2, 29) == date(2026, 2, 28)
    found = occasions.birthdays(date(2025, 12, 20), date(2026, 2, 20), month=12, day=29, is_lunar=True)
    assert list(found) == [occasions.lunar(2025, 12, 29)]  # the Chinese year that began before


def ruled(world: Any, **rule: Any) -> None:
    given = {"code": "hello", "name": "问候", "occasion": "birthday", "task": "打电话", "days": 5} | rule
    actions.set_rules(by=world.by("苏慕青"), part="care", content={"rules": [given]})


def test_a_lunar_birthday_becomes_one_task(morning: Any):
    ruled(morning)
    customer, today = opened(morning, "温知夏", type="person"), clock.today()
    soon = today + timedelta(days=3)
    from lunardate import LunarDate

    day = LunarDate.from_solar_date(soon.year, soon.month, soon.day)
    actions.note_birthday(customer, by=morning.by("沈岚"), month=day.month, day=day.day, lunar=True)
    assert jobs.plan_care(today) == 1 and jobs.plan_care(today) == 0
    with clock.at(MORNING + timedelta(days=1)):
        assert jobs.plan_care(clock.today()) == 0
    care = Care.objects.get(customer=customer)
    assert (care.on, care.state) == (soon, "planned") and care.task and care.task.owner == morning.user("沈岚")


def test_only_for_whom_the_rule_is(morning: Any):
    ruled(morning, occasion="yearly", on="03-20", grades=["A"], tags=["老主顾"])
    opened(morning, "甲", grade="A")
    fit = opened(morning, "乙", grade="A", tags=["老主顾"])
    opened(morning, "丙", grade="B", tags=["老主顾"])
    assert jobs.plan_care(clock.today()) == 1 and Care.objects.get().customer == fit


def test_after_the_contract(morning: Any):
    ruled(morning, occasion="signed", after=14, days=7)
    customer = opened(morning, "砚台巷文玩行")
    signed(customer, "100", clock.today() - timedelta(days=10))
    signed(customer, "100", clock.today() - timedelta(days=100))
    assert jobs.plan_care(clock.today()) == 1 and Care.objects.get().on == clock.today() + timedelta(days=4)


def test_marketing_without_consent_is_withheld_and_said(morning: Any):
    ruled(morning, occasion="yearly", on="03-20", marketing=True)
    customer = opened(morning, "砚台巷文玩行")
    assert jobs.plan_care(clock.today()) == 1 and jobs.plan_care(clock.today()) == 0
    care = Care.objects.get()
    assert care.state == "withheld" and care.task is None and not Task.objects.filter(matter=customer.matter).exists()
    with pytest.raises(WrongMoment):
        actions.settle(customer, by=morning.by("沈岚"), care=care.pk, done=True)


def test_not_twice_after_a_merge(morning: Any):
    ruled(morning, occasion="yearly", on="03-20")
    one, other = opened(morning, "砚台巷文玩行"), opened(morning, "砚台巷文玩商行")
    assert jobs.plan_care(clock.today()) == 2
    customers.merge(one, other, by=morning.by("苏慕青"))
    assert jobs.plan_care(clock.today()) == 0


def test_what_came_of_it(morning: Any):
    ruled(morning, occasion="yearly", on="03-20")
    by = morning.by("沈岚")
    files = [opened(morning, name) for name in ("甲行", "乙行", "丙行")]
    jobs.plan_care(clock.today())
    first, second, third = (Care.objects.get(customer=c) for c in files)
    actions.settle(files[0], by=by, care=first.pk, done=True, result="很高兴")
    with pytest.raises(Invalid):
        actions.settle(files[1], by=by, care=second.pk, done=False)
    actions.settle(files[1], by=by, care=second.pk, done=False, result="出国了")
    with transaction.atomic():
        tasks.finish(third.task, by=by, result="已送")
    assert [Care.objects.get(customer=c).state for c in files] == ["done", "skipped", "done"]
    assert [Task.objects.get(pk=c.task_id).state for c in (first, second)] == ["done", "withdrawn"]
    with pytest.raises(WrongMoment):
        actions.settle(files[0], by=by, care=first.pk, done=True)


def test_a_birthday_must_be_a_day(morning: Any):
    customer, by = opened(morning, "温知夏", type="person"), morning.by("沈岚")
    for wrong in ({"month": 2, "day": 30}, {"month": 2, "day": 1, "leap": True}, {"month": 13, "day": 1}, {"month": 2, "day": 31, "lunar": True}):
        with pytest.raises(Invalid):
            actions.note_birthday(customer, by=by, **wrong)
    made = actions.note_birthday(customer, by=by, month=2, day=30, lunar=True, leap=True)
    actions.forget_birthday(customer, by=by, birthday=made.pk)
    assert not Birthday.objects.exists()
    with pytest.raises(NotAllowed):
        actions.note_birthday(customer, by=morning.by("顾一鸣"), month=2, day=1)


def test_pages(morning: Any, signed_in: Any, django_assert_max_num_queries: Any):
    ruled(morning, occasion="yearly", on="03-20")
    customer, hidden = opened(morning, "砚台巷文玩行"), opened(morning, "听雨楼私人会所")
    jobs.plan_care(clock.today())
    Matter.objects.filter(pk=hidden.pk).update(secrecy=3)
    client, number, care = signed_in("沈岚"), customer.matter.number, Care.objects.get(customer=customer)
    with django_assert_max_num_queries(20):
        page = client.get(reverse("relations:care") + "?month=2026-03").content.decode()
    assert "砚台巷" in page and "听雨楼" not in page and client.get(reverse("relations:care") + "?month=soon").status_code == 422
    assert client.post(reverse("relations:birthday", args=[number]), {"month": "8", "day": "15", "lunar": "on"}).status_code == 302
    assert client.post(reverse("relations:settle", args=[number, care.pk, "skip"]), {}).status_code == 422
    assert client.post(reverse("relations:settle", args=[number, care.pk, "done"]), {}).status_code == 302
    assert client.get(reverse("customers:profile", args=[number]) + "?part=care").status_code == 200
    born = Birthday.objects.get()
    assert client.post(reverse("relations:no_birthday", args=[number, born.pk])).status_code == 302 and not Birthday.objects.exists()


def test_export_and_rules(morning: Any, signed_in: Any):
    ruled(morning, occasion="yearly", on="03-20")
    opened(morning, "砚台巷文玩行")
    jobs.plan_care(clock.today())
    client = signed_in("苏慕青")
    answer = client.post(reverse("relations:export_care"), {"kind": "csv", "month": "2026-03"})
    assert "砚台巷文玩行" in b"".join(answer.streaming_content).decode("utf-8-sig")
    assert client.get(reverse("relation_settings:care")).status_code == 200
    given = {"name": "端午", "code": "dragon", "occasion": "dragon_boat", "days": "7", "task": "送粽子", "phase": "during", "active": "on"}
    assert client.post(reverse("relation_settings:new_care_rule"), given | {"days": "900"}).status_code == 422
    assert client.post(reverse("relation_settings:new_care_rule"), given).status_code == 302
    assert [rule.code for rule in queries.care_rules()] == ["hello", "dragon"]
    assert client.post(reverse("relation_settings:care_rule", args=["dragon"]), given | {"task": "送龙舟票"}).status_code == 302
    assert queries.care_rules()[1].task == "送龙舟票"
