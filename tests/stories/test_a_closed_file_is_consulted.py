"""A closed file from the request to read it until its end, by HTTP: asked in one's own words, signed by two, read, over (A3, S2, S6)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from yingxu.approvals.models import Request
from yingxu.archives import actions as archives
from yingxu.base import clock
from yingxu.consulting import jobs
from yingxu.consulting.models import Consultation
from yingxu.matters import dispatch
from yingxu.needs.tests.conftest import story, world
from yingxu.people import queries as people

__all__ = ["story", "world"]
pytestmark = pytest.mark.django_db(transaction=True)  # the dispatcher hears only what is committed


def settle() -> None:
    while dispatch.run_once():
        pass


def test_a_closed_file_is_consulted(story: Any, enter: Any) -> None:
    customer, user = story.world.customer("季棠"), story.world.user
    head = story.world.department("pawn").head
    archives.set_circle(customer, by=people.actor(user("苏慕青")), why="估价争议调查", persons=[user("苏慕青"), head])
    page, gu = f"/customers/{customer.number}/", enter("顾一鸣")
    assert gu.get(page).status_code == 404
    until = clock.today() + timedelta(days=2)
    given = {"named": "季棠", "purpose": "核对当年的估价记录", "until": until.isoformat()}
    assert gu.post("/consulting/ask/", given).status_code == 302
    settle()
    assert "已申请" in gu.get("/consulting/").content.decode() and gu.get(page).status_code == 404

    request = Request.objects.get(chain="archives.consult")
    for signer in (head.name, "苏慕青"):
        desk = enter(signer)
        text = desk.get(f"/approvals/{request.pk}/").content.decode()
        assert "顾一鸣" in text and "核对当年的估价记录" in text, "who signs sees who asks and why"
        step = re.search(r'name="step"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="step"', desk.get(f"/approvals/{request.pk}/approve/").content.decode())
        assert step and desk.post(f"/approvals/{request.pk}/approve/", {"words": "同意", "step": step[1] or step[2]}).status_code in (204, 302)
    settle()
    text = gu.get("/consulting/").content.decode()
    assert "可查阅" in text and page in text
    assert gu.get(page).status_code == 200
    assert gu.get(f"{page}edit/").status_code in (403, 404), "reading only"
    su = enter("苏慕青")
    assert su.post(f"{page}serves/", {"reason": "看谁在查阅", "next": page}).status_code == 302
    assert "顾一鸣" in su.get(f"{page}?part=consulting").content.decode()
    row = Consultation.objects.get()
    with clock.at(row.ends_at + timedelta(seconds=1)):
        assert gu.get(page).status_code == 404, "over to the second"
        jobs.over(0)
        settle()
        assert "已结束" in gu.get("/consulting/").content.decode()
        assert "本档案" not in gu.get("/inbox/").content.decode()
