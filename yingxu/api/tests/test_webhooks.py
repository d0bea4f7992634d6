"""Webhooks are made, looked after and read, on screen and by the API (U3, P8)."""

from datetime import timedelta
from typing import Any

import pytest

from yingxu.api import actions, hooked, sending
from yingxu.api.models import Delivery, Endpoint
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid, NotAllowed
from yingxu.matters import catalogue
from yingxu.matters.models import Entry
from yingxu.privacy.tests.register import party

from .conftest import Program, problem
from .trap import trap

HOME = "/settings/api/webhooks/"


def given(world: Any, url: str = "http://127.0.0.1:8009/in", **more: Any) -> dict[str, Any]:
    return {
        "name": "仓库", "url": url, "recipient": "海棠仓储有限公司", "purpose": "备货", "user": world.user("沈岚").pk, "events": ["needs.need_registered"], **more,
    }  # fmt: skip


# ── on screen ──


def test_made_shown_once_and_listed(signed_in: Any, world: Any, near: None) -> None:
    party()
    admin = signed_in("陆砚秋")
    assert "还没有回调" in admin.get(HOME).content.decode()
    assert "登记了需求（…）" in admin.get(HOME + "new/").content.decode(), "events are told in words"
    text = admin.post(HOME + "new/", given(world, "http://127.0.0.1:8009/in/T0123456789ABCDEFGHIJKLMN?key=hush")).content.decode()
    secret = "whsec_" + text.split("whsec_", 1)[1].split("<", 1)[0].split('"', 1)[0]
    made = Endpoint.objects.get()
    for path in (HOME, f"{HOME}{made.pk}/", f"{HOME}{made.pk}/edit/"):
        page = admin.get(path).content.decode()
        assert "海棠仓储有限公司" in page and secret not in page and "hush" not in page and "T0123456789ABCDEFGHIJKLMN" not in page
    kept = Endpoint.objects.values_list("url", "secret", "shown").get()
    assert "hush" not in str(kept) and secret not in str(kept)
    entry = Entry.objects.get(event="api.endpoint_made")
    assert entry.tell == [world.user("沈岚").pk] and "hush" not in str(entry.facts)


@pytest.mark.parametrize(
    "wrong",
    [{"recipient": " "}, {"purpose": ""}, {"events": []}, {"events": ["no.such"]}, {"events": ["api.endpoint_failing"]}, {"name": ""}, {"url": "http://10.0.0.1/"},
     {"url": "https://a:b@127.0.0.1/"}, {"user": "999999"}],
)  # fmt: skip
def test_nothing_is_saved_without(wrong: dict[str, Any], signed_in: Any, world: Any, near: None) -> None:
    """P8: no target without recipient and purpose; what was typed is kept."""
    party()
    answer = signed_in("陆砚秋").post(HOME + "new/", given(world, **wrong))
    assert answer.status_code == 422 and not Endpoint.objects.exists()
    assert "海棠仓储有限公司" in answer.content.decode() or "recipient" in wrong
    with pytest.raises(Invalid):
        actions.make_endpoint(by=SYSTEM, name="x", url="http://127.0.0.1:8009/", recipient=" ", purpose="", events=["needs.need_closed"], user=world.user("沈岚"))


def test_only_who_may(signed_in: Any, world: Any, endpoint: Any) -> None:
    made = endpoint("http://127.0.0.1:8009/in")
    desk = signed_in("沈岚")
    for path in ("", "new/", f"{made.pk}/", f"{made.pk}/edit/", f"{made.pk}/export/"):
        assert desk.get(HOME + path).status_code == 403
    for path in ("new/", f"{made.pk}/edit/", f"{made.pk}/secret/", f"{made.pk}/delete/", f"{made.pk}/test/", f"{made.pk}/replay/"):
        assert desk.post(HOME + path).status_code == 403
    admin = signed_in("陆砚秋")
    for path in ("999999/", "999999/edit/", f"{made.pk}/deliveries/999999/"):
        assert admin.get(HOME + path).status_code == 404
    assert admin.get(f"{HOME}{made.pk}/pause/").status_code == 405


