"""One's own settings."""

import pytest
from django.test import Client

from yingxu.base.access import SYSTEM, Actor
from yingxu.base.errors import Gone
from yingxu.people import actions

from .conftest import PASSWORD, user

pytestmark = pytest.mark.django_db
NEW = "nine-joints-of-bamboo"


def _change(client: Client, old: str = PASSWORD, new: str = NEW, again: str = NEW):
    return client.post("/settings/me/password/", {"old": old, "new": new, "again": again})


def test_a_new_password_ends_the_other_sessions(signed):
    """S9."""
    here, there = signed("shen"), signed("shen")
    assert _change(here).headers["Location"] == "/settings/me/?saved=1"
    assert here.get("/settings/me/").status_code == 200
    assert there.get("/settings/me/").status_code == 302
    assert Client().post("/sign-in/", {"username": "shen", "password": NEW}).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"old": "not-mine-at-all"}, "这不是你现在的密码"),
        ({"again": "something-else-here"}, "两次输入的新密码不一致"),
        ({"new": "short", "again": "short"}, "12"),
        ({"new": PASSWORD, "again": PASSWORD}, "新密码与旧密码相同"),
        ({"new": "passwordpassword", "again": "passwordpassword"}, None),
    ],
)
def test_what_cannot_be_a_password(signed, wrong, said):
    client = signed("shen")
    if said is None:
        assert _change(client, **wrong).status_code in (302, 422)
        return
    answer = _change(client, **wrong)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert NEW not in answer.content.decode() and PASSWORD not in answer.content.decode(), "no password is sent back"
    assert user("shen").check_password(PASSWORD)


def test_a_password_somebody_else_knows_must_be_changed_first(signed, people, manager):
    secret = _secret(manager.post(f"/settings/people/{people.gu.pk}/password/").content.decode())
    client = Client()
    assert client.post("/sign-in/", {"username": "gu", "password": secret}).headers["Location"] == "/"
    for path in ("/", "/settings/me/", "/inbox/"):
        assert client.get(path).headers["Location"] == "/settings/me/password/"
    assert "设置自己的密码" in client.get("/settings/me/password/").content.decode()
    assert _change(client, old=secret, new="x", again="x").status_code == 422
    assert _change(client, old=secret).status_code == 302
    assert client.get("/settings/me/").status_code == 200 and not user("gu").password_due


def _secret(html: str) -> str:
    return html.split('data-copy="')[1].split('"')[0]


def test_language_and_look(signed):
    client = signed("shen")
    assert "我的设置" in client.get("/settings/me/").content.decode()
    done = client.post("/settings/me/", {"language": "en", "theme": "dark", "letter_keys": ""})
    assert done.status_code == 302
    page = client.get("/settings/me/").content.decode()
    assert "My settings" in page and 'data-letter-keys="off"' in page and 'lang="en"' in page
    assert 'tokens-dark.css" media="all"' in page
    assert (user("shen").language, user("shen").theme, user("shen").letter_keys) == ("en", "dark", False)
    again = signed("shen").get("/settings/me/")
    assert "My settings" in again.content.decode(), "it holds at the next sign-in, too"
    client.post("/settings/me/", {"language": "zh-hant", "theme": "light", "letter_keys": "on"})
    assert "我的設定" in client.get("/settings/me/").content.decode()


def test_unknown_words_are_refused(signed):
    answer = signed("shen").post("/settings/me/", {"language": "xx", "theme": "pink"})
    assert answer.status_code == 422 and user("shen").theme == "follow"


def test_taking_no_new_work(signed):
    client = signed("shen")
    client.post("/settings/me/available/", {"available": "off"})
    assert not user("shen").available
    client.post("/settings/me/available/", {"available": "on", "next": "//evil.example"})
    assert user("shen").available


def test_only_people_have_settings():
    for by in (SYSTEM, Actor(kind="token", name="t", id=1), Actor(kind="user", name="x", id=9, user_id=9_999)):
        with pytest.raises(Gone):
            actions.set_available(False, by=by)
