"""Many at once: one need for one key, numbers without gaps (N3, S7)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from yingxu.customers.models import Customer
from yingxu.emergencies.models import Emergency
from yingxu.needs.models import Need, Receipt

from .conftest import Program, need

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(run, call) for call in calls]]


def test_one_key_from_many_sides_is_one_need(desk: Program) -> None:
    answers = at_once([lambda: Program(desk.secret).post("/needs", need(), idempotency_key="same")] * 4)
    assert [a.status_code for a in answers] == [201] * 4, [a.content for a in answers]
    assert len({a.json()["number"] for a in answers}) == 1
    assert sum("Idempotent-Replayed" in a for a in answers) == 3
    assert Need.objects.count() == Receipt.objects.count() == 1


def test_one_key_with_other_content_loses(desk: Program) -> None:
    answers = at_once([lambda i=i: Program(desk.secret).post("/needs", need(body=f"第 {i} 件"), idempotency_key="same") for i in range(4)])
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
    assert Need.objects.count() == 1


def test_different_needs_at_once_are_numbered_without_gaps(desk: Program) -> None:
    at_once([lambda i=i: Program(desk.secret).post("/needs", need(body=f"第 {i} 件"), idempotency_key=f"k{i % 3}") for i in range(4)])
    at_once([lambda i=i: Program(desk.secret).post("/needs", need(body=f"又 {i} 件", customer={"phone": "13900009999", "name": "新客"})) for i in range(4)])
    numbers = sorted(Need.objects.values_list("matter__number", flat=True))
    assert [int(number[5:]) for number in numbers] == list(range(1, len(numbers) + 1))
    assert Customer.objects.filter(name="新客").count() == 1


def test_a_batch_twice_at_once_is_registered_once(desk: Program) -> None:
    rows = [need(body=f"第 {i} 件") for i in range(20)]
    answers = at_once([lambda: Program(desk.secret).post("/needs/batch", {"needs": rows}, idempotency_key="b")] * 2)
    assert [a.status_code for a in answers] == [200, 200], [a.content for a in answers]
    assert {tuple(r["number"] for r in a.json()["results"]) for a in answers} and Need.objects.count() == 20


def test_one_verb_under_one_key_from_two_sides(desk: Program) -> None:
    number = desk.post("/needs", need()).json()["number"]
    answers = at_once([lambda: Program(desk.secret).post(f"/needs/{number}/replies", {"text": "收到"}, idempotency_key="r")] * 3)
    assert [a.status_code for a in answers] == [200] * 3, [a.content for a in answers]
    assert Need.objects.get().matter.notes.count() == 1


def test_one_key_at_once_declares_once(program: Callable[..., Program]) -> None:
    secret = program("沈岚", "emergencies:write").secret
    body = {"title": "恒温机组停机", "happened": "压缩机停机。", "level": 1}
    answers = at_once([lambda: Program(secret).post("/emergencies", body, idempotency_key="probe")] * 4)
    assert [a.status_code for a in answers] == [201] * 4, [a.content for a in answers]
    assert Emergency.objects.count() == 1 and sum("Idempotent-Replayed" in a for a in answers) == 3
