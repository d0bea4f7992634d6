"""The inbox and the bell."""

import pytest

from yingxu.notices.models import Notice

from .facts import Asked, Moved, Named
from .test_actions import state

pytestmark = pytest.mark.django_db


def test_the_inbox_says_who_did_what_unread_first(cast, enter):
    for what in ("one", "two", "three"):
        state(Asked(what=what), cast, by=cast.by_gu, tell=[cast.shen])
    client = enter(cast.shen)
    newest = Notice.objects.order_by("-pk").first()
    client.post(f"/inbox/{newest.pk}/read/")
    html = client.get("/inbox/").content.decode()
    places = [html.index(f"asked for {what}") for what in ("two", "one", "three")]
    assert places == sorted(places), "three was read, so it comes last"
    assert "顾一鸣" in html and "KH-2026-000001" in html and "砚台巷珠宝商行" in html
    assert "2 条未读" in html


def test_the_reader_s_own_language(cast, enter):
    state(Named(), cast, tell=[cast.shen])
    client = enter(cast.shen)
    assert "提到我" in client.get("/inbox/").content.decode() and "系统" in client.get("/inbox/").content.decode()
    session = client.session
    session["language"] = "en"
    session.save()
    html = client.get("/inbox/").content.decode()
    assert "Mentions" in html and "System" in html


def test_kinds_and_unread_only(cast, enter):
    state(Asked(what="papers"), cast, tell=[cast.shen])
    state(Named(), cast, tell=[cast.shen])
    client = enter(cast.shen)
    page = client.get("/inbox/?kind=mention").content.decode()
    assert "named you" in page and "papers" not in page
    client.post("/inbox/read/", {"kind": "mention"})
    assert "没有未读" in client.get("/inbox/?kind=mention&unread=1").content.decode()
    assert "papers" in client.get("/inbox/?unread=1").content.decode()
    assert client.get("/inbox/?kind=nonsense").status_code == 200
    assert client.get("/inbox/?cursor=forged").status_code == 422


def test_long_lists_are_paged(cast, enter, django_assert_max_num_queries):
    for n in range(55):
        state(Asked(what=f"no {n}."), cast, tell=[cast.shen])
    client = enter(cast.shen)
    with django_assert_max_num_queries(16):
        first = client.get("/inbox/").content.decode()
    cursor = first.split('href="?cursor=')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(f"/inbox/?cursor={cursor}").content.decode()
    assert "no 54." in first and "no 4." not in first and "no 4." in second


def test_opening_goes_to_the_thing_and_marks_it_read(cast, enter):
    state(Moved(), cast)
    notice = Notice.objects.get(user=cast.gu)
    client = enter(cast.gu)
    assert client.get(f"/inbox/{notice.pk}/open/").status_code == 405, "GET never writes"
    answer = client.post(f"/inbox/{notice.pk}/open/")
    assert answer.status_code == 302 and "KH-2026-000001" in answer.headers["Location"]
    notice.refresh_from_db()
    assert notice.read_at


def test_another_s_notice_is_not_there(cast, enter):
    state(Moved(), cast)
    notice = Notice.objects.get(user=cast.gu)
    client = enter(cast.shen)
    for path in (f"/inbox/{notice.pk}/open/", f"/inbox/{notice.pk}/read/", "/inbox/999999/open/"):
        assert client.post(path).status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_what_came_in_meanwhile_stays_unread(cast, enter):
    state(Asked(what="seen"), cast, tell=[cast.shen])
    until = Notice.objects.get().pk
    state(Asked(what="new"), cast, tell=[cast.shen])
    answer = enter(cast.shen).post("/inbox/read/", {"until": until})
    assert answer.status_code == 302
    assert Notice.objects.filter(read_at=None).count() == 1


def test_nothing_to_take_note_of(cast, enter):
    assert "没有通知" in enter(cast.shen).get("/inbox/").content.decode()


def test_the_bell_is_drawn_again_only_when_it_changed(cast, enter, django_assert_max_num_queries):
    state(Asked(), cast, tell=[cast.shen])
    client = enter(cast.shen)
    mark = client.get("/inbox/").content.decode().partition('data-live="bell" data-mark="')[2].partition('"')[0]
    with django_assert_max_num_queries(4):
        same = client.post("/pulse/", {"bell": mark})
    assert same.status_code == 204 and not same.content
    bell = client.post("/pulse/", {"bell": "0.0"}).content.decode()
    assert 'id="bell"' in bell and f'data-mark="{mark}"' in bell and 'hx-swap-oob="true"' in bell and "<html" not in bell
    client.post("/inbox/read/")
    assert "data-mark=\"0.0\"" in client.post("/pulse/", {"bell": mark}).content.decode()

