"""A customer asks at the portal that their data be deleted, and nothing of it is found anywhere, not after the restore of an older backup
either (P3, P12, F27; PIPL art. 47)."""

import pytest
from django.conf import settings as kept
from django.db import transaction

from tests.canaries import in_files, in_tables
from yingxu.approvals import actions as signing
from yingxu.approvals.models import Request as Approval
from yingxu.base import clock
from yingxu.destruction import carrying
from yingxu.needs import actions as needs
from yingxu.people import queries as people
from yingxu.people.verifying import Proof
from yingxu.portal.tests.conftest import WORDS, Visitor
from yingxu.privacy import actions as privacy
from yingxu.privacy.models import Request

pytestmark = pytest.mark.django_db
CANARIES = [WORDS, "13900004244", "139 0000 4244", "季棠"]


@pytest.fixture
def places(settings, tmp_path):
    settings.ERASURES, settings.FILES_DIR = tmp_path / "erasures.jsonl", tmp_path / "files"
    return tmp_path


def test_from_the_portal_to_nothing_found(world, places):
    visitor = Visitor()
    assert visitor.raise_need().status_code == 200 and WORDS in visitor.page()
    here = f"/p/needs/{visitor.number}/privacy/"
    assert visitor.post(here, {"kind": "delete", "contact": "13900004244"}, of=here).status_code == 302
    need = visitor.need
    needs.void(need, by=world.by("苏慕青"), reason="本人要求删除")
    asked, su = Request.objects.get(), world.by("苏慕青")
    privacy.check_identity(asked, by=su, about=need.customer.matter, how="身份证原件")
    privacy.ask_erasure(Request.objects.get(), by=su)
    for _signature in range(2):
        request = Approval.objects.get(chain="privacy.erase")
        seat = request.seats.filter(state="waiting", step__state="open").select_related("user").first()
        signing.approve(request, by=people.actor(seat.user), proof=Proof(seat.user_id, clock.now(), "password"))
    with transaction.atomic():
        point = transaction.savepoint()
        carrying.erase_subject(asked.pk)
        assert in_tables(CANARIES) == [] and in_files(CANARIES, places) == []
        assert Request.objects.get().state == Request.State.ANSWERED
        assert visitor.get(f"/p/needs/{visitor.number}/").status_code != 200, "the page tells nothing any more"
        transaction.savepoint_rollback(point)
    assert in_tables(CANARIES), "the older backup is back"
    carrying.reapply()
    assert in_tables(CANARIES) == []
    assert not [word for word in CANARIES if word in kept.ERASURES.read_text()]
