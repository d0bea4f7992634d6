"""Every verb over HTTP: its form as page and as dialog, done, refused, at the wrong moment, with bad input. Nothing typed is lost."""

import pytest
from django.urls import reverse

from tests.world import words_leave
from yingxu.needs import actions, queries
from yingxu.needs.states import State
from yingxu.needs.views.acts import RULES, VERBS

from .cases import CASES

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def test_every_verb_has_a_case():
    assert set(CASES) | {"attach", "lower"} == set(VERBS) and set(VERBS) <= set(RULES)


@pytest.fixture
def stands(story):
    """The need of a case where its verb can be done, and what is sent."""

    def make(verb):
        case = CASES[verb]
        need = story.at(case.state, **case.make)
        if case.before:
            case.before(story, need)
        need = story.fresh(need.number)
        good = case.good(story, need) if callable(case.good) else case.good
        return case, need, good

    return make


@pytest.mark.parametrize("verb", CASES)
def test_a_verb(verb, stands, story, enter):
    case, need, good = stands(verb)
    url = reverse("needs:act", args=[need.number, verb])
    client = enter(case.who)

    page, dialog = client.get(url), client.get(url, **HTMX)
    assert page.status_code == dialog.status_code == 200, verb
    assert b"<h1>" in page.content and b"<dialog" in dialog.content and b"<html" not in dialog.content

    auditor = enter("严守拙")  # sees everything, may do nothing
    if verb not in ("follow", "unfollow", "snooze", "unsnooze"):
        assert auditor.get(url).status_code == 403
        refused = auditor.post(url, good)
        assert refused.status_code == 403 and story.fresh(need.number).state == need.state
    assert enter("管鹿鸣").get(url).status_code == 403  # no business data for administrators: not even the door

    if case.bad is not None:
        answer = client.post(url, case.bad, **HTMX)
        assert answer.status_code == 422, (verb, answer.content.decode()[:3000])
        said = answer.content.decode()
        assert "data-errors" in said and case.kept in said
        assert story.fresh(need.number).state == need.state

    done = client.post(url, good)
    assert done.status_code == 302, done.content.decode()[:3000]
    words_leave()
    assert story.fresh(need.number).state == case.reached


@pytest.mark.parametrize("verb", [verb for verb, case in CASES.items() if case.wrong])
def test_at_the_wrong_moment_the_words_stay(verb, stands, story, enter):
    """Somebody was quicker, or the page is old: 409 with a sentence, and the form as it was typed."""
    case, need, good = stands(verb)
    late = story.at(case.wrong, category="important") if verb != "unmerge" else story.register()
    client, url = enter(case.who), reverse("needs:act", args=[late.number, verb])
    assert client.get(url).status_code == 409
    answer = client.post(url, good, **HTMX)
    assert answer.status_code == 409, answer.content.decode()[:2000]
    said = answer.content.decode()
    assert "notice bad" in said and "<dialog" in said
    for name, value in good.items():
        if isinstance(value, str) and name not in ("channel", "tell", "satisfied", "outcome", "category", "kind", "rating", "due_on", "type"):
            assert value in said, (name, value)
    assert story.fresh(late.number).state == late.state


def test_htmx_is_sent_on_with_a_word(story, enter):
    need = story.register()
    answer = enter("沈岚").post(reverse("needs:act", args=[need.number, "tag"]), {"tags": "翡翠"}, **HTMX)
    assert answer.status_code == 204 and answer["HX-Redirect"] == reverse("needs:detail", args=[need.number]) and "toast" in answer["HX-Trigger"]


def test_the_way_back_is_only_ours(story, enter):
    """An address of somebody else in `next` is not followed."""
    need, client = story.register(), enter("沈岚")
    url = reverse("needs:act", args=[need.number, "tag"])
    assert client.post(url, {"tags": "一", "next": "/needs/?queue=all"})["Location"] == "/needs/?queue=all"
    for evil in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/\t//evil.example", "/\n/evil.example/", "/ /evil.example"):
        assert client.post(url, {"tags": "一", "next": evil})["Location"] == reverse("needs:detail", args=[need.number])


def test_accepting_leads_to_the_plan(story, enter):
    need = story.at(State.ACCEPTANCE)
    url = reverse("needs:act", args=[need.number, "accept"])
    assert enter("顾一鸣").post(url)["Location"] == reverse("needs:act", args=[need.number, "plan"])
    other = story.at(State.ACCEPTANCE)
    answer = enter("顾一鸣").post(reverse("needs:act", args=[other.number, "accept"]), **HTMX)
    assert answer["HX-Redirect"].endswith("?do=plan")


