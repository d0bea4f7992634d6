"""U1: words to the customer leave by mail or SMS once, answer the last mail, and show what became of them."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from yingxu.base import clock
from yingxu.customers import actions as customers
from yingxu.customers.models import Contact
from yingxu.matters.models import Note
from yingxu.needs import actions
from yingxu.needs.models import Need
from yingxu.needs.queries import reach
from yingxu.needs.states import State
from yingxu.notices import actions as notices
from yingxu.notices.models import Delivery

from .conftest import Story

MAIL = "jitang@mail.example"


@pytest.fixture
def story(world):
    """Told now: what is a day old is history, and not sent."""
    return Story(world)


@pytest.fixture
def need(story) -> Need:
    """季棠's, who has a mail address."""
    made = story.register()
    contact = Contact.objects.filter(customer=made.customer).first()
    customers.add_identifier(made.customer, by=story.by("沈岚"), type="email", text=MAIL, contact=contact)
    return story.fresh(made.number)


def test_a_reply_by_mail_leaves_with_number_and_files(need, story):
    actions.reply(need, by=story.by("沈岚"), text="请带当票来。", channel="mail")
    sent = Delivery.objects.get()
    assert (sent.channel, sent.to, sent.matter_id, sent.caused_by_id) == ("mail", MAIL, need.pk, story.by("沈岚").user_id)
    assert sent.subject == f"[#{need.number}] {need.title}" and sent.content["body"].startswith("请带当票来。\n\n—") and need.number in sent.content["body"]
    assert sent.entry.note.body == "请带当票来。" and not sent.content.get("automatic")


def test_it_answers_the_customers_last_mail(need, story, monkeypatch):
    monkeypatch.setattr(reach, "LAST_MAIL", [lambda pk: ("2@mail.example", ["1@mail.example", "2@mail.example"], "other@mail.example")])
    actions.reply(need, by=story.by("沈岚"), text="好。", channel="mail")
    sent = Delivery.objects.get()
    assert (sent.to, sent.content["in_reply_to"], sent.content["references"]) == ("other@mail.example", "2@mail.example", ["1@mail.example", "2@mail.example"])


def test_an_sms_goes_to_the_mobile(need, story):
    actions.reply(need, by=story.by("沈岚"), text="好了。", channel="sms")
    sent = Delivery.objects.get()
    assert (sent.channel, sent.content["template"], sent.content["params"]) == ("sms", "customer_update", {"number": need.number, "words": "好了。"})


@pytest.mark.parametrize("channel", ["phone", "counter", "portal", "wechat"])
def test_other_ways_leave_nothing(need, story, channel):
    actions.reply(need, by=story.by("沈岚"), text="好。", channel=channel)
    assert not Delivery.objects.exists()


def test_history_is_not_sent(need, story):
    with clock.at(timezone.now() - timedelta(days=2)):
        actions.reply(need, by=story.by("沈岚"), text="好。", channel="mail")
    assert not Delivery.objects.exists()


def test_a_refused_verb_sends_nothing(need, story):
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.reply(need, by=story.by("沈岚"), text="好。", channel="mail")
        raise RuntimeError
    assert not Delivery.objects.exists()


def test_the_result_and_the_reminder_go_the_same_way(story):
    need = story.at(State.FEEDBACK)
    customers.add_identifier(need.customer, by=story.by("沈岚"), type="email", text=MAIL, contact=Contact.objects.filter(customer=need.customer).first())
    actions.feed_back(need, by=story.by("沈岚"), channel="mail")
    actions.remind(story.fresh(need.number), by=story.by("沈岚"))
    bodies = [sent.content["body"] for sent in Delivery.objects.filter(channel="mail").order_by("id")]
    assert len(bodies) == 2 and "维持 36 万元。" in bodies[0] and all("是否满意" in body for body in bodies)


def test_the_timeline_says_what_became_of_it(need, story, enter):
    actions.reply(need, by=story.by("沈岚"), text="请带当票来。", channel="mail")
    page = lambda: enter("沈岚").get(reverse("needs:detail", args=[need.number])).content.decode()  # noqa: E731
    assert "j***@mail.example" in page() and MAIL not in page()
    with transaction.atomic():
        notices.bounced(Delivery.objects.get(), words="5.1.1 no such user")
    assert "5.1.1 no such user" in page()
    assert need.matter.entries.get(event="notices.delivery_bounced").tell == [story.by("沈岚").user_id]


def test_a_way_without_an_address_is_refused_on_screen_with_the_words_kept(story, enter):
    need = story.register()
    answer = enter("沈岚").post(reverse("needs:say", args=[need.number]), {"audience": "reply", "text": "留着这句", "channel": "mail"})
    assert answer.status_code == 422 and "留着这句" in answer.content.decode() and "没有地址" in answer.content.decode()
    ok = enter("沈岚").post(reverse("needs:say", args=[need.number]), {"audience": "heard", "text": "客户来信说", "channel": "mail"})
    assert ok.status_code == 302 and not Delivery.objects.exists()


def test_words_nobody_could_be_sent_are_marked(story, enter):
    need = story.register()
    actions.reply(need, by=story.by("沈岚"), text="好。", channel="mail")
    assert "未发出：没有地址" in enter("沈岚").get(reverse("needs:detail", args=[need.number])).content.decode()


def test_the_customer_comes_back_after_the_end(need, story):
    """N9: an ended need stays as it is; what follows is linked."""
    actions.answer_now(need, by=story.by("沈岚"), answer="带当票")
    ended, before = story.fresh(need.number), Need.objects.count()
    made = actions.follow_up(
        ended, by=story.by("沈岚"), problem=actions.Intake(kind="consultation", body="还是没办成", channel="mail", customer=need.customer, backfill=True)
    )
    assert Need.objects.count() == before + 1 and ended.links_out.get().b_id == made.id and ended.links_out.get().type == "follow_up"
    with pytest.raises(Exception, match="没有办结"):
        actions.follow_up(story.register(), by=story.by("沈岚"), problem=actions.Intake(kind="consultation", body="x", channel="mail"))


def test_words_sent_twice_are_said_once(story, enter):
    """A double click, or a page sent again: the form's nonce says it is the same; new words under it are refused and kept."""
    need = story.register()
    desk, to = enter("沈岚"), reverse("needs:say", args=[need.number])
    page = desk.get(reverse("needs:detail", args=[need.number])).content.decode()
    once = re.search(r'action="[^"]*/say/".*?name="nonce" value="([^"]+)"', page, re.S)[1]
    for sent in ({"audience": "internal", "text": "看过当票"}, {"audience": "heard", "text": "客户又问", "channel": "phone"}, {"audience": "reply", "text": "请带当票", "channel": "phone"}):
        given = sent | {"nonce": once + sent["audience"]}
        assert [desk.post(to, given).status_code for _i in range(2)] == [302, 302]
    assert Note.objects.filter(matter=need.matter).count() == 2 and need.outgoing.count() == 1
    other = desk.post(to, {"audience": "internal", "text": "另一句", "nonce": once + "internal"})
    assert other.status_code == 409 and "另一句" in other.content.decode()
