"""What people ask about their own data (P3; PIPL art. 44–50)."""

from datetime import timedelta

import pytest

from yingxu.approvals import actions as signing
from yingxu.approvals import queries as approvals
from yingxu.base import clock
from yingxu.base.errors import Gone, Invalid, NotAllowed, WrongMoment
from yingxu.customers import actions as customers
from yingxu.matters.models import Matter
from yingxu.people.verifying import Proof
from yingxu.privacy import actions, queries
from yingxu.privacy.models import Request
from yingxu.tasks.models import Task

pytestmark = pytest.mark.django_db


def proof(world, who):
    return Proof(world.user(who).pk, clock.now(), "password")


def sign(world, who, request):
    signing.approve(request, by=world.by(who), proof=proof(world, who))


def receive(world, kind="copy", who="沈岚", **more):
    given = {"applicant": "季棠", "contact": "13900004244", "channel": "counter", "words": "全部"} | more
    return actions.receive(by=world.by(who), kind=kind, **given)


def checked(world, customer, kind="copy"):
    made = receive(world, kind)
    return actions.check_identity(made, by=world.by("苏慕青"), about=customer.matter, how="身份证原件，与档案一致")


def test_the_time_to_answer_begins_at_once(today, customer):
    made = receive(today)
    assert made.matter.number.startswith("GR-2026-") and made.state == Request.State.RECEIVED
    assert made.matter.due_at.astimezone(clock.zone()).date().isoformat() == "2026-04-07", "fifteen working days; Qingming is none"
    task = Task.objects.get(matter=made.matter)
    assert task.department.service and task.due_at == made.matter.due_at
    assert made.contact == "13900004244" and "13900004244" not in made.sealed_contact


def test_asked_twice_is_one_request(today, customer):
    assert receive(today, about=customer.matter).pk == receive(today, about=customer.matter).pk
    assert receive(today, "delete", about=customer.matter).pk != receive(today, about=customer.matter).pk


def test_nothing_is_given_out_before_the_identity_is_checked(today, customer):
    made, su = receive(today), today.by("苏慕青")
    with pytest.raises(WrongMoment):
        actions.make_copy(made, by=su)
    with pytest.raises(WrongMoment):
        actions.answer(made, by=su, answer="给了")
    with pytest.raises(NotAllowed):
        actions.check_identity(made, by=today.by("沈岚"), about=customer.matter, how="看过")
    with pytest.raises(Invalid) as refused:
        actions.check_identity(made, by=su, about=customer.matter, how=" ")
    assert "how" in refused.value.fields


def test_a_copy_holds_everything_of_the_person_uncovered(today, customer):
    made, su = checked(today, customer), today.by("苏慕青")
    with pytest.raises(WrongMoment, match="副本"):
        actions.answer(made, by=su, answer="给了")
    parts = actions.make_copy(made, by=su)
    words = {str(value) for part in parts for row in part.rows for value in row}
    assert {"季棠", "139 0000 4244"} <= words and len(parts) >= 6
    done = actions.answer(made, by=su, answer="当面交付，签收单 12 号")
    assert done.state == Request.State.ANSWERED and done.matter.closed_at and not Task.objects.filter(matter=done.matter, state="open").exists()


def test_correction_and_explanation_need_words_deletion_its_approval(today, customer):
    with pytest.raises(Invalid) as refused:
        receive(today, "correct", words="")
    assert "words" in refused.value.fields
    made, su = checked(today, customer, "delete"), today.by("苏慕青")
    with pytest.raises(WrongMoment):
        actions.answer(made, by=su, answer="删了")
    with pytest.raises(WrongMoment):
        actions.make_copy(made, by=su)
    assert actions.ask_erasure(made, by=su).state == Request.State.APPROVAL


def test_refused_with_a_reason_and_taken_back(today, customer):
    su = today.by("苏慕青")
    with pytest.raises(Invalid):
        actions.refuse(receive(today), by=su, reason="")
    done = actions.refuse(receive(today), by=su, reason="法定保存期未满")
    assert done.state == Request.State.REFUSED and done.answer == "法定保存期未满"
    with pytest.raises(WrongMoment):
        actions.refuse(done, by=su, reason="再拒")
    assert actions.withdraw_request(receive(today, "explain"), by=su, reason="已当面说清").state == Request.State.WITHDRAWN


