"""Levels of single papers: set when they come or raised at once, lowered by a second person, found nowhere by who may not know of them (A2, S4)."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from yingxu.api import actions as api
from yingxu.api.hooked import may_be_told
from yingxu.approvals import actions as approvals
from yingxu.approvals import queries as requests
from yingxu.approvals.events import ApprovalGranted
from yingxu.archives import actions, papers, queries, reactions
from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.controls import controls
from yingxu.base.errors import Gone, Invalid, NotAllowed
from yingxu.base.events import revive
from yingxu.customers import actions as customers
from yingxu.customers.models import Contract, Paper
from yingxu.customers.queries import archive, changes, history
from yingxu.files import actions as files
from yingxu.files import queries as kept
from yingxu.files.models import File
from yingxu.matters import live
from yingxu.matters import queries as matters
from yingxu.matters.models import Entry, Look, Matter
from yingxu.needs import actions as needs
from yingxu.needs.states import State
from yingxu.notices import queries as notices
from yingxu.notices.models import Delivery
from yingxu.people import queries as people
from yingxu.people.verifying import Proof

pytestmark = pytest.mark.django_db
WORD = "玄圃积玉"
LOW, KEEPER = "顾一鸣", "苏慕青"  # cleared for 1 and for 2


def upload(name=f"{WORD}.txt", text=WORD):
    return SimpleUploadedFile(name, text.encode(), "text/plain")


@pytest.fixture(autouse=True)
def directory(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def by(story):
    return lambda name=KEEPER: people.actor(story.world.user(name))


@pytest.fixture
def need(story):
    return story.at(State.HANDLING)


@pytest.fixture
def file(need, by):
    needs.attach(need, by=by(), uploads=[upload()])
    return need.matter.files.get()


def page(enter, need, name=LOW, **query):
    return enter(name).get(f"/needs/{need.number}/", query).content.decode()


def test_a_raised_paper_is_nowhere_for_who_is_not_cleared(story, need, file, by, enter):
    needs.attach(need, by=by(), uploads=[upload("票.txt", "票")])
    assert WORD in page(enter, need) and ">2 份<" in page(enter, need)
    papers.raise_paper(file, by=by(), level=2, why=f"{WORD}并购洽谈")
    for tab in ("all", "internal", "work", "customer"):
        text = page(enter, need, tab=tab)
        assert WORD not in text and ">1 份<" in text, tab
    assert WORD not in enter(LOW).get(f"/needs/{need.number}/print/").content.decode()
    assert enter(LOW).get(f"/files/{file.pk}/").status_code == 404
    for verb in ("raise", "lower"):
        assert enter(LOW).get(f"/archives/papers/{file.pk}/{verb}/").status_code == 404
    assert [f.name for f in kept.on_matter(need.matter, by(LOW))] == ["票.txt"] and len(kept.on_matter(need.matter, by())) == 2
    text = page(enter, need, KEEPER)
    assert WORD in text and ">2 份<" in text and "将文件" in text, "the cleared read the paper, its level and how it came to it"
    story.world.customer("季棠")
    tab = f"/customers/{need.customer.matter.number}/?part=files"
    assert WORD in enter(KEEPER).get(tab).content.decode() and WORD not in enter(LOW).get(tab).content.decode()


def test_what_is_attached_with_a_level_is_secret_from_its_first_moment(need, by, enter):
    needs.attach(need, by=by(), uploads=[upload(), upload("甲.txt", "甲")], level=2)
    entry = need.matter.entries.get(event="needs.files_attached")
    assert WORD not in str(entry.facts) + str(entry.personal), "the journal keeps how many, never their names"
    assert not matters.may_hear(by(LOW), entry) and not may_be_told(by(LOW), entry) and matters.may_hear(by(), entry)
    low, high = page(enter, need), page(enter, need, KEEPER)
    assert WORD not in low and "添加附件 " not in low and WORD in high and f"{WORD}.txt、甲.txt" in high
    mark = live.news_mark(need.matter, entry.pk - 1)
    for name, tells in ((LOW, False), (KEEPER, True)):
        beat = enter(name).post("/pulse/", {"here": live.here_mark(need.matter), "news": mark}).content.decode()
        assert ("newer" in beat) is tells, (name, "nor how much came meanwhile")


def test_of_several_that_came_together_only_the_open_ones_are_told(need, by, enter):
    needs.attach(need, by=by(), uploads=[upload(), upload("甲.txt", "甲")])
    papers.raise_paper(need.matter.files.get(name=f"{WORD}.txt"), by=by(), level=2, why="洽谈")
    text = page(enter, need)
    assert "添加附件 甲.txt" in text
    assert WORD not in text


@pytest.mark.parametrize("given", [{"level": 0}, {"level": 1, "before": 1}, {"level": 4}, {"level": 2, "why": " "}, {"level": 3}])
def test_what_no_paper_can_be_raised_to(file, by, given):
    before = given.pop("before", 0)
    File.objects.filter(pk=file.pk).update(secrecy=before)
    with pytest.raises(Invalid):
        papers.raise_paper(file, by=by(), **({"why": "洽谈"} | given))
    file.refresh_from_db()
    assert file.secrecy == before


def test_only_who_may_and_only_what_they_may_know_of(story, need, file, by):
    stranger = by("管鹿鸣")
    with pytest.raises(NotAllowed):
        papers.raise_paper(file, by=stranger, level=1, why="试试")
    papers.raise_paper(file, by=by(), level=2, why="洽谈")
    with pytest.raises(Gone):
        papers.raise_paper(file, by=by(LOW), level=3, why="试试")
    with pytest.raises(Gone):
        papers.ask_to_lower_paper(file, by=by(LOW), level=0, why="试试")


def test_what_the_customer_sees_has_no_level(need, by):
    with pytest.raises(Invalid):
        needs.attach(need, by=by(), uploads=[upload()], public=True, level=1)
    for wrong in (3, 4, -1):
        with pytest.raises(Invalid):
            needs.attach(need, by=by(), uploads=[upload()], level=wrong)
    assert not need.matter.files.exists()
    needs.attach(need, by=by(), uploads=[upload()], public=True)
    file = need.matter.files.get()
    customer = Actor(kind="customer", name="季棠", id=7, matters=frozenset({need.pk}))
    assert kept.find(customer, file.pk)
    papers.raise_paper(file, by=by(), level=1, why="洽谈")
    with pytest.raises(Gone):
        kept.find(customer, file.pk)
    assert not kept.on_matter(need.matter, customer, public=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        File.objects.filter(pk=file.pk).update(public=True)


def test_a_paper_is_never_below_what_it_hangs_on(story, need, file, by):
    papers.raise_paper(file, by=by(), level=1, why="洽谈")
    needs.amend(story.fresh(need.number), by=by(), version=story.fresh(need.number).version, changes={"secrecy": 2})
    found = File.objects.select_related("matter").get(pk=file.pk)
    assert (found.level, found.stamp) == (2, 0), "it follows its need"
    with pytest.raises(Gone):
        kept.find(by(LOW), file.pk)
    with pytest.raises(Invalid):
        papers.raise_paper(found, by=by(), level=2, why="又一次")
    with pytest.raises(Invalid):
        papers.ask_to_lower_paper(found, by=by(), level=1, why="结束")


def agree(request, by):
    signer = request.seats.get().user
    approvals.approve(request, by=people.actor(signer), proof=Proof(signer.pk, clock.now(), "password"))
    entry = Entry.objects.get(event=ApprovalGranted.NAME, facts__request=request.pk)
    reactions.lower(revive(entry.event, entry.facts, entry.personal), entry)
    return signer


def test_a_paper_comes_down_only_when_a_second_person_agrees(need, file, by, enter):
    papers.raise_paper(file, by=by(), level=2, why="洽谈")
    for wrong in (2, 3):
        with pytest.raises(Invalid):
            papers.ask_to_lower_paper(file, by=by(), level=wrong, why="结束")
    request = papers.ask_to_lower_paper(file, by=by(), level=0, why="结束")
    file.refresh_from_db()
    assert file.secrecy == 2, "asking changes nothing"
    assert not requests.visible_to(by(LOW)).filter(pk=request.pk).exists() and not requests.panel(need.matter, by(LOW))
    low = page(enter, need)
    assert "第二人" not in low and request.chain_name not in low
    assert WORD in enter(request.seats.get().user.name).get(f"/approvals/{request.pk}/").content.decode()
    signer = agree(request, by)
    file.refresh_from_db()
    assert file.secrecy == 0 and signer.name != KEEPER and signer.clearance >= 2 and not file.public
    assert WORD in page(enter, need)
    assert not papers.paper_lowered(request, request.rounds.get().subject), "heard of twice, done once"
    tally = controls()["archives.lowered_by_two"].tally(clock.now() - timedelta(days=1), clock.now() + timedelta(days=1), None)
    assert (tally.applied, tally.failed) == (1, 0)


def test_a_request_is_hidden_with_a_paper_that_was_raised_since(file, by):
    papers.raise_paper(file, by=by(LOW), level=1, why="洽谈")
    request = papers.ask_to_lower_paper(file, by=by(LOW), level=0, why="结束")
    papers.raise_paper(file, by=by(), level=2, why="更要紧了")
    assert not requests.visible_to(by(LOW)).filter(pk=request.pk).exists(), "its facts name the paper"
    assert not papers.paper_lowered(request, request.rounds.get().subject)
    file.refresh_from_db()
    assert file.secrecy == 2


def test_looks_at_a_levelled_paper_are_written_down(need, file, by, enter):
    client = enter(KEEPER)
    client.get(f"/files/{file.pk}/")
    client.get(f"/needs/{need.number}/")
    assert not Look.objects.filter(matter=need.matter).exists(), "nothing of it has a level"
    papers.raise_paper(file, by=by(), level=1, why="洽谈")
    client.get(f"/files/{file.pk}/")
    client.get(f"/needs/{need.number}/")
    assert list(Look.objects.filter(matter=need.matter).order_by("id").values_list("what", flat=True)) == ["file", "page"]
    enter("管鹿鸣").get(f"/files/{file.pk}/")
    assert Look.objects.filter(matter=need.matter).count() == 2


def test_scans_of_a_customers_papers_and_contracts(story, by, enter):
    customer = story.world.customer("季棠")
    paper = customers.take_in_paper(customer, by=by(), kind="licence", name="执照", scans=[upload(), upload("甲.txt", "甲")], level=2)
    contract = customers.draw_up(customer, by=by(), title="合同", scans=[upload(f"{WORD}二.txt", "二")], level=2)
    assert set(File.objects.values_list("secrecy", flat=True)) == {2}
    number, low = customer.matter.number, by(LOW)
    pages = [f"/customers/{number}/", f"/customers/{number}/?part=papers", f"/customers/{number}/contracts/{contract.pk}/", f"/customers/{number}/changes/",
             f"/customers/{number}/?part=history", f"/customers/{number}/?part=files"]  # fmt: skip
    with clock.at(clock.now() + timedelta(days=1)):
        pages.append(f"/customers/{number}/?on={(clock.today() - timedelta(days=1)).isoformat()}")
        for address in pages:
            got = enter(LOW).get(address)
            assert got.status_code == 200 and WORD not in got.content.decode(), address
        shown = [address for address in pages if WORD in enter(KEEPER).get(address).content.decode()]
        assert len(shown) == 4, shown
    assert WORD not in str(archive.of(customer, low)) and WORD in str(archive.of(customer, by()))
    customers.amend_paper(customer, Paper.objects.get(pk=paper.pk), by=by(), scans=[upload("乙.txt", "乙")], level=2)
    assert not [line for line in changes.of(customer, low).rows if line.change.field == "files"]
    assert [line.new for line in changes.of(customer, by()).rows if line.change.field == "files"] == ["3 份文件"]
    out = enter(LOW).post(f"/customers/{number}/export/", {})
    assert out.status_code == 403 or WORD.encode() not in b"".join(out)
    assert Contract.objects.get(pk=contract.pk).files.count() == 1


def test_history_of_a_customers_paper(story, by):
    customer = story.world.customer("季棠")
    customers.take_in_paper(customer, by=by(), kind="licence", scans=[upload()])
    papers.raise_paper(customer.matter.files.get(), by=by(), level=2, why="洽谈")
    mine = [line.entry.event for line in queries.history(customer, by())]
    assert mine == ["archives.paper_raised"] and not queries.history(customer, by(LOW))
    assert not [line for line, _n in history(customer, by(LOW)) if WORD in str(line.event and line.event.sentence())]
    assert controls()["archives.levels_reasoned"].tally(clock.now() - timedelta(days=1), clock.now() + timedelta(days=1), None).applied == 1


def test_a_merge_and_its_undoing_keep_the_levels(story, by):
    customer, gone = story.world.customer("季棠"), customers.add(by=SYSTEM, name="季棠（旧档）")
    customers.take_in_paper(gone, by=by(), kind="licence", scans=[upload()], level=2)
    file, later = gone.matter.files.get(), clock.now() + timedelta(hours=1)
    with clock.at(later):
        merge = customers.merge(customer, gone, by=SYSTEM)
    file.refresh_from_db()
    assert (file.matter_id, file.secrecy) == (customer.pk, 2)
    with pytest.raises(Gone):
        kept.find(by(LOW), file.pk)
    with clock.at(later + timedelta(hours=1)):
        customers.undo_merge(customer, merge, by=SYSTEM)
    file.refresh_from_db()
    assert (file.matter_id, file.secrecy) == (gone.pk, 2)


def test_a_copy_that_left_by_mail_is_not_named_and_one_that_waits_stays(need, by):
    needs.attach(need, by=by(), uploads=[upload()], public=True)
    file = need.matter.files.get()
    row = Delivery.objects.create(channel="mail", key="x", subject="回复", matter=need.matter, made_at=clock.now(), next_at=clock.now())
    row.parts.create(name=file.name, mime=file.mime, stored=file.stored)
    assert notices.why_it_stays(row) is None and notices.parts_for(row, by(LOW))
    papers.raise_paper(file, by=by(), level=2, why="洽谈")
    assert notices.why_it_stays(row).hold, "what has a level does not leave by mail"
    assert not notices.parts_for(row, by(LOW)) and notices.parts_for(row, by())


def test_levels_reach_as_far_as_the_files_do(story, by, file):
    """The bytes of a copy are known by what is in them, on this matter only."""
    papers.raise_paper(file, by=by(), level=2, why="洽谈")
    matter = Matter.objects.get(pk=file.matter_id)
    assert kept.hidden_sums(matter, by(LOW)) == {hashlib.sha256(WORD.encode()).hexdigest()} and not kept.hidden_sums(matter, by())
    assert kept.beyond(1, [file.stored]) == {file.stored} and not kept.beyond(2, [file.stored]) and not kept.beyond(1, [])


def test_raising_a_customers_level_lifts_its_papers_too(story, by):
    customer = story.world.customer("季棠")
    customers.take_in_paper(customer, by=by(), kind="licence", scans=[upload()])
    actions.set_level(customer, by=by(), level=2, why="洽谈")
    with pytest.raises(Gone):
        kept.find(by(LOW), customer.matter.files.get().pk)


def test_a_level_is_given_in_the_form_by_those_who_may(need, by, enter):
    form = enter(KEEPER).get(f"/needs/{need.number}/attach/").content.decode()
    assert 'name="level"' in form and 'value="2"' in form and 'value="3"' not in form
    enter(KEEPER).post(f"/needs/{need.number}/attach/", {"uploads": [upload()], "level": "2"})
    assert need.matter.files.get().secrecy == 2
    refused = enter(KEEPER).post(f"/needs/{need.number}/attach/", {"uploads": [upload()], "level": "2", "public": "on"})
    assert refused.status_code == 422 and need.matter.files.count() == 1


def test_raised_and_asked_to_lower_on_the_page(need, file, by, enter):
    client, address = enter(KEEPER), f"/archives/papers/{file.pk}/"
    assert f"{address}raise/" in page(enter, need, KEEPER) and f"{address}lower/" not in page(enter, need, KEEPER)
    assert WORD in client.get(f"{address}raise/").content.decode()
    assert client.post(f"{address}raise/", {"level": "2", "why": ""}).status_code == 422
    assert client.post(f"{address}raise/", {"level": "2", "why": "洽谈"}).url == f"/needs/{need.number}/"
    assert f"{address}lower/" in page(enter, need, KEEPER)
    assert client.post(f"{address}lower/", {"level": "0", "why": "结束"}).status_code == 302
    assert client.get(f"{address}nothing/").status_code == 404
    file.refresh_from_db()
    assert file.secrecy == 2


def test_files_of_a_verb_that_failed_leave_no_level_behind(need, by):
    before = File.objects.count()
    with pytest.raises(Invalid), transaction.atomic():
        files.attach(need.matter, [upload()], by=by(), level=3)
    assert File.objects.count() == before


def test_levels_by_the_api(need, file, by, story):
    """Raised and asked to come down by a program, as far as the person behind its token may; for others the file is not there."""
    secrets = {name: api.make_token(by=SYSTEM, name=name, user=story.world.user(name), allowed=("needs:write",), per_minute=0)[1] for name in (KEEPER, LOW)}
    clients = {name: Client(headers={"authorization": f"Bearer {secret}"}) for name, secret in secrets.items()}

    def send(name, verb, level, why="洽谈"):
        return clients[name].post(f"/api/v1/files/{file.pk}/{verb}", {"level": level, "why": why}, content_type="application/json")

    assert send(KEEPER, "level", 3).status_code == 422 and send(KEEPER, "level", 2, "").status_code == 422
    raised = send(KEEPER, "level", 2)
    assert raised.status_code == 200 and raised.json()["level"] == 2
    nothing = clients[LOW].post("/api/v1/files/999999/level", {"level": 1, "why": "x"}, content_type="application/json")
    assert send(LOW, "level", 3).status_code == send(LOW, "lowering", 0).status_code == nothing.status_code == 404
    assert send(LOW, "level", 3).json()["title"] == nothing.json()["title"]
    assert send(KEEPER, "lowering", 0).status_code == 202
    told = {name: clients[name].get(f"/api/v1/needs/{need.number}/timeline").content.decode() for name in clients}
    assert WORD in told[KEEPER] and WORD not in told[LOW] and "paper" not in told[LOW] and "files_attached" not in told[LOW]
    sent = clients[KEEPER].post(f"/api/v1/needs/{need.number}/files?level=1", {"files": [upload("丙.txt", "丙")]})
    assert sent.status_code == 201 and sent.json()[0]["level"] == 1
