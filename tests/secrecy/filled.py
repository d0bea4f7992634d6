"""A customer's file with everything in it that a file can hold, and everything that can hang from it, each said with one word; and how
it is hidden afterwards, from whoever had to do with it too."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Q

from yingxu.agendas import actions as agendas
from yingxu.agendas.models import Agenda
from yingxu.approvals import actions as approvals
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.customers import actions as customers
from yingxu.customers.models import Customer, Section
from yingxu.deadlines import actions as deadlines
from yingxu.emergencies import actions as crises
from yingxu.files import actions as files
from yingxu.matters import actions as matters
from yingxu.matters import circles
from yingxu.matters.models import Matter
from yingxu.meetings import actions as meetings
from yingxu.needs import actions as needs
from yingxu.needs.states import State
from yingxu.privacy import actions as privacy
from yingxu.privacy.models import Purpose
from yingxu.relations import actions as relations
from yingxu.tasks import actions as tasks
from yingxu.upkeep import actions as upkeep

PHONE = "13900007007"
INSIDE = ("苏慕青", "陆砚秋")
OUTSIDE = ("沈岚", "顾一鸣", "江听雨", "严守拙")


def fill(story: Any, word: str) -> Customer:
    """The file, and all that hangs from it: needs in several states, tasks, meetings, an emergency, an agenda, approvals, notes, files.
    Everybody of the cast has to do with it. It is open yet."""
    world, shen, su, boss = story.world, story.by("沈岚"), story.by("苏慕青"), story.by("陆砚秋")
    everyone = sorted({user.pk: user for user in world.people.values()}.values(), key=lambda user: user.pk)
    file = customers.add(by=shen, name=f"{word}堂", phone=PHONE, owner_id=world.user("沈岚").pk, department_id=world.department("service").pk, **_said(word))
    customers.tag(file, by=shen, add=[f"{word}签"])
    person = customers.add_contact(file, by=shen, name=f"{word}先生", position=f"{word}经理", role="decides", stance="open", note=f"{word}看重检测报告")
    _paper_work(file, word, shen, person)
    upkeep.note(file, by=shen, kind="entry", text=f"{word}换了电话", learned_on=clock.today())
    need = story.at(State.HANDLING, body=f"{word}一件", customer=file)
    story.at(State.REGISTERED, body=f"{word}另一件", customer=file)
    story.at(State.CLOSED, body=f"{word}办完的一件", customer=file)
    with transaction.atomic():
        files.attach(need.matter, [SimpleUploadedFile(f"{word}照片.txt", f"{word}的字".encode())], by=shen, public=True)
        matters.watch(need.matter, [user.pk for user in everyone])
    needs.raise_to_management(need, by=story.by("顾一鸣"), question=f"{word}怎么办？")
    needs.note(need, by=shen, text=f"{word}的话 @顾一鸣")
    soon = clock.now() + timedelta(hours=1)
    tasks.give(need.matter, by=SYSTEM, title=f"{word}核查", details=f"{word}细说", owner=world.user("顾一鸣"), due_at=soon)
    tasks.give(need.matter, by=SYSTEM, title=f"{word}封存", department=world.department("vault"), due_at=soon)
    tasks.give(file.matter, by=SYSTEM, title=f"{word}回访", owner=world.user("沈岚"), due_at=soon)
    held = {"starts_at": soon, "ends_at": soon + timedelta(hours=1), "place": f"{word}厅", "agenda": f"{word}议程"}
    meetings.call(need.matter, by=boss, title=f"{word}会", purpose="coordination", attendees=everyone, **held)
    crises.declare(by=boss, title=f"{word}停电", happened=f"{word}全店停电", needs=[story.fresh(need.number)])
    deadlines.alarm(need.matter, ladder="emergency", about=f"{word}告警", by=SYSTEM)
    with transaction.atomic():
        subject = {"facts": [[f"{word}项", f"{word}值"]]}
        approvals.ask(need.matter, by=boss, chain="archives.consult", title=f"{word}求签", subject=subject)
        approvals.ask(file.matter, by=su, chain="archives.lower", title=f"{word}降密", subject=subject)
    agenda = Agenda.objects.filter(meeting__state="planned").last() or agendas.prepare(by=boss, title="例会", starts_at=soon, ends_at=soon + timedelta(hours=1))
    agendas.add_item(agenda, by=boss, title=f"{word}议题", note=f"{word}备注", matter=Matter.objects.get(pk=need.pk))
    return file


def _said(word: str) -> dict[str, Any]:
    return {"industry": f"{word}业", "address": f"{word}巷七号", "reminder": f"{word}提醒", "remark": f"{word}备考", "contact_name": f"{word}女士"}


def _paper_work(file: Customer, word: str, by: Any, person: Any) -> None:
    """Sections, identifiers, papers, contracts, dealings, consents, care."""
    for section in Section.objects.filter(Q(type="") | Q(type=file.type), active=True):
        given = {spec.code: f"{word}{spec.code}" for spec in section.specs if spec.type in ("text", "long_text")}
        if given:
            customers.fill(file, section.code, by=SYSTEM, values=given, why=f"{word}建档")
    scan = SimpleUploadedFile(f"{word}执照.txt", f"{word}的执照".encode())
    customers.take_in_paper(file, by=by, kind="licence", name=f"{word}执照", number=f"{word}-2026", issuer=f"{word}局", note=f"{word}注", valid_until=clock.today() + timedelta(days=9), scans=[scan])
    made = customers.draw_up(
        file, by=by, title=f"{word}合同", kind=f"{word}类", ours=f"{word}总店", amount=Decimal("1234567"), clauses=f"{word}条款", reference=f"{word}编号",
        begins_on=clock.today() - timedelta(days=300), ends_on=clock.today() + timedelta(days=20),
    )  # fmt: skip
    customers.put_in_force(file, made, by=by)
    customers.plan_collection(file, made, by=by, instalments=[(clock.today() + timedelta(days=3), Decimal("7654"), f"{word}首期")])
    customers.write_down(
        file, by=by, kind="visit", text=f"{word}走访", place=f"{word}店", contact=person, next_step=f"{word}下一步", next_due=clock.now() + timedelta(days=1)
    )
    purpose = Purpose.objects.filter(basis="consent", active=True).first()
    privacy.agree(file.matter, by=by, purpose=purpose, channel="phone", person=f"{word}女士", evidence=f"{word}录音")
    relations.note_birthday(file, by=by, month=clock.today().month, day=clock.today().day)


def hide(story: Any, file: Customer, *, by_level: bool) -> list[Matter]:
    """From now on only those INSIDE see it, with all that hangs from it."""
    matter = Matter.objects.get(pk=file.pk)
    with transaction.atomic():
        if by_level:
            matter.secrecy = 3
            matter.save(update_fields=["secrecy"])
            circles.spread(matter)
        else:
            circles.enclose(matter, [story.world.user(name).pk for name in INSIDE], why="只给两个人看")
    return [Matter.objects.get(pk=file.pk), *Matter.objects.filter(Q(secrecy=3) | Q(circle__isnull=False)).exclude(pk=file.pk).order_by("pk")]
