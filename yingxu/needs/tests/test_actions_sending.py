"""Words to the customer that can still be taken back (ui.md §5): what is true before, when they leave, and when they do not."""

import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import reverse

from tests.world import company, words_leave
from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.deadlines.models import Clock
from yingxu.matters.models import Draft, Entry, Note
from yingxu.needs import actions
from yingxu.needs.models import Outgoing
from yingxu.needs.states import State

from .conftest import Story

HTMX = {"HTTP_HX_REQUEST": "true"}
CSV = b"a,b\n1,2\n"


@pytest.fixture
def held(story):
    """A reply of 沈岚 that can still be taken back."""
    need = story.at(State.HANDLING)
    return need, actions.send_reply(need, by=story.by("沈岚"), text="检测费由我司承担。", channel="sms", question=True)


def told(need) -> list[str]:
    return list(Note.objects.filter(matter=need.matter, voice="told").values_list("body", flat=True))


@pytest.mark.django_db
def test_nothing_is_said_before_it_leaves(story, held):
    need, row = held
    running = Clock.objects.filter(matter=need.matter, outcome="running").count()
    entries = Entry.objects.filter(matter=need.matter).count()
    assert actions.release() == 0 and told(need) == []
    with clock.at(row.leaves_at - timedelta(milliseconds=1)):
        assert actions.release() == 0
    assert Entry.objects.filter(matter=need.matter).count() == entries
    assert Clock.objects.filter(matter=need.matter, outcome="running").count() == running
    with clock.at(row.leaves_at):
        assert actions.release() == 1 and actions.release() == 0
    assert told(need) == ["检测费由我司承担。"]
    entry = Entry.objects.filter(matter=need.matter, event="needs.customer_told").get()
    assert entry.actor_name == "沈岚" and entry.at == row.leaves_at and entry.facts["question"], "said by who wrote it, when it left"
    assert not Outgoing.objects.exists()


@pytest.mark.django_db
def test_taken_back_is_stated_and_stands_in_the_draft_again(story, held):
    need, row = held
    with pytest.raises(NotAllowed):
        actions.withdraw(need, by=story.by("苏慕青"), outgoing=row.pk)
    assert actions.withdraw(need, by=story.by("沈岚"), outgoing=row.pk) == "检测费由我司承担。"
    assert words_leave() == 0 and told(need) == []
    assert Entry.objects.filter(matter=need.matter).latest("id").event == "needs.words_withdrawn"
    draft = Draft.objects.get()
    assert (draft.user.name, draft.content["text"], draft.content["audience"], draft.content["question"]) == ("沈岚", "检测费由我司承担。", "reply", "on")
    with pytest.raises(WrongMoment):
        actions.withdraw(need, by=story.by("沈岚"), outgoing=row.pk)


@pytest.mark.django_db
def test_a_note_begun_meanwhile_never_becomes_words_to_the_customer(story, held):
    need, row = held
    Draft.objects.create(user=story.world.user("沈岚"), place=f"needs.say:{need.number}", content={"audience": "internal", "text": "底价别说"}, saved_at=clock.now())
    actions.withdraw(need, by=story.by("沈岚"), outgoing=row.pk)
    content = Draft.objects.get().content
    assert content["audience"] == "internal" and "底价别说" in content["text"] and "检测费" in content["text"]


@pytest.mark.django_db
def test_what_has_left_cannot_be_taken_back(story, held):
    need, row = held
    words_leave()
    with pytest.raises(WrongMoment):
        actions.withdraw(need, by=story.by("沈岚"), outgoing=row.pk)
    assert told(need) == ["检测费由我司承担。"]


@pytest.mark.django_db
def test_what_is_refused_by_then_goes_back_to_who_wrote_it(story, held):
    need, _row = held
    actions.merge(need, by=story.by("苏慕青"), into=story.register("同一件事"))
    assert words_leave() == 0 and told(need) == []
    entry = Entry.objects.filter(event="needs.words_not_sent").get()
    assert entry.tell == [story.by("沈岚").user_id] and "并入" in entry.personal["reason"]
    assert Draft.objects.get(user=story.world.user("沈岚")).content["text"] == "检测费由我司承担。"
    assert not Outgoing.objects.exists()


@pytest.mark.django_db
def test_who_has_left_the_company_says_nothing_more(story, held):
    need, row = held
    row.by.is_active = False
    row.by.save(update_fields=["is_active"])
    assert words_leave() == 0 and told(need) == [] and Entry.objects.filter(event="needs.words_not_sent").exists()


