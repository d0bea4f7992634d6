"""Seals: every kind of tampering is found and named, lawful blanking is not, and nobody who is killed or late breaks the chain (S2)."""

import threading
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from yingxu.base.access import SYSTEM
from yingxu.base.events import Event
from yingxu.matters import actions, heads, seals, verifying
from yingxu.matters.models import Entry, Look, Seal, Verification

pytestmark = pytest.mark.django_db
NOW = timedelta()


@dataclass(frozen=True, kw_only=True)
class WordKept(Event):
    PERSONAL = ("phone",)
    what: str = ""
    phone: str = ""

    def sentence(self):
        return "kept"


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def state(what: str = "x", phone: str = "") -> Entry:
    with transaction.atomic():
        return actions.record(WordKept(what=what, phone=phone), on=None, by=SYSTEM)


@pytest.fixture
def tampers():
    """SQL as a superuser with the triggers out of the way."""

    def run(sql: str, values=()):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(sql, values)
            cursor.execute("SET LOCAL session_replication_role = origin")

    return run


def _sealed(monkeypatch, rows: int = 6, batch: int = 2) -> list[Entry]:
    """Rows in seals of two. Within a test's transaction nothing is settled but what we say."""
    monkeypatch.setattr(seals, "BATCH", batch)
    monkeypatch.setattr(seals, "settled", lambda: 2**62)
    made = [state(str(n), phone=f"1390000000{n}" if n % 2 else "") for n in range(rows)]
    while seals.seal_once("journal", wait=NOW):
        pass
    assert Seal.objects.count() == rows // batch
    return made


def test_what_nobody_touched_holds(monkeypatch):
    _sealed(monkeypatch)
    found = verifying.verify("journal")
    assert (found.trouble, found.through, found.rows, found.heads) == (None, 3, 6, 3)
    first, second, third = Seal.objects.order_by("number")
    assert bytes(second.previous) == bytes(first.mac) and bytes(third.previous) == bytes(second.mac)


TAMPERING = {
    "a fact": ("UPDATE matters_entry SET facts = '{\"what\": \"y\"}' WHERE id = %s", "changed", 0),
    "a moment": ("UPDATE matters_entry SET at = at + interval '1 second' WHERE id = %s", "changed", 0),
    "a personal part": ("UPDATE matters_entry SET personal = '{\"phone\": \"1\"}' WHERE id = %s", "changed", 0),
    "a personal part put in": ("UPDATE matters_entry SET personal = '{\"phone\": \"1\"}' WHERE id = %s", "changed", -1),
    "who did it": ("UPDATE matters_entry SET actor_name = 'another' WHERE id = %s", "changed", 0),
    "a row gone": ("DELETE FROM matters_entry WHERE id = %s", "missing", 0),
    "a row elsewhere": ("UPDATE matters_entry SET tx = tx - 1000000000 WHERE id = %s", "reordered", 0),
    "a row blanked by hand": ("UPDATE matters_entry SET personal = '{}' WHERE id = %s", "changed", 0),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_each_tampering_is_found_and_named(monkeypatch, tampers, name):
    sql, kind, shift = TAMPERING[name]
    row = _sealed(monkeypatch)[3 + shift]
    tampers(sql, [row.pk])
    trouble = verifying.verify("journal").trouble
    assert (trouble.kind, trouble.row) == (kind, row.pk)
    assert str(row.pk) in trouble.sentence


def test_a_row_put_in_is_found(monkeypatch, tampers):
    row = _sealed(monkeypatch)[2]
    tampers(
        "INSERT INTO matters_entry (id, event, at, recorded_at, actor_kind, actor_name, facts, personal, tell, tx) "
        "SELECT -5, event, at, recorded_at, actor_kind, actor_name, facts, personal, tell, tx - 1 FROM matters_entry WHERE id = %s",
        [row.pk],
    )
    trouble = verifying.verify("journal").trouble
    assert (trouble.kind, trouble.row) in {("inserted", -5)}


def test_a_changed_seal_and_a_missing_one_are_found(monkeypatch, tampers):
    _sealed(monkeypatch)
    with transaction.atomic():
        tampers("UPDATE matters_seal SET sealed_at = sealed_at - interval '1 day' WHERE number = 2")
        assert (verifying.verify("journal").trouble.kind, verifying.verify("journal").trouble.seal) == ("seal", 2)
        transaction.set_rollback(True)
    tampers("DELETE FROM matters_seal WHERE number = 2")
    assert (verifying.verify("journal").trouble.kind, verifying.verify("journal").trouble.seal) == ("missing", 2)


def test_a_row_changed_with_its_leaf_is_found(monkeypatch, tampers):
    """Whoever may write the database but has not the key."""
    row = _sealed(monkeypatch)[3]
    tampers("UPDATE matters_entry SET actor_name = 'another' WHERE id = %s", [row.pk])
    seal = Seal.objects.get(number=2)
    rows = seals.read(seals.LEDGERS["journal"], (0, 0), (2**62, 2**62), 100)[2:4]
    leaves = b"".join(one.leaf(bytes(seal.salts)[at * 16 : at * 16 + 16]) for at, one in enumerate(rows))
    tampers("UPDATE matters_seal SET leaves = %s WHERE number = 2", [leaves])
    assert verifying.verify("journal").trouble.kind == "seal"


def test_an_end_that_was_cut_off_is_found_by_the_heads_outside(monkeypatch, tampers, data):
    rows = _sealed(monkeypatch)
    tampers("DELETE FROM matters_seal WHERE number = 3")
    tampers("DELETE FROM matters_entry WHERE id = ANY(%s)", [[row.pk for row in rows[4:]]])
    trouble = verifying.verify("journal").trouble
    assert (trouble.kind, trouble.seal) == ("cut", 3)
    state("later"), state("and later")
    assert seals.seal_once("journal", wait=NOW) == 2
    assert verifying.verify("journal").trouble.kind == "seal", "another third seal than the one known outside"
    heads.restored("journal", "backup of yesterday")
    state("after"), state("the restore")
    seals.seal_once("journal", wait=NOW)
    assert verifying.verify("journal").trouble is None
    heads.place("journal").unlink()
    assert verifying.verify("journal").heads is None, "a new machine has none: said, not hidden"


def test_what_the_law_blanks_keeps_the_chain_and_cannot_be_guessed(monkeypatch, tampers):
    rows = _sealed(monkeypatch)
    row = rows[3]
    salt = lambda: bytes(Seal.objects.get(number=2).salts)[16:32]  # noqa: E731
    assert any(salt())
    with transaction.atomic():
        assert actions.erase_personal([row.pk]) == 1
    found = verifying.verify("journal")
    assert (found.trouble, found.blanked) == (None, 1)
    assert not any(salt()), "with the salt gone a telephone number cannot be tried out against the commitment"
    seals.seal_once("looks", wait=NOW)
    assert verifying.verify("looks").trouble is None
    with connection.cursor() as sql:
        sql.execute("SELECT matters_erase(%s::bigint[])", [[rows[1].pk]])
    trouble = verifying.verify("journal").trouble
    assert (trouble.kind, trouble.row) == ("blanked", rows[1].pk), "blanked behind everybody's back"


def test_a_row_blanked_before_it_is_sealed_is_sealed_without(monkeypatch):
    monkeypatch.setattr(seals, "settled", lambda: 2**62)
    row = state(phone="13900000001")
    with transaction.atomic():
        actions.erase_personal([row.pk])
    seals.seal_once("journal", wait=NOW)
    assert verifying.verify("journal").trouble is None and Look.objects.get().facts["ids"] == [row.pk]


def test_rows_wait_a_minute_for_company(monkeypatch):
    monkeypatch.setattr(seals, "settled", lambda: 2**62)
    state()
    assert seals.seal_once("journal") == 0 and seals.seal_once("journal", wait=NOW) == 1
    assert seals.state("journal").waiting == 0


def test_a_worker_killed_after_the_commit_has_its_head_written_by_the_next(monkeypatch):
    _sealed(monkeypatch)
    path = heads.place("journal")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:1]))
    heads.keep("journal")
    assert [head.number for head in heads.known("journal")] == [1, 2, 3]