def test_a_need_that_leaves_ones_sight_leads_back_to_the_list(story, enter):
    need = story.at(State.HANDLING)
    good = {"department": story.world.department("vault").pk, "reason": "要出库"}
    watching = story.fresh(need.number).matter.watchers.count()
    answer = enter("顾一鸣").post(reverse("needs:act", args=[need.number, "transfer"]), good)
    assert watching == 0 and answer["Location"] == reverse("needs:index")


def test_a_suggestion_is_shown_and_taken_only_when_asked(story, enter):
    """N4: the machine proposes, a person decides."""
    need, client = story.register(), enter("沈岚")
    url = reverse("needs:act", args=[need.number, "triage"])
    shown = client.get(url).content.decode()
    assert "notice maybe" in shown and "checked" not in shown
    taken = client.get(url + "?take=1").content.decode()
    assert "checked" in taken
    client.post(url, {"category": "urgent", "kind": "suggestion"})
    facts = need.matter.entries.get(event="needs.need_triaged").facts
    assert facts["suggested"] and facts["confidence"] and facts["category"] == "urgent"


def test_two_people_at_once(story, enter):
    """One wins, the other is told who and loses nothing typed."""
    need = story.at(State.ACCEPTANCE)
    url = reverse("needs:act", args=[need.number, "accept"])
    assert enter("顾一鸣").post(url).status_code == 302
    second = enter("江听雨").post(url, {"owner": "叶知秋"})
    said = second.content.decode()
    assert second.status_code == 409 and "顾一鸣" in said and "叶知秋" in said
    assert story.fresh(need.number).accepted_by.name == "顾一鸣"


def test_two_corrections_show_both_values(story, enter):
    """Stale: both values are shown, what was typed stays, and pressing again is done knowing it."""
    need = story.register()
    url = reverse("needs:act", args=[need.number, "amend"])
    sent = {"version": "1", "title": "我的主题", "caller": "季棠", "secrecy": "0", "customer": need.customer.matter.number}
    actions.amend(need, by=story.by("苏慕青"), version=1, changes={"title": "她的主题"})
    answer = enter("沈岚").post(url, sent, **HTMX)
    said = answer.content.decode()
    assert answer.status_code == 409 and "她的主题" in said and 'value="我的主题"' in said and 'name="version" value="2"' in said
    assert enter("沈岚").post(url, sent | {"version": "2"}).status_code == 302
    assert story.fresh(need.number).matter.title == "我的主题"


def test_more_rows_lose_nothing(story, enter):
    need = story.at(State.HANDLING, planned=False)
    sent = {"more": "1", "measures": "送检", "node_title": ["取样"], "node_due": [""], "node_department": [""], "node_owner": [""]}
    answer = enter("顾一鸣").post(reverse("needs:act", args=[need.number, "plan"]), sent, **HTMX)
    said = answer.content.decode()
    assert answer.status_code == 200 and said.count('name="node_title"') == 6 and "取样" in said and "送检" in said
    assert not need.plans.exists()


def test_another_need_that_is_not_ones_own_does_not_exist(story, enter):
    """S5: merging or linking with an unseen number says the same as for an absent one."""
    mine, hidden = story.at(State.HANDLING), story.at(State.HANDLING, department="vault")
    url = reverse("needs:act", args=[mine.number, "link"])
    seen, absent = (enter("顾一鸣").post(url, {"other": n, "type": "related"}) for n in (hidden.number, "2026-999999"))
    assert seen.status_code == absent.status_code == 422
    assert seen.content.decode().replace(hidden.number, "#").count("#") == absent.content.decode().replace("2026-999999", "#").count("#")
    assert not queries.links(mine, story.by("沈岚"))


def test_unknown_verbs_and_unseen_needs_do_not_exist(story, enter):
    need = story.at(State.HANDLING)
    assert enter("沈岚").get(f"/needs/{need.number}/explode/").status_code == 404
    for verb in ("accept", "tag", "void", "related"):
        assert enter("方屿").get(reverse("needs:act", args=[need.number, verb])).status_code == 404
        assert enter("方屿").post(reverse("needs:act", args=[need.number, verb]), {"tags": "x"}).status_code == 404
    assert enter("沈岚").get(reverse("needs:act", args=[need.number, "related"]))["Location"].endswith(f"?origin={need.number}")


def test_files_are_attached(story, enter):
    from .test_actions_edit import picture

    need = story.register()
    url = reverse("needs:act", args=[need.number, "attach"])
    assert enter("沈岚").post(url, {"uploads": [picture(), picture("发票.png")], "public": "on"}).status_code == 302
    assert need.matter.files.filter(public=True).count() == 2
    assert enter("沈岚").post(url, {}).status_code == 422
    assert enter("严守拙").post(url, {"uploads": [picture()]}).status_code == 403
