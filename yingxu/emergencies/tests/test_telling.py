"""Customers hear from us: one message to all, a countdown for each, and what happens when nobody does (E2)."""

import pytest

from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.customers import actions as customers
from yingxu.deadlines.models import Climb
from yingxu.emergencies import actions, events
from yingxu.emergencies.models import Told
from yingxu.emergencies.states import State, Way
from yingxu.matters.models import Entry, Note
from yingxu.needs.events import CustomerTold
from yingxu.notices.models import Delivery, MailOut, SmsOut

pytestmark = pytest.mark.django_db


def overdue(emergency) -> list[Entry]:
    return list(Entry.objects.filter(matter=emergency.matter, event=events.UpdateOverdue.NAME))


def test_one_message_reaches_every_need_and_the_countdown_begins_again(fire, then):
    first, second = fire.need("季棠"), fire.need("宋晚舟")
    with then(0):
        found = fire.at(State.RUNNING, first, second)
    with then(20):
        actions.tell(found, by=fire.by("沈岚"), text="设备故障，当物安全，正在处理。")
    for need in (first, second):
        entry = Entry.objects.get(matter=need.matter, event=CustomerTold.NAME)
        assert entry.note.voice == Note.Voice.TOLD and entry.note.body == "设备故障，当物安全，正在处理。"
    for one in found.affected.all():
        assert one.told == 1 and (one.due_at - one.told_at).total_seconds() == 1800
    with then(31):
        assert actions.look_at_countdowns() == 0, "told at 20, due at 50"
    with then(51):
        assert actions.look_at_countdowns() == 2
        assert actions.look_at_countdowns() == 0, "stated once"
    assert len(overdue(found)) == 1, "one notice, however many customers"


def test_when_nobody_tells_them_it_escalates_until_they_are_told(fire, then):
    with then(0):
        found = fire.at(State.RUNNING)
    with then(31):
        actions.look_at_countdowns()
    entry = overdue(found)[0]
    assert fire.world.user("秦望舒").pk in entry.tell
    assert Climb.objects.filter(matter=found.matter, state=Climb.State.CLIMBING).count() == 1
    one = found.affected.get()
    assert one.late_at == one.due_at and one.missed == 1
    with then(40):
        actions.tell(found, by=fire.by("沈岚"), text="正在处理。")
    assert not Climb.objects.filter(matter=found.matter, state=Climb.State.CLIMBING).exists()
    assert Told.objects.get().late is True and found.affected.get().late_at is None


def test_who_is_reached_only_by_phone_is_called_and_then_counts(fire, then):
    with then(0):
        found = fire.at(State.RUNNING, fire.need(channel="phone"))
    with then(5):
        actions.tell(found, by=fire.by("沈岚"), text="正在处理。")
    told = Told.objects.get()
    assert told.way == Way.CALL and told.done_at is None and found.affected.get().told == 0
    with then(9):
        actions.called_by_phone(found, by=fire.by("沈岚"), told=told.pk)
    one = found.affected.get()
    assert one.told == 1 and one.told_at.minute == 13
    with pytest.raises(WrongMoment):
        actions.called_by_phone(found, by=fire.by("沈岚"), told=told.pk)


def test_a_drill_tells_no_customer(fire):
    need = fire.need()
    found = fire.at(State.RUNNING, need, drill=True)
    actions.tell(found, by=fire.by("沈岚"), text="演练：设备故障。")
    assert Told.objects.get().way == Way.DRILL and found.affected.get().told == 1
    assert not Entry.objects.filter(matter=need.matter, event=CustomerTold.NAME).exists()
    assert not need.matter.notes.exists()


def test_telling_needs_somebody_words_and_the_rule(fire):
    found = fire.declare()
    with pytest.raises(WrongMoment):
        actions.tell(found, by=fire.by("沈岚"), text="有人吗")
    found = fire.at(State.RUNNING)
    with pytest.raises(Invalid):
        actions.tell(found, by=fire.by("沈岚"), text=" ")
    with pytest.raises(NotAllowed):
        actions.tell(found, by=fire.by("方屿"), text="我来说")
    with pytest.raises(WrongMoment):
        actions.tell(found, by=fire.by("沈岚"), text="结束了", end=True)


def test_a_need_is_in_one_emergency_at_a_time_and_may_leave(fire):
    need = fire.need()
    found = fire.at(State.RUNNING, need)
    other = fire.declare()
    with pytest.raises(Invalid):
        actions.join(other, by=fire.by("沈岚"), needs=[need])
    one = found.affected.get()
    with pytest.raises(Invalid):
        actions.leave(found, by=fire.by("沈岚"), affected=one.pk, reason="")
    actions.leave(found, by=fire.by("沈岚"), affected=one.pk, reason="当物在 1 号库房")
    assert found.affected.get().due_at is None
    actions.join(other, by=fire.by("沈岚"), needs=[need])
    actions.join(other, by=fire.by("沈岚"), customers=[fire.world.customer("宋晚舟")])
    assert other.affected.count() == 2


def test_a_merged_need_is_told_where_it_went(fire):
    from yingxu.needs import actions as needs

    need, into = fire.need(), fire.need()
    found = fire.at(State.RUNNING, need)
    needs.merge(need, by=fire.by("沈岚"), into=into)
    actions.tell(found, by=fire.by("沈岚"), text="正在处理。")
    assert Entry.objects.filter(matter=into.matter, event=CustomerTold.NAME).exists()


def test_by_sms_where_a_provider_carries_it_and_by_hand_where_it_is_only_recorded(fire):
    found = fire.at(State.RUNNING, fire.need(channel="phone"))
    actions.tell(found, by=fire.by("沈岚"), text="正在处理。")
    assert Told.objects.get().way == Way.CALL
    SmsOut.objects.update_or_create(defaults={"provider": SmsOut.Provider.ALIYUN})
    actions.tell(found, by=fire.by("沈岚"), text="已经到库。")
    told = Told.objects.order_by("-id").first()
    assert told.way == Way.SMS and told.done_at is not None
    assert Delivery.objects.filter(channel="sms", matter=found.affected.get().need.matter).count() == 1


def test_a_customer_without_a_need_is_told_at_their_own_address(fire):
    desk, customer = fire.by("沈岚"), fire.world.customer("季棠")
    found = fire.at(State.RUNNING, customers=[customer])
    customers.add_identifier(customer, by=desk, type="email", text="jitang@example.cn")
    actions.tell(found, by=desk, text="正在处理。")
    assert {told.way for told in Told.objects.filter(affected__need=None)} == {Way.CALL}, "mail does not leave the house yet"
    MailOut.objects.update_or_create(defaults={"on": True, "host": "127.0.0.1"})
    actions.tell(found, by=desk, text="当物安全，库温已经稳定。")
    told = Told.objects.filter(affected__need=None).latest("id")
    assert told.way == Way.MAIL and told.done_at is not None and told.affected.told == 1
    sent = Delivery.objects.get(channel="mail", matter=found.matter)
    assert sent.to == "jitang@example.cn" and sent.urgent and sent.entry.event == events.CustomersTold.NAME
    assert "当物安全" in sent.content["body"] and found.title not in sent.subject + str(sent.content), "nothing of the emergency itself"
