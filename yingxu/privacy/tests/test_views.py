"""The pages of privacy, by HTTP."""

import io

import pytest
from openpyxl import load_workbook

from yingxu.matters.models import Entry
from yingxu.privacy import queries
from yingxu.privacy.models import Notice, Purpose, Request, Retention

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}


def test_a_request_from_its_coming_to_its_answer(today, customer, enter):
    shen, su = enter("沈岚"), enter("苏慕青")
    empty = su.get("/privacy/").content.decode()
    assert "没有待办的请求" in empty
    number = customer.matter.number
    assert number in shen.get(f"/privacy/new/?about={number}").content.decode()
    given = {"kind": "copy", "applicant": "季棠", "relation": "self", "contact": "13900004244", "channel": "counter", "about": number, "words": "", "nonce": "n1"}
    made = shen.post("/privacy/new/", given)
    again = shen.post("/privacy/new/", given)
    assert made.status_code == 302 and made["Location"] == again["Location"] and Request.objects.count() == 1
    page = made["Location"]
    assert "还没有核实" in shen.get(page).content.decode()
    assert f"{page}check/" not in shen.get(page).content.decode() and f"{page}check/" in su.get(page).content.decode()
    assert shen.post(f"{page}check/", {"about": number, "how": "看过"}).status_code == 403
    wrong = su.post(f"{page}check/", {"about": "KH-2026-999999", "how": "留着这句"}, **HX)
    assert wrong.status_code == 422 and "留着这句" in wrong.content.decode()
    assert su.post(f"{page}check/", {"about": number.lower(), "how": "身份证原件"}).status_code == 302
    assert su.post(f"{page}answer/", {"answer": "给了"}).status_code == 409
    assert shen.post(f"{page}copy/").status_code == 403
    book = load_workbook(io.BytesIO(b"".join(su.post(f"{page}copy/").streaming_content)))
    assert "139 0000 4244" in {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert f'class="button primary" href="{page}answer/"' in su.get(page).content.decode()
    assert su.post(f"{page}answer/", {"answer": "当面交付"}).status_code == 302
    assert "当面交付" in su.get(page).content.decode() and su.post(f"{page}refuse/", {"reason": "x"}).status_code == 409
    assert su.get(f"{page}nothing/").status_code == 404


@pytest.mark.parametrize("query", ["state=x", "kind=x", "sort=x", "cursor=x"])
def test_a_list_nobody_knows_is_refused(today, enter, query):
    assert enter("苏慕青").get(f"/privacy/?{query}").status_code == 422


def test_the_list_filters_sorts_and_leaves_the_house(today, customer, enter, django_assert_max_num_queries):
    from yingxu.privacy import actions

    for n in range(8):
        actions.receive(by=today.by("沈岚"), kind="explain", applicant=f"来人 {n}", contact="x", channel="phone", words="为什么")
    su = enter("苏慕青")
    su.get("/privacy/")
    with django_assert_max_num_queries(20):
        page = su.get("/privacy/").content.decode()
    assert "来人 7" in page and "来人 7" not in su.get("/privacy/?q=来人 3").content.decode()
    assert "清除筛选" in su.get("/privacy/?kind=copy").content.decode()
    book = load_workbook(io.BytesIO(b"".join(su.post("/privacy/export/", {"kind": "explain"}).streaming_content)))
    assert book.active.max_row == 9
    assert Entry.objects.filter(event="privacy.records_exported").count() == 1
    assert enter("沈岚").post("/privacy/export/", {}).status_code == 403
    assert enter("周予安").get("/privacy/").status_code == 403


def test_purposes_notice_and_times_are_set_on_screen(today, enter):
    su = enter("苏慕青")
    page = su.get("/settings/privacy/").content.decode()
    assert "征询服务评价" in page and "2026-11" in page and "已办结的需求" in page
    words = {"name": "健康回访", "code": "health", "basis": "consent", "scope": "姓名、电话", "means": "电话", "months": "12", "anew": "on"}
    assert su.post("/settings/privacy/purposes/new/", words).status_code == 302
    assert su.post("/settings/privacy/purposes/new/", words | {"code": "h2", "sensitive": "on", "basis": "contract"}).status_code == 422
    assert su.post("/settings/privacy/purposes/health/", words | {"means": "电话、短信", "code": "other"}).status_code == 302
    assert queries.purpose("health").wordings.count() == 2, "the code of a purpose does not change"
    assert su.post("/settings/privacy/purposes/health/active/", {"active": ""}).status_code == 302
    assert not queries.purpose("health").active
    assert su.post("/settings/privacy/notice/", {"version": "2026-11", "body": "x"}).status_code == 422
    assert su.post("/settings/privacy/notice/", {"version": "2027-01", "body": "新的告知"}).status_code == 302
    assert Notice.objects.first().version == "2027-01" and "新的告知" in su.get("/settings/privacy/notice/2027-01/").content.decode()
    assert su.post("/settings/privacy/retention/needs.closed/", {"months": "72", "ground": "总经理办公会决定"}).status_code == 302
    assert Retention.objects.get(kind="needs.closed").months == 72
    assert su.get("/settings/privacy/retention/needs.closed/due/").status_code == 200
    assert su.get("/settings/privacy/retention/weather/").status_code == 404
    book = load_workbook(io.BytesIO(b"".join(su.post("/settings/privacy/records/").streaming_content)))
    assert book.active.max_row == Purpose.objects.count() + 1
    assert enter("沈岚").get("/settings/privacy/").status_code == 403


def test_consent_is_written_down_and_taken_back_on_the_customers_page(today, customer, enter):
    shen, number = enter("沈岚"), customer.matter.number
    page = f"/customers/{number}/?part=consents"
    assert "关怀与推介" in shen.get(page).content.decode()
    assert shen.post(f"/privacy/of/{number}/marketing/", {"given_": "yes", "channel": "counter", "evidence": ""}).status_code == 422
    assert shen.post(f"/privacy/of/{number}/marketing/", {"given_": "yes", "channel": "counter", "evidence": "知情书 9 号"}).status_code == 302
    assert queries.may_use(customer.pk, "marketing") and "知情书 9 号" in shen.get(page).content.decode()
    assert shen.post(f"/privacy/of/{number}/marketing/withdrawal/", {"channel": "phone"}).status_code == 302
    assert not queries.may_use(customer.pk, "marketing")
    assert shen.post(f"/privacy/of/{number}/weather/", {}).status_code == 404
    assert enter("周予安").post(f"/privacy/of/{number}/marketing/", {}).status_code in (403, 404)


def test_a_bank_account_asks_for_its_consent_on_screen(today, customer, enter):
    shen, number = enter("沈岚"), customer.matter.number
    given = {"type": "bank", "text": "6222020000000000000", "contact": ""}
    refused = shen.post(f"/customers/{number}/numbers/", given)
    assert refused.status_code == 422 and "收付款账户" in refused.content.decode()
    assert shen.post(f"/customers/{number}/numbers/", given | {"channel": "paper", "evidence": "授权书 3 号"}).status_code == 302
    assert queries.may_use(customer.pk, "payment")
