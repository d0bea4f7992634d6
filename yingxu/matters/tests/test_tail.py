"""The journal's end: another serial after anything was stated on matters of a kind, the same as long as nothing was."""

import threading

import pytest
from django.db import connection, connections, transaction

from yingxu.base.access import SYSTEM
from yingxu.matters import actions, tail
from yingxu.matters.models import Entry

from .test_journal import PhoneNoted

pytestmark = pytest.mark.django_db


def test_it_moves_with_what_is_stated_and_only_then(matter):
    tail.forget()
    at = tail.serial("customer")
    assert tail.serial("customer") == at
    with transaction.atomic():
        actions.record(PhoneNoted(what="x"), on=matter, by=SYSTEM)
    after = tail.serial("customer")
    assert after > at and tail.serial("customer") == after
    need = tail.serial("need")
    with transaction.atomic():
        actions.record(PhoneNoted(what="y"), on=matter, by=SYSTEM)
    assert tail.serial("need") == need and tail.serial("customer") > after


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_ends_after_a_later_one_is_not_missed(cast, monkeypatch):
    """Ids and times are given before the commit; the transaction says what was visible."""
    monkeypatch.setattr(tail, "SECONDS", 0.0)
    with transaction.atomic():
        slow = actions.open_matter("customer", "慢", number="KH-2026-000002")
        quick = actions.open_matter("customer", "快", number="KH-2026-000003")
    begun, let_go = threading.Event(), threading.Event()

    def long() -> None:
        with transaction.atomic():
            actions.record(PhoneNoted(what="slow"), on=slow, by=SYSTEM)
            begun.set()
            let_go.wait(20)
        connections.close_all()

    other = threading.Thread(target=long)
    other.start()
    assert begun.wait(20)
    tail.forget()
    tail.serial("customer")
    with transaction.atomic():
        actions.record(PhoneNoted(what="quick"), on=quick, by=SYSTEM)
    seen = tail.serial("customer")
    assert tail.serial("customer") == seen
    let_go.set()
    other.join()
    assert Entry.objects.latest("tx").matter_id == quick.pk
    assert tail.serial("customer") > seen
    assert connection.in_atomic_block is False
