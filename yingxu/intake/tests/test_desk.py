"""The desk's form: finding the customer while typing, registering, nothing twice (N2)."""

import re
from typing import Any

import pytest

from yingxu.needs.models import Need
from yingxu.needs.states import State

pytestmark = pytest.mark.django_db


def filled(client: Any, **more: Any) -> dict[str, Any]:
    """The form as the page drew it, with what the person types."""
    drawn = client.get("/intake/").content.decode()
    hidden = {name: re.search(rf'name="{name}" value="([^"]+)"', drawn)[1] for name in ("nonce", "began")}
    return {**hidden, "channel": "phone", "phone": "13900004244", "kind": "consultation", "body": "断当的手表能看吗？", "f-scope": "其他", "act": "assign", **more}


def test_a_customer_without_needs_is_found(world: Any, signed_in: Any):
    client = signed_in("沈岚")
    known = world.customer("季棠")
    page = client.get("/intake/found/?phone=13900004244").content.decode()
    assert known.matter.number in page and "季棠" in page
    client.post("/intake/", filled(client, customer=known.matter.number))
    assert "1" in re.search(r'<span class="quiet">(.*?)</span>', client.get("/intake/found/?phone=13900004244").content.decode())[1]


def test_registering(world: Any, signed_in: Any):
    client = signed_in("沈岚")
    data = filled(client, customer_name="季棠", category="general", department=world.department("pawn").pk)
    assert client.post("/intake/", data).status_code == 302
    need = Need.objects.select_related("matter").get()
    assert (need.state, need.category, need.matter.department) == (State.ACCEPTANCE, "general", world.department("pawn"))
    assert client.post("/intake/", data).status_code == 302 and Need.objects.count() == 1, "sent twice"


def test_answered_on_the_spot(world: Any, signed_in: Any):
    client = signed_in("沈岚")
    wordless = client.post("/intake/", filled(client, act="answer"))
    assert wordless.status_code == 422 and "断当的手表能看吗？" in wordless.content.decode() and not Need.objects.exists()
    assert client.post("/intake/", filled(client, act="answer", answer="周一到周五都可以。")).status_code == 302
    assert Need.objects.get().state == State.CLOSED


def test_what_cannot_be_kept_comes_back(world: Any, signed_in: Any):
    client = signed_in("沈岚")
    answer = client.post("/intake/", filled(client, phone="12"))
    assert answer.status_code == 422 and "断当的手表能看吗？" in answer.content.decode() and not Need.objects.exists()
    assert client.post("/intake/", filled(client, kind="weather")).status_code == 422


def test_registering_wants_the_rule(world: Any, signed_in: Any):
    """S2: an auditor reads."""
    client = signed_in("严守拙")
    assert client.get("/intake/").status_code == client.post("/intake/", {}).status_code == client.get("/intake/found/?phone=139").status_code == 403


def test_looking_things_up_writes_nothing(world: Any, signed_in: Any):
    client = signed_in("沈岚")
    data = filled(client)
    for path in ("/intake/beside/", "/intake/fields/"):
        assert client.post(path, data).status_code == 200
    assert not Need.objects.exists()


def test_what_was_typed_comes_back(world: Any, signed_in: Any):
    """Drafts are kept on the server and survive signing out (N2)."""
    client = signed_in("沈岚")
    typed = {"body": "手镯想续当两个月", "kind": "consultation", "f-scope": "其他"}
    assert client.post("/drafts/?place=intake.new", typed).status_code == 200
    assert "手镯想续当两个月" in client.get("/intake/").content.decode()
    assert "手镯想续当两个月" not in client.get("/intake/?done=2026-000001").content.decode()
    client.post("/intake/", filled(client, body="手镯想续当两个月"))
    assert "手镯想续当两个月" not in client.get("/intake/").content.decode(), "gone once it is registered"
