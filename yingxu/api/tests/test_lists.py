"""Lists by the API: each entry once, every filter that is allowed, codes; customers (U3, S3, C1)."""

from typing import Any

from yingxu.api import rest
from yingxu.base.web import keyset  # noqa: F401  the paging that is tested here
from yingxu.customers.models import Customer

from .conftest import Program, need, problem


def test_paging_shows_each_once_both_ways(desk: Program) -> None:
    made = [desk.post("/needs", need(body=f"第 {i} 件")).json()["number"] for i in range(23)]
    seen: list[str] = []
    link: str | None = "/api/v1/needs?size=5&sort=opened"
    pages = []
    while link:
        answer = desk.get(link.removeprefix("/api/v1")).json()
        pages.append([row["number"] for row in answer["items"]])
        seen += pages[-1]
        last, link = answer, answer["next"]
    assert seen == made
    back = []
    while last["previous"]:
        last = desk.get(last["previous"].removeprefix("/api/v1")).json()
        back.append([row["number"] for row in last["items"]])
    assert back == pages[-2::-1]


def test_rows(desk: Program, world: Any) -> None:
    number = desk.post("/needs", need(customer={"number": world.customer("季棠").matter.number})).json()["number"]
    row = desk.get("/needs?q=手表&customer=" + world.customer("季棠").matter.number).json()["items"][0]
    assert row["number"] == number and row["state"] == "registered" and row["step"] == 2
    assert row["customer"] == {"number": world.customer("季棠").matter.number, "name": "季棠"}
    assert row["opened_at"].endswith("+08:00") and row["due_at"]
    assert desk.get("/needs?q=没有这个词").json()["items"] == []
    assert desk.get("/needs?state=closed&state=void").json()["items"] == []


def test_a_list_takes_few_queries(desk: Program, django_assert_max_num_queries: Any) -> None:
    for i in range(10):
        desk.post("/needs", need(body=f"第 {i} 件", customer={"name": f"客 {i}"}))
    desk.get("/needs")
    with django_assert_max_num_queries(2):
        assert len(desk.get("/needs").json()["items"]) == 10


def test_one_need_takes_few_queries(desk: Program, django_assert_max_num_queries: Any) -> None:
    number = desk.post("/needs", need()).json()["number"]
    desk.get("/me")
    with django_assert_max_num_queries(8):
        whole = desk.get(f"/needs/{number}").json()
    assert "triage" in whole["verbs"] and whole["clocks"] and whole["body"] == need()["body"]


def test_codes(desk: Program) -> None:
    kinds = desk.get("/kinds").json()
    assert {"pawn", "consultation"} <= {k["code"] for k in kinds}
    assert any(f["code"] == "scope" for f in desk.get("/kinds/consultation").json()["fields"])
    problem(desk.get("/kinds/nothing"), 404)
    assert {c["code"] for c in desk.get("/categories").json()} == {"urgent", "important", "general", "potential"}
    assert next(d for d in desk.get("/departments").json() if d["service"])["code"] == "service"
    me = desk.get("/me").json()
    assert me["user"]["username"] == "shenlan" and me["rules"]["needs.register"] == "all" and "customers.reveal" not in me["rules"]


def test_customers(desk: Program) -> None:
    answer = desk.post(
        "/customers",
        {"name": "海棠贸易有限公司", "type": "organisation", "contact": "林女士", "phone": "13900007777", "grade": "A", "tags": ["贸易"]},
    )
    assert answer.status_code == 201, answer.content.decode()
    made = answer.json()
    assert answer["Location"].endswith(made["number"]) and made["contacts"][0]["name"] == "林女士"
    assert "13900007777" not in str(made) and made["identifiers"][0]["masked"].endswith("7777")
    for query in ("phone=139%200000%207777", "q=海棠贸易", "q=7777", "grade=A", "tag=贸易", f"q={made['number']}"):
        found = desk.get(f"/customers?{query}").json()["items"]
        assert [row["number"] for row in found] == [made["number"]], query
    assert desk.get("/customers?phone=13900008888").json()["items"] == []
    problem(desk.get("/customers?phone=12"), 422)
    problem(desk.get("/customers?colour=red"), 400)
    problem(desk.get("/customers?size=0x10"), 400)


def test_changing_a_customer(desk: Program, world: Any) -> None:
    number = world.customer("季棠").matter.number
    tag = desk.get(f"/customers/{number}")["ETag"]
    changed = desk("PATCH", f"/customers/{number}", {"remark": "喜欢下午来", "customer_since": "2020-01-02"}, if_match=tag)
    assert changed.status_code == 200 and changed.json()["remark"] == "喜欢下午来" and changed.json()["customer_since"] == "2020-01-02"
    assert Customer.objects.get(name="季棠").grade == "B"
    stale = desk("PATCH", f"/customers/{number}", {"remark": "上午来"}, if_match=tag)
    assert problem(stale, 412)["theirs"]["remark"]["theirs"] == "喜欢下午来"
    problem(desk("PATCH", f"/customers/{number}", {"grade": "Z"}), 422)
    problem(desk("PATCH", "/customers/KH-2026-999999", {"remark": "x"}), 404)


def test_customers_are_not_for_every_token(program: Any, world: Any) -> None:
    world.customer("季棠")
    reader = program("沈岚", "customers:read")
    assert reader.get("/customers").status_code == 200
    problem(reader.post("/customers", {"name": "新客"}), 403)
    problem(program("管鹿鸣").get("/customers"), 403)


def test_document_is_complete(client: Any, db: None) -> None:
    """Every operation has a summary, examples for its body and its refusals (U3)."""
    document = client.get("/api/v1/openapi.json", headers={"accept-language": "en"}).json()
    assert document["openapi"].startswith("3.1")
    ids = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            ids.append(operation["operationId"])
            assert operation["summary"] and operation["security"], path
            assert {"401", "403", "422", "429", "503"} <= set(operation["responses"]), (method, path)
            for code, answer in operation["responses"].items():
                if code >= "400":
                    assert list(answer["content"]) == ["application/problem+json"]
    assert len(set(ids)) == len(ids) == len([1 for methods in document["paths"].values() for _m in methods])
    names = set(document["components"]["schemas"])
    assert all(ref in names for ref in _references(document))


def _references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"].rsplit("/", 1)[1]} if "$ref" in part else set()
        return own.union(*(_references(v) for v in part.values()))
    return set().union(*(_references(v) for v in part)) if isinstance(part, list) else set()


def test_answers_are_as_documented(desk: Program) -> None:
    """What is answered fits the schemas: checked by ninja for every answer but the one made by hand."""
    document = rest.document()
    answer = desk.post("/needs", need()).json()
    assert set(answer) == set(document["components"]["schemas"]["Registered"]["properties"])


def test_the_example_of_a_call_works(desk: Program) -> None:
    from yingxu.api import reference

    assert desk.post("/needs", reference.first_need()).status_code == 201


def test_page_for_people(client: Any, db: None) -> None:
    answer = client.get("/api/v1/docs")
    text = answer.content.decode()
    assert answer.status_code == 200 and "/api/v1/needs/{number}/triage" in text and "Idempotency-Key" in text
