"""Straight to management (N13): raised, answered, decided, delegated, taken back; who may, when, who is told, who sees it, what it costs."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from yingxu.base import clock
from yingxu.base.errors import Gone, Invalid, NotAllowed, WrongMoment
from yingxu.deadlines import climbing, jobs
from yingxu.needs import actions, controls, queries
from yingxu.needs.models import Raise
from yingxu.needs.queries import management
from yingxu.needs.states import Outcome, State

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
ASKED = "能不能按 42 万放款？"


@pytest.fixture
def asked(story):
    def make(state=State.HANDLING, who="顾一鸣", **more):
        need = story.at(state)
        actions.raise_to_management(need, by=story.by(who), question=ASKED, **more)
        return story.fresh(need.number)

    return make


def told(need):
    return {e.event.partition(".")[2]: e.tell for e in need.matter.entries.order_by("id")}


def test_anybody_at_the_front_raises_and_management_is_told(story, asked):
    need = asked(why="客户今晚的飞机", recommendation="按 40 万")
    found = management.open_raise(need)
    boss = story.world.user("陆砚秋")
    assert (found.state, found.by.name, found.holder, found.to) == ("waiting", "顾一鸣", boss, None)
    assert (found.why, found.recommendation, found.waits) == ("客户今晚的飞机", "按 40 万", False)
    assert found.clock.step == "management" and found.clock.asked == boss and found.clock.outcome == "running"
    assert told(need)["raised_to_management"] == [boss.pk]
    assert ASKED in need.matter.notes.get(entry__event="needs.raised_to_management").body


def test_raising_refuses(story, asked):
    need = story.at(State.HANDLING)
    with pytest.raises(Invalid):
        actions.raise_to_management(need, by=story.by("顾一鸣"), question=" ")
    with pytest.raises(Invalid):
        actions.raise_to_management(need, by=story.by("顾一鸣"), question=ASKED, to=story.world.user("江听雨"))
    with pytest.raises(NotAllowed):
        actions.raise_to_management(need, by=story.by("方屿"), question=ASKED)
    with pytest.raises(NotAllowed):
        actions.raise_to_management(need, by=story.by("严守拙"), question=ASKED)
    with pytest.raises(WrongMoment):
        actions.raise_to_management(story.at(State.CLOSED), by=story.by("沈岚"), question=ASKED)
    again = asked()
    with pytest.raises(WrongMoment, match="顾一鸣"):
        actions.raise_to_management(again, by=story.by("沈岚"), question="还有一问")
    with pytest.raises(IntegrityError), transaction.atomic():
        Raise.objects.create(need=again, question="绕过去", by=story.world.user("沈岚"), at=clock.now())


def test_who_watches_may_raise_too(story):
    """A colleague who was asked to look may go straight to management as well."""
    need = story.at(State.HANDLING)
    actions.note(need, by=story.by("顾一鸣"), text="@方屿 请看库房记录")
    actions.raise_to_management(need, by=story.by("方屿"), question="库房要不要先封存？")
    assert management.open_raise(need).by.name == "方屿"


def test_a_decision_stays_on_the_need(story, asked, enter):
    need = asked()
    actions.decide(need, by=story.by("陆砚秋"), text="按 40 万放，收据留存。")
    found = management.raises_of(need)[0]
    assert (found.state, found.words, found.ended_by.name) == ("decided", "按 40 万放，收据留存。", "陆砚秋")
    assert found.clock.outcome == "met" and need.matter.clocks.filter(step="management", outcome="running").count() == 0
    assert story.world.user("顾一鸣").pk in told(need)["management_decided"]
    page = enter("沈岚").get(reverse("needs:detail", args=[need.number])).content.decode()
    side, story_ = page.partition('<aside id="side"')[2], page.partition('<div class="story"')[2]
    assert "管理层的决定" in side and "按 40 万放，收据留存。" in side and "按 40 万放，收据留存。" in story_
    with pytest.raises(WrongMoment):
        actions.decide(need, by=story.by("陆砚秋"), text="改主意了")


def test_several_over_time_are_all_kept(story, asked):
    need = asked()
    actions.answer_raise(need, by=story.by("陆砚秋"), text="先问清来源。")
    actions.raise_to_management(need, by=story.by("沈岚"), question="来源问清了，放不放？")
    actions.decide(need, by=story.by("陆砚秋"), text="放。")
    assert [(r.state, r.words) for r in management.raises_of(need)] == [("decided", "放。"), ("answered", "先问清来源。")]


def test_nobody_decides_what_they_raised(story):
    need = story.at(State.HANDLING)
    with pytest.raises(WrongMoment):
        actions.raise_to_management(need, by=story.by("陆砚秋"), question="我自己问自己")
    actions.raise_to_management(need, by=story.by("江听雨"), question=ASKED)
    actions.delegate(need, by=story.by("陆砚秋"), to=story.world.user("秦望舒"), due_on=clock.today())
    for verb in (actions.decide, actions.answer_raise):
        with pytest.raises(NotAllowed):
            verb(need, by=story.by("江听雨"), text="我定")
    with pytest.raises(IntegrityError), transaction.atomic():
        Raise.objects.filter(need=need).update(state="decided", ended_at=clock.now(), ended_by=story.world.user("江听雨"))


def test_the_one_it_is_delegated_to_decides_and_the_chain_is_kept(story, asked):
    need = asked()
    boss, head = story.by("陆砚秋"), story.by("许清和")
    with pytest.raises(NotAllowed):
        actions.decide(need, by=head, text="还没轮到我")
    with pytest.raises(Gone):
        queries.find(need.number, head)
    until = clock.today() + timedelta(days=2)
    actions.delegate(need, by=boss, to=story.world.user("许清和"), due_on=until, text="你看库房能不能配合")
    found = management.open_raise(need)
    assert (found.state, found.holder.name) == ("delegated", "许清和")
    assert found.clock.asked.name == "许清和" and clock.today() < found.clock.due_at.date() <= until
    assert need.matter.clocks.filter(step="management", outcome="met").count() == 1  # management acted in time
    assert story.world.user("许清和").pk in told(need)["raise_delegated"]
    assert queries.find(need.number, head).pk == need.pk
    actions.delegate(need, by=head, to=story.world.user("方屿"), due_on=until)
    actions.decide(need, by=story.by("方屿"), text="配合。")
    chain = [(d.by.name, d.to.name) for d in management.raises_of(need)[0].delegations.all()]
    assert chain == [("陆砚秋", "许清和"), ("许清和", "方屿")]
    assert {boss.user_id, head.user_id, story.world.user("顾一鸣").pk} <= set(told(need)["management_decided"])


def test_delegating_refuses(story, asked):
    need, boss = asked(), story.by("陆砚秋")
    later = clock.today() + timedelta(days=1)
    for who in ("顾一鸣", "陆砚秋"):  # who raised it, who has it
        with pytest.raises(Invalid):
            actions.delegate(need, by=boss, to=story.world.user(who), due_on=later)
    with pytest.raises(Invalid):
        actions.delegate(need, by=boss, to=story.world.user("江听雨"), due_on=clock.today() - timedelta(days=1))
    actions.amend(need, by=story.by("沈岚"), version=need.version, changes={"secrecy": 2})
    with pytest.raises(Invalid):
        actions.delegate(story.fresh(need.number), by=boss, to=story.world.user("方屿"), due_on=later)
    with pytest.raises(NotAllowed):
        actions.delegate(need, by=story.by("江听雨"), to=story.world.user("秦望舒"), due_on=later)
    with pytest.raises(WrongMoment):
        actions.delegate(story.at(State.HANDLING), by=boss, to=story.world.user("江听雨"), due_on=later)


def test_only_who_raised_it_takes_it_back(story, asked):
    need = asked()
    with pytest.raises(NotAllowed, match="顾一鸣"):
        actions.withdraw_raise(need, by=story.by("沈岚"), reason="算了")
    with pytest.raises(Invalid):
        actions.withdraw_raise(need, by=story.by("顾一鸣"), reason="")
    actions.withdraw_raise(need, by=story.by("顾一鸣"), reason="客户改了主意")
    assert management.open_raise(need) is None and told(need)["raise_withdrawn"] == [story.world.user("陆砚秋").pk]
    with pytest.raises(WrongMoment):
        actions.withdraw_raise(need, by=story.by("顾一鸣"), reason="再来一次")
    with pytest.raises(NotAllowed):
        actions.answer_raise(need, by=story.by("沈岚"), text="不归我")
    with pytest.raises(WrongMoment):
        actions.answer_raise(need, by=story.by("陆砚秋"), text="晚了")


def test_the_work_goes_on_unless_the_result_has_to_wait(story, asked):
    """Decision 0017: an open question stops nothing but the result, and that only where its raiser said so."""
    actions.submit(asked(), by=story.by("顾一鸣"), done="看过了", answer="维持原价")
    need = asked(waits=True)
    actions.progress(need, by=story.by("顾一鸣"), text="继续谈")
    offer = next(o for o in [*queries.offers(need, story.by("顾一鸣"), plan=queries.plans(need)[0]).beside,
                             queries.offers(need, story.by("顾一鸣"), plan=queries.plans(need)[0]).primary] if o.verb == "submit")  # fmt: skip
    assert ASKED in offer.reason
    with pytest.raises(WrongMoment, match="42 万"):
        actions.submit(need, by=story.by("顾一鸣"), done="看过了", answer="维持原价")
    actions.answer_raise(need, by=story.by("陆砚秋"), text="你们定。")
    assert actions.submit(need, by=story.by("顾一鸣"), done="看过了", answer="维持原价").state == State.REVIEW


def test_we_do_not_end_a_need_over_an_open_question(story, asked):
    shen, head = story.by("沈岚"), story.by("苏慕青")
    for end in (
        lambda n: actions.answer_now(n, by=shen, answer="好"),
        lambda n: actions.close(n, by=shen, outcome=Outcome.DECLINED, reason="不收"),
        lambda n: actions.merge(n, by=shen, into=story.register("另一件")),
        lambda n: actions.void(n, by=head, reason="登记错了"),
    ):
        need = asked(State.REGISTERED, "沈岚")
        with pytest.raises(WrongMoment):
            end(need)
        assert story.fresh(need.number).state == State.REGISTERED
        found = queries.offers(need, head)
        assert all(o.reason for o in [*found.beside, *found.more] if o.verb in ("answer", "close", "merge", "void"))


def test_the_customer_is_never_kept_waiting_and_the_question_lapses(story, asked):
    need = asked(State.CONFIRMATION, "沈岚")
    actions.confirm(need, by=story.by("沈岚"), rating=5, channel="phone", visit=False)
    found = management.raises_of(need)[0]
    assert (found.state, found.clock.outcome) == ("withdrawn", "cancelled") and story.fresh(need.number).state == State.CLOSED
    assert set(told(need)["raise_withdrawn"]) == {story.world.user("陆砚秋").pk}  # 沈岚, who acted, knows


def test_another_round_keeps_the_question_and_its_clock(story, asked):
    need = story.reject(asked(State.CONFIRMATION, "沈岚"))
    assert management.open_raise(need).state == "waiting" and need.matter.clocks.get(step="management").outcome == "running"
    watched = asked(State.REGISTERED, "沈岚")
    actions.watch(watched, by=story.by("沈岚"), review_on=clock.today() + timedelta(days=9))
    assert watched.matter.clocks.get(step="management").outcome == "running"


def test_management_that_is_late_is_told_like_everybody(story, asked):
    need = asked()
    due = management.open_raise(need).clock.due_at
    jobs.sweep(due + timedelta(minutes=1))
    late = need.matter.entries.get(event="deadlines.clock_breached", facts__step="management")
    assert late.facts["user_id"] == story.world.user("陆砚秋").pk and story.world.user("陆砚秋").pk in late.tell
    climb = need.matter.climbs.get(clock__step="management")
    assert climbing.people(climbing.rungs(climb)[0], climb) == [story.world.user("陆砚秋").pk]  # the ladder begins with who was asked
    with clock.at(due + timedelta(hours=3)):
        tally = controls.raise_answered(due - timedelta(days=9), clock.now(), None)
        assert (tally.applied, tally.kept, tally.failed) == (1, 0, 1) and tally.broken[0].matter_id == need.pk
        actions.decide(need, by=story.by("陆砚秋"), text="按 40 万。")
        assert management.raises_of(need)[0].clock.outcome == "breached"
        tally = controls.raise_answered(due - timedelta(days=9), clock.now(), None)
        assert (tally.applied, tally.kept, tally.failed) == (1, 1, 0)
        begin, end = due - timedelta(days=9), clock.now() + timedelta(minutes=1)
        assert controls.decided_by_another(begin, end, None).kept == controls.decision_on_the_need(begin, end, None).kept == 1


# ── the inbox ──


def url(name="management", *args):
    return reverse(f"needs:{name}", args=args)


def test_the_inbox_shows_what_waits_and_settles_it_in_place(story, asked, enter):
    need, boss = asked(why="客户今晚的飞机"), enter("陆砚秋")
    page = boss.get(url()).content.decode()
    assert ASKED in page and need.number in page and page.count("<h1>") == 1
    found = management.open_raise(need)
    pane = boss.get(url("raised", found.pk), **HTMX).content.decode()
    assert "<html" not in pane and "客户今晚的飞机" in pane and "作出决定" in pane and "交办" in pane
    assert boss.get(url("raised", found.pk)).content.decode().count("button primary") == 1
    sent = {"text": "按 40 万放。", "next": url()}
    assert boss.post(reverse("needs:act", args=[need.number, "decide"]), sent)["Location"] == url()
    assert "没有等你答复的事" in boss.get(url()).content.decode()
    assert ASKED in boss.get(url() + "?tab=decided").content.decode()


def test_the_front_line_sees_what_it_raised(story, asked, enter):
    need = asked()
    page = enter("顾一鸣").get(url()).content.decode()
    assert ASKED in page and "我提出的" in page
    assert ASKED not in enter("方屿").get(url() + "?tab=open").content.decode()
    assert enter("方屿").get(url("raised", management.open_raise(need).pk)).status_code == 404
    assert enter("管鹿鸣").get(url()).status_code == 403


def test_secrecy_hides_it_everywhere(story, asked, enter):
    """S5: above the clearance a question is not there, not even counted."""
    need = asked()
    pk = management.open_raise(need).pk
    actions.amend(need, by=story.by("沈岚"), version=need.version, changes={"secrecy": 2})
    by = story.by("叶知秋")
    assert management.raise_counts(by, management.RaiseFilters(tab="open"))["total"] == 0
    with pytest.raises(Gone):
        management.raised(pk, by)


def test_filters_sorts_and_tabs(story, asked, enter):
    first, second = asked(), asked(State.REGISTERED, "沈岚")
    actions.delegate(first, by=story.by("陆砚秋"), to=story.world.user("秦望舒"), due_on=clock.today())
    boss = enter("陆砚秋")
    for query, seen in {
        "?tab=waiting": {second}, "?tab=delegated": {first}, "?tab=open": {first, second}, "?tab=open&state=delegated": {first},
        "?tab=open&category=none": {second}, "?tab=open&q=" + first.number: {first}, "?tab=open&from=2020-01-01&to=2020-02-01": set(), "?tab=open&late=1": set(),
        f"?tab=open&department={story.world.department('pawn').pk}": {first}, "?tab=decided": set(),
    }.items():  # fmt: skip
        for sort in ("", *management.SORTS):
            page = boss.get(url() + query + (f"&sort={sort}" if sort else "")).content.decode()
            assert {n for n in (first, second) if f'data-row="{n.number}"' in page} == seen, (query, sort)
    for wrong in ("?tab=nothing", "?x=1", "?state=nothing", "?category=x", "?department=x", "?from=x", "?sort=x", "?size=x", "?cursor=x"):
        assert boss.get(url() + wrong).status_code == 422, wrong
    assert "符合" in boss.get(url() + "?tab=open&q=没有这个").content.decode()
    assert boss.get(url("management_filter") + "?tab=open&state=delegated", **HTMX).status_code == 200


def test_a_second_page(story, asked, enter):
    for _each in range(3):
        asked(State.REGISTERED, "沈岚")
    boss = enter("陆砚秋")
    first = boss.get(url() + "?size=2")
    assert first.content.decode().count("data-row=") == 2 and 'rel="next"' in first.content.decode()
    found = management.raise_list(story.by("陆砚秋"), management.RaiseFilters(size=2))
    rest = management.raise_list(story.by("陆砚秋"), management.RaiseFilters(size=2, cursor=found.next))
    assert len(rest.rows) == 1 and not {r["id"] for r in rest.rows} & {r["id"] for r in found.rows}


def test_many_at_once(story, asked, enter):
    """Bulk: what cannot be done is listed with its reason, the rest is done."""
    mine, theirs, done = asked(), asked(State.REGISTERED, "沈岚"), asked(State.REGISTERED, "沈岚")
    actions.decide(done, by=story.by("陆砚秋"), text="好")
    boss, rows = enter("陆砚秋"), [n.number for n in (mine, theirs, done)]
    form = boss.post(url("bulk"), {"act": "delegate", "row": rows, "next": url()})
    assert form.status_code == 200 and "交办" in form.content.decode()
    sent = {"act": "delegate", "row": rows, "go": "1", "to": "秦望舒", "due_on": "2026-03-20", "next": url()}
    answer = boss.post(url("bulk"), sent).content.decode()
    assert done.number in answer and mine.number not in answer
    assert {management.open_raise(n).holder.name for n in (mine, theirs)} == {"秦望舒"}
    sent = {"act": "advise", "row": rows[:2], "go": "1", "text": "按老规矩办。", "next": url()}
    assert enter("秦望舒").post(url("bulk"), sent).status_code == 302
    assert set(Raise.objects.filter(need__in=[mine, theirs]).values_list("state", flat=True)) == {"answered"}


def test_the_list_leaves_as_a_file(story, asked, enter):
    asked()
    answer = enter("陆砚秋").post(url("management_export"), {"query": "tab=waiting", "kind": "csv"})
    assert ASKED in b"".join(answer.streaming_content).decode("utf-8-sig")
    assert enter("陆砚秋").post(url("management_export"), {"query": "tab=waiting", "kind": "xlsx"}).status_code == 200
    assert enter("顾一鸣").post(url("management_export"), {"query": ""}).status_code == 403


def test_one_key_from_everywhere(story, asked, enter):
    need, client = story.at(State.HANDLING), enter("顾一鸣")
    for page in (client.get(reverse("needs:detail", args=[need.number])), client.get(reverse("needs:preview", args=[need.number]), **HTMX)):
        assert 'data-key="u"' in page.content.decode()
    assert client.get(url("raise")).status_code == 200
    assert client.post(url("raise"), {"number": need.number})["Location"] == reverse("needs:act", args=[need.number, "raise"])
    assert client.post(url("raise"), {"number": "2026-999999"}).status_code == 422
    assert 'data-combo="alt+u"' in enter("沈岚").get(reverse("intake:new")).content.decode()
    here = {"HTTP_HX_CURRENT_URL": "http://testserver" + reverse("needs:detail", args=[need.number]), **HTMX}
    found = client.get(reverse("desk:palette") + "?q=直报", **here).content.decode()
    assert reverse("needs:act", args=[need.number, "raise"]) in found
    unseen = enter("方屿").get(reverse("desk:palette") + "?q=直报", **here).content.decode()
    assert need.number not in unseen


def test_saving_and_raising_in_one_press(story, enter):
    client = enter("沈岚")
    drawn = client.get(reverse("intake:new")).content.decode()
    hidden = {name: re.search(rf'name="{name}" value="([^"]+)"', drawn)[1] for name in ("nonce", "began")}
    sent = {"channel": "phone", "kind": "consultation", "body": "希望周末也能办续当。", "f-scope": "其他", "phone": "13900004244", "act": "raise", **hidden}
    answer = client.post(reverse("intake:new"), sent)
    assert answer.status_code == 302, re.findall(r'class="notice bad.*?</div>', answer.content.decode(), re.S)
    to = answer["Location"]
    assert "/raise/?next=" in to and client.get(to).status_code == 200


@pytest.mark.parametrize("path", ["", "?tab=decided", "?tab=open&q=42"])
def test_the_inbox_costs_the_same_whatever_its_rows(story, asked, enter, django_assert_max_num_queries, path):
    for at in range(4):
        need = asked(State.REGISTERED, "沈岚")
        if at % 2:
            actions.decide(need, by=story.by("陆砚秋"), text="好")
    boss = enter("陆砚秋")
    boss.get(url() + path)
    with django_assert_max_num_queries(14):
        boss.get(url() + path)


def test_the_nav_counts_it_and_the_rail_has_a_dot(story, asked, enter):
    boss = enter("陆砚秋")
    calm = boss.get(reverse("needs:index")).content.decode()
    asked()
    page = boss.get(reverse("needs:index")).content.decode()
    assert "直报管理层" in page and calm.count('class="dot"') < page.count('class="dot"')
