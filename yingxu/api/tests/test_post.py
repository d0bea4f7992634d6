"""The outbox and incoming mail, read by programs: scopes, what is not seen is not there, addresses covered, unknown filters refused."""

from datetime import timedelta
from typing import Any

import pytest

from yingxu.base import clock, crypto
from yingxu.intake.models import Mailbox, Received
from yingxu.matters.models import Matter
from yingxu.notices import actions as notices
from yingxu.people.models import Grant, Role, RoleRule, User

from .conftest import need, problem

ADDRESS = "jitang@mail.example"


@pytest.fixture
def post(program: Any, world: Any) -> Any:
    """A program of somebody of the front desk who looks after mail; one need with a level they may not see."""
    user = world.user("沈岚")
    role = Role.objects.create(code="post", name="post")
    RoleRule.objects.bulk_create(RoleRule(role=role, rule=name, reach=4) for name in ("notices.outbox", "intake.mails"))
    Grant.objects.create(user=user, role=role, begins_at=clock.now())
    User.objects.filter(pk=user.pk).update(clearance=0)
    return program("沈岚", "needs:write", "mail:read")


def mail(box: Mailbox, n: int, about: Matter | None = None) -> Received:
    return Received.objects.create(
        mailbox=box, key=bytes([n]) * 32, message_id=f"<{n}@mail.example>", state="reply" if about else "quarantine", reason="" if about else "stranger",
        sender_name="季棠", sender_hint="j•••@mail.example", sealed_sender=crypto.seal(ADDRESS, Received.SEALED), subject=f"第 {n} 封", at=clock.now() - timedelta(minutes=n),
        size=100, about=about,
    )  # fmt: skip


def test_what_goes_out_is_listed_with_its_address_covered(post: Any) -> None:
    number = post.post("/needs", need()).json()["number"]
    matter = Matter.objects.get(number=number)
    hidden = Matter.objects.get(number=post.post("/needs", need()).json()["number"])
    Matter.objects.filter(pk=hidden.pk).update(secrecy=3)
    for n, about in enumerate((matter, matter, hidden)):
        notices.send(channel="mail", to=ADDRESS, key=f"t{n}", subject=f"告知 {n}", body="words of it", matter=about)
    rows = post.get("/outbox?channel=mail").json()["items"]
    assert [row["subject"] for row in rows] == ["告知 1", "告知 0"] and rows[0]["number"] == number
    assert ADDRESS not in str(rows) and "words of it" not in str(rows)
    first = post.get("/outbox?channel=mail&size=1").json()
    assert [row["subject"] for row in first["items"]] == ["告知 1"] and first["previous"] is None
    following = post.get(first["next"].removeprefix("/api/v1")).json()
    assert [row["subject"] for row in following["items"]] == ["告知 0"] and following["next"] is None
    assert post.get("/outbox?channel=mail&sort=id").json()["items"][0]["subject"] == "告知 0"
    assert post.get("/outbox?state=sent").json()["items"] == []


def test_mail_that_came_in_is_listed(post: Any) -> None:
    number = post.post("/needs", need()).json()["number"]
    box = Mailbox.objects.create(name="客服", address="service@yingxu.example", way="delivered")
    about = Matter.objects.get(number=number)
    hidden = Matter.objects.get(number=post.post("/needs", need()).json()["number"])
    Matter.objects.filter(pk=hidden.pk).update(secrecy=3)
    mail(box, 1), mail(box, 2, about), mail(box, 3, hidden)
    rows = post.get("/mails").json()["items"]
    assert [(row["subject"], row["state"], row["reason"], row["number"]) for row in rows] == [("第 1 封", "quarantine", "stranger", None), ("第 2 封", "reply", "", number)]
    assert ADDRESS not in str(rows) and rows[0]["address"] == "j•••@mail.example"
    assert [row["subject"] for row in post.get("/mails?state=reply&sort=at").json()["items"]] == ["第 2 封"]


@pytest.mark.parametrize("query", ["colour=red", "state=x", "sort=x", "cursor=x", "size=x", "sort=sealed_to"])
@pytest.mark.parametrize("path", ["/outbox", "/mails"])
def test_what_is_no_filter_is_refused(post: Any, path: str, query: str) -> None:
    problem(post.get(f"{path}?{query}"), 400)


def test_scope_and_rule_are_both_needed(post: Any, program: Any) -> None:
    for path in ("/outbox", "/mails"):
        assert problem(program("沈岚", "needs:write").get(path), 403)["code"] == "scope"
        assert problem(program("周予安", "mail:read").get(path), 403)["code"] != "scope"
