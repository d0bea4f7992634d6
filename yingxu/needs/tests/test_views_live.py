"""A need that stands open (issue 3 §10): read up to where, who else is here and types, what was stated meanwhile; and who learns nothing."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from yingxu.base import clock
from yingxu.matters import actions as matters
from yingxu.matters.models import Presence, Seen
from yingxu.needs import actions
from yingxu.needs.states import State

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def marks(client: Client, need) -> dict[str, str]:
    """What the open page of a need says to the heartbeat."""
    page = client.get(reverse("needs:detail", args=[need.number])).content.decode()
    parts = page.split('data-live="')[1:]
    found = {part.partition('"')[0]: unescape(part.partition('data-mark="')[2].partition('"')[0]) for part in parts}
    assert {"bell", "here", "news", "banners"} <= set(found)
    return found


def beat(client: Client, said: dict[str, str], **more: str) -> str:
    answer = client.post("/pulse/", {**said, **more})
    assert answer.status_code in (200, 204), answer.content.decode()[:300]
    assert bool(answer.content) == (answer.status_code == 200)
    return answer.content.decode()


def test_reading_is_said_by_the_heartbeat_never_by_looking(story, enter):
    need, client = story.register(), enter("沈岚")
    said = marks(client, need)
    assert not Seen.objects.exists() and not Presence.objects.exists()
    assert beat(client, said) == ""
    assert 'class="unread' not in client.get("/needs/?queue=all").content.decode()
    actions.note(need, by=story.by("苏慕青"), text="又有新的")
    assert 'class="unread' in client.get("/needs/?queue=all").content.decode()
    last = need.matter.entries.latest("id").pk
    pk, _last, _n = said["news"].split(".")
    beat(client, said, news=f"{pk}.{last + 10**6}.0")
    assert Seen.objects.get(user=story.by("沈岚").user_id).entry == last
    beat(client, said)
    assert Seen.objects.get(user=story.by("沈岚").user_id).entry == last, "it never goes back"


def test_who_else_is_here_and_who_types(story, enter):
    need, shen, su = story.at(State.HANDLING), enter("沈岚"), enter("苏慕青")
    hers, his = marks(shen, need), marks(su, need)
    assert beat(shen, hers) == ""
    told = beat(su, his)
    assert "沈岚 正在看" in told and 'id="here"' in told and 'hx-swap-oob="true"' in told and "苏慕青" not in told
    his["here"] = mark(told)
    assert beat(su, his) == "", "the same person, the same answer"
    beat(shen, hers, typing="1")
    told = beat(su, his)
    assert "沈岚 正在输入" in told
    his["here"] = mark(told)
    with clock.at(clock.now() + timedelta(seconds=12)):
        assert "沈岚 正在看" in beat(su, his)
    with clock.at(clock.now() + timedelta(seconds=50)):
        gone = beat(su, his)
        assert 'id="here"' in gone and "沈岚" not in gone
    with clock.at(clock.now() + timedelta(minutes=70)):
        beat(su, his)
        assert matters.forget_presence() == 1 and Presence.objects.count() == 1


def test_who_may_not_see_it_is_not_shown_and_learns_nothing(story, enter):
    need, shen, fang = story.at(State.HANDLING, department="pawn"), enter("沈岚"), enter("方屿")
    said = marks(shen, need)
    before = Presence.objects.count()
    actions.note(need, by=story.by("苏慕青"), text="内部的话")
    for guess in (said, {"here": f"{need.pk}.", "news": f"{need.pk}.0.0"}, {"here": f"{need.pk}."}, {"news": f"{need.pk}.0.0"}):
        own = {name: guess[name] for name in ("here", "news") if name in guess}
        assert beat(fang, own, typing="1") == ""
    assert Presence.objects.count() == before and not Seen.objects.filter(user=story.by("方屿").user_id).exists()
    assert "方屿" not in beat(shen, {**said, "here": f"{need.pk}.x"})
    assert Client().post("/pulse/", said).status_code == 302
    assert Client().post("/pulse/", said, **HTMX).status_code == 401
    with clock.at(clock.now() + timedelta(seconds=1)), transaction.atomic():
        need.matter.secrecy = 3
        need.matter.save(update_fields=["secrecy"])
    assert beat(shen, {"here": f"{need.pk}.", "news": said["news"]}) == "", "above the clearance now, so it is gone"


def mark(drawn: str, part: str = "here") -> str:
    """What a part that was drawn again says from now on."""
    return unescape(drawn.partition(f'data-live="{part}" data-mark="')[2].partition('"')[0])


@pytest.mark.parametrize("wrong", ["", "x", "1", "1.2", "-1.0.0", "1.2.3.4", "9" * 40 + ".0.0", "1.0.0\n", "٣.0.0", "x" * 5_000])
def test_forged_marks_are_not_answered(story, enter, wrong):
    assert beat(enter("沈岚"), {"here": wrong, "news": wrong, "newer": wrong}) == ""


def test_what_others_state_is_offered_and_comes_without_the_composer(story, enter, django_assert_max_num_queries):
    need, client = story.at(State.HANDLING), enter("沈岚")
    said = marks(client, need)
    beat(client, said)
    with django_assert_max_num_queries(6):  # session, person, rights, bell, this record (and what burns)
        assert beat(client, said) == ""
    actions.note(need, by=story.by("苏慕青"), text="刚问过库房")
    actions.note(need, by=story.by("苏慕青"), text="封签完好")
    told = beat(client, said)
    assert "有 2 条新动态，点此显示" in told and "封签完好" not in told
    assert beat(client, {**said, "news": mark(told, "news")}) == ""
    page = client.get(reverse("needs:detail", args=[need.number])).content.decode()
    asked = unescape(page.partition('class="news" hx-get="')[2].partition('"')[0])
    fresh = client.get(asked, **HTMX).content.decode()
    assert "封签完好" in fresh and all(f'id="{part}" hx-swap-oob="true"' in fresh for part in ("story", "case"))
    assert "<textarea" not in fresh and 'id="composer"' not in fresh and "<html" not in fresh
    assert "<html" in client.get(asked).content.decode(), "without script it is the page"


def test_a_part_of_the_timeline_stays_that_part(story, enter):
    need, client = story.at(State.HANDLING), enter("沈岚")
    page = client.get(reverse("needs:detail", args=[need.number]) + "?tab=internal").content.decode()
    assert "tab=internal&amp;fresh=1" in page.partition('class="news" hx-get="')[2].partition('"')[0]
