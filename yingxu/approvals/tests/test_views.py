"""The inbox, a request's page and its dialogs, deputies and chains, by HTTP."""

from datetime import timedelta

import pytest

from tests.world import PASSWORD
from yingxu.approvals import actions
from yingxu.approvals.models import Chain, Deputy, Request, Seat, State
from yingxu.base import clock
from yingxu.matters.models import Entry
from yingxu.people.models import SignInAttempt

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}


def step_of(client, address: str) -> str:
    """The step a dialog was opened for."""
    return client.get(address, **HX).content.decode().split('name="step"')[1].split('value="')[1].split('"')[0]


def test_what_waits_for_me(desk, enter):
    desk.ask(title="降为秘密")
    page = enter("秦望舒").get("/approvals/").content.decode()
    assert "降为秘密" in page and "待我签批" in page and desk.matter.number in page
    assert "降为秘密" in enter("沈岚").get("/approvals/?whose=mine").content.decode()
    assert "降为秘密" in enter("陆砚秋").get("/approvals/?whose=all&state=open&chain=archives.lower&q=降为秘密").content.decode()
    for whose in ("waiting", "signed", "mine", "all"):
        assert "降为秘密" not in enter("方屿").get(f"/approvals/?whose={whose}").content.decode()


def test_every_emptiness_says_which(desk, enter):
    client = enter("周予安")
    said = {"": "都签完了", "?whose=signed": "还没签过", "?whose=mine": "你没有申请", "?whose=all": "还没有申请", "?q=x": "没有符合的申请"}
    for query, words in said.items():
        assert words in client.get(f"/approvals/{query}").content.decode()


@pytest.mark.parametrize("query", ["whose=everybody", "state=x", "sort=x", "cursor=x"])
def test_a_list_nobody_knows_is_refused(desk, enter, query):
    assert enter("周予安").get(f"/approvals/?{query}").status_code == 422


def test_the_list_costs_the_same_for_one_and_for_many(desk, enter, django_assert_max_num_queries):
    for n in range(12):
        desk.ask(title=f"第 {n} 件")
    client = enter("秦望舒")
    client.get("/approvals/")
    with django_assert_max_num_queries(16):
        client.get("/approvals/")


def test_pages_follow_each_other(desk, enter):
    for n in range(55):
        desk.ask(title=f"第 {n} 件", on=None)
    first = enter("秦望舒").get("/approvals/?sort=asked").content.decode()
    assert first.count('data-row="') == 50 and 'rel="next"' in first


def test_signed_from_its_page(desk, enter):
    request = desk.ask()
    client, page = enter("秦望舒"), f"/approvals/{request.pk}/"
    text = client.get(page).content.decode()
    assert "机密 → 秘密" in text and f"{page}approve/" in text and f"{page}withdraw/" not in text and "SHA-256" in text
    dialog = client.get(f"{page}approve/", **HX).content.decode()
    assert "<dialog" in dialog and 'type="password"' in dialog and "<html" not in dialog
    step = step_of(client, f"{page}approve/")
    wrong = client.post(f"{page}approve/", {"words": "留着这句", "step": step, "password": "wrong"}, **HX)
    assert wrong.status_code == 422 and "留着这句" in wrong.content.decode() and "wrong" not in wrong.content.decode()
    assert SignInAttempt.objects.filter(ok=False).count() == 1, "a wrong try is counted although nothing was signed"
    given = {"words": "同意", "step": step, "password": PASSWORD, "nonce": "n1"}
    done = client.post(f"{page}approve/", given, **HX)
    assert done.status_code == 204 and done["HX-Redirect"] == page
    assert Request.objects.get(pk=request.pk).state == State.GRANTED
    again = client.post(f"{page}approve/", given, **HX)
    assert again.status_code == 204 and Seat.objects.filter(state="approved").count() == 1, "pressed twice, signed once"
    late = client.post(f"{page}approve/", {**given, "nonce": "n2"})
    assert late.status_code == 409


def test_without_script_too(desk, enter):
    desk.chain("t.one", desk.person("苏慕青"))
    request = desk.ask("t.one", by="顾一鸣")
    client = enter("苏慕青")
    text = client.get(f"/approvals/{request.pk}/send-back/").content.decode()
    assert "<html" in text and "退回修改" in text and 'type="password"' not in text
    step = step_of(client, f"/approvals/{request.pk}/send-back/")
    assert client.post(f"/approvals/{request.pk}/send-back/", {"reason": "", "step": step}).status_code == 422
    assert client.post(f"/approvals/{request.pk}/send-back/", {"reason": "写清期限", "step": step}).status_code == 302
    page = enter("顾一鸣").get(f"/approvals/{request.pk}/").content.decode()
    assert "写清期限" in page and "重新申请" in page
    assert enter("顾一鸣").post(f"/approvals/{request.pk}/resubmit/", {"words": "已写到 3 月 31 日"}).status_code == 302
    page = enter("苏慕青").get(f"/approvals/{request.pk}/").content.decode()
    assert "第 2 轮" in page and "已写到 3 月 31 日" in page and "<details>" in page, "the earlier round is folded"


