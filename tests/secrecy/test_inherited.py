"""S3: what hangs from something secret is as secret. Meetings, agendas, decisions, lists of the day and emergencies tell nobody, by no
way, what the need they are about would not tell them."""

import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from yingxu.agendas import actions as agendas
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid
from yingxu.customers import actions as customers
from yingxu.emergencies import actions as crises
from yingxu.matters.models import Entry, Matter
from yingxu.matters.queries import may_see
from yingxu.meetings import actions as meetings
from yingxu.needs import actions as needs
from yingxu.needs import jobs
from yingxu.needs.queries import dayend
from yingxu.needs.states import State
from yingxu.notices.models import Delivery
from yingxu.notices.queries import why_it_stays
from yingxu.people.models import User
from yingxu.tasks import actions as tasks
from yingxu.tasks.actions import Node
from yingxu.tasks.models import Task

pytestmark = pytest.mark.django_db
WORD = "金丝楠木"


@pytest.fixture
def call(story):
    """A meeting about a need, called by its owner 顾一鸣."""

    def make(need, *people, **more):
        begin = clock.now() + timedelta(hours=2)
        given = {"title": f"{WORD}协调", "starts_at": begin, "ends_at": begin + timedelta(hours=1), "agenda": WORD, "purpose": "coordination"} | more
        return meetings.call(need.matter, by=story.by("顾一鸣"), attendees=[story.world.user(p) for p in people], **given)

    return make


@pytest.fixture
def levelled(story):
    """A need in the hands of 顾一鸣 whose level was raised."""

    def make(level=2, **more):
        need = story.at(State.HANDLING, **more)
        needs.amend(need, by=story.by("苏慕青"), version=need.version, changes={"secrecy": level})
        return story.fresh(need.number)

    return make


@pytest.fixture
def mailed(story):
    for user in set(story.world.people.values()):
        user.email = f"{user.username}@yunxiu.test"
    User.objects.bulk_update(set(story.world.people.values()), ["email"])


def leaves() -> str:
    """Everything that would go out by mail now, papers too."""
    rows = Delivery.objects.select_related("user", "matter")
    going = [row for row in rows if why_it_stays(row) is None]
    return "\n".join([row.subject + str(row.content) + "".join(bytes(p.body or b"").decode("utf-8", "replace") for p in row.parts.all()) for row in going])


def test_a_raised_level_reaches_the_meetings_about_it(story, enter, call):
    need = story.at(State.HANDLING)
    meeting = call(need, "方屿")
    page = f"/meetings/{meeting.number}/"
    assert WORD in enter("方屿").get(page).content.decode()
    needs.amend(story.fresh(need.number), by=story.by("苏慕青"), version=need.version, changes={"secrecy": 2})
    assert Matter.objects.get(pk=meeting.pk).secrecy == 2
    assert enter("方屿").get(page).status_code == 404
    assert WORD not in enter("方屿").get("/meetings/").content.decode()


def test_nothing_of_a_levelled_meeting_leaves_by_mail(story, call, mailed):
    """Neither the invitation nor the word to somebody who is taken out again."""
    meeting = call(story.at(State.HANDLING, secrecy=1), "方屿", "周予安")
    begin = clock.now() + timedelta(hours=3)
    meetings.reschedule(meeting, by=story.by("顾一鸣"), starts_at=begin, ends_at=begin + timedelta(hours=1), attendees=[story.world.user("周予安")])
    meetings.cancel(meeting, by=story.by("顾一鸣"), reason="改日")
    assert Delivery.objects.filter(channel="mail").exists() and WORD not in leaves()


