"""The pages of classes."""

from typing import Any

import pytest
from django.urls import reverse

from yingxu.base import clock
from yingxu.matters.models import Matter
from yingxu.relations import actions

from .conftest import opened, reckoned, signed


@pytest.fixture
def shop(morning: Any) -> Any:
    customer = opened(morning, "砚台巷文玩行", industry="珠宝")
    signed(customer, "88000", clock.today())
    reckoned(morning)
    return customer


def test_the_list_filters_sorts_and_leaves_out_what_may_not_be_seen(shop: Any, morning: Any, signed_in: Any, django_assert_max_num_queries: Any):
    hidden = opened(morning, "听雨楼私人会所")
    Matter.objects.filter(pk=hidden.pk).update(secrecy=3)
    client, here = signed_in("沈岚"), reverse("relations:index")
    with django_assert_max_num_queries(20):
        page = client.get(here).content.decode()
    assert "砚台巷文玩行" in page and "听雨楼" not in page
    assert "砚台巷文玩行" in client.get(here + "?grade=A&stage=new&industry=珠宝&sort=name").content.decode()
    assert "砚台巷文玩行" not in client.get(here + "?stage=lost").content.decode()
    assert client.get(here + "?stage=nothing").status_code == 422
    counted = client.get(reverse("relations:distribution")).content.decode()
    assert "grade=A" in counted and "听雨楼" not in counted


def test_the_customer_page_explains(shop: Any, signed_in: Any):
    page = signed_in("苏慕青").get(reverse("customers:profile", args=[shop.matter.number]) + "?part=classes").content.decode()
    assert "88,000" in page and f"/needs/?customer={shop.matter.number}" in page and "part=contracts" in page


def test_set_and_take_back(shop: Any, signed_in: Any):
    client, to = signed_in("苏慕青"), reverse("relations:override", args=[shop.matter.number, "grade"])
    assert client.post(to, {"value": "B", "reason": ""}).status_code == 422
    assert client.post(to, {"value": "B", "reason": "账期拖得长"}).status_code == 302
    shop.refresh_from_db()
    assert shop.grade == "B"
    assert "账期拖得长" in client.get(reverse("customers:profile", args=[shop.matter.number]) + "?part=classes").content.decode()
    assert client.post(reverse("relations:take_back", args=[shop.matter.number, "grade"]), {}).status_code == 302
    shop.refresh_from_db()
    assert shop.grade == "A"


def test_who_may_not_set_gets_no_form(shop: Any, signed_in: Any):
    assert signed_in("顾一鸣").get(reverse("relations:override", args=[shop.matter.number, "grade"])).status_code == 403


def test_export(shop: Any, signed_in: Any):
    answer = signed_in("苏慕青").post(reverse("relations:export"), {"kind": "csv", "grade": "A"})
    assert "砚台巷文玩行" in b"".join(answer.streaming_content).decode("utf-8-sig")


def test_settings(shop: Any, morning: Any, signed_in: Any):
    from yingxu.relations import forms, queries

    client, here = signed_in("苏慕青"), reverse("relation_settings:classification")
    assert client.get(here).status_code == 200
    given = forms.ClassificationForm.first(queries.content("classification"), queries.version("classification"))
    assert client.post(here, given | {"grades__a": "97"}).status_code == 422
    assert client.post(here, given | {"grades__a": "70"}).status_code == 302
    assert queries.content("classification")["grades"]["a"] == 70
    assert client.post(reverse("relation_settings:reckon")).status_code == 302
    assert actions.carry_on(queries.runs(1)[0])


def test_the_list_goes_on_page_by_page(shop: Any, morning: Any):
    from yingxu.relations import queries

    for n in range(3):
        signed(opened(morning, f"第{n}家商行"), f"{n + 1}00.50", clock.today())
    reckoned(morning)
    by, wish, found, cursor = morning.by("沈岚"), queries.asked({}), [], ""
    while True:
        part = queries.listed(by, wish, cursor, size=2)
        found += [str(c.standing.contribution) for c in part.rows]
        if not (cursor := part.next):
            break
    assert found == ["88000.00", "300.50", "200.50", "100.50"]


def test_the_tabs_of_a_customer_with_an_open_need(shop: Any, morning: Any, signed_in: Any):
    from yingxu.needs import actions as needs

    needs.register(needs.Intake(kind="pawn", body="想赎回一只手镯", customer=shop, channel="phone", backfill=True), by=morning.by("沈岚"))
    client, here = signed_in("沈岚"), reverse("customers:profile", args=[shop.matter.number])
    assert [client.get(f"{here}?part={part}").status_code for part in ("overview", "classes", "prospects", "care", "needs", "history")] == [200] * 6
