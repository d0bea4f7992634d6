"""The settings page for tokens (U3)."""

from typing import Any

from yingxu.api.models import ApiToken
from yingxu.matters.models import Entry

from .conftest import Program


def made(**more: Any) -> dict[str, Any]:
    return {"name": "官网", "allowed": ["needs:register"], "per_minute": "600", "until": "", **more}


def test_a_token_is_made_shown_once_and_revoked(signed_in: Any, world: Any) -> None:
    admin = signed_in("陆砚秋")
    assert "还没有令牌" in admin.get("/settings/api/").content.decode()
    answer = admin.post("/settings/api/", made(user=world.user("沈岚").pk))
    text = answer.content.decode()
    secret = text.split("yx_", 1)[1].split("<", 1)[0].split('"', 1)[0].split("&", 1)[0]
    assert answer.status_code == 200 and Program("yx_" + secret).get("/me").json()["user"]["name"] == "沈岚"
    page = admin.get("/settings/api/").content.decode()
    assert "官网" in page and secret not in page
    pk = ApiToken.objects.get().pk
    assert admin.get(f"/settings/api/{pk}/revoke/").status_code == 405
    assert admin.post(f"/settings/api/{pk}/revoke/").status_code == 302
    assert Program("yx_" + secret).get("/me").status_code == 401
    assert "已吊销" in admin.get("/settings/api/").content.decode()
    assert list(Entry.objects.filter(event__startswith="api.").values_list("event", flat=True)) == ["api.token_made", "api.token_revoked"]
    assert admin.post("/settings/api/999999/revoke/").status_code == 404


def test_what_is_wrong_is_said_at_the_field(signed_in: Any, world: Any) -> None:
    admin = signed_in("陆砚秋")
    for wrong in ({"name": ""}, {"allowed": []}, {"allowed": ["people.manage"]}, {"until": "2020-01-01"}, {"per_minute": "-1"}):
        assert admin.post("/settings/api/", made(user=world.user("沈岚").pk, **wrong)).status_code == 422, wrong
    assert not ApiToken.objects.exists()


def test_only_who_may(signed_in: Any, world: Any) -> None:
    desk = signed_in("沈岚")
    assert desk.get("/settings/api/").status_code == 403
    assert desk.post("/settings/api/", made(user=world.user("沈岚").pk)).status_code == 403
    assert not ApiToken.objects.exists()