def test_verbs_by_http(desk, enter):
    desk.chain("t.one", desk.person("苏慕青"))
    request = desk.ask("t.one", by="顾一鸣")
    client, page = enter("苏慕青"), f"/approvals/{request.pk}/"
    step = step_of(client, f"{page}add/")
    assert client.post(f"{page}add/", {"who": "没有这人", "where": "after", "reason": "知会", "step": step}).status_code == 422
    assert client.post(f"{page}add/", {"who": "江听雨", "where": "after", "reason": "知会", "step": step}).status_code == 302
    assert client.post(f"{page}delegate/", {"to": "沈岚", "reason": "外出", "step": step}).status_code == 302
    assert client.get(f"{page}nothing/").status_code == 404 and client.get("/approvals/999999/").status_code == 404
    assert enter("顾一鸣").get(f"{page}approve/").status_code == 403
    assert enter("顾一鸣").post(f"{page}withdraw/", {"reason": "不办了"}).status_code == 302
    assert enter("方屿").get(page).status_code == 404 and enter("方屿").post(f"{page}approve/", {"step": step}).status_code == 404


def test_the_list_leaves_the_house_with_a_line_in_the_journal(desk, enter):
    desk.ask(title="降为秘密")
    answer = enter("陆砚秋").post("/approvals/export/", {"whose": "all", "kind": "csv"})
    assert answer.status_code == 200 and "降为秘密" in b"".join(answer).decode("utf-8-sig")
    assert Entry.objects.filter(event="approvals.approvals_exported").exists()
    assert enter("顾一鸣").post("/approvals/export/", {"whose": "all"}).status_code == 403


def test_deputies_by_http(desk, enter):
    now = clock.now()
    client = enter("秦望舒")
    assert "没有人代签" in client.get("/approvals/deputies/").content.decode()
    given = {"deputy": "苏慕青", "begins_at": f"{now:%Y-%m-%dT%H:%M}", "ends_at": f"{now + timedelta(days=2):%Y-%m-%dT%H:%M}", "reason": "出差"}
    assert client.post("/approvals/deputies/new/", {**given, "deputy": "秦望舒"}).status_code == 422
    assert client.post("/approvals/deputies/new/", given).status_code == 302
    row = Deputy.objects.get()
    page = enter("苏慕青").get("/approvals/deputies/").content.decode()
    assert "代签中" in page and f"/approvals/deputies/{row.pk}/end/" not in page, "only who is away ends it"
    assert "你正在代 秦望舒 签批" in enter("苏慕青").get("/approvals/").content.decode()
    assert enter("江听雨").post(f"/approvals/deputies/{row.pk}/end/").status_code == 404
    assert client.post(f"/approvals/deputies/{row.pk}/end/").status_code == 302
    row.refresh_from_db()
    assert row.ended_at is not None


def test_chains_by_http(desk, enter):
    client = enter("管鹿鸣")
    assert "降低密级" in client.get("/settings/approvals/").content.decode()
    page = client.get("/settings/approvals/archives.lower/").content.decode()
    was = page.split('name="was"')[1].split('value="')[1].split('"')[0]
    given = {"was": was, "lapse_days": "5", "active": "on", "name0": "总经理", "who0": "role:executive", "needed0": "all", "within0": "2h", "reauth0": "on"}
    for wrong in ({"within0": "soon"}, {"name0": ""}, {"who0": "person:"}, {"who0": ""}):
        assert client.post("/settings/approvals/archives.lower/", {**given, **wrong}).status_code == 422
    assert client.post("/settings/approvals/archives.lower/", given).status_code == 302
    step = Chain.objects.get(code="archives.lower").steps.get()
    assert (step.code, step.needed, step.within, step.reauth) == ("executive", "all", "2h", True)
    assert client.post("/settings/approvals/archives.lower/", given).status_code == 409, "somebody changed it meanwhile"
    assert enter("沈岚").get("/settings/approvals/").status_code == 403
    assert client.get("/settings/approvals/none.such/").status_code == 404


def test_what_stands_still_is_seen_without_what_it_is_about(desk, enter):
    desk.role("严守拙", "clerk")
    desk.chain("t.one", desk.person("方屿"))
    desk.matter.secrecy = 3
    desk.matter.save()
    desk.ask("t.one", by="陆砚秋", title="绝密的事")
    page = enter("管鹿鸣").get("/settings/approvals/").content.decode()
    assert "没有人能签" in page and "测试链" in page and "绝密的事" not in page


def test_the_rail_shows_that_something_waits(desk, enter):
    before = enter("秦望舒").get("/approvals/?whose=mine").content.decode()
    desk.ask()
    after = enter("秦望舒").get("/approvals/?whose=mine").content.decode()
    assert before.count("badge") <= after.count("badge") and after != before


def test_a_deputy_signs_by_http(desk, enter):
    desk.chain("t.one", desk.person("江听雨"))
    request = desk.ask("t.one", by="顾一鸣")
    now = clock.now()
    actions.name_deputy(by=desk.by("江听雨"), deputy=desk.user("苏慕青"), begins_at=now, ends_at=now + timedelta(days=1))
    client = enter("苏慕青")
    assert "你代 江听雨 签" in client.get(f"/approvals/{request.pk}/").content.decode()
    step = step_of(client, f"/approvals/{request.pk}/approve/")
    assert client.post(f"/approvals/{request.pk}/approve/", {"step": step}).status_code == 302
    assert "苏慕青（代 江听雨）" in enter("顾一鸣").get(f"/approvals/{request.pk}/").content.decode()
