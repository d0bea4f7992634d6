"""What staff do at the portal: give out codes, set up forms and QR codes (S2, S11)."""

import re
from typing import Any

import pytest

from yingxu.base.errors import Invalid, NotAllowed
from yingxu.needs import actions as needs
from yingxu.portal import actions, queries
from yingxu.portal.events import CodeIssued
from yingxu.portal.models import FormPoint, TrackingCode

from .conftest import Visitor

pytestmark = pytest.mark.django_db


# ── codes ──


def test_a_new_code_ends_the_old_one(raised: Visitor, signed_in: Any):
    old = raised.number, raised.code
    answer = signed_in("沈岚").post(f"/p/needs/{raised.number}/code/")
    assert answer.status_code == 200
    code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", answer.content.decode())[0]
    assert code != raised.code and f"/p/?number={raised.number}" in answer.content.decode() and "<svg" in answer.content.decode()
    assert Visitor().knock(*old).status_code == 422
    assert Visitor().knock(raised.number, code).status_code == 302
    entry = raised.need.matter.entries.get(event=CodeIssued.NAME)
    assert entry.actor_name == "沈岚" and code not in str(entry.facts)
    assert TrackingCode.objects.get(ended_at=None).issued_by.name == "沈岚"


def test_codes_are_not_for_other_departments(raised: Visitor, world: Any, signed_in: Any):
    """What one may not see does not exist."""
    needs.triage(raised.need, by=world.by("沈岚"), category="general")
    needs.assign(raised.need, by=world.by("沈岚"), department=world.department("pawn"))
    assert signed_in("方屿").post(f"/p/needs/{raised.number}/code/").status_code == 404
    with pytest.raises(NotAllowed) as refusal:
        actions.issue_code(raised.need, by=world.by("方屿"))
    assert refusal.value.code == "needs.reply"
    assert signed_in("江听雨").post(f"/p/needs/{raised.number}/code/").status_code == 200


def test_codes_want_the_rule(raised: Visitor, world: Any, signed_in: Any):
    """An auditor reads everything and hands out nothing; the customer neither."""
    assert signed_in("严守拙").post(f"/p/needs/{raised.number}/code/").status_code == 403
    with pytest.raises(NotAllowed):
        actions.issue_code(raised.need, by=actions.visitor("季棠", [raised.need.pk]))
    assert not raised.need.matter.entries.filter(event=CodeIssued.NAME).exists()
    assert Visitor().knock(raised.number, raised.code).status_code == 302


def test_a_code_is_not_given_by_looking(raised: Visitor, signed_in: Any):
    assert signed_in("沈岚").get(f"/p/needs/{raised.number}/code/").status_code == 405
    assert TrackingCode.objects.count() == 1


# ── forms and QR codes ──


def test_a_form_is_added_shown_and_switched_off(world: Any, signed_in: Any):
    client = signed_in("苏慕青")
    assert "还没有" in client.get("/settings/portal/").content.decode()
    answer = client.post("/settings/portal/", {"name": "二号柜台", "channel": "counter", "kind": "pawn"})
    point = FormPoint.objects.get()
    assert answer.status_code == 302 and answer["Location"].endswith(f"/{point.pk}/")
    page = client.get(answer["Location"]).content.decode()
    assert f"/p/f/{point.slug}/" in page and "&lt;iframe" in page and page.count("<path") >= 1
    assert client.post(answer["Location"], {"active": "off"}).status_code == 302
    point.refresh_from_db()
    assert not point.active and client.get(f"/p/f/{point.slug}/").status_code == 404
    assert "二号柜台" in client.get("/settings/portal/").content.decode()
    assert client.get("/settings/portal/999/").status_code == 404


@pytest.mark.parametrize("wrong", [{"name": " "}, {"channel": "pigeon"}, {"kind": "weather"}, {"name": "长" * 61}])
def test_wrong_input_is_refused(world: Any, signed_in: Any, wrong: dict[str, str]):
    answer = signed_in("苏慕青").post("/settings/portal/", {"name": "柜台", "channel": "counter", "kind": "", **wrong})
    assert answer.status_code == 422 and not FormPoint.objects.exists()


def test_setting_up_wants_the_rule(world: Any, signed_in: Any):
    """S2."""
    point = actions.add_point(by=world.by("管鹿鸣"), name="官网", channel="web")
    for path in ("/settings/portal/", f"/settings/portal/{point.pk}/"):
        assert signed_in("沈岚").get(path).status_code == 403
        assert signed_in("沈岚").post(path, {"name": "x", "channel": "web", "active": "off"}).status_code == 403
    for verb in (lambda by: actions.add_point(by=by, name="x", channel="web"), lambda by: actions.switch_point(point, by=by, active=False)):
        with pytest.raises(NotAllowed) as refusal:
            verb(world.by("沈岚"))
        assert refusal.value.code == "portal.manage"
    assert queries.points() == [point] and FormPoint.objects.get().active


@pytest.mark.parametrize(("name", "channel", "field"), [(" ", "web", "name"), ("官网", "pigeon", "channel")])
def test_the_verb_names_what_it_refuses(world: Any, name: str, channel: str, field: str):
    with pytest.raises(Invalid) as refusal:
        actions.add_point(by=world.by("苏慕青"), name=name, channel=channel)
    assert list(refusal.value.fields) == [field] and not FormPoint.objects.exists()


def test_addresses_cannot_be_guessed(world: Any):
    slugs = {actions.add_point(by=world.by("苏慕青"), name=f"柜台 {n}", channel="counter").slug for n in range(20)}
    assert len(slugs) == 20 and all(len(slug) >= 12 for slug in slugs)


def test_a_new_code_closes_what_the_old_one_opened(raised: Visitor, world: Any):
    """S6: a code is replaced because somebody else may have it; their browser sees nothing from then on, files included."""
    thief = Visitor()
    thief.number = raised.number
    assert thief.knock(raised.number, raised.code).status_code == 302
    assert thief.get(f"/p/needs/{raised.number}/").status_code == 200
    code = actions.issue_code(raised.need, by=world.by("沈岚"))
    assert thief.get(f"/p/needs/{raised.number}/").status_code == 404 and raised.number not in thief.get("/p/").content.decode()
    assert Visitor().knock(raised.number, code).status_code == 302
