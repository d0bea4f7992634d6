"""What a password must be like: by length and rarity, or by classes and age (M1, M2, ASVS 6.2)."""

from datetime import timedelta

import pytest
from django.test import Client

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid
from yingxu.people import actions, passwords, queries
from yingxu.people.models import FormerPassword, User

from .conftest import PASSWORD, user

pytestmark = pytest.mark.django_db


def _change(new: str, old: str = PASSWORD) -> User:
    return actions.change_password(old, new, by=queries.actor(user("shen")))


@pytest.mark.parametrize(
    ("new", "said"), [("short", "还差 7 个字"), ("password1234", "常见"), ("a" * 13, None), ("竹有九节风吹不折高可入云", None)]
)
def test_by_length_and_rarity(people, new, said):
    if said is None:
        return _change(new)
    with pytest.raises(Invalid, match=said):
        _change(new)
    return None


def test_not_like_ones_own_name():
    assert "相似" in " ".join(passwords.missing("wangxiaoming-1", User(username="wangxiaoming"), []))


def test_all_that_is_missing_is_said_at_once(people):
    actions.set_sign_in_rules(by=SYSTEM, profile="level2")
    with pytest.raises(Invalid) as refusal:
        _change("abc")
    assert len(refusal.value.fields["new"]) >= 2


@pytest.mark.parametrize(("profile", "good", "bad"), [("level2", "Nine9Jnt", "ninejoint9"), ("level3", "Nine9Joint", "Nine9Jnt")])
def test_by_classes_and_length(people, profile, good, bad):
    actions.set_sign_in_rules(by=SYSTEM, profile=profile)
    with pytest.raises(Invalid):
        _change(bad)
    _change(good)


def test_none_of_the_last_five(people):
    actions.set_sign_in_rules(by=SYSTEM, profile="level2")
    old, made = PASSWORD, [f"Bamboo-Joint-{n}x" for n in range(7)]
    for new in made:
        _change(new, old)
        old = new
    for new in made[2:6]:
        with pytest.raises(Invalid, match="用过"):
            _change(new, old)
    assert FormerPassword.objects.filter(user__username="shen").count() == 5
    _change(made[0], old)


def test_too_old_after_ninety_days(people):
    actions.set_sign_in_rules(by=SYSTEM, profile="level3")
    _change("Nine9Joint-x")
    User.objects.filter(username="shen").update(password_at=clock.now() - timedelta(days=91))
    client = Client()
    client.post("/sign-in/", {"username": "shen", "password": "Nine9Joint-x"})
    assert client.get("/settings/me/").headers["Location"] == "/settings/me/password/"
    assert "90" in client.get("/settings/me/password/").content.decode()
    given = {"old": "Nine9Joint-x", "new": "Ten10Joints-y", "again": "Ten10Joints-y"}
    assert client.post("/settings/me/password/", given).status_code == 302
    assert client.get("/settings/me/").status_code == 200


def test_nobody_changes_without_a_reason_by_default(people):
    User.objects.filter(username="shen").update(password_at=clock.now() - timedelta(days=4000))
    client = Client()
    client.post("/sign-in/", {"username": "shen", "password": PASSWORD})
    assert client.get("/settings/me/").status_code == 200


def test_the_profile_locks_for_longer(people):
    actions.set_sign_in_rules(by=SYSTEM, profile="level3")
    for _ in range(5):
        Client().post("/sign-in/", {"username": "shen", "password": "wrong"})
    answer = Client().post("/sign-in/", {"username": "shen", "password": PASSWORD})
    assert answer.status_code == 403 and "30 分钟" in answer.content.decode()


def test_kinds_of_characters():
    assert [passwords.classes(text) for text in ("", "abc", "abC", "abC1", "abC1-", "竹")] == [0, 1, 2, 3, 4, 1]