def test_changed_paused_deleted_and_brought_back(signed_in: Any, world: Any, endpoint: Any) -> None:
    made = endpoint("http://127.0.0.1:8009/in")
    admin, page = signed_in("陆砚秋"), f"{HOME}{made.pk}/"
    answer = admin.post(page + "edit/", given(world, "", purpose="对账", events=["needs.need_closed"]))
    assert answer.status_code == 302
    made.refresh_from_db()
    assert (made.purpose, made.events, made.shown) == ("对账", ["needs.need_closed"], "http://127.0.0.1:8009/in")
    assert Entry.objects.get(event="api.endpoint_changed").facts["fields"] == ["purpose", "events"]
    assert admin.post(page + "edit/", given(world, "http://127.0.0.1:10/in")).status_code == 422, "port 10 is no port of ours"
    assert admin.post(page + "edit/", given(world, "http://127.0.0.1:8443/in")).status_code == 302
    admin.post(page + "pause/")
    assert "人工暂停" in admin.get(page).content.decode()
    admin.post(page + "resume/")
    admin.post(page + "delete/")
    assert "仓库" not in admin.get(HOME).content.decode() and "仓库" in admin.get(HOME + "?deleted=1").content.decode()
    assert admin.post(page + "pause/").status_code == 409
    admin.post(page + "restore/")
    assert "仓库" in admin.get(HOME).content.decode()
    text = admin.post(page + "secret/").content.decode()
    assert "whsec_" in text and made.plain not in text
    made.refresh_from_db()
    assert made.old_until and made.old_secret
    admin.post(page + "secret/", {"at_once": "on"})
    made.refresh_from_db()
    assert not made.old_until and not made.old_secret


def test_deliveries_are_listed_filtered_opened_and_sent_once_more(signed_in: Any, world: Any, endpoint: Any, register: Any) -> None:
    with trap("500", "ok") as here:
        made = endpoint(here.url)
        numbers = [register().matter.number for _i in range(2)]
        sending.run()
        page = f"{HOME}{made.pk}/"
        admin = signed_in("管鹿鸣")
        text = admin.get(page).content.decode()
        assert not any(number in text for number in numbers) and "不可见" in text, "an administrator sees no needs, here neither"
        first = Delivery.objects.order_by("id").first()
        text = admin.get(f"{page}deliveries/{first.pk}/").content.decode()
        assert "500" in text and numbers[0] not in text and "&lt;b&gt;today" in text
        admin.post(f"{page}deliveries/{first.pk}/replay/")
        Endpoint.objects.update(rest_until=None)
        sending.run()
        assert Delivery.objects.filter(state="delivered").count() == 2
        assert "已送达" in admin.get(page + "?state=delivered&event=needs.need_registered").content.decode()
        assert "没有符合的" in admin.get(page + "?state=failed").content.decode()
        assert admin.get(page + "?state=nonsense&event=%00&cursor=").status_code == 200
        assert admin.get(page + "?cursor=forged").status_code == 422
        export = b"".join(admin.get(page + "export/?as=csv").streaming_content).decode()
        assert "海棠仓储有限公司" in export and "备货" in export and first.key in export and "raised_at" in export
        assert not any(number in export for number in numbers)
        span = {"start": (clock.now() - timedelta(hours=2)).isoformat()[:16], "end": (clock.now() + timedelta(days=1)).isoformat()[:16], "states": ["delivered"]}
        assert admin.post(page + "replay/", span).status_code == 302
        assert Delivery.objects.filter(state="waiting").count() == 2
        assert admin.post(page + "replay/", {**span, "end": span["start"]}).status_code == 422


def test_pages_take_few_queries(signed_in: Any, endpoint: Any, register: Any, django_assert_max_num_queries: Any) -> None:
    made = endpoint("http://127.0.0.1:8009/in")
    endpoint("http://127.0.0.1:8009/in")
    for _i in range(12):
        register()
    admin = signed_in("陆砚秋")
    for path, most in (("", 14), (f"{made.pk}/", 16), ("new/", 14)):
        admin.get(HOME + path)
        with django_assert_max_num_queries(most):
            admin.get(HOME + path)


def test_every_event_has_words_to_choose_by() -> None:
    """In Chinese, with blanks where it names something."""
    said = {name: catalogue.title(name) for name in catalogue.names()}
    assert not [name for name, title in said.items() if title == name], "no sentence could be made for these"
    assert said["needs.need_registered"] and "%(" not in "".join(said.values())
    assert not [name for name in hooked.events() if name.startswith("api.endpoint_")], "what befalls webhooks is not sent to webhooks"


