"""The key changes while everything runs: what is sealed stays readable, nothing a writer wrote is lost, no key goes while it is needed (A9, F33)."""

import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, models

from tests.house.rows import row
from yingxu.base import clock, crypto
from yingxu.base.access import SYSTEM
from yingxu.base.errors import WrongMoment
from yingxu.customers.models import Identifier
from yingxu.intake.models import Raw, Received
from yingxu.operations import actions, resealing, running
from yingxu.operations.models import Resealing
from yingxu.people.models import DirectoryRow, User


@pytest.fixture(autouse=True)
def keyring(settings, tmp_path: Path) -> Path:
    settings.KEYRING = tmp_path / "keyring.json"
    settings.KEYRING.write_text(json.dumps(crypto.new_keyring()))
    return settings.KEYRING


def test_a_running_process_sees_the_new_key_at_its_next_use():
    old = crypto.seal("139", "x")
    assert resealing.add() == "k2"
    new = crypto.seal("139", "x")
    assert (old[:3], new[:3]) == ("k1.", "k2.") and crypto.unseal(old, "x") == crypto.unseal(new, "x") == "139"


def test_the_keyring_stays_closed_to_others(keyring: Path):
    keyring.chmod(0o600)
    resealing.add()
    assert keyring.stat().st_mode & 0o077 == 0 and not list(keyring.parent.glob("*.half"))


def _sealed_row(model, **given):
    """The smallest row; sealed columns that were not given are empty, as they would be."""
    made = row(model, **given)
    for column in crypto.SEALED:
        if not column.part and not isinstance(column.model._meta.get_field(column.field), models.BinaryField):
            column.model._base_manager.exclude(**{f"{column.field}__startswith": "k"}).update(**{column.field: ""})
    return made


def _sealed() -> tuple[Identifier, Raw, DirectoryRow]:
    one = _sealed_row(Identifier, sealed=crypto.seal("13900000001", "customers.identifier"))
    raw = Raw.of(_sealed_row(Received), b"Subject: hello")
    raw.save()
    line = _sealed_row(DirectoryRow, before={"mobile": crypto.seal("13900000002", User.SEALED), "name": "x"})
    return one, raw, line


@pytest.mark.django_db
def test_text_bytes_and_json_are_sealed_anew():
    one, raw, line = _sealed()
    resealing.add()
    before = resealing.waiting("k2")
    assert resealing.reseal("k2") == before >= 3 and resealing.waiting("k2") == 0
    for each in (one, raw, line):
        each.refresh_from_db()
    assert one.sealed.startswith("k2.") and crypto.unseal(one.sealed, "customers.identifier") == "13900000001"
    assert bytes(raw.sealed).startswith(b"k2.") and raw.body == b"Subject: hello"
    assert line.before["name"] == "x" and crypto.unseal(line.before["mobile"], User.SEALED) == "13900000002"
    assert resealing.reseal("k2") == 0


@pytest.mark.django_db
def test_it_goes_on_where_it_was_interrupted():
    _sealed()
    resealing.add()
    before = resealing.waiting("k2")
    rounds = iter([False, False, True])
    done = resealing.reseal("k2", stop=lambda: next(rounds, True))
    assert 0 < done < before and resealing.waiting("k2") == before - done
    assert resealing.reseal("k2") == before - done


@pytest.mark.django_db
def test_what_somebody_wrote_meanwhile_stays():
    one, _raw, _line = _sealed()
    resealing.add()
    old = one.sealed
    Identifier.objects.filter(pk=one.pk).update(sealed=crypto.seal("13900000009", "customers.identifier"))
    column = next(each for each in crypto.SEALED if each.model is Identifier)
    assert resealing._swap(column, one.pk, old) == 0
    one.refresh_from_db()
    assert crypto.unseal(one.sealed, "customers.identifier") == "13900000009"


@pytest.mark.django_db
def test_a_key_that_is_needed_stays():
    _sealed()
    with pytest.raises(WrongMoment, match="k1"):
        actions.retire_key(by=SYSTEM, key="k1")  # it is the current one
    actions.rotate_key(by=SYSTEM)
    with pytest.raises(WrongMoment):
        actions.retire_key(by=SYSTEM, key="k1")  # changed just now
    with clock.at(clock.now() + timedelta(minutes=11)):
        with pytest.raises(WrongMoment, match="customers.Identifier.sealed"):
            actions.retire_key(by=SYSTEM, key="k1")
        resealing.reseal("k2")
        with pytest.raises(WrongMoment, match="k7"):
            actions.retire_key(by=SYSTEM, key="k7")


@pytest.mark.django_db(transaction=True)
def test_a_writer_works_on_while_the_key_changes_and_then_the_old_key_goes(world, keyring: Path):
    """One thread registers sealed values all the time; afterwards each opens, and nothing needs the old key."""
    holder = _sealed_row(Identifier, sealed=crypto.seal("0", "customers.identifier"))
    written: dict[int, str] = {}
    ending = threading.Event()

    def write() -> None:
        number = 0
        while not ending.is_set() or number < 60:
            number += 1
            value = str(13_900_000_000 + number)
            made = row(Identifier, customer=holder.customer, sealed=crypto.seal(value, "customers.identifier"))
            written[made.pk] = value
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    change = actions.rotate_key(by=SYSTEM)
    running.seal_anew(change)
    ending.set()
    writer.join()
    change.refresh_from_db()
    assert change.state == Resealing.State.DONE and len(written) >= 60
    resealing.reseal("k2")
    with clock.at(clock.now() + timedelta(minutes=11)):
        actions.retire_key(by=SYSTEM, key="k1")
    assert list(json.loads(keyring.read_text())["keys"]) == ["k2"]
    found = {pk: crypto.unseal(sealed, "customers.identifier") for pk, sealed in Identifier.objects.filter(pk__in=written).values_list("pk", "sealed")}
    assert found == written


@pytest.mark.django_db(transaction=True)
def test_a_lost_key_is_named_and_nothing_is_changed(world, keyring: Path):
    one = _sealed_row(Identifier, sealed=crypto.seal("13900000001", "customers.identifier"))
    change = actions.rotate_key(by=SYSTEM)
    ring = json.loads(keyring.read_text())
    del ring["keys"]["k1"]
    keyring.write_text(json.dumps(ring))
    running.seal_anew(change)
    assert change.state == Resealing.State.FAILED and "k1" in change.why
    one.refresh_from_db()
    assert one.sealed.startswith("k1.")
