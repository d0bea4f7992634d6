"""Numbers, secrets, time, states, events and verbs: the plain Python every room stands on."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from cryptography.exceptions import InvalidTag
from django.conf import settings as configured
from django.db import models, transaction

from yingxu.base import clock, crypto, events, flow
from yingxu.base.access import SYSTEM, Actor, Reach, Rule
from yingxu.base.action import action, locked, opens, step
from yingxu.base.errors import Gone, NotAllowed, WrongMoment
from yingxu.base.numbers import register_number, spoken_amount
from yingxu.people.models import Role

MAY = Rule("base.tests_may", "try a verb", own=(), department=(), secrecy=None)
HOLDER = Actor(kind="user", name="h", id=1, user_id=1, reaches={MAY.name: Reach.ALL})
STRANGER = Actor(kind="user", name="s", id=2, user_id=2)


# ── numbers ──


def test_register_numbers():
    assert register_number(2026, 123) == "2026-000123"
    assert register_number(2026, 1_234_567, "KH") == "KH-2026-1234567"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"), ("0.05", "伍分"), ("0.50", "伍角整"), ("1", "壹元整"), ("10", "壹拾元整"), ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"), ("325.04", "叁佰贰拾伍元零肆分"), ("6007.14", "陆仟零柒元壹角肆分"), ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("420000", "肆拾贰万元整"), ("100000001", "壹亿零壹元整"), ("1000010000", "壹拾亿零壹万元整"), ("-12.3", "负壹拾贰元叁角整"),
        ("0.005", "壹分"), ("99999999.999", "壹亿元整"),
    ],
)  # fmt: skip
def test_amounts_in_formal_numerals(amount: str, words: str):
    """Source of the rules: 正确填写票据和结算凭证的基本规定."""
    assert spoken_amount(Decimal(amount)) == words


# ── secrets ──


@pytest.fixture
def ring(tmp_path, settings):
    """A keyring file of its own; returns how to write it."""

    def write(current: str, *names: str, index: bytes = b"i" * 32) -> None:
        keys = {name: base64.b64encode(name.encode().ljust(32, b"."))[:].decode() for name in names}
        path = tmp_path / f"ring-{current}-{len(names)}-{index[:1].hex()}.json"
        path.write_text(json.dumps({"current": current, "keys": keys, "index": base64.b64encode(index).decode()}))
        settings.KEYRING = path

    return write


def test_sealed_text_comes_back_only_in_its_place(ring):
    """A9."""
    ring("k1", "k1")
    sealed = crypto.seal("13900002046", "customers.identifier")
    assert "13900002046" not in sealed and sealed != crypto.seal("13900002046", "customers.identifier")
    assert crypto.unseal(sealed, "customers.identifier") == "13900002046"
    with pytest.raises(InvalidTag):
        crypto.unseal(sealed, "elsewhere")
    with pytest.raises(InvalidTag):
        crypto.unseal(sealed[:-6] + "AAAA==", "customers.identifier")


def test_keys_rotate_and_a_missing_one_is_named(ring):
    """F33: an old key still opens, a lost one refuses with its id, none is made silently."""
    ring("k1", "k1")
    old = crypto.seal("秘密", "x")
    ring("k2", "k1", "k2")
    assert crypto.unseal(old, "x") == "秘密" and crypto.seal("秘密", "x").startswith("k2.")
    ring("k2", "k2")
    with pytest.raises(crypto.KeyMissing, match="k1"):
        crypto.unseal(old, "x")


def test_no_keyring_is_a_refusal(tmp_path, settings):
    settings.KEYRING = tmp_path / "nowhere.json"
    with pytest.raises(crypto.KeyMissing, match="nowhere.json"):
        crypto.seal("x", "y")
    assert not settings.KEYRING.exists()


def test_fingerprints_find_the_same_text_in_the_same_place(ring):
    ring("k1", "k1")
    assert crypto.fingerprint("1", "a") == crypto.fingerprint("1", "a") != crypto.fingerprint("1", "b")
    first = crypto.fingerprint("1", "a")
    ring("k1", "k1", index=b"j" * 32)
    assert crypto.fingerprint("1", "a") != first and len(first) == 16


def test_codes_can_be_read_out_and_are_long_enough():
    """S13: 16 characters of 30 are 78 bits."""
    codes = {crypto.spoken_code() for _ in range(200)}
    assert len(codes) == 200 and all(len(c) == 16 for c in codes)
    assert not set("".join(codes)) & set("0O1IL")
    assert len(crypto.token()) >= 43 and len(crypto.token_hash("x")) == 32


def test_the_keyring_of_this_run_is_whole():
    assert crypto.unseal(crypto.seal("x", "y"), "y") == "x" and configured.KEYRING.exists()


# ── time ──


def test_history_keeps_its_own_time():
    then = datetime(2025, 12, 31, 20, tzinfo=UTC)
    with clock.at(then):
        assert clock.now() == then
        assert clock.today().isoformat() == "2026-01-01", "in the company's zone"
    assert clock.now() > then


def test_a_naive_moment_is_refused_and_leaves_nothing():
    with pytest.raises(ValueError, match="zone"), clock.at(datetime(2026, 1, 1)):
        raise AssertionError
    assert clock.now().tzinfo


# ── states ──


class Light(models.TextChoices):
    RED = "red", "Red"
    GREEN = "green", "Green"


def test_only_moves_of_the_table():
    class Thing:
        state = "red"

    moves = {Light.RED: {Light.GREEN}}
    assert flow.move(Thing, Light.GREEN, moves) == Light.RED and Thing.state == Light.GREEN
    with pytest.raises(WrongMoment) as refusal:
        flow.move(Thing, Light.RED, moves)
    assert "Red" in str(refusal.value) and "Green" in str(refusal.value) and refusal.value.status == 409
    assert Thing.state == Light.GREEN


# ── events ──


@dataclass(frozen=True, kw_only=True)
class ThingSaid(events.Event):
    PERSONAL = ("phone",)
    what: str
    at: datetime | None = None
    ids: tuple[int, ...] = ()
    phone: str = ""

    def sentence(self):
        return f"said {self.what}"


def test_events_split_and_come_back():
    when = datetime(2026, 3, 2, tzinfo=UTC)
    facts, personal = ThingSaid(what="x", at=when, ids=(1, 2), phone="139").split()
    assert facts == {"what": "x", "at": when.isoformat(), "ids": [1, 2]} and personal == {"phone": "139"}
    assert json.loads(json.dumps(facts)) == facts
    back = events.revive(ThingSaid.NAME, facts, personal)
    assert back.sentence() == "said x" and back.phone == "139"


def test_old_and_blanked_events_are_still_readable():
    assert events.revive(ThingSaid.NAME, {"what": "x", "gone": 1}, {}).phone == ""
    assert events.revive("base.never_heard_of", {}, {}) is None


# ── verbs ──


@action(MAY)
def rename(role: Role, *, by: Actor, name: str) -> Role:
    """Another name."""
    role.name = name
    role.save()
    return role


@opens(MAY)
def begin(*, by: Actor, name: str) -> Role:
    """A new role."""
    role = Role.objects.create(code="c", name=name)
    if name == "bad":
        raise WrongMoment("no")
    return role


@step
def part() -> str:
    return "done"


@pytest.mark.django_db
def test_a_verb_reads_its_row_again_under_a_lock():
    role = Role.objects.create(code="a", name="one")
    Role.objects.filter(pk=role.pk).update(description="meanwhile")
    done = rename(role, by=HOLDER, name="two")
    assert (done.name, done.description) == ("two", "meanwhile") and role.name == "one"
    with transaction.atomic():
        assert locked(role).name == "two"


@pytest.mark.django_db
def test_a_verb_refuses_and_names_the_rule():
    role = Role.objects.create(code="a", name="one")
    with pytest.raises(NotAllowed) as refusal:
        rename(role, by=STRANGER, name="two")
    assert refusal.value.code == MAY.name and "try a verb" in str(refusal.value)
    with pytest.raises(NotAllowed):
        begin(by=STRANGER, name="x")
    assert list(Role.objects.values_list("name", flat=True)) == ["one"]
    assert rename(role, by=SYSTEM, name="two").name == "two"


@pytest.mark.django_db
def test_a_verb_on_what_is_gone():
    role = Role.objects.create(code="a", name="one")
    Role.objects.all().delete()
    with pytest.raises(Gone):
        rename(role, by=HOLDER, name="two")


@pytest.mark.django_db
def test_a_refused_verb_leaves_nothing():
    with pytest.raises(WrongMoment):
        begin(by=HOLDER, name="bad")
    assert not Role.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_step_needs_a_verb_around_it():
    with pytest.raises(RuntimeError, match="another verb"):
        part()
    with transaction.atomic():
        assert part() == "done"
