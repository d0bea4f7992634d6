"""Impact assessments (P15; PIPL art. 55, 56): written by one, reviewed by another, kept, looked at again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from yingxu.base import clock
from yingxu.base.errors import Gone, Invalid, NotAllowed, WrongMoment
from yingxu.privacy import actions, queries
from yingxu.privacy.models import Assessment, Purpose
from yingxu.tasks.models import Task

pytestmark = pytest.mark.django_db


def begin(world, who="苏慕青", **more):
    given = {
        "title": "短信服务商", "kind": "recipient", "need": "短信通知办理进展", "influence": "号码由服务商处理", "dangers": "号码外泄", "risk": "medium",
        "measures": "合同约束，只给号码和内容", "decision": "measures", "review_on": clock.today() + timedelta(days=365),
    }  # fmt: skip
    return actions.begin_assessment(by=world.by(who), **(given | more))


def approved(world, **more) -> Assessment:
    made = actions.submit_assessment(begin(world, **more), by=world.by("苏慕青"))
    return actions.review_assessment(made, by=world.by("秦望舒"), agreed=True, words="同意")


def test_it_counts_after_another_person_reviewed_it(today):
    made = begin(today)
    assert made.matter.number.startswith("PG-2026-") and queries.assessment_in_force(made.matter.number) is None
    with pytest.raises(WrongMoment):
        actions.review_assessment(made, by=today.by("秦望舒"), agreed=True)
    made = actions.submit_assessment(made, by=today.by("苏慕青"))
    with pytest.raises(WrongMoment):
        actions.submit_assessment(made, by=today.by("苏慕青"))
    with pytest.raises(NotAllowed):
        actions.review_assessment(made, by=today.by("苏慕青"), agreed=True)
    with pytest.raises(Invalid):
        actions.review_assessment(made, by=today.by("秦望舒"), agreed=False)
    made = actions.review_assessment(made, by=today.by("秦望舒"), agreed=False, words="风险写得太少")
    assert made.state == "draft"
    made = actions.submit_assessment(made, by=today.by("苏慕青"))
    made = actions.review_assessment(made, by=today.by("秦望舒"), agreed=True)
    assert made.holds and queries.assessment_in_force(made.matter.number.lower()) == made
    assert (made.kept_until - made.review_on).days >= 3 * 365


def test_who_holds_the_review_does_not_review_their_own(today):
    chief = today.by("秦望舒")
    made = begin(today, who="秦望舒") if chief.may(actions.begin_assessment.rule) else begin(today)
    Assessment.objects.filter(pk=made.pk).update(state="review")
    made.matter.owner_id = chief.user_id
    made.matter.save()
    made.refresh_from_db()
    with pytest.raises(NotAllowed) as refused:
        actions.review_assessment(made, by=chief, agreed=True)
    assert refused.value.code == "privacy.second_person"


def test_it_cannot_be_deleted_before_its_time(today):
    made = approved(today)
    with pytest.raises(IntegrityError, match="is kept until"), transaction.atomic():
        Assessment.objects.filter(pk=made.pk).delete()
    with pytest.raises(Invalid) as refused:
        actions.set_retention(by=today.by("苏慕青"), kind="privacy.assessments", months=12, ground="x")
    assert "months" in refused.value.fields


def test_its_author_is_reminded_once(today):
    made = approved(today)
    with clock.at(clock.now() + timedelta(days=340)), transaction.atomic():
        assert actions.remind_of_reviews() == 0
    with clock.at(clock.now() + timedelta(days=355)):
        with transaction.atomic():
            assert actions.remind_of_reviews() == 1 and actions.remind_of_reviews() == 0
        task = Task.objects.get(matter=made.matter)
        assert task.owner == made.matter.owner
        made = actions.confirm_assessment(made, by=today.by("秦望舒"), review_on=clock.today() + timedelta(days=365), words="合同没变")
        task.refresh_from_db()
        assert task.state == "done" and made.holds


def test_sensitive_data_and_automated_decisions_ask_for_one(today):
    su, words = today.by("苏慕青"), {"code": "health", "name": "健康状况", "basis": "consent", "scope": "病史", "means": "加密存储", "why": "必要"}
    for flag in ("sensitive", "automated"):
        with pytest.raises(Invalid) as refused:
            actions.edit_purpose(by=su, **{flag: True}, **words)
        assert "assessment" in refused.value.fields
    stopped = approved(today, kind="sensitive", decision="stop")
    assert stopped.state == "stopped"
    with pytest.raises(Invalid):
        actions.edit_purpose(by=su, sensitive=True, assessment=stopped, **words)
    actions.edit_purpose(by=su, sensitive=True, assessment=approved(today, kind="sensitive"), **words)
    assert Purpose.objects.get(code="health").assessment.holds


def test_who_sees_it(today):
    made = begin(today)
    assert queries.assessment(made.matter.number, today.by("陆砚秋"))
    with pytest.raises(Gone):
        queries.assessment(made.matter.number, today.by("沈岚"))
    with pytest.raises(NotAllowed):
        begin(today, who="沈岚")
    with pytest.raises(Invalid) as refused:
        begin(today, review_on=clock.today() + timedelta(days=2_000))
    assert "review_on" in refused.value.fields
