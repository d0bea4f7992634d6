"""One need over HTTP (N18): head, steps, story, composer, side, preview, print; who sees what and what it costs."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.world import words_leave
from yingxu.base import clock
from yingxu.deadlines import actions as deadlines
from yingxu.matters import actions as matters
from yingxu.matters.models import Draft
from yingxu.needs import actions, queries
from yingxu.needs.states import State
from yingxu.needs.tests.test_actions_edit import picture

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def url(need, name="detail", *more):
    return reverse(f"needs:{name}", args=[need.number, *more])


def read(client, need, query="", **more):
    answer = client.get(url(need) + query, **more)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("state", list(State))
def test_the_page_of_every_state(story, enter, state):
    """ui.md §6: at most one primary act, and it is the state's own for who may do it."""
    need = story.at(state)
    page = read(enter("沈岚" if state not in (State.ACCEPTANCE, State.HANDLING) else "顾一鸣"), need)
    head = page.partition('<header class="case"')[2].partition("</header>")[0]
    primary = {
        State.REGISTERED: "评估并分派", State.TRIAGE: "定类别并分派", State.REOPENED: "重新评估", State.WATCHING: "取出来办理", State.ASSIGNMENT: "分派",
        State.ACCEPTANCE: "接收并写方案", State.HANDLING: "提交处理结果", State.REVIEW: "通过并反馈", State.FEEDBACK: "反馈客户",
        State.CONFIRMATION: "代客户记录确认", State.VISIT: "记录回访",
    }.get(state)  # fmt: skip
    assert head.count("button primary") == (1 if primary else 0) and (primary or "") in head
    assert page.count("<h1>") == 1 and need.number in page
    assert ("登记关联需求" in head) == (state not in (State.MERGED, State.VOID))


def test_what_may_not_be_done_yet_says_why(story, enter):
    need = story.at(State.HANDLING, planned=False)
    story.node(need)
    page = read(enter("顾一鸣"), need)
    assert 'aria-disabled="true" title="还有 1 项任务没完成。"' in page and "记录进展" in page


def test_acts_of_others_are_absent(story, enter):
    head = read(enter("严守拙"), story.at(State.HANDLING)).partition('<header class="case"')[2].partition("</header>")[0]
    assert "button primary" not in head and "转派" not in head and "作废" not in head


def test_nine_steps_say_when_and_who(story, enter):
    page = read(enter("沈岚"), story.at(State.HANDLING))
    steps = page.partition('<ol class="steps"')[2].partition("</ol>")[0]
    assert steps.count("<li") == 9 and steps.count('class="done"') == 4 and steps.count("aria-current") == 1
    for word in ("沈岚", "重要", "典当业务部", "顾一鸣", "客户服务部"):
        assert word in steps, word


def test_the_story_tells_everything_once_and_filters_say_what_they_hide(story, enter):
    need = story.reject(story.at(State.CONFIRMATION))
    actions.note(need, by=story.by("沈岚"), text="@苏慕青 请看一下")
    client = enter("沈岚")
    page = read(client, need)
    for word in ("翡翠手镯想当 42 万", "重看实物", "维持 36 万元。", "没有换人重看", "不满意，进入第 2 轮", "第 2 轮", '<b class="good-ink">@苏慕青</b>', "看第 1 轮"):
        assert word in page, word
    assert page.index("翡翠手镯想当") < page.index("重看实物") < page.index("没有换人重看")
    inside = read(client, need, "?tab=internal", **HTMX)
    assert "请看一下" in inside and "重看实物" not in inside and "没有显示" in inside and "<html" not in inside
    first = read(client, need, "?round=1", **HTMX)
    assert "没有换人重看" in first and "请看一下" not in first and "只显示第 1 轮" in first
    assert "请看一下" in read(client, need, "?tab=nonsense&round=x")


def test_markup_in_words_stays_words(story, enter):
    need = story.register("<script>alert(1)</script> <b>粗</b>", title="<img src=x>")
    actions.note(need, by=story.by("沈岚"), text="@<b>x</b> <i>i</i>")
    page = read(enter("沈岚"), need)
    assert "<script>alert" not in page and "<img src=x>" not in page and "<i>i</i>" not in page and "&lt;script&gt;" in page


