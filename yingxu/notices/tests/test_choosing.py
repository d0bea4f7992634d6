"""How people are told outside the inbox: by choice, not at night, together, and never what they may not see (N12, E1, S6)."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.events import Event
from yingxu.matters import actions as matters
from yingxu.notices import actions, loops, queries, words
from yingxu.notices.choosing import QUIET, Wishes, slot
from yingxu.notices.models import Delivery, Notice, Robot
from yingxu.people import actions as people
from yingxu.people.models import Department
from yingxu.privacy.tests.register import party

from .facts import Asked, Moved, Named
from .sinks import Mood, mail_server, web_server
from .test_actions import state
from .test_mail_out import set_up

pytestmark = pytest.mark.django_db
DAY = datetime.combine(datetime.now().date() + timedelta(days=2), time(10, 20))  # history told later tells nobody


@dataclass(frozen=True, kw_only=True)
class Burns(Event):
    URGENT = True

    def sentence(self):
        return "declared an emergency"


def at(moment: datetime):
    return clock.at(timezone.make_aware(moment))


@pytest.fixture
def office(cast, settings):
    """Everybody has a mail address; mail goes to a sink; links lead to the company's address."""
    for user in (cast.shen, cast.gu, cast.cheng):
        user.email = f"{user.username}@yingxu.example"
        user.save(update_fields=["email"])
    actions.set_common(by=SYSTEM, address="https://yingxu.example", daily_at=time(17, 30))
    mood = Mood()
    with mail_server(mood) as port:
        set_up(port)
        cast.mood = mood
        yield cast


def told(event: Event, cast, *people_, on=...) -> None:
    state(event, cast, tell=list(people_), on=on)


def test_at_once_together_or_at_the_end_of_the_day(office):
    with at(DAY):
        told(Named(), office, office.shen)
        told(Asked(what="a"), office, office.shen)
        told(Asked(what="b"), office, office.shen)
        told(Moved(), office)
    moments = {d.key.split(":")[0] + str(d.user.name): timezone.localtime(d.next_at).time() for d in Delivery.objects.all()}
    assert moments == {"notice沈岚": time(10, 20), "digest沈岚": time(11, 0), "digest顾一鸣": time(17, 30)}
    with at(DAY):
        assert loops.run_once() == 1
    with at(DAY + timedelta(hours=1)):
        assert loops.run_once() == 1
    single, digest = office.mood.letters
    assert "KH-2026-000001" in single["Subject"] and "named you" in single["Subject"]
    text = digest.get_body(("plain",)).get_content()
    assert "2" in digest["Subject"] and "asked for a" in text and "asked for b" in text
    notice = Notice.objects.filter(user=office.shen).first()
    assert f"https://yingxu.example/inbox/{notice.pk}/" in single.get_body(("plain",)).get_content()
    assert single["Auto-Submitted"] == "auto-generated"


def test_what_was_read_on_the_screen_is_not_said_again(office):
    with at(DAY):
        told(Asked(what="a"), office, office.shen)
        told(Asked(what="b"), office, office.shen)
    actions.mark_read(Notice.objects.order_by("pk").first(), by=office.by_shen)
    with at(DAY + timedelta(hours=1)):
        loops.run_once()
    assert "asked for a" not in str(office.mood.letters[0]["Subject"]) and "asked for b" in office.mood.letters[0]["Subject"]
    with at(DAY + timedelta(hours=2)):
        told(Asked(what="c"), office, office.shen)
    actions.mark_all_read(by=office.by_shen)
    with at(DAY + timedelta(hours=4)):
        loops.run_once()
    assert len(office.mood.letters) == 1 and Delivery.objects.order_by("-pk").first().state == "cancelled"


def test_quiet_hours(office):
    night = DAY.replace(hour=23, minute=10)
    with at(night):
        told(Named(), office, office.shen)
        told(Named(), office, office.shen)
        assert loops.run_once() == 0
        row = Delivery.objects.get()
        assert timezone.localtime(row.next_at) == timezone.make_aware(DAY.replace(hour=8, minute=0) + timedelta(days=1))
        told(Burns(), office, office.shen)
        assert loops.run_once() == 1, "an emergency wakes"
    assert "emergency" in office.mood.letters[0]["Subject"]
    with at(DAY.replace(hour=8, minute=1) + timedelta(days=1)):
        loops.run_once()
    assert len(office.mood.letters) == 2


