"""Sign-ins, sign-outs and refused doors are in the access log (M9, S2)."""

from typing import Any

import pytest
from django.db import connection

from tests.world import PASSWORD
from yingxu.matters.models import Look

pytestmark = pytest.mark.django_db
What = Look.What


def _sign_in(client: Any, name: str, password: str) -> Any:
    return client.post("/sign-in/", {"username": name, "password": password})


def test_who_comes_and_goes_is_written_down(client, world):
    user = world.user("沈岚")
    _sign_in(client, user.username, PASSWORD)
    client.post("/sign-out/")
    came, went = Look.objects.order_by("id")
    assert (came.what, went.what, came.user_id, went.user_id) == ("signed_in", "signed_out", user.pk, user.pk)
    assert came.facts == {"peer": "127.0.0.1"} and came.actor_name == "沈岚"


def test_a_wrong_password_is_written_down_without_it(client, world):
    user = world.user("沈岚")
    assert _sign_in(client, user.username, "wrong-words-here").status_code == 422
    look = Look.objects.get()
    assert (look.what, look.actor_kind, look.personal) == ("sign_in_refused", "nobody", {"account": user.username})
    assert "wrong-words-here" not in f"{look.facts}{look.personal}"


def test_a_refused_door_is_written_once_in_ten_minutes(signed_in):
    client = signed_in("沈岚")
    for _ in range(2):
        assert client.get("/settings/departments/").status_code == 403
    look = Look.objects.exclude(what="signed_in").get()
    assert (look.what, look.actor_name, look.facts["route"], look.facts["why"]) == ("refused", "沈岚", "people:departments", "people.manage")


def test_nobody_comes_in_unwritten(client, world):
    """R8."""
    with connection.cursor() as sql:
        sql.execute("ALTER TABLE matters_look RENAME TO matters_look_away")
    assert _sign_in(client, world.user("沈岚").username, PASSWORD).status_code == 503
    assert client.get("/").status_code == 302, "still outside"
