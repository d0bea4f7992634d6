"""The archive of the log while everything runs, and room on the disks: what is brought where, what people are told (R5, R7, F10, F28)."""

import os
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.urls import reverse

from config import physical
from yingxu.base import clock, loops, room
from yingxu.matters.models import Entry
from yingxu.operations import places, queries, segments, shipping, taking, vault, watching
from yingxu.operations.beating import Heart, timetable
from yingxu.operations.models import Archive, Backup, Plan, Work

pytestmark = pytest.mark.django_db


class Spool:
    """A company of our own whose server hands out pieces when we say so."""

    def __init__(self, settings, at: Path) -> None:
        settings.EMBEDDED, settings.DATA_DIR, settings.FILES_DIR = True, at / "data", at / "data" / "files"
        settings.SPOOL, settings.BACKUP_KEY = at / "data" / "postgres" / "spool", at / "data" / "keys" / "backup.json"
        settings.SPOOL.mkdir(parents=True)
        settings.BACKUP_KEY.parent.mkdir()
        (settings.BACKUP_KEY.parent / "keyring.json").write_text(settings.KEYRING.read_text())
        self.key, self.at, self.spool = vault.key_of(vault.new_code()), at, settings.SPOOL
        vault.keep(settings.BACKUP_KEY, self.key)
        for name in ("first", "second"):
            places.begin(at / name)
        Plan.objects.create(pk=1, place=str(at / "first"), second=str(at / "second"))
        with psycopg.connect(taking.database(), autocommit=True) as server:
            self.system = physical.standing(server).system

    def finish(self, number: int) -> str:
        name = physical.Segment(1, number).name
        (self.spool / name).write_bytes(b"log %d" % number * 1000)
        return name

    def held(self, place: str) -> list[str]:
        return sorted(segments.held(self.at / place, self.system))

    def waiting(self) -> list[str]:
        return sorted(path.name for path in self.spool.iterdir())


@pytest.fixture
def spool(settings, tmp_path) -> Spool:
    return Spool(settings, tmp_path)


def test_a_finished_piece_is_brought_to_both_places(spool: Spool):
    one, two = spool.finish(1), spool.finish(2)
    (spool.spool / f"{one}.00000028.backup").write_text("a note")
    first, second = shipping.carry()
    assert spool.held("first") == spool.held("second") == [one, two] and spool.waiting() == []
    assert first.segment == two and not first.sentence and first.reached_at == second.reached_at
    for place in ("first", "second"):
        closed, raw = segments.read(segments.held(spool.at / place, spool.system)[two], [spool.key])
        assert raw == b"log 2" * 1000 and abs(clock.now() - closed) < timedelta(minutes=5)
        assert segments.keys_now(spool.at / place, spool.key)["keyring.json"]


def test_what_a_place_missed_it_gets_when_it_is_back(spool: Spool):
    (spool.at / "second" / places.MARK).unlink()
    one = spool.finish(1)
    first, second = shipping.carry()
    assert "Is its disk mounted?" in second.sentence and not first.sentence
    assert spool.held("first") == [one] and spool.held("second") == [] and spool.waiting() == []
    (spool.at / "second" / places.MARK).write_text("1\n")
    two = spool.finish(2)
    shipping.carry()
    assert spool.held("second") == [one, two]
    (spool.at / "first" / places.MARK).unlink()
    three = spool.finish(3)
    shipping.carry()
    assert spool.held("second") == [one, two, three] and spool.waiting() == [three]  # it waits for the first


def test_a_change_of_keys_is_kept_beside_the_log(spool: Spool, settings):
    shipping.carry()
    (settings.BACKUP_KEY.parent / "keyring.json").write_text('{"current": "k2", "keys": {"k2": "new"}, "index": "i"}')
    with clock.at(clock.now() + timedelta(minutes=1)):
        shipping.carry()
        shipping.carry()  # only once
    rings = [texts for _since, texts in segments.keyrings(spool.at / "first", [spool.key])]
    assert len(rings) == 2
    joined = segments.joined(rings)["keyring.json"]
    assert '"k1"' in joined and '"k2"' in joined and '"current": "k2"' in joined


def test_with_little_room_left_what_waits_is_let_go(spool: Spool, monkeypatch):
    """The product goes on rather than its log: the hole is found."""
    monkeypatch.setattr(shipping, "LEAST_FREE", 1.1)
    (spool.at / "first" / places.MARK).unlink()
    spool.finish(1)
    shipping.carry()
    assert spool.waiting() == []


def test_a_silent_archive_is_red_and_told_once_a_day(world, signed_in, client, settings):
    """F28."""
    settings.EMBEDDED = True
    now = clock.now()
    Archive.objects.create(place=1, segment="0" * 24, reached_at=now - timedelta(minutes=4), at=now)
    shipping.tell()
    assert not queries.archives()[0].late and not Entry.objects.filter(event="operations.log_silent").exists()
    Archive.objects.update(reached_at=now - timedelta(minutes=11))
    for _time in range(2):
        shipping.tell()
    told = Entry.objects.get(event="operations.log_silent")
    assert queries.archives()[0].late and world.user("guanluming").pk in told.tell
    page = signed_in("guanluming").get(reverse("operations:health")).content.decode()
    assert "太久" in page and "没有第二存放处" in page or "未设第二存放处" in page
    assert 'yingxu_log_behind_seconds{place="1"} ' in client.get("/metrics", REMOTE_ADDR="127.0.0.1").content.decode()
    Archive.objects.update(reached_at=now)
    shipping.tell()
    assert Archive.objects.get().told_at is None