def test_who_manages_no_people_makes_them_for_themselves(world: Any, near: None) -> None:
    from dataclasses import replace

    by = replace(world.by("沈岚"), reaches={**world.by("沈岚").reaches, "api.manage": 4})
    party("甲")
    asked = {"name": "x", "url": "http://127.0.0.1:8443/", "recipient": "甲", "purpose": "乙", "events": ["needs.need_closed"]}
    with pytest.raises(NotAllowed) as refusal:
        actions.make_endpoint(by=by, user=world.user("陆砚秋"), **asked)
    assert refusal.value.code == "api.act_for"
    made, _secret = actions.make_endpoint(by=by, user=world.user("沈岚"), **asked)
    with pytest.raises(NotAllowed):
        actions.change_endpoint(made, by=by, user=world.user("陆砚秋"), name="x", recipient="甲", purpose="乙", events=["needs.need_closed"])


# ── by the API ──


@pytest.fixture
def keeper(program: Any, near: None) -> Program:
    """A program that looks after webhooks for 管鹿鸣."""
    return program("管鹿鸣", "webhooks:manage")


def test_a_program_looks_after_webhooks(keeper: Program, world: Any, register: Any) -> None:
    with trap("500", "ok") as here:
        party()
        body = {"name": "仓库", "url": here.url, "recipient": "海棠仓储有限公司", "purpose": "备货", "events": ["needs.need_registered"]}
        problem(keeper.post("/webhooks", {**body, "user": "shenlan"}), 403)
        answer = keeper.post("/webhooks", body)
        made = answer.json()
        assert answer.status_code == 201 and made["secret"].startswith("whsec_") and made["user"]["username"] == "guanluming"
        at = f"/webhooks/{made['id']}"
        assert "secret" not in keeper.get(at).json() and keeper.get("/webhooks").json()[0]["state"] == "working"
        assert keeper.post(f"{at}/test", {}).json()["state"] == "waiting"
        sending.run()
        rows = keeper.get(f"{at}/deliveries?state=failed").json()["items"]
        assert rows[0]["last"]["status"] == 500 and rows[0]["event"] == "api.test"
        full = keeper.get(f"{at}/deliveries/{rows[0]['id']}").json()
        assert full["body"]["id"] == full["key"] and full["attempts"][0]["status"] == 500
        assert keeper.post(f"{at}/deliveries/{rows[0]['id']}/replay", {}).json()["state"] == "waiting"
        sending.run()
        assert keeper.get(at).json()["last_delivered_at"]
        assert keeper.post(f"{at}/secret", {"overlap_hours": 2}).json()["old_until"]
        assert keeper("PATCH", at, {"purpose": "对账"}).json()["purpose"] == "对账"
        for verb, state in (("pause", "paused"), ("resume", "working")):
            assert keeper.post(f"{at}/{verb}", {}).json()["state"] == state
        assert keeper("DELETE", at).json()["state"] == "deleted" and keeper.get("/webhooks").json() == []
        problem(keeper.post(f"{at}/pause", {}), 409)
        assert keeper.post(f"{at}/restore", {}).json()["state"] == "working"
        span = {"start": "2026-01-01T00:00:00+08:00", "end": "2199-01-01T00:00:00+08:00", "states": ["delivered"]}
        assert keeper.post(f"{at}/replay", {**span, "end": "2198-01-01T00:00:00+08:00"}).json() == {"count": 0}, "tests are not sent once more"
    assert {row["name"] for row in keeper.get("/webhooks/events").json()} == set(hooked.events())


def test_the_api_refuses_as_the_page_does(keeper: Program, desk: Program, world: Any) -> None:
    party("海棠")
    body = {"name": "仓库", "url": "https://127.0.0.1:1/", "recipient": "海棠", "purpose": "备货", "events": ["needs.need_closed"]}
    assert "url" in problem(keeper.post("/webhooks", body), 422)["errors"]
    assert "recipient" in problem(keeper.post("/webhooks", {**body, "recipient": ""}), 422)["errors"]
    unknown = problem(keeper.post("/webhooks", {**body, "url": "http://127.0.0.1:8443/", "recipient": "没登记的公司"}), 422)
    assert "没登记的公司" in unknown["errors"]["recipient"][0]
    problem(keeper.get("/webhooks/99999"), 404)
    problem(keeper.get("/webhooks/99999999999999999999999"), 404)
    made = keeper.post("/webhooks", {**body, "url": "http://127.0.0.1:8443/"}).json()
    problem(keeper.get(f"/webhooks/{made['id']}/deliveries?state=odd"), 400)
    problem(keeper.get(f"/webhooks/{made['id']}/deliveries?q=odd"), 400)
    problem(keeper.get(f"/webhooks/{made['id']}/deliveries?cursor=forged"), 400)
    problem(keeper.get(f"/webhooks/{made['id']}/deliveries/7"), 404)
    assert problem(desk.get("/webhooks"), 403)["code"] == "scope"
