"""Following a need with number and code: what is seen, said, confirmed, rejected, and never shown (N8, S9, S11, S13, L6)."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed
from yingxu.files.models import File
from yingxu.needs import actions as needs
from yingxu.needs.models import Link, Need
from yingxu.needs.queries import visible_to
from yingxu.needs.states import Outcome, State
from yingxu.portal import actions, queries
from yingxu.portal.models import Knock, TrackingCode

from .conftest import Visitor

pytestmark = pytest.mark.django_db
WRONG = "编号和查询码对不上，请再核对一下。"


def said(answer: Any) -> str:
    """The refusal on the page."""
    return re.search(r'class="notice bad".*?<div>(.*?)</div>', answer.content.decode(), re.S)[1]


# ── the door ──


def test_number_and_code_open_the_need(raised: Visitor):
    other = Visitor()
    other.number = raised.number
    assert other.get(f"/p/needs/{raised.number}/").status_code == 404
    answer = other.knock(f" {raised.number} ", raised.code.lower())
    assert answer.status_code == 302 and answer["Location"] == f"/p/needs/{raised.number}/"
    assert raised.need.body in other.page()
    assert raised.number in other.get("/p/").content.decode()


def test_the_session_gets_a_new_key(raised: Visitor):
    """S9: who planted a session before cannot use it afterwards."""
    other = Visitor()
    session = other.client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    other.knock(raised.number, raised.code)
    assert other.client.session.session_key not in (None, before)


def test_wrong_code_and_unknown_number_look_the_same(raised: Visitor):
    """S11: nobody learns which numbers exist."""
    wrong, unknown = Visitor().knock(raised.number, "AAAA-BBBB-CCCC-DDDD"), Visitor().knock("2026-999999", raised.code)
    assert wrong.status_code == unknown.status_code == 422
    assert said(wrong).encode() == said(unknown).encode()
    assert WRONG in said(wrong)


@pytest.mark.parametrize(("number", "code"), [("", ""), ("2026-000001", ""), ("\x00", "\x00"), ("' OR 1=1 --", "%"), ("9" * 400, "码" * 400)])
def test_nonsense_is_a_wrong_code(raised: Visitor, number: str, code: str):
    answer = Visitor().knock(number, code)
    assert answer.status_code == 422 and WRONG in said(answer)


def test_ten_wrong_tries_close_the_door(raised: Visitor):
    """S13: by number, whoever tries; the right code has to wait too, and other numbers are not affected."""
    tries = [Visitor().knock(raised.number, "AAAA-BBBB-CCCC-DDDD").status_code for _ in range(11)]
    assert tries == [422] * 10 + [403]
    assert "15 分钟" in said(Visitor().knock(raised.number, raised.code))
    neighbour = Visitor()
    neighbour.raise_need(phone="13900005511")
    assert Visitor().knock(neighbour.number, neighbour.code).status_code == 302
    Knock.objects.update(at=timezone.now() - actions.WINDOW)
    assert Visitor().knock(raised.number, raised.code).status_code == 302


def test_thirty_wrong_tries_from_one_place(raised: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(actions, "PER_PEER", 3)
    assert [Visitor().knock(f"2026-90000{n}", "A").status_code for n in range(4)] == [422] * 3 + [403]


def test_an_expired_or_ended_code_is_a_wrong_one(raised: Visitor):
    TrackingCode.objects.update(expires_at=clock.now())
    with pytest.raises(Invalid) as refusal:
        actions.knock(raised.number, raised.code, peer=None)
    assert refusal.value.code == "credentials"
    TrackingCode.objects.update(expires_at=clock.now() + actions.LIFE, ended_at=clock.now())
    with pytest.raises(Invalid):
        actions.knock(raised.number, raised.code, peer=None)
    TrackingCode.objects.update(ended_at=None)
    assert actions.knock(raised.number, raised.code, peer=None) == raised.need


def test_the_verb_throttles_too(raised: Visitor):
    Knock.objects.bulk_create(Knock(number=raised.number, at=timezone.now(), ok=False) for _ in range(actions.PER_NUMBER))
    with pytest.raises(NotAllowed) as refusal:
        actions.knock(raised.number, raised.code, peer=None)
    assert refusal.value.code == "throttled"


def test_leaving_closes_everything(raised: Visitor):
    assert raised.post("/p/leave/").status_code == 302
    assert raised.get(f"/p/needs/{raised.number}/").status_code == 404
    assert raised.number not in raised.get("/p/").content.decode()


def test_two_hours_are_enough(raised: Visitor):
    session = raised.client.session
    session["portal"] = {**session["portal"], "until": timezone.now().timestamp() - 1}
    session.save()
    assert raised.get(f"/p/needs/{raised.number}/").status_code == 404


# ── others' needs ──


def test_another_need_does_not_exist(raised: Visitor, world: Any, walk: Any):
    """S3: page, file and every verb of somebody else's need are 404, as for a number that is not there."""
    other = Visitor()
    other.raise_need(phone="13900005511", files=SimpleUploadedFile("a.txt", b"mine"))
    walk(other.need, "confirmation")
    file, theirs = File.objects.get(), f"/p/needs/{other.number}/"
    before = Need.objects.get(pk=other.need.pk).version, other.need.matter.entries.count()
    mine = f"/p/needs/{raised.number}/"
    for path in (theirs, theirs + "complaint/", f"{theirs}files/{file.pk}/", f"{mine}files/{file.pk}/", "/p/needs/2026-999999/"):
        assert raised.get(path).status_code == 404, path
    for what, data in (("words/", {"text": "x"}), ("verdict/", {"ok": "yes", "star": "1"}), ("complaint/", {"text": "x"})):
        assert raised.post(theirs + what, data, of=mine).status_code == 404, what
    assert (Need.objects.get(pk=other.need.pk).version, other.need.matter.entries.count()) == before


