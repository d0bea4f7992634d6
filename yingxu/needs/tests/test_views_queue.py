"""The queue over HTTP (N17): lists, counts, tabs, filters, search, pages, views, polls, bulk acts, export; and who sees what."""

import io
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from yingxu.base import clock
from yingxu.needs import actions
from yingxu.needs.models import Need
from yingxu.needs.states import State

pytestmark = pytest.mark.django_db
INDEX = "/needs/"
HTMX = {"HTTP_HX_REQUEST": "true"}


def shown(client: Client, query: str = "", **more) -> str:
    answer = client.get(f"{INDEX}?{query}", **more)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def test_a_row_says_what_it_is_how_late_it_is_and_who_has_it(story, enter):
    need = story.reject(story.at(State.CONFIRMATION, title="评估价低于预期"))
    with clock.at(clock.now() + timedelta(hours=30)):
        page = shown(enter("沈岚"), "queue=all")
    for word in (need.number, "评估价低于预期", "季棠", "重要", "第 2 轮", "重新处理", "典当业务部", "顾一鸣", 'class="clock late"', "unread"):
        assert word in page, word


def test_queues_and_their_counts_are_the_same_question(story, enter):
    story.register(), story.at(State.HANDLING), story.at(State.REVIEW), story.at(State.WATCHING)
    client = enter("沈岚")
    for queue, count in (("triage", 1), ("review", 1), ("watching", 1), ("confirmation", 0), ("all", 4)):
        assert shown(client, f"queue={queue}").count("data-row=") == count, queue
    assert shown(enter("顾一鸣"), "queue=mine").count("data-row=") == 2
    assert 'aria-current="page"' in shown(client, "queue=review")
    for name in ("mine", "department", "overdue"):
        assert enter("顾一鸣").get(reverse(f"needs:{name}")).status_code == 200


def test_filters_narrow_and_are_taken_away(story, enter):
    one, two = story.register("周六开库吗", tags=["加急"]), story.at(State.HANDLING, channel="mail")
    client = enter("沈岚")
    for query, found in (
        ("state=registered", one), ("channel=mail", two), ("tag=加急", one), ("category=important", two), ("category=none", one), ("q=周六开库", one),
        (f"owner={story.world.user('顾一鸣').pk}", two), ("owner=none", one), (f"department={story.world.department('pawn').pk}", two),
        ("channel=mail&from=2026-03-18&to=2026-03-18", two),
    ):  # fmt: skip
        page = shown(client, f"queue=all&{query}")
        assert f'data-row="{found.number}"' in page and page.count("data-row=") == 1, query
        assert 'class="filter"' in page or query.startswith("q=")
    assert "data-row=" not in shown(client, "queue=all&from=2026-03-19")
    assert "data-row=" not in shown(client, "queue=all&round=2")
    assert "data-row=" not in shown(client, "queue=all&held=1") and "data-row=" not in shown(client, "queue=all&rating=1")
    assert shown(client, "queue=all&open=1").count("data-row=") == 2


@pytest.mark.parametrize("query", ["queue=nothing", "state=x", "sort=x", "colour=red", "department=x", "from=yesterday", "cursor=forged", "size=x"])
def test_what_a_list_cannot_be_asked_is_refused(story, enter, query):
    """S4: no filter is silently ignored."""
    assert enter("沈岚").get(f"{INDEX}?{query}").status_code == 422


def test_every_sort_and_its_pages(story, enter):
    """Keyset pages: forwards and back, each row once."""
    numbers = {story.register(f"第 {i} 件").number for i in range(5)}
    client = enter("沈岚")
    for sort in ("due", "-due", "opened", "-opened", "-changed", "category", "rating", "-rating"):
        page, found = shown(client, f"queue=all&size=2&sort={sort}"), []
        for _turn in range(3):
            found += [n for n in numbers if f'data-row="{n}"' in page]
            following = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
            if 'rel="next"' not in page:
                break
            page = shown(client, following.partition("?")[2])
        assert sorted(found) == sorted(numbers), sort
        assert 'rel="prev"' in page


def test_each_emptiness_says_which_it_is(story, enter):
    client = enter("沈岚")
    assert "还没有登记过需求" in shown(client, "queue=all")
    story.register()
    assert "这里都办完了" in shown(client, "queue=review")
    assert "没有符合条件的需求" in shown(client, "queue=all&q=珍珠")


def test_unseen_needs_are_nowhere(story, enter):
    """S5: another department's needs are in no list, count, search, poll, preview or neighbour."""
    need = story.at(State.HANDLING, title="手镯复评", customer=story.world.customer("季棠"))
    fang = enter("方屿")
    for query in ("queue=all", "queue=all&q=手镯", f"queue=all&q={need.number}", "queue=mine", "queue=overdue", "queue=all&customer=" + need.customer.matter.number):
        page = shown(fang, query)
        assert "data-row" not in page and "手镯复评" not in page, query
    for name in ("preview", "print", "detail"):
        assert fang.get(reverse(f"needs:{name}", args=[need.number])).status_code == 404
    assert need.number not in fang.get(reverse("needs:found"), {"other": "手镯"}).content.decode()
    since = (clock.now() - timedelta(hours=1)).isoformat()
    assert fang.post("/pulse/", {"newer": f"0 {since} queue=all"}).status_code == 204
    refused = fang.post(reverse("needs:bulk"), {"act": "tag", "row": [need.number], "go": "1", "add": "x"})
    assert refused.status_code == 422 and not story.fresh(need.number).tags