@pytest.mark.django_db
def test_feedback_moves_the_need_only_when_it_leaves(story):
    need, shen = story.at(State.FEEDBACK), story.by("沈岚")
    actions.send_feedback(need, by=shen, text="维持 36 万元。", channel="phone")
    assert story.fresh(need.number).state == State.FEEDBACK
    with pytest.raises(WrongMoment):
        actions.send_feedback(need, by=shen)
    words_leave()
    assert story.fresh(need.number).state == State.CONFIRMATION and told(need) == ["维持 36 万元。"]
    with pytest.raises(WrongMoment):
        actions.send_feedback(story.at(State.HANDLING), by=shen)
    with pytest.raises(NotAllowed):
        actions.send_feedback(story.at(State.FEEDBACK), by=story.by("顾一鸣"))


@pytest.mark.django_db
def test_the_review_stands_when_its_words_are_taken_back(story):
    need, su = story.at(State.REVIEW), story.by("苏慕青")
    row = actions.pass_and_send(need, by=su, answer="维持 36 万元。", tell=True, channel="sms")
    assert isinstance(row, Outgoing)
    actions.withdraw(need, by=su, outgoing=row.pk)
    assert words_leave() == 0
    fresh = story.fresh(need.number)
    assert fresh.state == State.FEEDBACK and fresh.results.get().review == "passed"
    assert actions.pass_and_send(story.at(State.REVIEW), by=su).state == State.FEEDBACK


@pytest.mark.django_db
def test_files_wait_with_the_words(story):
    need, shen = story.at(State.HANDLING), story.by("沈岚")
    actions.send_reply(need, by=shen, text="报价见附件", uploads=[SimpleUploadedFile("报价.csv", CSV)])
    assert not need.matter.files.exists()
    words_leave()
    kept = need.matter.files.get()
    assert kept.public and kept.path.read_bytes() == CSV and kept.entry.event == "needs.customer_told"


@pytest.mark.django_db
@pytest.mark.parametrize(("given", "error"), [({"text": " "}, Invalid), ({"text": "x", "channel": "pigeon"}, Invalid)])
def test_bad_input_is_refused_at_once(story, given, error):
    need = story.at(State.HANDLING)
    with pytest.raises(error):
        actions.send_reply(need, by=story.by("沈岚"), **given)
    with pytest.raises(WrongMoment):
        actions.send_reply(story.at(State.MERGED), by=story.by("沈岚"), text="x")
    with pytest.raises(NotAllowed):
        actions.send_reply(need, by=story.by("严守拙"), text="x")
    assert not Outgoing.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_let_it_leave_once():
    """F35: whoever comes second finds nothing."""
    story = Story(company())
    need = story.at(State.HANDLING)
    for n in range(4):
        actions.send_reply(need, by=story.by("沈岚"), text=f"第 {n} 句")
    Outgoing.objects.update(leaves_at=clock.now())
    left: list[int] = []

    def work() -> None:
        left.append(actions.release())
        connections.close_all()

    threads = [threading.Thread(target=work) for _i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(left) == 4 and sorted(told(need)) == [f"第 {n} 句" for n in range(4)]


# ── the page ──


@pytest.mark.django_db
def test_the_page_offers_to_take_it_back(story, enter):
    need, client = story.at(State.HANDLING), enter("沈岚")
    page = reverse("needs:detail", args=[need.number])
    assert "15 秒内可撤回" in client.get(page).content.decode()
    sent = client.post(reverse("needs:say", args=[need.number]), {"audience": "reply", "text": "先别发", "channel": "sms"}, **HTMX)
    undo = reverse("needs:withdraw", args=[need.number, Outgoing.objects.get().pk])
    assert undo in sent["HX-Trigger"] and "先别发" in sent.content.decode()
    assert undo in client.get(page).content.decode()
    colleague = enter("苏慕青").get(page).content.decode()
    assert "先别发" in colleague and "即将发出" in colleague and undo not in colleague
    assert enter("苏慕青").post(undo).status_code == 403
    assert enter("方屿").post(undo).status_code == 404
    assert client.post(undo).status_code == 302
    page_after = client.get(page).content.decode()
    assert "撤回了一条还没发出的回复" in page_after and "先别发</textarea>" in page_after
    assert client.post(undo).status_code == 409
