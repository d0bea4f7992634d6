"""Each store that may hold words of a customer is planted by the verb that fills it, and holds nothing of them afterwards (A6, P4, P12)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from procrastinate.contrib.django import app

from tests.canaries import in_files, in_tables
from yingxu.agendas import actions as agendas
from yingxu.api.models import Attempt, Delivery, Endpoint
from yingxu.approvals import actions as approvals
from yingxu.approvals.models import Request as Approval
from yingxu.base import clock, crypto
from yingxu.customers import actions as customers
from yingxu.customers.models import Customer
from yingxu.destruction import carrying
from yingxu.destruction.erasing.sweeping import without
from yingxu.emergencies import actions as crises
from yingxu.emergencies.models import Emergency
from yingxu.intake.mail import arriving
from yingxu.intake.models import ImportRow, ImportRun, Mailbox, Received
from yingxu.intake.tests.letters import US, letter
from yingxu.matters import actions as matters
from yingxu.matters.models import Draft, Entry, Look, Matter, Note
from yingxu.meetings.models import Minutes
from yingxu.needs import actions as needs
from yingxu.needs import jobs as learning
from yingxu.needs.models import Need, SavedView
from yingxu.needs.states import State
from yingxu.privacy import actions as privacy
from yingxu.privacy.models import Consent, Purpose, Request
from yingxu.relations import actions as relations
from yingxu.relations.models import Birthday, Care
from yingxu.routing.models import FeatureCount

pytestmark = pytest.mark.django_db
NAME, PHONE, MAIL, WORD = "金丝雀珠宝行", "13911112222", "canary@mail.example", "绿孔雀羽扇"
CANARIES = [NAME, PHONE, "139 1111 2222", "139 **** 2222", MAIL, WORD]


@pytest.fixture
def places(settings, tmp_path):
    settings.ERASURES, settings.FILES_DIR = tmp_path / "erasures.jsonl", tmp_path / "files"
    return tmp_path


@pytest.fixture
def customer(story, places) -> Customer:
    return customers.add(by=story.by("沈岚"), name=NAME, type="organisation", phone=PHONE, email=MAIL, contact_name=WORD)


def care(story: Any, customer: Customer) -> None:
    """A birthday, and an occasion that was taken care of."""
    born = relations.note_birthday(customer, by=story.by("沈岚"), month=3, day=8)
    made = Care.objects.create(customer=customer, rule="day", name="店庆", on=date(2026, 3, 8), marketing=False, state="planned", made_at=clock.now())
    relations.settle(customer, by=story.by("沈岚"), care=made.pk, done=True, result=f"送了{WORD}")
    assert Birthday.objects.filter(pk=born.pk).exists()


def consents(story: Any, customer: Customer) -> None:
    """What was agreed and asked, with a copy that was made and handed over."""
    su, purpose = story.by("苏慕青"), Purpose.objects.filter(basis="consent", sensitive=False).first()
    privacy.note_consent(customer.matter, by=su, purpose=purpose, act=Consent.Act.GIVEN, channel="phone", person=WORD, evidence=f"{WORD}，电话录音")
    asked = privacy.receive(by=su, kind="copy", applicant=NAME, contact=PHONE, channel="counter", words=WORD)
    privacy.check_identity(asked, by=su, about=customer.matter, how=WORD)
    assert any(WORD in str(row) or NAME in str(row) for sheet in privacy.make_copy(Request.objects.get(pk=asked.pk), by=su) for row in sheet.rows)
    privacy.answer(Request.objects.get(pk=asked.pk), by=su, answer=f"交给{WORD}本人")


def mails(story: Any, customer: Customer) -> None:
    """One that became words on a need, and one that was put aside and belongs to nothing."""
    box = Mailbox.objects.create(name="客服邮箱", address=US, way="delivered")
    for n, more in enumerate(({}, {"List_Id": "<list.example>"})):
        row = arriving.take_in(letter(f"{WORD}的事", subject=WORD, sender=f"{NAME} <{MAIL}>", message_id=f"<{n}@mail.example>", **more), box)
        arriving.sort(row.pk)
    aside = Received.objects.get(reason="list")
    assert aside.about is None and aside.subject == WORD
    matters.record(_waits(aside.pk), on=None, by=story.by("沈岚"))
    need = Need.objects.get(channel="mail")
    needs.void(need, by=story.by("苏慕青"), reason=f"{WORD}重复了")


def _waits(mail: int) -> Any:
    from yingxu.intake.events import MailWaits

    return MailWaits(mail=mail, subject=WORD)


def imports(story: Any, customer: Customer) -> None:
    """A run whose rows quote what was wrong with them."""
    need = story.at(State.CLOSED, customer=customer, body=WORD)
    run = ImportRun.objects.create(
        name=f"{NAME}.xlsx", stored="", sha256="0" * 64, state="finished", by=story.world.user("沈岚"), at=clock.now(), finished_at=clock.now(), header=["姓名"]
    )
    ImportRow.objects.create(run=run, line=2, outcome="done", need=need, message=f"已登记，但{WORD}")
    ImportRow.objects.create(run=run, line=3, outcome="refused", message=f"{NAME}：{PHONE} 少一位")


def council(story: Any, customer: Customer) -> None:
    """Management talked about a need: agenda, minutes item by item, a decision; and about another one, which stays."""
    boss, soon = story.by("陆砚秋"), clock.now() + timedelta(hours=1)
    need = story.at(State.CLOSED, customer=customer, body=WORD)
    Matter.objects.filter(pk=need.pk).update(title=f"{NAME}要{WORD}")
    made = agendas.prepare(by=boss, title="例会", starts_at=soon, ends_at=soon + timedelta(hours=1), attendees=[story.world.user("苏慕青")])
    item = agendas.add_item(made, by=boss, title=f"{NAME}要{WORD}", note=WORD, matter=Matter.objects.get(pk=need.pk))
    other = agendas.add_item(made, by=boss, title="下季度排班")
    with clock.at(soon + timedelta(minutes=5)):
        task = agendas.decide(made, by=boss, title=f"回{NAME}的信", due_at=soon + timedelta(days=2), item=item, owner=story.world.user("顾一鸣")).task
        agendas.record(made, by=boss, minutes={item.pk: f"{WORD}已退。\n\n不再联系。", other.pk: "照旧。"})
    _ended(task)


def _ended(task: Any) -> None:
    """The decision was carried out, in words of its own."""
    type(task).objects.filter(pk=task.pk).update(matter=Need.objects.filter(matter__title__contains=NAME).latest("pk").matter_id, state="done", done_at=clock.now(), result=WORD)


def crisis(story: Any, customer: Customer) -> None:
    """An emergency touched them, and is over."""
    made = crises.declare(by=story.by("陆砚秋"), title="库房进水", happened="水管破裂", customers=[customer])
    assert Entry.objects.filter(matter=made.matter, personal__names=[NAME]).exists()
    Emergency.objects.filter(pk=made.pk).update(state="closed")
    Matter.objects.filter(pk=made.pk).update(closed_at=clock.now())


def hooks(story: Any, customer: Customer) -> None:
    """Another program was told, and answered in its own words."""
    need = story.at(State.CLOSED, customer=customer, body=WORD)
    where = Endpoint.objects.create(
        name="财务", url=crypto.seal("https://books.example/", "api.endpoint"), shown="books.example", recipient="财务软件", purpose="记账", events=["needs.need_closed"],
        user=story.world.user("苏慕青"), secret=crypto.seal("x", "api.webhook"), made_at=clock.now(),
    )  # fmt: skip
    sent = Delivery.objects.create(endpoint=where, entry=need.matter.entries.last(), event="needs.need_closed", key="k1", state="delivered", made_at=clock.now())
    Attempt.objects.create(delivery=sent, at=clock.now(), status=200, took=3, answer=f"已记：{NAME} {WORD}")


def looks(story: Any, customer: Customer) -> None:
    """What was typed into filters, kept as a view, asked a second person for, begun and not sent; what was taken away."""
    su = story.by("苏慕青")
    need = story.at(State.CLOSED, customer=customer, body=WORD)
    matters.exported("needs", by=su, rows=1, words=f"q={NAME}")
    with transaction.atomic():
        matters.looked(customer.matter, by=su, what=Look.What.REVEAL, detail="phone", personal={"reason": f"回{NAME}电话"})
        request = approvals.ask(None, by=su, chain="archives.export", title="导出", subject={"facts": [["筛选", f"q={NAME}"]]}, key="export:1")
        approvals.take_back(Approval.objects.get(pk=request.pk), by=su, reason="不导了")
    SavedView.objects.create(owner=story.world.user("苏慕青"), name="盯着", query="q=%E9%87%91%E4%B8%9D%E9%9B%80%E7%8F%A0%E5%AE%9D%E8%A1%8C")
    matters.save_draft(su.user_id, "needs.intake", {"name": NAME})
    needs.note(need, by=story.by("沈岚"), text=WORD, uploads=[SimpleUploadedFile(f"{WORD}.txt", WORD.encode(), "text/plain")])
    needs.tag(Need.objects.get(pk=need.pk), by=story.by("沈岚"), add=[WORD])
    with connection.cursor() as sql:
        sql.execute("INSERT INTO procrastinate_jobs (queue_name, task_name, status, args) VALUES ('default', 'x', 'succeeded', %s)", [f'{{"phone": "{PHONE}"}}'])
    assert app


STORES = {each.__name__: each for each in (care, consents, mails, imports, council, crisis, hooks, looks)}


@pytest.mark.parametrize("store", STORES)
def test_nothing_of_it_is_left(story, customer, places, store, django_capture_on_commit_callbacks):
    STORES[store](story, customer)
    assert len(in_tables(CANARIES)) > 6
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        carrying.erase({customer.pk}, "XH-2026-000001")
    assert in_tables(CANARIES) == [] and in_files(CANARIES, places) == []


def test_the_other_items_of_the_minutes_stay_word_for_word(story, customer):
    council(story, customer)
    with transaction.atomic():
        carrying.erase({customer.pk}, "XH-2026-000001")
    kept = Minutes.objects.get().text
    assert "下季度排班\n照旧。" in kept and "已销毁" in kept
    assert Note.objects.filter(body=kept).exists() and Matter.objects.filter(kind="meeting", search="排班").count() <= 1


def test_minutes_without_an_item():
    text = "1. 甲的事\n说了一\n\n说了二\n\n2. 乙的事\n说了三\n3. 不是标题"
    assert without(text, {"甲的事"}, {"甲的事", "乙的事"}) == "1. 已销毁\n\n2. 乙的事\n说了三\n3. 不是标题"
    assert without(text, set(), {"甲的事", "乙的事"}) == text


def test_a_name_that_another_customer_has_is_left_alone(story, customer, places):
    """Whose it was cannot be said any more; numbers and identifiers are another matter."""
    customers.add(by=story.by("沈岚"), name=NAME, type="organisation", phone="13922223333")
    su = story.by("苏慕青")
    matters.exported("needs", by=su, rows=1, words=f"q={NAME}")
    matters.save_draft(su.user_id, "needs.intake", {"name": NAME})
    matters.exported("needs", by=su, rows=1, words=f"q={PHONE}")
    with transaction.atomic():
        carrying.erase({customer.pk}, "XH-2026-000001")
    assert Draft.objects.exists() and [look.personal for look in Look.objects.filter(what="export").order_by("pk")] == [{"words": f"q={NAME}"}, {}]


def test_what_suggestions_were_learned_from_is_forgotten(story, customer):
    for n in range(12):
        story.at(State.CLOSED, customer=customer if n % 2 else story.world.customer("季棠"), body=f"{NAME}问{n}")
    learning.learn()
    FeatureCount.objects.get_or_create(feature=NAME[:2], defaults={"learned": _learned(), "counts": {}})
    with transaction.atomic():
        carrying.erase({customer.pk}, "XH-2026-000001")
    assert not FeatureCount.objects.filter(feature=NAME[:2]).exists()


def _learned() -> Any:
    from yingxu.routing.models import Learned

    return Learned.objects.get_or_create(target="kind", defaults={"trained_at": clock.now(), "examples": 1, "accuracy": 1, "temperature": 1, "features": 1})[0]