def test_verifying_goes_on_where_it_was(monkeypatch, tampers, django_assert_max_num_queries):
    _sealed(monkeypatch)
    now = Entry.objects.first().at
    first = Verification.objects.create(ledger="journal", by_name="x", begun_at=now, seen_at=now)
    verifying.run(first)
    assert (first.through, first.rows, first.trouble, first.running) == (3, 6, "", False)
    state("a"), state("b")
    seals.seal_once("journal", wait=NOW)
    again = Verification.objects.create(ledger="journal", by_name="x", begun_at=now, seen_at=now)
    with django_assert_max_num_queries(12):
        found = verifying.run(again, resume=True)
    assert (found.rows, again.rows, again.through) == (2, 8, 4)


def test_the_command_says_so_by_its_exit_code(monkeypatch, tampers):
    row = _sealed(monkeypatch)[3]
    out = StringIO()
    call_command("audit", "verify", stdout=out)
    assert "ok   journal: 6 rows in 3 seals" in out.getvalue()
    tampers("UPDATE matters_entry SET facts = '{}' WHERE id = %s", [row.pk])
    with pytest.raises(SystemExit) as end:
        call_command("audit", "verify", stdout=out)
    assert end.value.code == 1 and "BAD  journal: changed: " in out.getvalue()
    out = StringIO()
    call_command("audit", "heads", stdout=out)
    assert out.getvalue().startswith("journal 3 ")


def test_a_wrong_key_is_named(monkeypatch, tampers):
    _sealed(monkeypatch)
    tampers("UPDATE matters_seal SET key = 's1-00000000' WHERE number = 1")
    assert "s1-00000000" in verifying.verify("journal").trouble.sentence


@pytest.mark.django_db(transaction=True)
def test_late_transactions_and_two_workers():
    """A transaction that began early and commits late is sealed in its place; two who seal at once make one chain."""
    begun, go_on = threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            actions.record(WordKept(what="late"), on=None, by=SYSTEM)
            begun.set()
            go_on.wait(10)
        connections.close_all()

    def seal():
        for _ in range(20):
            seals.seal_once("journal", wait=NOW)
        connections.close_all()

    thread = threading.Thread(target=late)
    thread.start()
    begun.wait(10)
    state("early")
    assert seals.seal_once("journal", wait=NOW) == 0, "what committed first must not be sealed before what began first"
    go_on.set()
    thread.join()
    workers = [threading.Thread(target=seal) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [entry.facts["what"] for entry in Entry.objects.order_by("tx", "id")] == ["late", "early"]
    found = verifying.verify("journal")
    assert (found.trouble, found.rows) == (None, 2)
    assert len(list(heads.known("journal"))) == found.through


def test_rows_nobody_seals_are_a_fault(monkeypatch):
    from yingxu.desk import health
    from yingxu.matters import queries

    monkeypatch.setattr(seals, "settled", lambda: 2**62)
    state()
    assert queries.sealed_late() == [] and health.checks()["seals"] == "ok"
    monkeypatch.setattr(seals, "LATE", -timedelta(seconds=1))
    assert queries.sealed_late() == ["journal"] and health.checks()["seals"] == "journal not sealed"
    seals.seal_once("journal", wait=NOW)
    assert queries.sealed_late() == []