def test_the_desk_stays_closed(raised: Visitor):
    for path in (f"/needs/{raised.number}/", "/needs/", "/", f"/api/v1/needs/{raised.number}"):
        assert raised.get(path).status_code in (302, 401), path
    assert raised.post(f"/p/needs/{raised.number}/code/", of=f"/p/needs/{raised.number}/").status_code == 302


def test_nothing_internal_is_on_the_page(raised: Visitor, world: Any, walk: Any):
    """Canary words in everything the customer has no business with."""
    walk(raised.need, "handling")
    need = raised.need
    jiang, shen = world.by("江听雨"), world.by("沈岚")
    needs.note(need, by=shen, text="金丝雀内部便笺", uploads=[SimpleUploadedFile("金丝雀内部.txt", b"x")])
    needs.plan(need, by=jiang, measures="金丝雀措施", nodes=[])
    needs.progress(need, by=jiang, text="金丝雀进展")
    needs.tag(need, by=shen, add=["金丝雀标签"])
    needs.attach(need, by=jiang, uploads=[SimpleUploadedFile("金丝雀文件.txt", b"x")])
    needs.submit(need, by=jiang, done="金丝雀经过", answer="周六可以来取")
    needs.send_back(need, by=world.by("苏慕青"), reason="金丝雀退回")
    needs.reply(need, by=shen, text="正在为您核对", uploads=[SimpleUploadedFile("取件须知.txt", "带证件".encode())])
    page = raised.page()
    assert "正在为您核对" in page and "取件须知.txt" in page
    assert "金丝雀" not in page
    for person in world.people.values():
        assert person.name not in page and person.username not in page, person.name
    for department in world.departments.values():
        assert department.name not in page or department.name in need.body
    for file in File.objects.filter(public=False):
        assert raised.get(f"/p/needs/{raised.number}/files/{file.pk}/").status_code == 404
    assert File.objects.filter(public=False).count() == 2