def test_who_runs_a_meeting_opens_nothing_they_do_not_see(story, call):
    """The head of the chair's department may run it without seeing the need: neither inviting nor deciding opens the need to anybody."""
    need = story.at(State.HANDLING)
    meeting = call(need, chair=story.world.user("方屿"))
    head = story.by("许清和")
    assert may_see(story.by("方屿"), need.matter) and not may_see(head, need.matter)
    meetings.reschedule(
        meeting, by=head, starts_at=meeting.starts_at, ends_at=meeting.ends_at, attendees=[story.world.user("许清和"), story.world.user("周予安")]
    )
    assert not may_see(head, need.matter) and not may_see(story.by("周予安"), need.matter)
    with clock.at(meeting.starts_at + timedelta(minutes=5)):
        node = Node(title="去看一看", due_at=clock.now() + timedelta(days=1), owner=story.world.user("许清和"))
        [task] = meetings.decide(meeting, by=head, nodes=[node])
    assert task.matter_id == meeting.pk and not may_see(head, need.matter)


def test_a_number_one_may_not_see_finds_no_meeting(story, enter, call):
    """Invited to a meeting, a person cannot ask whether it is about a need that has become too secret for them."""
    need = story.at(State.HANDLING)
    call(need, "方屿")
    assert WORD in enter("方屿").get(f"/meetings/?q={need.number}").content.decode()
    Matter.objects.filter(pk=need.pk).update(secrecy=3)
    assert WORD not in enter("方屿").get(f"/meetings/?q={need.number}").content.decode()


def test_management_talks_of_secrets_and_others_invited_read_nothing_of_them(story, enter, mailed):
    """Minutes, decisions, their lists and exports, events and mails: what was said on a top-secret item stays with it."""
    secret, plain = story.at(State.HANDLING), story.at(State.HANDLING, body="普通的一件")
    for need, question in ((secret, f"{WORD}怎么办？"), (plain, "能不能放宽？")):
        needs.raise_to_management(need, by=story.by("顾一鸣"), question=question)
    Matter.objects.filter(pk=secret.pk).update(secrecy=3, title=WORD)
    begin = clock.now() + timedelta(hours=1)
    boss, guests = story.by("陆砚秋"), [story.world.user("苏慕青"), story.world.user("江听雨")]
    agenda = agendas.prepare(by=boss, title="例会", starts_at=begin, ends_at=begin + timedelta(hours=1), attendees=guests)
    agendas.add_item(agenda, by=boss, title=f"{WORD}另议", matter=Matter.objects.get(pk=secret.pk))
    with clock.at(begin + timedelta(minutes=5)):
        said = {item.pk: f"{WORD}如此处理" if item.matter_id == secret.pk else "普通的话" for item in agenda.items.all()}
        item = agenda.items.select_related("matter").filter(matter_id=secret.pk).first()
        agendas.decide(agenda, by=boss, title=f"{WORD}决定", due_at=begin + timedelta(days=3), item=item, owner=story.world.user("秦望舒"))
        agendas.record(agenda, by=boss, minutes=said)
        number = agenda.meeting.number
        assert f"{WORD}如此处理" in enter("陆砚秋").get(f"/management/{number}/").content.decode()
        assert f"{WORD}决定" in enter("陆砚秋").get("/management/decisions/").content.decode()
        guest = enter("苏慕青")
        pages = [f"/management/{number}/", f"/meetings/{number}/", "/management/decisions/?state=all", "/management/", "/meetings/?part=all", "/inbox/", "/"]
        for page in pages:
            answer = guest.get(page)
            assert answer.status_code == 200 and WORD not in answer.content.decode(), page
        assert "普通的话" in guest.get(f"/meetings/{number}/").content.decode()
        for path, data in (("/management/decisions/export/", {"kind": "csv", "state": "all"}), ("/meetings/export/", {"kind": "csv", "part": "all"})):
            answer = guest.post(path, data)
            assert answer.status_code == 200 and WORD not in b"".join(answer).decode("utf-8-sig"), path
    assert WORD not in leaves()
    assert not [e.event for e in Entry.objects.filter(matter_id=agenda.meeting_id) if WORD in str(e.facts)]