@pytest.mark.parametrize(
    ("quiet", "moment", "wakes"),
    [
        (QUIET, time(20, 59), None), (QUIET, time(21, 0), datetime(2026, 3, 4, 8)), (QUIET, time(3, 0), datetime(2026, 3, 3, 8)),
        (QUIET, time(8, 0), None), ((time(12), time(14)), time(13), datetime(2026, 3, 3, 14)), ((time(12), time(14)), time(23), None),
        ((None, None), time(3), None), ((time(8), time(8)), time(8), None),
    ],
)  # fmt: skip
def test_when_quiet_hours_end(quiet, moment, wakes):
    now = timezone.make_aware(datetime.combine(datetime(2026, 3, 3), moment))
    assert Wishes({}, quiet).wakes_at(now) == (timezone.make_aware(wakes) if wakes else None)


def test_slots():
    daily = time(17, 30)
    moment = lambda *a: timezone.make_aware(datetime(2026, 3, 3, *a))  # noqa: E731
    assert slot("hourly", moment(10, 20), daily) == moment(11, 0) and slot("hourly", moment(11, 0), daily) == moment(12, 0)
    assert slot("daily", moment(17, 29), daily) == moment(17, 30)
    assert slot("daily", moment(17, 30), daily) == moment(17, 30) + timedelta(days=1)


def test_everybody_chooses_for_themselves(office):
    actions.choose(by=office.by_shen, given={"mention.mail": "off", "watched.screen": "off", "told.screen": "off"}, quiet_from=None, quiet_to=None)
    with at(DAY):
        told(Named(), office, office.shen, office.gu)
        told(Asked(what="a"), office, office.shen)
    assert not Delivery.objects.filter(user=office.shen, key__startswith="notice:").exists()
    assert Delivery.objects.filter(user=office.gu, key__startswith="notice:").exists()
    assert queries.unread(office.by_shen) == 2, "what one must act on stays in the inbox whatever was chosen"
    with transaction.atomic():
        matters.watch(office.matter, [office.shen.pk])
    with at(DAY):
        told(Moved(), office)
    assert queries.unread(office.by_shen) == 2 and Notice.objects.filter(user=office.shen, kind="watched").exists()


def test_an_emergency_goes_by_every_way_there_is(office, settings):
    """E1: screen, mail, SMS and robot at once, in quiet hours, whatever was chosen."""
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    department = Department.objects.create(code="d", name="响应小组")
    office.shen.department = department
    office.shen.save(update_fields=["department"])
    people.set_contact(by=office.by_shen, mobile="139 1234 5678", chat_id="shenlan")
    actions.choose(by=office.by_shen, given={"told.mail": "off", "emergency.mail": "off"}, quiet_from=time(0), quiet_to=time(23, 59))
    with web_server(lambda _asked: (200, {"errcode": 0})) as (address, asked):
        robot = actions.add_robot(by=SYSTEM, name="应急群", channel="wecom", url=f"{address}/send?key=k", party=party(), departments=[department])
        with at(DAY.replace(hour=2)):
            told(Burns(), office, office.shen)
            loops.run_once()
    assert Notice.objects.get().kind == "emergency" and queries.unread(office.by_shen) == 1
    assert set(Delivery.objects.values_list("channel", "state")) == {("mail", "sent"), ("sms", "sent"), ("wecom", "sent")}
    said = asked[0].json["text"]
    assert said["mentioned_list"] == ["shenlan"] and "KH-2026-000001" in said["content"] and "/customers/KH-2026-000001/" in said["content"]
    assert "砚台巷" not in said["content"] and "沈岚" not in said["content"], "a group learns number, state and link"
    assert robot.pk and queries.body_of(Delivery.objects.get(channel="sms")) == ""


