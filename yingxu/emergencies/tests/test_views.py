"""The pages: what they show, to whom, with how many queries, and that several people may write at once (E1 to E3)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yingxu.emergencies import actions, queries
from yingxu.emergencies.models import Emergency, Resource
from yingxu.emergencies.states import State
from yingxu.matters.models import Draft
from yingxu.meetings.models import Meeting
from yingxu.tasks.models import Task

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def text(answer) -> str:
    return answer.content.decode()


def mark(page: str) -> str:
    return re.search(r'id="pulse-v" value="([\d.]+)"', page)[1]


def test_the_form_declares_and_leads_to_the_page(fire, enter):
    need, desk = fire.need(), enter("沈岚")
    form = desk.get(f"/emergencies/new/?needs={need.number}")
    assert form.status_code == 200 and need.number in text(form)
    wrong = desk.post("/emergencies/new/", {"title": "", "happened": "停机了", "level": "2", "secrecy": "0", "numbers": "2026-999999"})
    assert wrong.status_code == 422 and "停机了" in text(wrong) and "2026-999999" in text(wrong)
    done = desk.post("/emergencies/new/", {"title": "恒温机组停机", "happened": "停机了", "level": "1", "secrecy": "0", "numbers": need.number})
    assert done.status_code == 302
    found = Emergency.objects.get()
    page = text(desk.get(done["Location"]))
    assert "恒温机组停机" in page and need.number in page and found.number in page
    assert "已启动，待确认" in page and "秦望舒" in page


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("name", ["秦望舒", "沈岚", "顾一鸣"])
def test_the_page_in_every_state(fire, enter, state, name):
    found = fire.at(state)
    page = enter(name).get(f"/emergencies/{found.number}/")
    seen = name != "顾一鸣"  # a clerk of another department, who was not called
    assert page.status_code == (200 if seen else 404)
    if seen:
        assert str(State(state).label if state != State.RUNNING else "应急进行中") in text(page)
        assert enter(name).get(f"/emergencies/{found.number}/print/").status_code == 200


def test_the_page_asks_a_fixed_number_of_questions(fire, enter):
    found, desk = fire.at(State.RUNNING, *(fire.need() for _i in range(3))), enter("秦望舒")
    desk.get(f"/emergencies/{found.number}/")
    queries.look_again()
    with CaptureQueriesContext(connection) as few:
        desk.get(f"/emergencies/{found.number}/")
    actions.join(found, by=fire.by("沈岚"), needs=[fire.need() for _i in range(5)])
    actions.tell(found, by=fire.by("沈岚"), text="在处理。")
    for number in range(6):
        actions.write(found, by=fire.by("沈岚"), text=f"第 {number} 笔")
    queries.look_again()
    with CaptureQueriesContext(connection) as many:
        desk.get(f"/emergencies/{found.number}/")
    assert len(many) <= len(few) and len(many) <= 40


def test_nothing_new_is_204_and_costs_little(fire, enter):
    found, desk = fire.at(State.RUNNING), enter("秦望舒")
    seen = mark(text(desk.get(f"/emergencies/{found.number}/")))
    desk.get(f"/emergencies/{found.number}/live/", {"v": seen}, **HTMX)
    with CaptureQueriesContext(connection) as asked:
        answer = desk.get(f"/emergencies/{found.number}/live/", {"v": seen}, **HTMX)
    assert answer.status_code == 204 and len(asked) <= 9
    assert desk.get(f"/emergencies/{found.number}/live/", {"v": "nonsense"}, **HTMX).status_code == 422


def test_what_others_write_appears_without_reload_and_once(fire, enter):
    found, mine, theirs = fire.at(State.RUNNING), enter("秦望舒"), enter("沈岚")
    at = f"/emergencies/{found.number}/"
    seen, hers = (mark(text(desk.get(at))) for desk in (mine, theirs))
    written = theirs.post(at + "log/", {"text": "移动空调到库", "kind": "fact", "v": hers}, **HTMX)
    assert written.status_code == 200 and text(written).count("移动空调到库") == 1
    news = text(mine.get(at + "live/", {"v": seen}, **HTMX))
    assert news.count("移动空调到库") == 1 and 'hx-swap-oob="afterbegin:#log"' in news
    assert mine.get(at + "live/", {"v": mark(news)}, **HTMX).status_code == 204
    assert 'id="quick"' not in news, "what somebody is typing is left alone"


def test_a_corrected_line_is_swapped_in_its_place(fire, enter):
    found, desk = fire.at(State.RUNNING), enter("秦望舒")
    line = actions.write(found, by=fire.by("沈岚"), text="库温 27.4 度")
    seen = mark(text(desk.get(f"/emergencies/{found.number}/")))
    actions.correct(found, by=fire.by("沈岚"), line=line.pk, text="库温 26.4 度")
    news = text(desk.get(f"/emergencies/{found.number}/live/", {"v": seen}, **HTMX))
    assert re.search(rf'<li [^>]*id="line-{line.pk}" hx-swap-oob="true"', news) and "库温 26.4 度" in news and "库温 27.4 度" in news


def test_a_line_that_slipped_in_before_the_last_one_brings_the_whole_log(fire, enter):
    found, desk = fire.at(State.RUNNING), enter("秦望舒")
    actions.write(found, by=fire.by("沈岚"), text="先写的一笔")
    last, many = queries.version(found)
    news = text(desk.get(f"/emergencies/{found.number}/live/", {"v": f"{last}.{many - 1}"}, **HTMX))
    assert re.search(r'<ol class="timeline log" id="log"[^>]* hx-swap-oob="true"', news) and "先写的一笔" in news


def test_a_refused_line_comes_back_as_typed_and_a_draft_is_kept(fire, enter):
    found, desk = fire.at(State.RUNNING), enter("沈岚")
    at = f"/emergencies/{found.number}/"
    desk.post(f"/drafts/?place=emergencies.write:{found.number}", {"text": "写到一半"})
    assert "写到一半" in text(desk.get(at))
    refused = desk.post(at + "log/", {"text": "我来定", "kind": "decision", "v": mark(text(desk.get(at)))}, **HTMX)
    assert refused.status_code == 422 and "我来定" in text(refused)
    desk.post(at + "log/", {"text": "写完了", "kind": "fact"})
    assert not Draft.objects.exists()


def test_every_verb_has_its_form(fire, enter):
    lead = enter("秦望舒")
    fire.reserve()
    found = fire.at(State.RUNNING)
    for verb in ("tell", "solve", "call_off", "hand_over", "plan", "join", "call_in", "standing", "cadence", "dispatch", "task", "meeting"):
        for more in ({}, HTMX):
            answer = lead.get(f"/emergencies/{found.number}/{verb}/", **more)
            assert answer.status_code == 200, verb
    assert lead.get(f"/emergencies/{found.number}/close/").status_code == 409
    assert lead.get(f"/emergencies/{found.number}/nonsense/").status_code == 404
    assert enter("沈岚").get(f"/emergencies/{found.number}/solve/").status_code == 403


def test_the_whole_way_by_the_forms(fire, enter):
    need = fire.need()
    found = fire.declare(need)
    at, lead, service = f"/emergencies/{found.number}/", enter("秦望舒"), enter("沈岚")

    def do(who, verb, **data):
        answer = who.post(f"{at}{verb}/", data)
        assert answer.status_code == 302, text(answer)[:3000]

    do(lead, "acknowledge")
    do(lead, "plan", measures="租空调")
    do(lead, "standing", standing="库温 27.4")
    do(service, "tell", text="正在处理，当物安全。")
    do(lead, "call_in", people="方屿")
    do(lead, "task", title="转库", owner="方屿", department="", due_at="2030-01-01T10:00")
    do(lead, "meeting", title="应急会议", starts_at="2030-01-01T10:00", minutes="30", place="小会议室", link="", people="方屿、沈岚")
    assert "转库" in text(lead.get(at)) and "小会议室" in text(lead.get(at))
    do(lead, "solve", solution="修好了")
    do(service, "tell_end", text="已经修好。")
    more = lead.post(at + "review/", {"well": "快", "badly": "慢", "causes": "旧", "improvement_title": "换新", "improvement_owner": "", "improvement_due": "", "more": "1"})
    assert more.status_code == 200 and text(more).count('name="improvement_title"') == 5 and "换新" in text(more)
    wrong = lead.post(at + "review/", {"well": "快", "badly": "慢", "causes": "旧", "improvement_title": "换新", "improvement_owner": "没有这个人", "improvement_due": ""})
    assert wrong.status_code == 422 and "没有这个人" in text(wrong)
    do(lead, "review", well="快", badly="慢", causes="旧", improvement_title="每月试备机", improvement_owner="许清和", improvement_due="2030-01-02")
    do(lead, "close")
    assert fire.fresh(found).state == State.CLOSED
    assert "当物安全" in text(service.get(f"/needs/{need.number}/"))
    report = lead.post(at + "export/")
    assert report["Content-Type"].endswith("sheet") and len(b"".join(report.streaming_content)) > 4_000
    assert service.post(at + "export/").status_code == 403


def test_lists_filter_sort_and_show_only_what_one_may_see(fire, enter):
    open_, drill, past = fire.at(State.RUNNING), fire.at(State.RUNNING, drill=True), fire.at(State.CALLED_OFF)
    secret = fire.declare(secrecy=3, by="陆砚秋", title="绝密的一次")
    desk = enter("沈岚")
    page = text(desk.get("/emergencies/"))
    assert open_.number in page and not any(e.number in re.sub(r'(?s)<div class="banners.*?</div></div>', "", page) for e in (past, secret))
    assert drill.number in text(desk.get("/emergencies/?tab=drills")) and past.number in text(desk.get("/emergencies/?tab=past"))
    assert open_.number in text(desk.get("/emergencies/?q=恒温机组&sort=level&level=2"))
    assert "没有符合的" in text(desk.get("/emergencies/?q=没有这样的事"))
    assert desk.get("/emergencies/?tab=other").status_code == 422
    assert "绝密的一次" not in text(desk.get("/")) and desk.get(f"/emergencies/{secret.number}/").status_code == 404
    assert desk.post("/emergencies/export/", {"tab": "open"}).status_code == 403
    out = enter("苏慕青").post("/emergencies/export/", {"tab": "open", "kind": "csv"})
    body = b"".join(out.streaming_content).decode("utf-8-sig")
    assert open_.number in body and drill.number not in body and secret.number not in body


def test_the_banner_stands_on_every_page_of_those_who_may_see_it(fire, enter):
    found = fire.at(State.RUNNING)
    drill = fire.at(State.RUNNING, drill=True)
    home = text(enter("沈岚").get("/"))
    assert "应急进行中" in home and found.number in home and drill.number in home and "演练进行中" in home
    assert found.number not in text(enter("顾一鸣").get("/needs/"))
    actions.call_off(found, by=fire.by("秦望舒"), reason="误报")
    actions.call_off(drill, by=fire.by("秦望舒"), reason="演完了")
    assert "应急进行中" not in text(enter("沈岚").get("/"))


def test_the_needs_page_shows_the_emergency_and_the_way_to_declare_one(fire, enter):
    need, desk = fire.need(), enter("沈岚")
    assert f"/emergencies/new/?needs={need.number}" in text(desk.get(f"/needs/{need.number}/"))
    found = fire.at(State.RUNNING, need)
    page = text(desk.get(f"/needs/{need.number}/"))
    assert found.number in page and f"/emergencies/new/?needs={need.number}" not in page


def test_reserves_are_listed_taken_in_and_booked(fire, enter):
    lead = enter("秦望舒")
    assert "还没有储备" in text(lead.get("/emergencies/reserves/"))
    done = lead.post("/emergencies/reserves/new/", {"kind": "money", "name": "应急储备金", "total": "43600", "unit": "元", "keeper": "陆砚秋", "place": ""})
    assert done.status_code == 302
    money = Resource.objects.get()
    page = text(lead.get(f"/emergencies/reserves/{money.number}/"))
    assert "43,600" in page and "入台账" in page
    found = fire.at(State.RUNNING)
    sent = lead.post(f"/emergencies/{found.number}/dispatch/", {"resource": money.pk, "quantity": "6000", "carrier": "", "arrives_at": "", "back_on": ""})
    assert sent.status_code == 302, text(sent)
    assert "¥ 6,000" in text(lead.get(f"/emergencies/{found.number}/"))
    row = money.dispatches.get()
    at = f"/emergencies/reserves/{money.number}/"
    assert lead.post(at + "arrive/", {"dispatch": row.pk, "back": found.number})["Location"] == f"/emergencies/{found.number}/"
    refused = lead.post(at + "give_back/", {"dispatch": row.pk, "returned": "7000", "used": "", "note": ""})
    assert refused.status_code == 422 and "7000" in text(refused)
    assert lead.post(at + "give_back/", {"dispatch": row.pk, "returned": "1000", "used": "5000", "note": "租空调"}).status_code == 302
    assert lead.post(at + "adjust/", {"total": "50000", "reason": "补足"}).status_code == 302
    assert lead.post(at + "look_over/", {"next_on": "2030-01-02"}).status_code == 302
    assert lead.get(at + "edit/").status_code == 200
    money.refresh_from_db()
    assert (money.total, money.out) == (50000, 0)
    assert money.number in text(lead.get("/emergencies/reserves/?q=储备金&kind=money"))
    assert "没有符合的" in text(lead.get("/emergencies/reserves/?show=out"))
    out = lead.post("/emergencies/reserves/export/", {"of": "money", "kind": "csv"})
    assert "应急储备金" in b"".join(out.streaming_content).decode("utf-8-sig")
    assert enter("沈岚").post(at + "adjust/", {"total": "1", "reason": "x"}).status_code == 403


def nonce(answer) -> str:
    return re.search(r'name="nonce" value="([^"]+)"', text(answer))[1]


def test_a_form_sent_twice_declares_once(enter):
    desk = enter("沈岚")
    sent = {"title": "恒温机组停机", "happened": "停机了", "level": "1", "secrecy": "0", "nonce": nonce(desk.get("/emergencies/new/"))}
    first, again = desk.post("/emergencies/new/", sent), desk.post("/emergencies/new/", sent)
    assert first["Location"] == again["Location"] and Emergency.objects.count() == 1
    other = desk.post("/emergencies/new/", sent | {"title": "另一件事"})
    assert other.status_code == 409 and "另一件事" in text(other), "typed words stay, under a nonce of their own"
    assert desk.post("/emergencies/new/", sent | {"title": "另一件事", "nonce": nonce(other)}).status_code == 302


def test_a_task_and_a_meeting_asked_for_twice_are_one(fire, enter):
    found, lead = fire.at(State.RUNNING), enter("秦望舒")
    for verb, body in (
        ("task", {"title": "调备用机组", "owner": "周予安"}),
        ("meeting", {"title": "碰头", "starts_at": "2031-03-04T10:00", "minutes": "30", "place": "三楼"}),
    ):
        at = f"/emergencies/{found.number}/{verb}/"
        sent = body | {"nonce": nonce(lead.get(at))}
        assert [lead.post(at, sent).status_code for _i in range(2)] == [302, 302]
    assert Task.objects.filter(matter=found.matter).count() == 1 and Meeting.objects.filter(about=found.matter).count() == 1


def test_a_line_and_a_reserve_sent_twice_are_one(fire, enter):
    found, lead = fire.at(State.RUNNING), enter("秦望舒")
    line = {"text": "27.4 度", "kind": "fact", "nonce": nonce(lead.get(f"/emergencies/{found.number}/"))}
    assert [lead.post(f"/emergencies/{found.number}/log/", line).status_code for _i in range(2)] == [302, 302]
    assert found.matter.entries.filter(event="emergencies.line_written").count() == 1
    new = {"kind": "money", "name": "应急储备金", "total": "43600", "unit": "元", "keeper": "陆砚秋", "place": "", "nonce": nonce(lead.get("/emergencies/reserves/new/"))}
    first, again = lead.post("/emergencies/reserves/new/", new), lead.post("/emergencies/reserves/new/", new)
    assert first["Location"] == again["Location"] and Resource.objects.count() == 1
    other = lead.post("/emergencies/reserves/new/", new | {"name": "另一笔"})
    assert "另一笔" in text(other) and Resource.objects.count() == 1


def test_what_came_back_is_booked_once(fire, enter):
    found, lead = fire.at(State.RUNNING), enter("秦望舒")
    lead.post("/emergencies/reserves/new/", {"kind": "money", "name": "应急储备金", "total": "43600", "unit": "元", "keeper": "陆砚秋", "place": ""})
    money = Resource.objects.get()
    lead.post(f"/emergencies/{found.number}/dispatch/", {"resource": money.pk, "quantity": "6000", "carrier": "", "arrives_at": "", "back_on": ""})
    at = f"/emergencies/reserves/{money.number}/"
    sent = {"dispatch": money.dispatches.get().pk, "returned": "1000", "used": "", "note": "", "nonce": nonce(lead.get(at))}
    assert [lead.post(at + "give_back/", sent).status_code for _i in range(2)] == [302, 302]
    money.refresh_from_db()
    assert money.out == 5000


def test_what_no_database_keeps_is_refused_and_no_fault(enter):
    """A NUL in a search, a digit that is none, a way back that is no emergency: a sentence, never a broken page."""
    lead = enter("秦望舒")
    for path in ("/emergencies/?q=%00", "/emergencies/reserves/?q=%00", "/needs/?tag=%00", "/meetings/?q=%00"):
        answer = lead.get(path)
        assert answer.status_code == 422 and "存不下" in text(answer), path