def test_progress_for_the_customer_is_shown(raised: Visitor, world: Any, walk: Any):
    walk(raised.need, "handling")
    needs.progress(raised.need, by=world.by("江听雨"), text="当票已经找到", to_customer=True)
    assert "当票已经找到" in raised.page()


def test_five_words_instead_of_nine_steps(raised: Visitor, walk: Any):
    names = [step["name"] for step in queries.path(raised.need)]
    assert len(names) == 5
    for state, now in (("assignment", 2), ("acceptance", 2), ("handling", 3), ("confirmation", 4)):
        fresh = Visitor()
        fresh.raise_need(phone="13900005511")
        found = queries.path(walk(fresh.need, state))
        assert [s["state"] for s in found].index("now") == now - 1, state
        assert all(s["at"] for s in found[: now - 1] if s["name"] != names[2])


# ── the customer acts ──


def test_confirm_with_a_rating(raised: Visitor, walk: Any):
    """N8: the customer's word, with stars and a comment; the visit is on the way."""
    walk(raised.need, "confirmation")
    assert "周六上午可以来取" in raised.page()
    assert raised.act("verdict", {"ok": "yes", "star": "5", "more": "很快"}).status_code == 302
    need = raised.need
    assert (need.state, need.rating, need.outcome) == (State.VISIT, 5, Outcome.SATISFIED)
    verdict = need.confirmations.get()
    assert verdict.satisfied and verdict.comment == "很快" and verdict.channel == "portal" and verdict.recorded_by is None
    assert need.matter.clocks.get(step="confirmation").outcome == "met"
    assert "确认" in raised.page() and raised.act("verdict", {"ok": "yes", "star": "1"}).status_code == 409


def test_reject_begins_another_round(raised: Visitor, walk: Any):
    walk(raised.need, "confirmation")
    wordless = raised.act("verdict", {"ok": "no", "why": " ", "star": "2"})
    assert wordless.status_code == 422 and raised.need.state == State.CONFIRMATION
    assert raised.act("verdict", {"ok": "no", "why": "周六没有人在店里"}).status_code == 302
    need = raised.need
    assert (need.state, need.round) == (State.REOPENED, 2)
    page = raised.page()
    assert "周六没有人在店里" in page and "周六上午可以来取" in page, "everything so far is kept"
    assert need.rounds.get().reason == "周六没有人在店里"


@pytest.mark.parametrize("star", ["", "0", "6", "-1", "五", "1e3"])
def test_stars_that_are_none(raised: Visitor, walk: Any, star: str):
    walk(raised.need, "confirmation")
    assert raised.act("verdict", {"ok": "yes", "star": star}).status_code == 302
    assert raised.need.rating is None


def test_a_verdict_too_early_is_refused_with_its_sentence(raised: Visitor):
    answer = raised.act("verdict", {"ok": "yes", "star": "5"})
    assert answer.status_code == 409 and raised.need.state == State.REGISTERED and not raised.need.confirmations.exists()


def test_an_answer_ends_the_wait(raised: Visitor, world: Any, walk: Any):
    """N6: a question rests the clocks; the customer's answer lets them run again."""
    walk(raised.need, "handling")
    jiang = world.by("江听雨")
    needs.hold(raised.need, by=jiang, reason="等客户的当票号")
    needs.reply(raised.need, by=jiang, text="请问当票号是多少？", question=True)
    page = raised.page()
    assert "请问当票号是多少？" in page and "等客户的当票号" not in page
    assert raised.need.held_at and raised.need.matter.clocks.get(step="handling").due_at is None
    assert raised.act("words", {"text": "20261234"}).status_code == 302
    assert raised.need.held_at is None and raised.need.matter.clocks.get(step="handling").due_at
    assert queries.question(raised.need) is None and "20261234" in raised.page()


def test_words_that_are_none_are_refused(raised: Visitor):
    answer = raised.act("words", {"text": "  "})
    assert answer.status_code == 422 and "不能空着" in said(answer)
    long = raised.act("words", {"text": "长" * 20_001})
    assert long.status_code == 422 and "长长长" in long.content.decode(), "what was typed is kept"
    assert raised.need.matter.notes.count() == 0