def test_late_answers_are_stated(today, customer):
    made = receive(today, "explain")
    with clock.at(clock.now() + timedelta(days=40)):
        su = today.by("苏慕青")
        assert queries.due_count(su) == 1
        made = actions.check_identity(made, by=su, about=customer.matter, how="回拨登记电话")
        actions.answer(made, by=su, answer="已说明")
    assert made.matter.entries.get(event="privacy.request_answered").facts["late"] is True


def test_who_sees_what(today, customer):
    """Its receiver and those who handle; above one's clearance it is not there; the file's level counts."""
    made = receive(today)
    assert queries.find(made.matter.number, today.by("沈岚")) and queries.find(made.matter.number, today.by("苏慕青"))
    with pytest.raises(Gone):
        queries.find(made.matter.number, today.by("周予安"))
    with pytest.raises(NotAllowed):
        receive(today, who="周予安")
    made = actions.check_identity(made, by=today.by("苏慕青"), about=customer.matter, how="看过证件")
    Matter.objects.filter(pk=customer.pk).update(secrecy=3)
    with pytest.raises(Gone):
        queries.find(made.matter.number, today.by("沈岚"))


def test_a_file_one_may_not_see_is_no_file(today, customer):
    hidden = customers.add(by=today.by("沈岚"), name="暗香", phone="13900004246")
    Matter.objects.filter(pk=hidden.pk).update(secrecy=3)
    hidden.matter.refresh_from_db()
    with pytest.raises(Invalid) as refused:
        actions.check_identity(receive(today), by=today.by("苏慕青"), about=hidden.matter, how="看过证件")
    assert "about" in refused.value.fields


def test_retention_lists_what_is_over_its_time(today, customer):
    su = today.by("苏慕青")
    actions.set_retention(by=su, kind="privacy.requests", months=36, ground="证据")
    done = actions.refuse(receive(today), by=su, reason="法定保存期未满")
    with clock.at(clock.now() + timedelta(days=900)):
        assert not queries.over_for(su, "privacy.requests")[2].exists()
    with clock.at(clock.now() + timedelta(days=1_200)):
        assert [m.pk for m in queries.over_for(su, "privacy.requests")[2]] == [done.pk]
        assert not queries.over_for(today.by("周予安"), "privacy.requests")[2].exists()
    with pytest.raises(Invalid):
        actions.set_retention(by=su, kind="privacy.requests", months=36, ground="")
    with pytest.raises(NotAllowed):
        actions.set_retention(by=today.by("沈岚"), kind="privacy.requests", months=12, ground="x")
    assert actions.set_retention(by=su, kind="privacy.requests", months=None) is None


def test_a_deletion_is_signed_by_two_and_then_carried_out(today, customer):
    made = actions.ask_erasure(checked(today, customer, "delete"), by=today.by("苏慕青"))
    asked = approvals.waiting_for(today.by("秦望舒"))
    assert [r.chain for r in asked] == ["privacy.erase"]
    sign(today, "秦望舒", asked[0])
    made.refresh_from_db()
    assert made.state == Request.State.APPROVAL, "one signature of two"
    sign(today, "陆砚秋", approvals.waiting_for(today.by("陆砚秋"))[0])
    made.refresh_from_db()
    assert made.state == Request.State.ERASING and made.matter.entries.filter(event="privacy.erasure_approved").exists()


def test_a_deletion_that_is_refused_is_answered_otherwise(today, customer):
    made = actions.ask_erasure(checked(today, customer, "delete"), by=today.by("苏慕青"))
    signing.refuse(approvals.waiting_for(today.by("秦望舒"))[0], by=today.by("秦望舒"), reason="法定保存期未满", proof=proof(today, "秦望舒"))
    made.refresh_from_db()
    assert made.state == Request.State.CHECKED
    assert actions.refuse(made, by=today.by("苏慕青"), reason="法定保存期未满").state == Request.State.REFUSED