def test_a_decision_on_something_unseen_is_not_followed_up_by_others(story):
    """The next agenda, prepared by somebody with a lower clearance, does not hold what is still open of a top-secret decision."""
    secret = story.at(State.HANDLING)
    needs.raise_to_management(secret, by=story.by("顾一鸣"), question=f"{WORD}怎么办？")
    begin = clock.now() + timedelta(hours=1)
    agenda = agendas.prepare(by=story.by("陆砚秋"), title="例会", starts_at=begin, ends_at=begin + timedelta(hours=1))
    with clock.at(begin + timedelta(minutes=5)):
        item = agenda.items.select_related("matter").get(matter_id=secret.pk)
        agendas.decide(agenda, by=story.by("陆砚秋"), title=f"{WORD}决定", due_at=begin + timedelta(days=3), item=item, owner=story.world.user("秦望舒"))
        agendas.record(agenda, by=story.by("陆砚秋"), minutes={item.pk: "如此"})
        Matter.objects.filter(pk=secret.pk).update(secrecy=3)
        later = begin + timedelta(days=1)
        following = agendas.prepare(by=story.by("苏慕青"), title="再会", starts_at=later, ends_at=later + timedelta(hours=1))
        assert not [item.title for item in following.items.all() if WORD in item.title]


def test_the_list_of_the_day_goes_out_without_what_is_secret(story, levelled, mailed):
    """On screen its head reads it; the workbook in the mail only counts it."""
    with clock.at(clock.now() + timedelta(hours=1)):
        levelled(body=WORD)
        plain = story.at(State.HANDLING, body="普通的一件")
    jobs.end_days(dayend.closing(date(2026, 3, 18)))
    mail = Delivery.objects.get(key__startswith="daylist:", user=story.world.user("江听雨"))
    sheet = load_workbook(io.BytesIO(bytes(mail.parts.get().body))).active
    cells = str([[cell.value for cell in row] for row in sheet.rows])
    assert plain.number in cells and WORD not in cells
    assert "有密级" in cells


def test_nobody_joins_an_emergency_of_a_lower_level(story, levelled):
    """Everybody called reads who is affected."""
    secret = levelled()
    emergency = crises.declare(by=story.by("沈岚"), title="停电", happened="全店停电")
    with pytest.raises(Invalid, match=secret.number):
        crises.join(emergency, by=story.by("沈岚"), needs=[secret])
    assert crises.declare(by=story.by("陆砚秋"), title="停电", happened="全店停电", needs=[secret]).matter.secrecy == 2


def test_a_task_opens_a_need_no_further_than_the_clearance(story, enter, levelled):
    """Whoever gets a task sees what it is for; with too low a clearance neither the need nor the task."""
    plain, secret = story.at(State.HANDLING), levelled()
    for need in (plain, secret):
        tasks.give(need.matter, by=story.by("江听雨"), title=f"{WORD}{need.number}", owner=story.world.user("周予安"), due_at=clock.now() + timedelta(days=1))
    made = Task.objects.get(matter=secret.matter, title__startswith=WORD)
    who = enter("周予安")
    assert who.get(f"/needs/{plain.number}/").status_code == 200
    for page in (f"/needs/{secret.number}/", f"/tasks/{made.pk}/", f"/tasks/{made.pk}/finish/"):
        assert who.get(page).status_code == 404, page
    for page in ("/tasks/", "/tasks/?whose=all", f"/tasks/?q={secret.number}", "/", f"/palette/?q={WORD}"):
        assert f"{WORD}{secret.number}" not in who.get(page).content.decode(), page


def test_needs_follow_their_customer_to_a_higher_level(story, call):
    """A customer merged with a secret one is as secret as that one, and so are its needs and the meetings about them."""
    kept = story.world.customer("季棠")
    need = story.at(State.HANDLING, customer=kept)
    meeting = call(need, "周予安")
    gone = customers.add(by=SYSTEM, name="季棠（旧档）", secrecy=2)
    customers.merge(kept, by=SYSTEM, gone=gone)
    assert story.fresh(need.number).matter.secrecy == 2
    assert Matter.objects.get(pk=meeting.matter_id).secrecy == 2
    assert not may_see(story.by("顾一鸣"), story.fresh(need.number).matter)