def test_clocks_and_their_arithmetic(story, enter):
    need = story.at(State.HANDLING)
    with clock.at(clock.now() + timedelta(days=6)):
        page = read(enter("顾一鸣"), need)
        assert "超 " in page and '<div class="section">' in page and "目标 3 天" in page
        assert 'class="late"' in page.partition('<ol class="steps"')[2]


def test_more_time_is_asked_for_and_decided_by_another(story, enter):
    need = story.at(State.HANDLING)
    running = need.matter.clocks.get(step="handling")
    asked = deadlines.request_extension(running, by=story.by("顾一鸣"), until=running.due_at + timedelta(days=2), reason="等检测")
    assert "decide" not in url(need) and "extensions" not in read(enter("顾一鸣"), need)
    assert "等检测" in read(enter("江听雨"), need) and f"/extensions/{asked.pk}/" in read(enter("江听雨"), need)
    assert enter("顾一鸣").post(url(need, "decide", asked.pk), {"granted": "1"}).status_code == 404
    assert enter("江听雨").post(url(need, "decide", asked.pk), {"granted": "0"}, **HTMX).status_code == 422
    done = enter("江听雨").post(url(need, "decide", asked.pk), {"granted": "1"}, **HTMX)
    asked.refresh_from_db()
    assert done.status_code == 200 and 'id="side"' in done.content.decode() and asked.decision == "granted"


def test_nodes_are_ticked_on_the_page(story, enter):
    need = story.at(State.HANDLING, planned=False)
    node = story.node(need)
    done = enter("顾一鸣").post(url(need, "tick", node.pk), {"done": "1"}, **HTMX).content.decode()
    node.refresh_from_db()
    assert node.done_at and 'id="side"' in done and 'id="story" hx-swap-oob="true"' in done and "1 / 1 完成" in done
    assert enter("顾一鸣").post(url(need, "tick", node.pk), {"done": "1"}, **HTMX).status_code == 409
    assert enter("顾一鸣").post(url(need, "tick", node.pk), {"done": "0"}).status_code == 302
    assert enter("严守拙").post(url(need, "tick", node.pk), {"done": "1"}).status_code == 403
    assert enter("方屿").post(url(need, "tick", node.pk), {"done": "1"}).status_code == 404
    assert enter("顾一鸣").post(url(need, "tick", 0), {"done": "1"}).status_code == 404


# ── composer ──


def test_three_ways_to_write(story, enter):
    need, client = story.at(State.HANDLING), enter("沈岚")
    for audience, voice in (("reply", "told"), ("internal", "internal"), ("heard", "said")):
        sent = {"audience": audience, "text": f"写给 {audience}", "channel": "wechat", "uploads": [picture()]}
        answer = client.post(url(need, "say"), sent, **HTMX)
        assert answer.status_code == 200 and f"写给 {audience}" in answer.content.decode()
        words_leave()
        assert need.matter.notes.latest("id").voice == voice
    assert list(need.matter.files.values_list("public", flat=True)) == [True, False, True]
    assert client.post(url(need, "say"), {"audience": "internal", "text": "没有脚本也行"}).status_code == 302


def test_a_question_waits_for_its_answer(story, enter):
    need, client = story.at(State.HANDLING), enter("沈岚")
    client.post(url(need, "say"), {"audience": "reply", "text": "发票在吗？", "channel": "sms", "question": "on"})
    words_leave()
    assert "等答复" in read(client, need)
    client.post(url(need, "say"), {"audience": "heard", "text": "在的", "channel": "phone"})
    assert "已答复" in read(client, need)


def test_what_cannot_be_sent_stays_in_the_composer(story, enter):
    need, client = story.at(State.HANDLING), enter("沈岚")
    from django.core.files.uploadedfile import SimpleUploadedFile

    bad = client.post(url(need, "say"), {"audience": "internal", "text": "留着这句", "uploads": [SimpleUploadedFile("a.exe", b"MZ")]}, **HTMX)
    said = bad.content.decode()
    assert bad.status_code == 422 and "留着这句" in said and 'id="composer"' in said and not need.matter.notes.exists()
    assert client.post(url(need, "say"), {"audience": "internal", "text": ""}).status_code == 422
    assert client.post(url(need, "say"), {"audience": "everybody", "text": "x"}).status_code == 422
    refused = enter("严守拙").post(url(need, "say"), {"audience": "internal", "text": "审计不写"})
    assert refused.status_code == 403 and not need.matter.notes.exists()
    assert enter("方屿").post(url(need, "say"), {"audience": "internal", "text": "x"}).status_code == 404
    ended = story.at(State.VOID)
    late = client.post(url(ended, "say"), {"audience": "reply", "text": "留着这句", "channel": "phone"})
    assert late.status_code == 409