def test_a_group_is_told_once_however_many_of_it_are_concerned(office, settings):
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    with web_server(lambda _asked: (200, {"errcode": 0})) as (address, asked):
        actions.add_robot(by=SYSTEM, name="群", channel="dingtalk", url=f"{address}/robot/send?access_token=k", party=party(), kinds=["told"])
        with at(DAY):
            told(Asked(what="a"), office, office.shen, office.gu)
            told(Named(), office, office.shen)
            loops.run_once()
    assert len(asked) == 1 and Delivery.objects.filter(robot=Robot.objects.get()).count() == 1


def test_nobody_learns_from_a_mail_what_they_may_not_see(office):
    with at(DAY):
        told(Moved(), office)
    with transaction.atomic():
        matters.unwatch(office.matter, office.gu.pk)
    with at(DAY + timedelta(hours=8)):
        loops.run_once()
    assert not office.mood.letters and Delivery.objects.get().state == "cancelled"


def test_what_has_a_level_is_not_named_outside(office, settings):
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    office.matter.secrecy = 1
    office.matter.save(update_fields=["secrecy"])
    office.shen.clearance = 1
    office.shen.save(update_fields=["clearance"])
    people.set_contact(by=office.by_shen, mobile="13912345678", chat_id="")
    with web_server(lambda _asked: (200, {"errcode": 0})) as (address, asked):
        actions.add_robot(by=SYSTEM, name="群", channel="wecom", url=f"{address}/send?key=k", party=party())
        with at(DAY):
            told(Burns(), office, office.shen)
            loops.run_once()
    letter = office.mood.letters[0]
    everything = str(letter["Subject"]) + letter.get_body(("plain",)).get_content() + letter.get_body(("html",)).get_content() + asked[0].json["text"]["content"]
    assert "KH-2026-000001" not in everything and "砚台巷" not in everything and "emergency" not in everything
    sms = Delivery.objects.get(channel="sms")
    assert words.sms(sms, words.fresh(sms)).params == {"number": "–"}
    assert f"/inbox/{Notice.objects.get().pk}/" in everything


def test_once_however_often_it_is_delivered(office):
    with at(DAY):
        entry = state(Named(), office, tell=[office.shen])
        with transaction.atomic():
            actions.deliver(Named(), entry)
    assert Delivery.objects.count() == 1


def test_a_notice_too_late_for_its_digest_goes_by_itself(office):
    with at(DAY):
        told(Asked(what="a"), office, office.shen)
        Delivery.objects.update(state="sending")
        told(Asked(what="b"), office, office.shen)
    late = Delivery.objects.get(state="waiting")
    assert late.key.startswith("notice:") and late.notices.get().entry.facts == {"what": "b"}


def test_a_bad_address_keeps_nobody_else_from_being_told(office):
    office.shen.email = "not an address"
    office.shen.save(update_fields=["email"])
    with at(DAY):
        told(Named(), office, office.shen, office.gu)
    assert Notice.objects.count() == 2 and Delivery.objects.get().user == office.gu


def test_in_the_reader_s_own_language(office):
    office.shen.language = "en"
    office.shen.save(update_fields=["language"])
    with at(DAY):
        told(Asked(what="a"), office, office.shen)
        told(Asked(what="b"), office, office.shen)
    with at(DAY + timedelta(hours=1)):
        loops.run_once()
    assert office.mood.letters[0]["Subject"] == "2 notices for you"


def test_a_failing_mail_to_a_colleague_is_told_on_the_screen_only(office):
    office.mood.rcpt = "550 no such user"
    with at(DAY):
        told(Named(), office, office.shen)
        loops.run_once()
    from yingxu.matters.models import Entry
    from yingxu.notices.events import DeliveryFailed

    entry = Entry.objects.get(event="notices.delivery_failed")
    assert entry.tell == [office.shen.pk]
    with transaction.atomic():
        actions.deliver(DeliveryFailed(delivery=1, channel="mail"), entry)
    assert Notice.objects.filter(entry=entry).exists() and Delivery.objects.count() == 1


def test_telling_many_by_mail_asks_little(office, django_assert_max_num_queries):
    from yingxu.people.models import User

    users = [User.objects.create(username=f"u{i}", name="x", email=f"u{i}@yingxu.example") for i in range(5)]
    with at(DAY), django_assert_max_num_queries(32):
        state(Named(), office, tell=users, on=None)
    assert Delivery.objects.count() == 5
