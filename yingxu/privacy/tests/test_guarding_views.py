"""The pages of recipients, impact assessments and breaches, by HTTP."""

import io

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from yingxu.base import clock
from yingxu.privacy.models import Assessment, Breach, Purpose, Recipient

from .test_assessments import approved

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}
ASSESSED = {
    "title": "短信服务商", "kind": "recipient", "need": "通知进展", "influence": "号码由服务商处理", "dangers": "外泄", "risk": "low", "measures": "合同", "decision": "go",
    "review_on": "2027-03-01", "nonce": "n1",
}  # fmt: skip


def rows(answer):
    return load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.max_row


def test_an_assessment_from_draft_to_in_force(today, enter):
    su, qin = enter("苏慕青"), enter("秦望舒")
    assert "还没有影响评估" in su.get("/privacy/assessments/").content.decode()
    wrong = su.post("/privacy/assessments/new/", ASSESSED | {"review_on": "2040-01-01", "nonce": "n0"}, **HX)
    assert wrong.status_code == 422 and "号码由服务商处理" in wrong.content.decode()
    made, again = su.post("/privacy/assessments/new/", ASSESSED), su.post("/privacy/assessments/new/", ASSESSED)
    page = made["Location"]
    assert made.status_code == 302 and page == again["Location"] and Assessment.objects.count() == 1
    assert su.post(f"{page}edit/", ASSESSED | {"title": "短信服务商（两家）"}).status_code == 302
    assert qin.get(f"{page}review/").status_code == 200 and su.post(f"{page}submit/").status_code == 302
    assert f"{page}review/" in qin.get(page).content.decode() and f"{page}review/" not in su.get(page).content.decode()
    assert su.post(f"{page}review/", {"agreed": "yes"}).status_code == 403
    assert qin.post(f"{page}review/", {"agreed": "no"}).status_code == 422
    assert qin.post(f"{page}review/", {"agreed": "yes"}).status_code == 302
    assert qin.post(f"{page}review/", {"agreed": "yes"}).status_code == 409
    assert "短信服务商（两家）" in su.get("/privacy/assessments/?state=approved").content.decode()
    assert "清除筛选" in su.get("/privacy/assessments/?kind=abroad").content.decode()
    assert su.get("/privacy/assessments/?state=odd").status_code == 422 and su.get(f"{page}nothing/").status_code == 404
    assert rows(su.post("/privacy/assessments/export/", {})) == 2
    assert enter("沈岚").get("/privacy/assessments/").status_code == 403


def test_a_recipient_is_taken_in_and_switched_on(today, enter, django_assert_max_num_queries):
    su, weighed = enter("苏慕青"), approved(today, kind="recipient")
    assert "还没有接收方" in su.get("/settings/privacy/recipients/").content.decode()
    purpose = str(Purpose.objects.get(code="service").pk)
    given = {"name": "云信短信有限公司", "role": "processor", "region": "CN", "contract": "HT-1", "purposes": [purpose], "fields_": ["contact"], "assessment": weighed.matter.number.lower()}
    assert su.post("/settings/privacy/recipients/new/", given | {"assessment": "PG-2026-999999"}).status_code == 422
    made = su.post("/settings/privacy/recipients/new/", given)
    page = made["Location"]
    assert "已停用" in su.get(page).content.decode() and su.post(f"{page}active/", {"active": "1"}).status_code == 302
    assert Recipient.objects.get().active
    assert su.post(f"{page}edit/", given | {"assessment": ""}).status_code == 302 and not Recipient.objects.get().active
    assert su.post(f"{page}active/", {"active": "1"}).status_code == 409
    su.get("/settings/privacy/recipients/")
    with django_assert_max_num_queries(20):
        assert "云信" in su.get("/settings/privacy/recipients/?state=off").content.decode()
    assert "清除筛选" in su.get("/settings/privacy/recipients/?state=abroad").content.decode()
    assert rows(su.post("/settings/privacy/recipients/export/", {"state": "off"})) == 2
    assert enter("沈岚").get("/settings/privacy/recipients/").status_code == 403 and su.get("/settings/privacy/recipients/999/").status_code == 404


def test_a_breach_on_screen(today, customer, enter, django_assert_max_num_queries):
    su = enter("苏慕青")
    assert "没有信息安全事件" in su.get("/privacy/breaches/").content.decode()
    now = timezone.localtime(clock.now()).strftime("%Y-%m-%dT%H:%M")
    given = {"title": "名单发错邮箱", "what": "leak", "size": "larger", "found_at": now, "fields_": ["name"], "happened": "一张名单", "nonce": "b1"}
    assert su.post("/privacy/breaches/new/", given | {"fields_": [], "nonce": "b0"}).status_code == 422
    page = su.post("/privacy/breaches/new/", given)["Location"]
    assert su.post("/privacy/breaches/new/", given)["Location"] == page and Breach.objects.count() == 1
    assert su.post(f"{page}choose/", {"numbers": customer.matter.number.lower()}).status_code == 302
    assert "1 位受影响的客户" in su.get(page).content.decode() and customer.matter.number in su.get(f"{page}persons/").content.decode()
    assert su.post(f"{page}note/", {"words": "联系了对方"}).status_code == 302 and "联系了对方" in su.get(page).content.decode()
    assert su.post(f"{page}finish/", {"lessons": "x"}).status_code == 409
    more = {"what": "leak", "size": "larger", "fields_": ["name"], "happened": "一张名单", "cause": "选错", "harm": "骚扰", "measures": "删除", "persons": "1"}
    assert su.post(f"{page}describe/", more).status_code == 302
    assert "第五十七条" in su.get(f"{page}report/").content.decode() and "骚扰" in su.get(f"{page}tell/").content.decode()
    assert su.post(f"{page}authority/", {"authority": "省网信办"}).status_code == 302
    assert su.post(f"{page}spare/", {"why": "已删除"}).status_code == 302 and su.post(f"{page}finish/", {"lessons": "加确认"}).status_code == 302
    assert enter("秦望舒").post(f"{page}review/", {"agreed": "yes"}).status_code == 302
    su.get("/privacy/breaches/")
    with django_assert_max_num_queries(20):
        assert "已结案" in su.get("/privacy/breaches/?state=closed").content.decode()
    assert "清除筛选" in su.get("/privacy/breaches/?drill=yes").content.decode() and su.get("/privacy/breaches/?size=odd").status_code == 422
    assert rows(su.post("/privacy/breaches/export/", {})) == 2
    assert enter("沈岚").get("/privacy/breaches/").status_code == 403 and enter("沈岚").get("/privacy/breaches/new/").status_code == 200