def test_the_list_stays_still_and_says_that_there_is_more(story, enter):
    client, since = enter("沈岚"), clock.now().isoformat()
    story.register()
    ahead = (clock.now() + timedelta(minutes=1)).isoformat()
    assert client.post("/pulse/", {"newer": f"0 {ahead} queue=all"}).status_code == 204
    with clock.at(clock.now() + timedelta(minutes=5)):
        story.register()
        told = client.post("/pulse/", {"newer": f"0 {since} queue=all"}).content.decode()
    assert "有 1 条新需求" in told and "data-row" not in told and f'data-mark="1 {since} queue=all"' in told
    for wrong in ("", "0", "0 soon queue=all", "0 2026-03-18T09:00:00 queue=all", f"0 {since} colour=red", "x" * 2_000):
        assert client.post("/pulse/", {"newer": wrong}).status_code == 204, wrong


def test_counts_are_asked_and_unchanged_ones_answer_nothing(story, enter, django_assert_max_num_queries):
    client = enter("沈岚")
    page = shown(client, "queue=all")
    mark = unescape(page.partition('data-live="queues" data-mark="')[2].partition('"')[0])
    assert client.post("/pulse/", {"queues": mark}).status_code == 204
    with django_assert_max_num_queries(5):  # session, person, rights, the journal's end
        assert client.post("/pulse/", {"queues": mark}).status_code == 204
    story.register()
    fresh = client.post("/pulse/", {"queues": mark})
    assert fresh.status_code == 200 and 'id="queues"' in fresh.content.decode() and 'hx-swap-oob="true"' in fresh.content.decode()
    again = unescape(fresh.content.decode().partition('data-live="queues" data-mark="')[2].partition('"')[0])
    assert again != mark and client.post("/pulse/", {"queues": again}).status_code == 204


def test_saved_views_over_http(story, enter):
    client = enter("沈岚")
    made = client.post(reverse("needs:save_view"), {"name": "加急", "query": "queue=all&tag=加急", "team": "on"})
    view = actions.save_view(by=story.by("沈岚"), name="加急", query="queue=all&tag=加急", team=True)
    assert made["Location"].endswith(f"&view={view.pk}") and "加急" in shown(enter("林小满"))
    assert "<h1>加急</h1>" in shown(client, f"queue=all&tag=加急&view={view.pk}")
    assert "加急" not in shown(enter("顾一鸣"))
    assert client.post(reverse("needs:save_view"), {"name": "", "query": ""}).status_code == 422
    assert client.post(reverse("needs:save_view"), {"name": "坏", "query": "colour=red"}).status_code == 422
    assert enter("顾一鸣").post(reverse("needs:save_view"), {"name": "共享", "query": "", "team": "on"}).status_code == 403
    assert enter("林小满").post(reverse("needs:delete_view", args=[view.pk])).status_code == 404
    assert client.post(reverse("needs:delete_view", args=[view.pk])).status_code == 302 and "加急" not in shown(client)


def test_the_filter_form_knows_what_is_asked(story, enter):
    form = enter("沈岚").get(reverse("needs:filter") + "?queue=review&category=urgent&owner=me").content.decode()
    assert 'value="urgent" checked' in form and '<option value="me" selected' in form and 'name="queue" value="review"' in form
    assert "<html" not in enter("沈岚").get(reverse("needs:filter"), **HTMX).content.decode()


# ── many at once ──


def test_bulk_does_what_can_be_done_and_lists_the_rest(story, enter):
    """The same verbs, row by row; refusals are told row by row."""
    ready, early = story.at(State.ASSIGNMENT), story.register()
    client, pawn = enter("沈岚"), story.world.department("pawn").pk
    rows = {"row": [ready.number, early.number], "next": "/needs/?queue=all"}
    asked = client.post(reverse("needs:bulk"), {"act": "assign", **rows})
    assert asked.status_code == 200 and ready.number in asked.content.decode() and 'name="go"' in asked.content.decode()
    bad = client.post(reverse("needs:bulk"), {"act": "assign", "go": "1", "department": "", "reason": "留着这句", **rows})
    assert bad.status_code == 422 and "留着这句" in bad.content.decode()
    done = client.post(reverse("needs:bulk"), {"act": "assign", "go": "1", "department": pawn, **rows}).content.decode()
    assert "办成 1 件" in done and early.number in done and "新登记" in done
    assert story.fresh(ready.number).state == State.ACCEPTANCE and story.fresh(early.number).state == State.REGISTERED


