"""Lists with personal data and guarded files leave only with a second person's signature, made from what one may see then (G2, S6)."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from yingxu.approvals import actions
from yingxu.approvals.models import Request
from yingxu.base import clock, marks
from yingxu.base.controls import controls
from yingxu.base.errors import Deferred
from yingxu.customers import actions as customers
from yingxu.customers.queries import Wish
from yingxu.matters.models import Look, Matter
from yingxu.people import queries as people
from yingxu.people.verifying import Proof

pytestmark = pytest.mark.django_db
EXPORT = "/customers/export/"


def sign(request):
    while request.state == "open":
        seat = request.seats.filter(state="waiting", step__state="open").first()
        actions.approve(request, by=people.actor(seat.user), proof=Proof(seat.user_id, clock.now(), "password"))
        request.refresh_from_db()


def numbers(answer):
    book = load_workbook(io.BytesIO(b"".join(answer)))
    return {row[0].value for row in book.worksheets[0].iter_rows(min_row=2)}


@pytest.fixture
def su(desk, enter, settings):
    settings.EXPORT_ROWS = 1
    desk.world.customer("季棠")
    desk.role("陆砚秋", "service-head")
    return enter("苏慕青")


def test_up_to_the_limit_at_once_and_above_only_when_signed(desk, su, settings):
    assert Matter.objects.filter(kind="customer").count() > 1
    answer = su.post(EXPORT, {"kind": "xlsx"})
    request = Request.objects.get(chain="archives.export")
    assert (answer.status_code, answer["Location"]) == (302, f"/approvals/{request.pk}/")
    assert not Look.objects.filter(what="export").exists(), "nothing left"
    assert not request.seats.filter(user__name="苏慕青").exists(), "nobody signs for themselves"
    assert su.post(EXPORT, {"kind": "xlsx"})["Location"] == answer["Location"], "asked once"
    settings.EXPORT_ROWS = 10_000
    assert su.post(EXPORT, {"kind": "xlsx"}).status_code == 200


def test_what_was_signed_is_made_from_what_one_may_see_when_it_is_taken(desk, su, settings):
    su.post(EXPORT, {"kind": "xlsx"})
    sign(Request.objects.get(chain="archives.export"))
    gone = desk.world.customer("季棠")
    Matter.objects.filter(pk=gone.pk).update(secrecy=3)
    answer = su.post(EXPORT, {"kind": "xlsx"})
    found = numbers(answer)
    settings.EXPORT_ROWS = 0
    tally = controls()["approvals.exports_signed"].tally
    period = (clock.now() - timedelta(days=1), clock.now() + timedelta(days=1), None)
    assert (tally(*period).applied, tally(*period).failed) == (1, 0)
    Look.objects.create(what="export", at=clock.now(), actor_kind="user", actor_name="x", user_id=desk.user("沈岚").pk, facts={"list": "needs", "rows": 900})
    assert tally(*period).failed == 1
    assert answer.status_code == 200 and found
    assert (gone.matter.number in found) is (people.actor(desk.user("苏慕青")).clearance == 3)
    Matter.objects.filter(pk=gone.pk).update(secrecy=0)
    assert su.post(EXPORT, {"kind": "xlsx", "sort": "name"}).status_code == 302, "another list is another request"
    with clock.at(clock.now() + timedelta(hours=25)):
        assert su.post(EXPORT, {"kind": "xlsx"}).status_code == 302, "a day later it must be signed again"


def test_what_was_signed_is_the_requester_s_alone(desk, su, enter):
    su.post(EXPORT, {"kind": "xlsx"})
    sign(Request.objects.get(chain="archives.export"))
    with pytest.raises(Deferred):
        customers.export(Wish(), by=people.actor(desk.user("陆砚秋")))
    assert len(customers.export(Wish(), by=people.actor(desk.user("苏慕青")))) == 2


def test_a_guarded_file_leaves_only_when_signed(desk, enter):
    customer, su = desk.world.customer("季棠"), enter("苏慕青")
    desk.role("陆砚秋", "service-head")
    address = f"/customers/{customer.matter.number}/file/"
    assert su.post(address).status_code == 200
    Matter.objects.filter(pk=customer.pk).update(secrecy=1)
    assert "/serves/?next=" in su.post(address)["Location"], "what for comes first"
    su.post(f"/customers/{customer.matter.number}/serves/", {"reason": "交会计师"})
    assert su.post(address).status_code == 302
    request = Request.objects.get(chain="archives.export")
    assert request.matter_id == customer.pk
    sign(request)
    assert su.post(address).status_code == 200


def test_every_file_leads_back_to_the_row_of_the_log(desk, enter):
    su = enter("苏慕青")
    book = load_workbook(io.BytesIO(b"".join(su.post(EXPORT, {"kind": "xlsx"}))))
    row = Look.objects.get(what="export", matter=None)
    code = book.custom_doc_props["YingxuExport"].value
    assert marks.row_of(code) == row.pk and book.properties.creator == "苏慕青"
    said = dict(book.worksheets[-1].iter_rows(values_only=True))
    assert code in said.values() and "苏慕青" in said.values() and str(row.facts["rows"]) in said.values()
    assert len(book.worksheets) == 2 and book.worksheets[0]["A1"].value == "编号", "the first sheet still imports as it is"
    named = su.post(EXPORT, {"kind": "csv"})["Content-Disposition"]
    assert marks.row_of(named.split("%20")[-1].removesuffix(".csv")) == Look.objects.filter(what="export", matter=None).latest("id").pk
    assert marks.row_of(code[:-1] + ("0" if code[-1] != "0" else "1")) is None, "an invented mark is told"
    paper = su.post(f"/customers/{desk.world.customer('季棠').matter.number}/print/").content.decode()
    assert f"E{Look.objects.latest('id').pk}-" in paper