def test_two_workers_never_empty_the_spool_at_once(spool: Spool):
    """F35."""
    one = spool.finish(1)
    with shipping._alone(wait=False) as mine:
        assert mine
        shipping.carry()
        assert spool.waiting() == [one] and spool.held("first") == []
    shipping.carry()
    assert spool.held("first") == [one]


def test_a_base_is_asked_for_when_the_log_has_none(spool: Spool, django_capture_on_commit_callbacks):
    assert shipping.base_due()
    shipping.ask_base()
    shipping.ask_base()
    assert Backup.objects.get().state == Work.State.ASKED


def test_a_server_of_ones_own_is_asked_what_it_says(world, signed_in):
    """Our test server archives nothing: that is shown, as a warning."""
    assert queries.archives() == [] and not queries.archiver().on and queries.archiver().late
    assert not shipping.base_due()
    assert "docs/operations.md" in signed_in("guanluming").get(reverse("operations:health")).content.decode()


# ── disks ──


@pytest.fixture
def reading(monkeypatch, settings, tmp_path):
    """What the operating system says of the disk of one place: the share of it that is free."""
    said: dict[str, float] = {}
    ask = os.statvfs

    def answer(path):
        found = ask(path)
        for place, share in said.items():
            if str(path).startswith(place):
                values = list(found)
                values[2], values[4] = 1000, int(1000 * share)  # blocks, and those anybody may have
                return os.statvfs_result(values)
        return found

    monkeypatch.setattr(os, "statvfs", answer)
    monkeypatch.setattr(room, "device", lambda place: hash(str(place)))  # each place on a disk of its own
    room.forget()
    yield said
    room.forget()


@pytest.mark.parametrize("name", ["data", "files", "temp"])
def test_each_disk_we_take_things_on_refuses_before_it_is_full(world, signed_in, client, reading, settings, tmp_path, name: str):
    """F10, R5: at 85 % people are told, from 95 % nothing new is taken; with room again it goes on by itself."""
    settings.FILES_DIR = tmp_path / "files"
    settings.FILES_DIR.mkdir()
    place = str(room.places()[name])
    for share, level in ((0.5, None), (0.14, "warn"), (0.14, None), (0.04, "bad"), (0.5, None)):
        reading[place] = share
        room.forget()
        before = Entry.objects.filter(event="operations.disk_filling").count()
        watching.look()
        fresh = Entry.objects.filter(event="operations.disk_filling").order_by("id")[before:]
        mine = [entry for entry in fresh if entry.facts["disk"] == name]
        assert [entry.facts["refused"] for entry in mine] == ([] if level is None else [level == "bad"])
        assert room.full() == (level == "bad")
    reading[place] = 0.04
    room.forget()
    refused = signed_in("沈岚").post("/intake/", {"customer": "x", "words": "y"})
    assert refused.status_code == 503 and "磁盘" in refused.content.decode()
    assert name in client.get("/healthz", REMOTE_ADDR="127.0.0.1").json()["checks"]["disk"]
    page = signed_in("guanluming").get(reverse("operations:health")).content.decode()
    assert "停止接收新内容" in page or "不再接收" in page


def test_a_full_place_of_backups_is_told_but_nothing_is_refused(world, signed_in, client, reading, tmp_path):
    places.begin(tmp_path / "first")
    Plan.objects.create(pk=1, place=str(tmp_path / "first"))
    reading[str(tmp_path / "first")] = 0.02
    watching.look()
    told = Entry.objects.get(event="operations.disk_filling", facts__disk="place")
    assert world.user("guanluming").pk in told.tell and not told.facts["refused"] and not room.full()
    assert 'yingxu_disk_free_ratio{disk="place"} 0.0200' in client.get("/metrics", REMOTE_ADDR="127.0.0.1").content.decode()
    with pytest.raises(vault.Trouble, match="is full"):
        places.require(tmp_path / "first")


def test_a_disk_without_room_for_another_file_is_full(monkeypatch, tmp_path):
    """F10: inodes."""
    values = list(os.statvfs(tmp_path))
    values[2], values[4], values[5], values[7] = 1000, 900, 1000, 10  # blocks free, files not
    monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result(values))
    assert room.left(tmp_path).level == "bad"


# ── loops ──


def test_every_loop_has_a_name_people_understand():
    from procrastinate.contrib.django import app

    app.perform_import_paths()
    from yingxu.notices.loops import LOOPS

    every = {*timetable(app.periodic_registry), *LOOPS, "dispatch", "seals", "webhooks", "mailboxes", "archive"}
    assert every - loops.NAMES.keys() == set()
    assert loops.NAMES.keys() - every == set()  # none that is no loop any more


def test_the_page_names_a_loop_that_stands_still(world, signed_in):
    from django.db import connection

    heart = Heart({"needs.release": 5, "mail": 1})
    heart._begin()
    heart._write()
    with connection.cursor() as sql:
        sql.execute("UPDATE operations_heartbeat SET at = clock_timestamp() - interval '170 seconds' WHERE loop = 'needs.release'")
    page = signed_in("guanluming").get(reverse("operations:health")).content.decode()
    assert "待发给客户的话" in page and "needs.release" not in page
