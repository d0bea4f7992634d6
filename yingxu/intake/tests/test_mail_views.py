"""The screens of incoming mail: what is shown to whom, a person's decisions, mailboxes."""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from yingxu.base import clock
from yingxu.base.controls import controls
from yingxu.files.models import File
from yingxu.intake.mail import arriving, fetching
from yingxu.intake.models import Mailbox, Received
from yingxu.matters.models import Look, Matter, Note
from yingxu.needs.models import Need
from yingxu.people.models import Department, Grant, Role, RoleRule, User

from .letters import JI, US, letter
from .servers import Scripted

S = Received.State
HTML = '<p>请看<script>alert(1)</script><img src="http://t.example/x.gif"></p>'


@pytest.fixture
def box(importer):
    return Mailbox.objects.create(name="客服", address=US, way="delivered")


def come(box: Mailbox, raw: bytes) -> Received:
    row = arriving.take_in(raw, box)
    arriving.sort(row.pk)
    row.refresh_from_db()
    return row


def enter(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["mark"] = user.session_mark
    session.save()
    return client


@pytest.fixture
def shen(importer):
    return enter(User.objects.get(pk=importer.user_id))


@pytest.fixture
def clerk(importer):
    """Somebody of another department, who sees their own department's needs and no mail."""
    role = Role.objects.create(code="clerk2", name="clerk2")
    RoleRule.objects.bulk_create([RoleRule(role=role, rule="needs.view", reach=2)])
    user = User.objects.create(username="clerk", name="周予安", department=Department.objects.filter(service=False).first())
    Grant.objects.create(user=user, role=role, begins_at=clock.now())
    return enter(user)


def test_the_list_shows_everything_that_came_and_what_it_became(box, shen, django_assert_max_num_queries):
    come(box, letter())
    stray = come(box, letter("广告", subject="促销", message_id="<2@mail.example>", List_Id="<x.example>"))
    with django_assert_max_num_queries(14):
        page = shen.get(reverse("intake:mails")).content.decode()
    assert "续当咨询" in page and "促销" in page and "2026-" in page and "j***@mail.example" in page and JI not in page
    waiting = shen.get(reverse("intake:mails") + "?state=quarantine").content.decode()
    assert "促销" in waiting and "续当咨询" not in waiting and "群发邮件" in waiting
    assert "续当咨询" in shen.get(reverse("intake:mails") + f"?q={JI}").content.decode()
    assert "没有符合条件的来信" in shen.get(reverse("intake:mails") + "?q=nothing").content.decode()
    assert shen.get(reverse("intake:mails") + "?state=pigeon").status_code == 422
    one = shen.get(reverse("intake:mail", args=[stray.pk])).content.decode()
    assert "归到该需求" in one and "登记为新需求" in one


def test_a_page_costs_the_same_however_many_rows(box, shen, django_assert_max_num_queries):
    for n in range(30):
        come(box, letter(f"第 {n} 件", message_id=f"<{n}@mail.example>", List_Id="<x.example>"))
    with django_assert_max_num_queries(14):
        assert shen.get(reverse("intake:mails")).status_code == 200


def test_the_list_goes_into_a_workbook(box, shen):
    come(box, letter(subject="=1+1"))
    answer = shen.post(reverse("intake:export_mails"), {"kind": "xlsx"})
    rows = list(load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.values)
    assert rows[1][4] == "'=1+1" and rows[1][5] == "已成需求"


def test_a_mail_is_shown_without_anything_that_acts(box, shen):
    """S14."""
    raw = letter("请看", html=HTML)
    row = come(box, raw)
    page = shen.get(reverse("intake:mail", args=[row.pk])).content.decode()
    assert "请看" in page and 'sandbox=""' in page and "alert(1)" not in page and JI not in page
    frame = shen.get(reverse("intake:mail_frame", args=[row.pk]))
    assert "alert" not in frame.content.decode() and "<img" not in frame.content.decode()
    assert "sandbox" in frame["Content-Security-Policy"] and "default-src 'none'" in frame["Content-Security-Policy"]
    original = shen.post(reverse("intake:mail_original", args=[row.pk]))
    assert original["Content-Disposition"].startswith("attachment") and original.content == raw


def test_a_copy_of_a_paper_one_may_not_know_of_is_not_in_the_mail_either(box, shen, importer):
    """A2, S4: the paper was raised after it came; the mail still holds its bytes."""
    row = come(box, letter("请看", files=(("底价.txt", "text/plain", "底价".encode()),)))
    address = [reverse(name, args=[row.pk]) for name in ("intake:mail", "intake:mail_original")]
    assert "底价.txt" in shen.get(address[0]).content.decode() and shen.post(address[1]).status_code == 200
    File.objects.filter(matter=row.about_id).update(secrecy=2, public=False)
    assert "底价.txt" in shen.get(address[0]).content.decode() and Look.objects.filter(matter=row.about_id).exists()
    User.objects.filter(pk=importer.user_id).update(clearance=1)
    page = shen.get(address[0]).content.decode()
    assert "请看" in page and "底价" not in page and "原件" not in page
    assert shen.post(address[1]).status_code == 404


def test_a_person_decides_on_screen(box, shen):
    need = Need.objects.get(pk=come(box, letter()).about_id)
    stray = come(box, letter("我是他太太", subject=f"[#{need.number}]", sender="太太 <wife@mail.example>", message_id="<31@mail.example>"))
    act = lambda verb, **data: shen.post(reverse("intake:mail_act", args=[stray.pk, verb]), data)  # noqa: E731
    assert f'value="{need.number}"' in shen.get(reverse("intake:mail", args=[stray.pk])).content.decode()
    assert act("need", number="2026-999999").status_code == 404
    refused = act("drop", reason="")
    assert refused.status_code == 422 and 'class="notice bad"' in refused.content.decode()
    assert act("need", number=need.number).status_code == 302
    assert Note.objects.get(matter=need.matter).body == "我是他太太"
    assert act("need", number=need.number).status_code == 409  # somebody else was quicker
    assert "查看原邮件" in shen.get(reverse("needs:detail", args=[need.number])).content.decode()
    assert act("back").status_code == 302 and act("drop", reason="误发").status_code == 302
    stray.refresh_from_db()
    assert (stray.state, stray.remark) == (S.DROPPED, "误发")
    assert act("back").status_code == 302 and act("new").status_code == 302 and act("pigeon").status_code == 404
    stray.refresh_from_db()
    assert stray.state == S.NEED


def test_what_one_may_not_see_is_not_there(box, clerk):
    """S3, A2: neither the list nor a mail of an unseen need, nor one that waits."""
    row, stray = come(box, letter()), come(box, letter(message_id="<2@mail.example>", List_Id="<x.example>"))
    assert clerk.get(reverse("intake:mails")).status_code == 403
    for one in (row, stray):
        assert clerk.get(reverse("intake:mail", args=[one.pk])).status_code == 404
        assert clerk.get(reverse("intake:mail_frame", args=[one.pk])).status_code == 404
    Matter.objects.filter(pk=row.about_id).update(department=Department.objects.filter(service=False).first())
    seen = clerk.get(reverse("intake:mail", args=[row.pk])).content.decode()
    assert "续当" in seen and "原件" not in seen
    assert clerk.post(reverse("intake:mail_original", args=[row.pk])).status_code == 403


def test_mailboxes_on_screen(shen, importer):
    server = Scripted([letter().replace(b"\n", b"\r\n")])
    given = {
        "name": "客服邮箱", "address": US, "aliases": "info@yingxu.example，sales@yingxu.example", "way": "imap", "host": "127.0.0.1", "port": server.port,
        "security": "none", "username": "x", "password": "geheim-1", "folder": "INBOX", "after": "seen", "every_minutes": "2", "kind": "",
    }  # fmt: skip
    wrong = shen.post(reverse("intake:mailboxes"), given | {"host": "mail.example"})
    assert wrong.status_code == 422 and "客服邮箱" in wrong.content.decode() and "geheim-1" not in wrong.content.decode()
    assert shen.post(reverse("intake:mailboxes"), given).status_code == 302
    box = Mailbox.objects.get()
    assert box.aliases == ["info@yingxu.example", "sales@yingxu.example"] and box.password == "geheim-1"
    page = shen.get(reverse("intake:mailbox", args=[box.pk])).content.decode()
    assert "立即收取" in page and "geheim-1" not in page
    assert shen.post(reverse("intake:mailbox_fetch", args=[box.pk])).status_code == 302
    fetching.fetch(box.pk)
    server.close()
    assert "续当咨询" in shen.get(reverse("intake:mailbox", args=[box.pk])).content.decode()
    assert shen.post(reverse("intake:mailbox", args=[box.pk]), given | {"password": "", "name": "改名"}).status_code == 302
    assert shen.post(reverse("intake:mailbox_active", args=[box.pk]), {"active": "off"}).status_code == 302
    box.refresh_from_db()
    assert (box.name, box.active, box.password) == ("改名", False, "geheim-1")
    assert "已停用" in shen.get(reverse("intake:mailboxes")).content.decode()


def test_the_controls_of_the_clauses(box, shen):
    """V3."""
    need = Need.objects.get(pk=come(box, letter()).about_id)
    come(box, letter())
    come(box, letter("我", subject=f"[#{need.number}]", sender="other@mail.example", message_id="<31@mail.example>"))
    start, end = clock.now() - timedelta(days=3), clock.now() + timedelta(days=1)
    tally = {name: controls()[f"intake.{name}"].tally(start, end, None) for name in ("mail_recorded", "mail_once", "mail_by_participants")}
    assert [(t.applied, t.kept, t.failed) for t in tally.values()] == [(2, 1, 0), (1, 1, 0), (1, 1, 0)]
    Received.objects.filter(state=S.QUARANTINE).update(at=clock.now() - timedelta(days=2))
    late = controls()["intake.mail_recorded"].tally(start, end, None)
    assert (late.failed, late.broken[0].matter_id) == (1, need.pk)
