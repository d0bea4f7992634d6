"""A3 in an emergency: let in at once or after one signature, for some hours, told to the circle, every look kept, reviewed by somebody else."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from tests.heard import settle
from yingxu.approvals import actions as approvals
from yingxu.approvals.models import Request
from yingxu.base import clock
from yingxu.base.controls import controls
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.consulting import actions, glass, queries
from yingxu.consulting.models import State
from yingxu.customers import actions as customers
from yingxu.emergencies import actions as crises
from yingxu.matters import actions as matters
from yingxu.matters.models import Entry, Look
from yingxu.matters.queries import may_see
from yingxu.needs.states import State as NeedState
from yingxu.people import queries as people
from yingxu.tasks import actions as tasks
from yingxu.tasks.models import Task

from .test_consulting import closed, now  # noqa: F401  the closed file, and how the worker and the signers go on

pytestmark = pytest.mark.django_db
WHO = "沈岚"
FORM = {"hours": "2", "purpose": "客户在店外被抢，急需核对当物", "known": "on"}


@pytest.fixture
def wanted(story, closed):  # noqa: F811
    """沈岚, outside the circle, cannot wait."""

    def make(named="", hours=2):
        made = glass.break_glass(by=now(WHO, story), named=named or closed.matter.number, purpose="客户被抢，急需核对当物", hours=hours)
        settle()
        made.refresh_from_db()
        return made

    return make


@pytest.fixture
def burning(story, closed):  # noqa: F811
    """An emergency is under way that affects the customer."""
    need = story.at(NeedState.HANDLING, customer=story.world.customer("砚台巷珠宝商行"))
    type(need).objects.filter(pk=need.pk).update(customer=closed.pk)
    return crises.declare(by=now("陆砚秋", story), title="抢劫", happened="客户在店外被抢", needs=[story.fresh(need.number)])


def grant(row):
    """One signature."""
    request = Request.objects.get(chain=glass.CHAIN, key=f"consult:{row.pk}")
    seat = request.seats.get(state="waiting", step__state="open")
    approvals.approve(request, by=people.actor(seat.user))
    settle()
    row.refresh_from_db()
    return seat.user


def test_an_open_emergency_opens_the_file_at_once_and_everybody_of_the_circle_is_told(story, closed, burning, wanted, enter):  # noqa: F811
    assert not may_see(now(WHO, story), closed.matter)
    row = wanted()
    assert row.state == State.GRANTED and row.emergency_id == burning.pk and not Request.objects.filter(chain=glass.CHAIN).exists()
    assert row.ends_at - row.answered_at == timedelta(hours=2)
    told = Entry.objects.get(event="consulting.glass_broken").tell
    assert set(told) >= {story.world.user(name).pk for name in ("苏慕青", "秦望舒", WHO)}
    customers.say_what_for(closed, by=now(WHO, story), reason=row.purpose)
    assert enter(WHO).get(f"/customers/{closed.number}/").status_code == 200
    assert Look.objects.filter(matter=closed.matter, user_id=story.world.user(WHO).pk).exists()
    with clock.at(row.ends_at + timedelta(minutes=1)):
        assert not may_see(now(WHO, story), closed.matter), "it ends by itself"
        assert actions.look_over() == 1
    row.refresh_from_db()
    assert row.state == State.ENDED


def test_a_drill_or_an_emergency_of_others_opens_nothing(story, closed, wanted):  # noqa: F811
    crises.declare(by=now("陆砚秋", story), title="停电", happened="全店停电")
    assert wanted().state == State.ASKED


def test_who_asks_cannot_have_brought_the_customer_into_the_emergency(story, closed, burning, wanted):  # noqa: F811
    burning.affected.update(joined_by=story.world.user(WHO))
    assert wanted().state == State.ASKED and Request.objects.filter(chain=glass.CHAIN).exists()


def test_without_an_emergency_one_signature_opens_it(story, closed, wanted):  # noqa: F811
    row = wanted()
    assert row.state == State.ASKED and not may_see(now(WHO, story), closed.matter)
    signer = grant(row)
    assert row.state == State.GRANTED and may_see(now(WHO, story), closed.matter) and signer.name != WHO
    task = row.review_task
    assert task.matter_id == closed.pk and task.owner.pk not in (signer.pk, story.world.user(WHO).pk)


def test_the_answer_says_nothing_of_what_there_is(story, closed, wanted, enter):  # noqa: F811
    low = story.world.customer("砚台巷珠宝商行")
    type(low.matter).objects.filter(pk=low.pk).update(secrecy=3)
    seen = []
    for named in (closed.matter.number, low.matter.number, "没有这样的客户"):
        answer = enter(WHO).post("/consulting/break-glass/", {"named": named, **FORM})
        settle()
        seen.append((answer.status_code, answer["Location"], enter(WHO).get("/consulting/").content.decode().count("应急")))
    assert seen[0][:2] == seen[1][:2] == seen[2][:2]
    assert not may_see(now(WHO, story), low.matter), "no emergency lifts a clearance"
    with pytest.raises(WrongMoment):
        glass.break_glass(by=now(WHO, story), named="又一个", purpose="再试", hours=1)
    with clock.at(clock.now() + glass.LAPSE + timedelta(minutes=1)):
        assert actions.look_over() == 3


def test_what_is_refused(story, closed, wanted, enter):  # noqa: F811
    with pytest.raises(Invalid, match="打开"):
        glass.break_glass(by=now("苏慕青", story), named=closed.matter.number, purpose="看看", hours=1)
    for more in ({"hours": 9}, {"hours": 0}, {"purpose": " "}):
        with pytest.raises(Invalid):
            glass.break_glass(by=now(WHO, story), **({"named": "某", "purpose": "急", "hours": 1} | more))
    assert enter(WHO).post("/consulting/break-glass/", {"named": "某", **FORM, "known": ""}).status_code == 422
    with pytest.raises(NotAllowed):
        glass.break_glass(by=now("管鹿鸣", story), named="某", purpose="急", hours=1)


def test_the_review_cannot_be_skipped_and_is_somebody_elses(story, closed, burning, wanted, enter):  # noqa: F811
    row, keeper = wanted(), now("苏慕青", story)
    task = Task.objects.get(pk=row.review_task_id)
    for skip in (lambda: tasks.finish(task, by=keeper, result="看过"), lambda: tasks.withdraw(task, by=keeper, reason="不用了")):
        with pytest.raises((WrongMoment, NotAllowed)):
            skip()
    page = enter("苏慕青").get(f"/consulting/uses/{row.pk}/").content.decode()
    assert f"/consulting/{row.pk}/review/" in page
    assert enter("苏慕青").post(f"/consulting/{row.pk}/review/", {"finding": "", "words_": "x"}).status_code == 422
    assert enter("苏慕青").post(f"/consulting/{row.pk}/review/", {"finding": "justified", "words_": "确属紧急"}).status_code == 302
    row.refresh_from_db()
    task.refresh_from_db()
    assert (row.finding, row.reviewed_by.name, task.state) == ("justified", "苏慕青", "done")
    with pytest.raises(WrongMoment):
        glass.review(row, by=keeper, finding="unjustified", words_="再来")


def test_who_signed_does_not_review(story, closed, wanted):  # noqa: F811
    row = wanted()
    signer = grant(row)
    with pytest.raises(NotAllowed):
        glass.review(row, by=now(signer.name, story), finding="justified", words_="没问题")


def test_auditors_list_the_readings_without_the_secret(story, closed, burning, wanted, enter):  # noqa: F811
    row = wanted()
    customers.say_what_for(closed, by=now(WHO, story), reason=row.purpose)
    auditor, keeper = enter("严守拙"), enter("苏慕青")
    text = auditor.get("/consulting/uses/?part=unreviewed").content.decode()
    assert WHO in text and closed.number not in text and row.purpose not in text
    assert auditor.get(f"/consulting/uses/{row.pk}/").status_code == 404
    assert closed.number in keeper.get("/consulting/uses/").content.decode() and "打开" in keeper.get(f"/consulting/uses/{row.pk}/").content.decode()
    assert keeper.get("/consulting/uses/?part=else").status_code == 422
    for client, known in ((auditor, False), (keeper, True)):
        answer = client.post("/consulting/uses/export/", {"kind": "xlsx"})
        cells = str([[cell.value for cell in line] for line in load_workbook(io.BytesIO(b"".join(answer))).active.rows])
        assert WHO in cells and (closed.number in cells) == known
    assert [one.look.matter_id for one in queries.looks_within(row, now("苏慕青", story))] == [closed.pk]
    matters.look(closed.matter, by=now(WHO, story), detail="paper secret", above=3)
    assert len(queries.looks_within(row, now("苏慕青", story))) == 1, "a part above the reader's clearance is not told of"


def test_the_evidence(story, closed, burning, wanted):  # noqa: F811
    row = wanted()
    tally = controls()["archives.glass_reviewed"].tally
    start, end = clock.now() - timedelta(days=1), clock.now() + timedelta(days=1)
    assert (tally(start, end, None).applied, tally(start, end, None).failed) == (1, 0)
    with clock.at(row.answered_at + glass.REVIEW + timedelta(hours=1)):
        assert tally(start, end, None).failed == 1