def test_bulk_category_tags_and_merging(story, enter):
    one, two, client = story.register("一"), story.register("二"), enter("沈岚")
    rows = {"row": [one.number, two.number]}
    assert client.post(reverse("needs:bulk"), {"act": "category", "go": "1", "category": "urgent", **rows}).status_code == 302
    assert client.post(reverse("needs:bulk"), {"act": "tag", "go": "1", "add": "加急 复评", **rows}).status_code == 302
    assert {n.category for n in Need.objects.all()} == {"urgent"} and story.fresh(one.number).tags == ["加急", "复评"]
    assert client.post(reverse("needs:bulk"), {"act": "tag", "go": "1", **rows}).status_code == 422
    assert client.post(reverse("needs:bulk"), {"act": "merge", "row": [one.number]}).status_code == 422
    assert client.post(reverse("needs:bulk"), {"act": "merge", "go": "1", "into": two.number, **rows}).status_code == 302
    assert story.fresh(one.number).merged_into_id == two.pk and story.fresh(two.number).state == State.ASSIGNMENT


def test_bulk_refuses(story, enter):
    need, client = story.register(), enter("沈岚")
    for given in ({"act": "explode", "row": need.number}, {"act": "tag"}, {"act": "tag", "row": [f"2026-{i:06}" for i in range(201)]}):
        assert client.post(reverse("needs:bulk"), given).status_code == 422
    done = enter("严守拙").post(reverse("needs:bulk"), {"act": "tag", "go": "1", "add": "x", "row": [need.number]})
    assert done.status_code == 200 and need.number in done.content.decode() and not story.fresh(need.number).tags


# ── export ──


def test_the_export_is_what_is_shown(story, enter):
    """S17: exactly the list's rows, and nothing in it is a formula."""
    story.register("=HYPERLINK(\"http://evil\")", title="=1+1"), story.at(State.HANDLING, title="手镯")
    client = enter("苏慕青")
    answer = client.post(reverse("needs:export"), {"query": "queue=all&state=registered", "kind": "xlsx"})
    assert "attachment" in answer["Content-Disposition"]
    rows = list(load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.values)
    assert len(rows) == 2 and rows[0][0] == "编号" and "'=1+1" in rows[1] and "新登记" in rows[1]
    text = b"".join(client.post(reverse("needs:export"), {"query": "queue=all", "kind": "csv"}).streaming_content).decode("utf-8-sig")
    assert text.count("\r\n") == 3 and "'=1+1" in text and "手镯" in text


def test_only_ticked_rows_and_only_seen_ones_leave(story, enter):
    one, two = story.register("一"), story.at(State.HANDLING, department="vault")
    picked = enter("苏慕青").post(reverse("needs:export"), {"query": "queue=all", "row": [one.number], "kind": "csv"})
    assert b"".join(picked.streaming_content).decode("utf-8-sig").count("\r\n") == 2
    theirs = enter("江听雨").post(reverse("needs:export"), {"query": "queue=all", "kind": "csv"})
    said = b"".join(theirs.streaming_content).decode("utf-8-sig")
    assert two.number not in said
    assert enter("顾一鸣").post(reverse("needs:export"), {"query": "queue=all"}).status_code == 403
    assert enter("苏慕青").post(reverse("needs:export"), {"query": "colour=red"}).status_code == 422
    assert enter("苏慕青").get(reverse("needs:export")).status_code == 405


# ── while typing ──


def test_finders(story, enter):
    client, need = enter("沈岚"), story.register("翡翠手镯")
    assert "(guyiming)" in client.get(reverse("needs:colleagues"), {"owner": "顾"}).content.decode()
    assert 'data-insert="@顾一鸣 "' in client.get(reverse("needs:colleagues"), {"mention": "顾"}).content.decode()
    assert need.number in client.get(reverse("needs:found"), {"other": "手镯"}).content.decode()
    assert "data-fills" not in client.get(reverse("needs:found"), {"other": ""}).content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("query", ["queue=all", "queue=department"])
def test_a_page_costs_the_same_whatever_its_rows(story, enter, django_assert_max_num_queries, query):
    """At most 12 queries, sign-in and bell included."""
    client = enter("沈岚")
    for number in range(12):
        need = story.register(f"第 {number} 件")
        actions.note(need, by=story.by("沈岚"), text="看过了")
    actions.save_view(by=story.by("沈岚"), name="全部", query="queue=all")
    shown(client, query)
    with django_assert_max_num_queries(11):
        page = shown(client, query)
    assert page.count("data-row=") == 12


def test_administrators_have_no_door(story, enter):
    for name in ("index", "filter", "found", "colleagues"):
        assert enter("管鹿鸣").get(reverse(f"needs:{name}")).status_code == 403
    assert Client().get(INDEX).status_code == 302 and urlencode({"next": INDEX}) in Client().get(INDEX)["Location"].replace("%2F", "/").replace("/", "%2F")
