"""Needs come in by the API, once each (U3, N2, N3)."""

from typing import Any

import pytest

from yingxu.needs.models import Need, Receipt

from .conftest import Program, need, problem


def test_register(desk: Program) -> None:
    answer = desk.post("/needs", need(raised_at="2026-03-18T09:30:00+08:00", tags=["手表"]))
    assert answer.status_code == 201, answer.content.decode()
    number = answer.json()["number"]
    assert answer["Location"] == answer.json()["url"] == f"/api/v1/needs/{number}"
    found = Need.objects.select_related("matter", "customer").get(matter__number=number)
    assert found.channel == "api" and found.tags == ["手表"] and found.customer.name == "季棠"
    entry = found.matter.entries.get()
    assert entry.actor_kind == "token" and entry.actor_name == "沈岚 · till"
    assert found.registered_by.name == "沈岚"


def test_known_customer_by_number(desk: Program, world: Any) -> None:
    known = world.customer("砚台巷珠宝商行")
    number = desk.post("/needs", need(customer={"number": known.matter.number})).json()["number"]
    assert Need.objects.get(matter__number=number).customer_id == known.pk
    said = problem(desk.post("/needs", need(customer={"number": "KH-2026-999999"})), 422)
    assert list(said["errors"]) == ["customer.number"]


def test_same_key_same_content_is_one_need(desk: Program) -> None:
    first = desk.post("/needs", need(), idempotency_key="order-1")
    again = desk.post("/needs", need(), idempotency_key="order-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first and again["Idempotent-Replayed"] == "true"
    assert Need.objects.count() == 1


def test_same_key_other_content_is_refused(desk: Program) -> None:
    desk.post("/needs", need(), idempotency_key="order-1")
    assert problem(desk.post("/needs", need(body="别的事"), idempotency_key="order-1"), 409)["code"] == "key_reused"
    assert Need.objects.count() == 1


def test_keys_of_two_tokens_do_not_meet(program: Any) -> None:
    one, other = program("沈岚"), program("沈岚")
    assert one.post("/needs", need(), idempotency_key="k").json() != other.post("/needs", need(), idempotency_key="k").json()


def test_a_key_has_to_be_one(desk: Program) -> None:
    problem(desk.post("/needs", need(), idempotency_key="a b"), 400)
    problem(desk.post("/needs", need(), idempotency_key="x" * 151), 400)


def test_what_cannot_be_kept_names_the_field(desk: Program) -> None:
    for changed, field in (
        ({"kind": "nonsense"}, "kind"),
        ({"body": "  "}, "body"),
        ({"channel": "pigeon"}, "channel"),
        ({"raised_at": "2026-03-18T09:30:00"}, "raised_at"),
        ({"raised_at": "2199-03-18T09:30:00Z"}, "raised_at"),
        ({"raised_at": 1773797400}, "raised_at"),
        ({"raised_at": "1234-03-18T09:30:00Z"}, "raised_at"),
        ({"customer": {"name": "季棠", "phone": "12"}}, "phone"),
        ({"customer": {"nick": "x"}}, "customer.nick"),
        ({"secrecy": 4}, "secrecy"),
        ({"secrecy": "1"}, "secrecy"),
        ({"unknown": 1}, "unknown"),
        ({"tags": ["x" * 40]}, "tags"),
        ({"kind": "pawn"}, "item"),
        ({"fields": {"scope": ["其他"], "nothing": 1}}, "nothing"),
        ({"fields": {}}, "scope"),
    ):
        said = problem(desk.post("/needs", need(**changed)), 422)
        assert field in said["errors"], (changed, said)
    assert Need.objects.count() == 0


def test_sentences_in_the_language_asked_for(desk: Program) -> None:
    chinese = problem(desk.post("/needs", {}), 422)
    desk.language = "en"
    english = problem(desk.post("/needs", {}), 422)
    assert english["errors"]["kind"] == ["This field is required."] != chinese["errors"]["kind"]
    assert chinese["errors"]["kind"][0] > "一"


def test_batch_answers_row_by_row(desk: Program) -> None:
    rows = [
        need(),
        need(body=""),
        {"kind": "consultation"},
        "not an object",
        need(customer={"name": "新客", "phone": "13900001111"}),
        need(customer={"name": "新客", "phone": "13900001111"}, body="第二件"),
        need(customer={"phone": "1"}),
        need(customer={"number": "KH-2026-999999"}),
    ]
    answer = desk.post("/needs/batch", {"needs": rows})
    assert answer.status_code == 200, answer.content.decode()
    done = answer.json()
    assert [row["status"] for row in done["results"]] == [201, 422, 422, 422, 201, 201, 422, 422]
    assert (done["registered"], done["refused"]) == (3, 5)
    assert [row["index"] for row in done["results"]] == list(range(8))
    assert done["results"][6]["problem"]["errors"]["phone"]
    kept = Need.objects.filter(matter__number__in=[r["number"] for r in done["results"] if r["number"]])
    assert kept.count() == 3 and kept.filter(customer__name="新客").values("customer").distinct().count() == 1


def test_batch_with_known_customers(desk: Program, world: Any) -> None:
    known = world.customer("砚台巷珠宝商行")
    done = desk.post("/needs/batch", {"needs": [need(customer={"number": known.matter.number}), need()]}).json()
    assert done["registered"] == 2
    assert Need.objects.get(matter__number=done["results"][0]["number"]).customer_id == known.pk


def test_batch_sent_again_is_registered_once(desk: Program) -> None:
    rows = [need(body=f"第 {i} 件") for i in range(5)]
    first = desk.post("/needs/batch", {"needs": rows}, idempotency_key="b1").json()
    rows[2] = need(body="换了内容")
    again = desk.post("/needs/batch", {"needs": [*rows, need(body="第六件")]}, idempotency_key="b1").json()
    assert [r["status"] for r in again["results"]] == [201, 201, 409, 201, 201, 201]
    assert [r["replayed"] for r in again["results"]] == [True, True, None, True, True, None]
    assert [r["number"] for r in first["results"][:2]] == [r["number"] for r in again["results"][:2]]
    assert Need.objects.count() == 6 == Receipt.objects.count()


def test_batch_limits(desk: Program) -> None:
    problem(desk.post("/needs/batch", {"needs": []}), 422)
    problem(desk.post("/needs/batch", {"needs": [{}] * 1_001}), 422)
    problem(desk.post("/needs/batch", b'{"needs": ["' + b"x" * 8_400_000 + b'"]}'), 413)


@pytest.mark.django_db(transaction=True)  # settings that are still being made in the same transaction are asked for again and again
def test_a_thousand_in_one_batch_take_few_queries(desk: Program, django_assert_max_num_queries: Any) -> None:
    rows = [need(body=f"第 {i} 件", customer={"name": f"客户{i}", "phone": f"1390{i:07}"}) for i in range(1_000)]
    with django_assert_max_num_queries(30):
        done = desk.post("/needs/batch", {"needs": rows}, idempotency_key="big").json()
    assert done["registered"] == 1_000
    numbers = [row["number"] for row in done["results"]]
    assert numbers == sorted(set(numbers))


@pytest.mark.django_db(transaction=True)
def test_registering_takes_few_queries(desk: Program, django_assert_max_num_queries: Any) -> None:
    desk.post("/needs", need())
    with django_assert_max_num_queries(4):  # begin, the customer, the need, commit
        assert desk.post("/needs", need(), idempotency_key="few").status_code == 201
