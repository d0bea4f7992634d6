"""Breaches of personal data (P16; PIPL art. 57)."""

from datetime import timedelta

import pytest
from django.db import transaction

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Gone, Invalid, NotAllowed, WrongMoment
from yingxu.customers import actions as customers
from yingxu.deadlines.models import Clock
from yingxu.matters.models import Matter
from yingxu.notices import actions as notices
from yingxu.notices.models import Delivery
from yingxu.privacy import actions, queries

pytestmark = pytest.mark.django_db
MAIL = {
    "on": True, "host": "127.0.0.1", "port": 25, "security": "none", "username": "", "password": "", "from_address": "a@b.example", "from_name": "",
    "reply_address": "",
}  # fmt: skip


def report(world, who="苏慕青", **more):
    given = {"title": "导出表发错了邮箱", "what": "leak", "found_at": clock.now(), "happened": "一张客户名单发到了外部邮箱", "fields": ["name", "contact"]}
    return actions.report_breach(by=world.by(who), **(given | more))


def due(breach, step="breach_report"):
    return Clock.objects.get(matter=breach.matter, step=step)


def ready(world, breach):
    su = world.by("苏慕青")
    more = {"what": breach.what, "size": breach.size, "fields": breach.fields, "happened": breach.happened}
    breach = actions.describe_breach(breach, by=su, cause="选错收件人", harm="骚扰电话", measures="已请对方删除", persons=3, **more)
    breach = actions.tell_authority(breach, by=su, authority="省网信办，电话，001")
    return actions.spare_persons(breach, by=su, why="对方确认未打开并已删除")


def test_two_clocks_run_from_the_moment_it_was_found(today):
    made = report(today, size="larger", found_at=clock.now() - timedelta(hours=1))
    assert made.matter.number.startswith("AQ-2026-")
    assert due(made).due_at == made.found_at + timedelta(hours=4), "four hours, round the clock"
    ordinary = report(today)
    assert due(ordinary).due_at == ordinary.found_at + timedelta(days=1)
    more = {"what": "leak", "fields": ["name"], "happened": "更多"}
    actions.describe_breach(ordinary, by=today.by("苏慕青"), size="larger", **more)
    assert due(ordinary).due_at == ordinary.found_at + timedelta(hours=4), "another size is measured anew"
    with clock.at(clock.now() + timedelta(hours=5)):
        late = actions.tell_authority(ordinary, by=today.by("苏慕青"), authority="省网信办")
    assert late.matter.entries.get(event="privacy.authority_told").facts["late"] is True
    with pytest.raises(WrongMoment):
        actions.tell_authority(late, by=today.by("苏慕青"), authority="又一次")


def test_it_is_closed_by_another_person_when_everything_is_there(today):
    made, su = report(today), today.by("苏慕青")
    with pytest.raises(WrongMoment, match="还缺"):
        actions.ask_closing(made, by=su, lessons="加一道确认")
    made = actions.ask_closing(ready(today, made), by=su, lessons="加一道确认")
    with pytest.raises(NotAllowed):
        actions.review_breach(made, by=su, agreed=True)
    with pytest.raises(WrongMoment):
        actions.note_breach(made, by=su, words="还在做")
    made = actions.review_breach(made, by=today.by("秦望舒"), agreed=False, words="补上对方的书面确认")
    made = actions.ask_closing(made, by=su, lessons="加一道确认")
    made = actions.review_breach(made, by=today.by("秦望舒"), agreed=True)
    assert made.state == "closed" and made.matter.closed_at and not due(made).open


def test_who_is_affected_is_chosen_by_query_of_what_one_sees(today, customer):
    made, su = report(today), today.by("苏慕青")
    other = customers.add(by=today.by("沈岚"), name="石泉", phone="13900004245")
    hidden = customers.add(by=today.by("沈岚"), name="暗香", phone="13900004246")
    Matter.objects.filter(pk=hidden.pk).update(secrecy=3)
    with pytest.raises(Invalid):
        actions.choose_affected(made, by=su, asked=queries.Chosen())
    assert actions.choose_affected(made, by=su, asked=queries.Chosen(numbers=(customer.matter.number, hidden.matter.number))) == 1
    assert actions.choose_affected(made, by=su, asked=queries.Chosen(owner=today.user("沈岚"))) == 2
    made.refresh_from_db()
    assert made.persons == 2 and {m.pk for m in queries.affected(made, su).rows} == {customer.pk, other.pk}
    made.customers.add(hidden.pk)  # by somebody who sees it
    assert actions.choose_affected(made, by=su, asked=queries.Chosen(numbers=(other.matter.number,)), anew=True) == 1
    assert set(made.customers.values_list("pk", flat=True)) == {other.pk, hidden.pk}, "who is not seen is not taken away"
    assert not any("count" in entry.facts for entry in made.matter.entries.filter(event="privacy.breach_persons_chosen"))


def test_the_persons_are_told_once_by_the_way_they_have(today, customer):
    su = today.by("苏慕青")
    notices.set_mail(by=SYSTEM, **MAIL)
    customers.add_identifier(customer, by=today.by("沈岚"), type="email", text="jitang@example.com")
    customers.add(by=today.by("沈岚"), name="石泉", phone="13900004245")
    made = report(today)
    actions.choose_affected(made, by=su, asked=queries.Chosen(all=True))
    with pytest.raises(Invalid) as refused:
        actions.tell_persons(made, by=su, text="您的号码可能外泄")
    assert "how" in refused.value.fields, "one of two cannot be written to"
    made = actions.tell_persons(made, by=su, text="您的号码可能外泄", how="其余由客服电话告知")
    row = Delivery.objects.get(subject="关于您的个人信息")
    assert row.channel == "mail" and row.matter == customer.matter and not due(made, "breach_word").open


def test_a_drill_sends_nothing(today, customer):
    su = today.by("苏慕青")
    made = report(today, drill=True)
    actions.choose_affected(made, by=su, asked=queries.Chosen(all=True))
    actions.tell_persons(made, by=su, text="演练")
    assert made.matter.title.startswith("［演练］") or "演练" in made.matter.title
    assert not Delivery.objects.filter(subject="关于您的个人信息").exists()


def test_everybody_reports_and_few_see(today):
    made = report(today, who="沈岚")
    assert made.matter.owner_id != today.user("沈岚").pk, "who handles breaches has it"
    with pytest.raises(Gone):
        queries.breach(made.matter.number, today.by("沈岚"))
    with pytest.raises(NotAllowed):
        actions.note_breach(made, by=today.by("沈岚"), words="x")
    with pytest.raises(Invalid):
        report(today, found_at=clock.now() + timedelta(hours=1))
    Matter.objects.filter(pk=made.pk).update(secrecy=3)
    with pytest.raises(Gone):
        queries.breach(made.matter.number, today.by("苏慕青"))
    with transaction.atomic():
        assert actions.remind_of_reviews() == 0