def test_an_unsent_text_comes_back(story, enter):
    need, user = story.register(), story.by("沈岚").user_id
    matters.save_draft(user, f"needs.say:{need.number}", {"text": "写到一半", "audience": "internal", "channel": "phone"})
    client = enter("沈岚")
    page = read(client, need)
    assert "写到一半" in page and 'value="internal" checked' in page and "草稿已存" in page
    assert "写到一半" not in read(enter("苏慕青"), need)
    client.post(url(need, "say"), {"audience": "internal", "text": "写完了"})
    assert not Draft.objects.exists()


# ── neighbours, preview, print ──


def test_neighbours_in_the_list_one_came_from(story, enter):
    needs = []
    for minutes in range(3):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            needs.append(story.register(f"第 {minutes} 件"))
    page = read(enter("沈岚"), needs[1], "?from=queue%3Dall%26sort%3Dopened")
    assert "第 2 / 3 件" in page and f"/needs/{needs[0].number}/?from=" in page and f"/needs/{needs[2].number}/?from=" in page
    assert "件</span><span class=\"buttons\">" not in read(enter("沈岚"), needs[1], "?from=queue%3Dreview")
    assert read(enter("沈岚"), needs[1], "?from=colour%3Dred")


def test_preview_and_print(story, enter):
    need = story.at(State.REVIEW)
    actions.reply(need, by=story.by("沈岚"), text="正在复评", channel="sms")
    pane = enter("沈岚").get(url(need, "preview"), **HTMX).content.decode()
    assert "<html" not in pane and "通过并反馈" in pane and "季棠" in pane and "正在复评" in pane
    assert "<html" in enter("沈岚").get(url(need, "preview")).content.decode()
    paper = enter("沈岚").get(url(need, "print")).content.decode()
    for word in ("需求记录", need.number, "重看实物", "正在复评", "沈岚"):
        assert word in paper, word


def test_identifiers_are_covered(story, enter):
    page = read(enter("沈岚"), story.register(customer=story.world.customer("砚台巷珠宝商行")))
    assert "****" in page and "13900" not in page


def test_merged_and_void_say_so(story, enter):
    merged, void = story.at(State.MERGED), story.at(State.VOID)
    assert merged.merged_into.matter.number in read(enter("沈岚"), merged) and "撤销合并" in read(enter("沈岚"), merged)
    assert "已作废" in read(enter("沈岚"), void) and 'class="composer"' not in read(enter("沈岚"), void)


def test_links_only_show_what_one_may_see(story, enter):
    mine, hidden = story.at(State.HANDLING), story.at(State.HANDLING, department="vault", title="金库的事")
    actions.link(mine, by=story.by("沈岚"), other=hidden)
    assert "金库的事" in read(enter("沈岚"), mine)
    page = read(enter("顾一鸣"), mine).partition('id="side"')[2]
    assert "金库的事" not in page and f"/needs/{hidden.number}/" not in page


@pytest.mark.django_db(transaction=True)
def test_a_page_costs_the_same_whatever_its_story(story, enter, django_assert_max_num_queries):
    need = story.reject(story.at(State.CONFIRMATION))
    for number in range(20):
        actions.note(need, by=story.by("沈岚"), text=f"第 {number} 条", uploads=[picture()])
        actions.link(need, by=story.by("沈岚"), other=story.register(f"另 {number}"))
    client = enter("沈岚")
    read(client, need)
    with django_assert_max_num_queries(24):
        page = read(client, need)
    assert "第 19 条" in page
    assert len(queries.links(need, story.by("沈岚"))) == 20


def test_a_customer_s_papers_stand_on_its_page(story, enter):
    need = story.at(State.HANDLING, customer=story.world.customer("季棠"), department="pawn")
    actions.attach(need, by=story.by("沈岚"), uploads=[picture("手镯照片.png")])
    here = reverse("customers:profile", args=[need.customer.matter.number]) + "?part=files"
    page = enter("沈岚").get(here).content.decode()
    assert "手镯照片.png" in page and need.number in page
    need.matter.secrecy = 3
    need.matter.save(update_fields=["secrecy"])
    assert "手镯照片.png" not in enter("沈岚").get(here).content.decode()