def test_more_files_later(raised: Visitor):
    assert raised.act("words", {"text": "补一张", "files": SimpleUploadedFile("b.txt", b"more")}).status_code == 302
    assert File.objects.get().public and "b.txt" in raised.page()
    bad = raised.act("words", {"text": "再补", "files": SimpleUploadedFile("c.jpg", b"MZ\x90\x00" * 9)})
    assert bad.status_code == 422 and "再补" in bad.content.decode() and raised.need.matter.notes.count() == 1


def test_a_complaint_goes_to_the_response_group(raised: Visitor, world: Any, walk: Any):
    """L6: not to those who handle the need."""
    walk(raised.need, "handling")
    answer = raised.act("complaint", {"text": "一直没人理我"})
    assert answer.status_code == 200 and "响应" in answer.content.decode()
    made = Need.objects.select_related("matter__department").exclude(pk=raised.need.pk).get()
    assert made.matter.department == world.department("response-group")
    assert (made.kind, made.body, made.customer, made.origin) == ("complaint", "一直没人理我", raised.need.customer, raised.need)
    assert Link.objects.get().b_id == made.pk
    assert raised.need.state == State.HANDLING
    assert not visible_to(world.by("江听雨")).filter(pk=made.pk).exists()
    empty = raised.act("complaint", {"text": ""})
    assert empty.status_code == 422 and Need.objects.count() == 2


def test_a_merged_need_leads_on(raised: Visitor, world: Any):
    kept = Visitor()
    kept.raise_need(body="同一件事，又说了一遍")
    needs.merge(raised.need, by=world.by("沈岚"), into=kept.need)
    answer = raised.get(f"/p/needs/{raised.number}/")
    assert answer.status_code == 302 and answer["Location"] == f"/p/needs/{kept.number}/"
    assert "又说了一遍" in raised.get(answer["Location"]).content.decode()


def test_a_need_merged_into_a_strangers_does_not(raised: Visitor, world: Any):
    """What another customer wrote stays theirs, whatever staff merge."""
    kept = Visitor()
    kept.raise_need(phone="13900005511", name="别人", body="别人的话")
    needs.merge(raised.need, by=world.by("沈岚"), into=kept.need)
    assert "别人的话" not in raised.page()
    assert raised.get(f"/p/needs/{kept.number}/").status_code == 404


def test_a_void_need_is_said_to_be(raised: Visitor, world: Any):
    needs.void(raised.need, by=world.by("苏慕青"), reason="重复登记")
    page = raised.page()
    assert "重复登记" not in page and "撤" in page
    assert raised.act("words", {"text": "还在吗"}).status_code == 409


def test_looking_writes_nothing(raised: Visitor, walk: Any):
    """GET never writes, and verbs are no pages."""
    walk(raised.need, "confirmation")
    here = f"/p/needs/{raised.number}/"
    before = raised.need.version, raised.need.matter.entries.count(), TrackingCode.objects.values_list("used_at").get()
    for path in (here, here + "complaint/?text=x", f"{here}?ok=yes&star=5"):
        assert raised.get(path).status_code == 200
    for path in (here + "words/?text=x", here + "verdict/?ok=yes", here + "code/", "/p/leave/", "/p/language/?language=en"):
        assert raised.get(path).status_code in (302, 405), path
    assert (raised.need.version, raised.need.matter.entries.count(), TrackingCode.objects.values_list("used_at").get()) == before


def test_other_languages(raised: Visitor):
    raised.post("/p/language/", {"language": "en"})
    assert 'lang="en"' in raised.page()
    raised.post("/p/language/", {"language": "xx"})
    assert 'lang="en"' in raised.page()


def test_a_page_asks_few_questions(raised: Visitor, walk: Any, django_assert_max_num_queries: Any):
    walk(raised.need, "confirmation")
    raised.page()
    with django_assert_max_num_queries(16):
        raised.page()
