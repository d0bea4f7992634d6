"""Asking, signing, sending back, handing on (issue 4, A9): done, refused, wrong moment, stated once."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from yingxu.approvals import actions, queries, rules
from yingxu.approvals.models import Chain, Request, Round, Seat, State, Step
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Gone, Invalid, NotAllowed, WrongMoment
from yingxu.matters.models import Entry
from yingxu.people import actions as people
from yingxu.people.models import Grant

from .conftest import SUBJECT

pytestmark = pytest.mark.django_db


def stated(request: Request) -> list[str]:
    rows = Entry.objects.filter(event__startswith="approvals.", facts__request=request.pk).order_by("id")
    return [name.removeprefix("approvals.") for name in rows.values_list("event", flat=True)]


def told(request: Request, event: str) -> set[int]:
    return set(Entry.objects.filter(event=f"approvals.{event}", facts__request=request.pk).latest("id").tell)


def fresh(request: Request) -> Request:
    return Request.objects.get(pk=request.pk)


def signers(request: Request, state: str = Seat.State.WAITING) -> set[str]:
    return set(request.seats.filter(state=state, step__state=Step.State.OPEN).values_list("user__name", flat=True))


def test_asked_signed_granted(desk):
    request = desk.ask()
    assert (request.state, request.asked_by.name, signers(request)) == (State.OPEN, "沈岚", {"秦望舒"})
    assert stated(request) == ["approval_asked"] and told(request, "approval_asked") == {desk.user("秦望舒").pk}
    desk.approve(request, "秦望舒", words="同意")
    request = fresh(request)
    assert request.state == State.GRANTED and request.ended_at == clock.now()
    assert stated(request) == ["approval_asked", "approval_signed", "approval_granted"]
    entry = Entry.objects.get(event="approvals.approval_granted")
    assert entry.personal["subject"] == SUBJECT and entry.facts["chain"] == "archives.lower" and "subject" not in entry.facts
    assert told(request, "approval_granted") == {desk.user("沈岚").pk}
    assert queries.granted(request, SUBJECT) and not queries.granted(request, {**SUBJECT, "level": 0}), "what was approved is exactly this"


def test_steps_come_one_after_the_other(desk):
    request = desk.ask("archives.consult", by="顾一鸣")
    assert signers(request) == {"江听雨"}, "the requester's own head"
    with pytest.raises(NotAllowed):
        desk.approve(request, "苏慕青")
    desk.approve(request, "江听雨")
    assert signers(request) == {"苏慕青"} and told(request, "approval_passed_on") == {desk.user("苏慕青").pk}
    with pytest.raises(WrongMoment):
        desk.approve(request, "江听雨")
    desk.approve(request, "苏慕青")
    assert fresh(request).state == State.GRANTED


def test_a_head_is_not_their_own_head(desk):
    assert signers(desk.ask("archives.consult", by="江听雨")) == {"陆砚秋"}, "the nearest head above"


def test_the_requester_never_signs(desk):
    desk.role("沈岚", "response-lead")
    request = desk.ask()
    assert signers(request) == {"秦望舒"}
    with pytest.raises(NotAllowed):
        desk.approve(request, "沈岚")
    actions.name_deputy(by=desk.by("秦望舒"), deputy=desk.user("沈岚"), begins_at=clock.now(), ends_at=clock.now() + timedelta(days=1))
    with pytest.raises(NotAllowed):
        desk.approve(request, "沈岚")


def test_a_stranger_learns_nothing(desk):
    request = desk.ask()
    for act in (lambda by: actions.approve(request, by=by), lambda by: actions.refuse(request, by=by, reason="不"), lambda by: actions.withdraw(request, by=by, reason="不")):
        with pytest.raises(NotAllowed):
            act(desk.by("方屿"))
    with pytest.raises(Gone):
        queries.find(request.pk, desk.by("方屿"))


def test_refused_with_its_reason(desk):
    request = desk.ask()
    with pytest.raises(Invalid):
        actions.refuse(request, by=desk.by("秦望舒"), reason=" ", proof=desk.proof("秦望舒"))
    actions.refuse(request, by=desk.by("秦望舒"), reason="范围太大", proof=desk.proof("秦望舒"))
    request = fresh(request)
    assert request.state == State.REFUSED and stated(request)[-1] == "approval_refused"
    assert request.rounds.get().reason == "范围太大" and told(request, "approval_refused") == {desk.user("沈岚").pk}
    with pytest.raises(WrongMoment):
        desk.approve(request, "秦望舒")


def test_sent_back_changed_and_asked_again(desk):
    request = desk.ask("archives.consult", by="顾一鸣", key="1", subject={"facts": [["期限", "一年"]]})
    desk.approve(request, "江听雨")
    actions.send_back(request, by=desk.by("苏慕青"), reason="期限写短一点")
    request = fresh(request)
    assert request.state == State.SENT_BACK and not signers(request)
    with pytest.raises(NotAllowed):
        actions.resubmit(request, by=desk.by("江听雨"), words="不是我的")
    with pytest.raises(Invalid):
        actions.resubmit(request, by=desk.by("顾一鸣"))
    again = desk.ask("archives.consult", by="顾一鸣", key="1", subject={"facts": [["期限", "三天"]]})
    assert (again.pk, again.state, again.rounds_made) == (request.pk, State.OPEN, 2), "the room asks with the same key: the next round"
    assert signers(again) == {"江听雨"}, "every signature anew"
    assert [r.subject["facts"][0][1] for r in again.rounds.all()] == ["一年", "三天"]
    for name in ("江听雨", "苏慕青"):
        desk.approve(again, name)
    assert fresh(again).state == State.GRANTED and queries.subject_of(again) == {"facts": [["期限", "三天"]]}
    with pytest.raises(WrongMoment):
        actions.resubmit(fresh(again), by=desk.by("顾一鸣"), words="再来")


def test_asked_once(desk):
    first = desk.ask(key="level:1")
    assert desk.ask(key="level:1").pk == first.pk and Round.objects.count() == 1
    with pytest.raises(WrongMoment):
        desk.ask(key="level:1", subject={"level": 0})
    assert desk.ask(key="level:2").pk != first.pk
    with pytest.raises(Invalid, match="archives.nothing"):
        desk.ask("archives.nothing")


def test_what_was_asked_is_frozen(desk):
    request = desk.ask()
    with pytest.raises(DatabaseError), transaction.atomic():
        Round.objects.filter(request=request).update(subject={"level": 0})
    with pytest.raises(DatabaseError), transaction.atomic():
        Round.objects.filter(request=request).update(digest="0" * 64)


def test_withdrawn_and_lapsed(desk):
    request = desk.ask()
    with pytest.raises(Invalid):
        actions.withdraw(request, by=desk.by("沈岚"), reason="")
    actions.withdraw(request, by=desk.by("沈岚"), reason="不降了")
    assert fresh(request).state == State.WITHDRAWN and told(request, "approval_withdrawn") == {desk.user("秦望舒").pk}
    with pytest.raises(WrongMoment):
        actions.withdraw(request, by=desk.by("沈岚"), reason="再撤")
    other = desk.ask()
    with transaction.atomic():
        actions.lapse(other, reason="档案已销毁")
        actions.take_back(other, by=SYSTEM, reason="没有了")
    assert fresh(other).state == State.LAPSED and stated(other)[-1] == "approval_lapsed"


def test_different_people(desk):
    for name in ("秦望舒", "苏慕青"):
        desk.role(name, "executive")
    request = desk.ask("archives.destroy")
    desk.approve(request, "秦望舒")
    desk.approve(request, "苏慕青")
    assert signers(request) == {"陆砚秋"}, "who has signed is not asked again, though they hold the role"
    with pytest.raises((NotAllowed, WrongMoment)):
        desk.approve(request, "秦望舒")
    desk.approve(request, "陆砚秋")
    assert fresh(request).state == State.GRANTED


def test_password_where_the_chain_asks(desk):
    request = desk.ask()
    with pytest.raises(Invalid) as refused:
        actions.approve(request, by=desk.by("秦望舒"))
    assert "password" in refused.value.fields
    with pytest.raises(Invalid):
        actions.approve(request, by=desk.by("秦望舒"), proof=desk.proof("苏慕青"))
    old = desk.proof("秦望舒")
    with clock.at(clock.now() + timedelta(minutes=3)), pytest.raises(Invalid):
        actions.approve(request, by=desk.by("秦望舒"), proof=old)
    desk.approve(request, "秦望舒")
    assert Seat.objects.get(request=request).proof == "password"


def test_handed_on(desk):
    desk.chain("t.one", desk.person("苏慕青"))
    request = desk.ask("t.one", by="顾一鸣")
    for wrong in ("顾一鸣", "苏慕青"):
        with pytest.raises(Invalid):
            actions.delegate(request, by=desk.by("苏慕青"), to=desk.user(wrong), reason="外出")
    actions.delegate(request, by=desk.by("苏慕青"), to=desk.user("沈岚"), reason="外出")
    assert signers(request) == {"沈岚"} and told(request, "approval_delegated") == {desk.user(n).pk for n in ("沈岚", "顾一鸣")}
    with pytest.raises(WrongMoment):
        desk.approve(request, "苏慕青")
    desk.approve(request, "沈岚")
    assert fresh(request).state == State.GRANTED


def test_added_beside_must_agree_too(desk):
    desk.chain("t.one", desk.person("苏慕青"))
    request = desk.ask("t.one", by="顾一鸣")
    actions.add_approver(request, by=desk.by("苏慕青"), who=desk.user("江听雨"), where="beside", reason="业务口径")
    desk.approve(request, "苏慕青")
    assert fresh(request).open and signers(request) == {"江听雨"}
    desk.approve(request, "江听雨")
    assert fresh(request).state == State.GRANTED


def test_added_before_and_after(desk):
    desk.chain("t.one", desk.person("苏慕青"))
    request = desk.ask("t.one", by="顾一鸣")
    actions.add_approver(request, by=desk.by("苏慕青"), who=desk.user("秦望舒"), where="after", reason="知会")
    actions.add_approver(request, by=desk.by("苏慕青"), who=desk.user("江听雨"), where="before", reason="先看")
    for name in ("江听雨", "苏慕青", "秦望舒"):
        assert signers(request) == {name} and fresh(request).open
        desk.approve(request, name)
    assert fresh(request).state == State.GRANTED
    with pytest.raises(WrongMoment):
        actions.add_approver(request, by=desk.by("秦望舒"), who=desk.user("沈岚"), where="after", reason="晚了")


def test_a_deputy_signs_for_whom(desk):
    request = desk.ask()
    now = clock.now()
    actions.name_deputy(by=desk.by("秦望舒"), deputy=desk.user("苏慕青"), begins_at=now - timedelta(hours=1), ends_at=now + timedelta(days=2), reason="出差")
    assert [r.pk for r in queries.waiting_for(desk.by("苏慕青"))] == [request.pk]
    desk.approve(request, "苏慕青")
    seat = Seat.objects.get(request=request)
    assert (seat.user.name, seat.signed_by.name) == ("秦望舒", "苏慕青")
    assert Entry.objects.get(event="approvals.approval_signed").facts["instead"] == "秦望舒"
    assert desk.user("秦望舒").pk in told(request, "approval_signed"), "who was away hears of it"


def test_a_deputy_sees_only_what_they_may_see(desk):
    matter = desk.matter
    matter.secrecy = 3
    matter.save()
    now = clock.now()
    actions.name_deputy(by=desk.by("秦望舒"), deputy=desk.user("苏慕青"), begins_at=now, ends_at=now + timedelta(days=2))
    request = desk.ask(by="陆砚秋")
    assert signers(request) == {"秦望舒"} and told(request, "approval_asked") == {desk.user("秦望舒").pk}
    assert not queries.waiting_for(desk.by("苏慕青")).exists()
    with pytest.raises(Gone):
        desk.approve(request, "苏慕青")


def test_deputies_are_named_and_ended(desk):
    now, by = clock.now(), desk.by("秦望舒")
    given = {"deputy": desk.user("苏慕青"), "begins_at": now, "ends_at": now + timedelta(days=2)}
    for wrong in ({"deputy": desk.user("秦望舒")}, {"ends_at": now - timedelta(days=1)}, {"ends_at": now + timedelta(days=400)}):
        with pytest.raises(Invalid):
            actions.name_deputy(by=by, **{**given, **wrong})
    with pytest.raises(NotAllowed):
        actions.name_deputy(by=by, user=desk.user("江听雨"), **given)
    row = actions.name_deputy(by=by, **given)
    with pytest.raises(Invalid):
        actions.name_deputy(by=by, **given)
    request = desk.ask()
    with pytest.raises(NotAllowed):
        actions.end_deputy(row, by=desk.by("江听雨"))
    actions.end_deputy(row, by=by)
    with pytest.raises(NotAllowed):
        desk.approve(request, "苏慕青")
    with pytest.raises(WrongMoment):
        actions.end_deputy(row, by=by)


def test_nobody_can_sign(desk):
    """It stands, the administrators are told once, and it goes on as soon as somebody holds the role."""
    Grant.objects.filter(role__code="response-lead").update(ends_at=clock.now())
    request = desk.ask()
    assert fresh(request).open and not signers(request) and stated(request) == ["approval_asked", "approval_vacant"]
    assert told(request, "approval_vacant") == {desk.user("管鹿鸣").pk, desk.user("沈岚").pk}
    step = Step.objects.get(round__request=request)
    with transaction.atomic():
        actions.look_over(step, request)
    assert stated(request).count("approval_vacant") == 1 and fresh(request).open
    desk.role("苏慕青", "response-lead")
    with transaction.atomic():
        actions.look_over(Step.objects.select_related("round").get(pk=step.pk), request)
    assert signers(request) == {"苏慕青"} and Step.objects.get(pk=step.pk).vacant_at is None


def test_who_lost_the_role_signs_no_longer(desk):
    request = desk.ask()
    Grant.objects.filter(role__code="response-lead", user=desk.user("秦望舒")).update(ends_at=clock.now())
    desk.role("秦望舒", "clerk")
    with pytest.raises(NotAllowed, match="秦望舒"):
        desk.approve(request, "秦望舒")
    with transaction.atomic():
        actions.look_over(Step.objects.select_related("round").get(round__request=request), request)
    assert not signers(request) and "signer_left" in stated(request) and "approval_vacant" in stated(request)


def test_who_may_not_see_is_not_asked(desk):
    desk.role("方屿", "response-lead")
    desk.matter.secrecy = 2
    desk.matter.save()
    assert signers(desk.ask()) == {"秦望舒"}


def test_without_a_matter(desk):
    request = desk.ask("archives.lower", on=None)
    assert signers(request) == {"秦望舒"} and queries.find(request.pk, desk.by("秦望舒")) == request
    desk.approve(request, "秦望舒")
    assert fresh(request).state == State.GRANTED


def test_a_stale_page_signs_nothing(desk):
    desk.chain("t.two", desk.person("苏慕青"), desk.person("苏慕青"))
    request = desk.ask("t.two", by="顾一鸣")
    seen = queries.mine_at(request, desk.by("苏慕青"))[0].pk
    desk.approve(request, "苏慕青", step=seen)
    with pytest.raises(WrongMoment):
        desk.approve(request, "苏慕青", step=seen)
    assert fresh(request).open


def test_chains_are_set(desk):
    chain = Chain.objects.get(code="archives.consult")
    steps = [{"name": "总经理", "who": "role", "code": "executive", "needed": "majority", "within": "2h"}]
    with pytest.raises(NotAllowed):
        actions.set_chain(chain, by=desk.by("沈岚"), steps=steps, distinct=True)
    for wrong in ([], [{**steps[0], "code": "nobody"}], [{**steps[0], "who": "head"}], [{**steps[0], "within": "soon"}], [{**steps[0], "name": ""}]):
        with pytest.raises(Invalid):
            actions.set_chain(chain, by=desk.by("管鹿鸣"), steps=wrong, distinct=True)
    running = desk.ask("archives.consult", by="顾一鸣")
    actions.set_chain(chain, by=desk.by("管鹿鸣"), steps=steps, distinct=True, lapse_days=3)
    assert signers(running) == {"江听雨"}, "what is being signed goes on as it began"
    new = desk.ask("archives.consult", by="顾一鸣")
    assert signers(new) == {"陆砚秋"} and new.lapses_at == clock.now() + timedelta(days=3)
    assert Entry.objects.filter(event="approvals.chain_changed").exists()


def test_rules_say_the_same_in_sql(desk):
    """VIEW and SIGN as `allows` and as `where` (S2)."""
    requests = [desk.ask(), desk.ask("archives.consult", by="顾一鸣"), desk.ask(on=None)]
    people.grant(desk.user("沈岚"), desk.user("秦望舒").grants.first().role, by=SYSTEM)
    for rule in (rules.VIEW, rules.SIGN, rules.ASK):
        for name in ("沈岚", "顾一鸣", "秦望舒", "苏慕青", "江听雨", "陆砚秋", "严守拙", "管鹿鸣", "方屿"):
            by = desk.by(name)
            found = set(Request.objects.filter(rule.where(by)))
            assert found == {r for r in requests if rule.allows(by, r)}, (rule.name, name)
