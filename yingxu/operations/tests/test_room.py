"""Verbs and screens of backups, keys and health: who may, what is refused, what people are told (A10, S4, F28, F31)."""

from datetime import timedelta

import pytest
from django.db import connection

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.controls import controls
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.matters.models import Entry
from yingxu.operations import actions, queries, running, vault
from yingxu.operations.beating import Heart, timetable
from yingxu.operations.models import Backup, Heartbeat, Plan, Proof, Work

pytestmark = pytest.mark.django_db
PAGES = ["/settings/backups/", "/settings/keys/", "/settings/health/"]


def _done(**given) -> Backup:
    now = clock.now()
    return Backup.objects.create(**{"state": Work.State.DONE, "begun_at": now, "ended_at": now, "name": now.strftime("%Y%m%dT%H%M%SZ"), **given})


@pytest.mark.parametrize("path", PAGES)
def test_the_administrator_sees_them_and_nobody_else(world, signed_in, path: str):
    assert signed_in("关陆鸣" if "关陆鸣" in world.people else "guanluming").get(path).status_code == 200
    assert signed_in("沈岚").get(path).status_code == 403


def test_the_page_says_how_backups_are_doing(world, signed_in, settings, tmp_path):
    settings.BACKUP_KEY = tmp_path / "backup.json"
    client = signed_in("guanluming")
    page = client.get("/settings/backups/").content.decode()
    assert "恢复码" in page and "还没有备份" in page
    vault.keep(settings.BACKUP_KEY, vault.key_of(vault.new_code()))
    made = _done(size=5_000_000)
    Backup.objects.create(state=Work.State.FAILED, begun_at=clock.now(), ended_at=clock.now(), sentence="There is no room for a backup in %(place)s.",
                          values={"place": "/somewhere"})  # fmt: skip
    Proof.objects.create(state=Work.State.DONE, backup=made, begun_at=clock.now(), ended_at=clock.now())
    page = client.get("/settings/backups/").content.decode()
    assert "/somewhere 空间不够" in page and "4.8 MB" in page and "未设第二存放处" in page


def test_asking_is_done_once_at_a_time(world, signed_in, django_capture_on_commit_callbacks):
    client = signed_in("guanluming")
    assert client.post("/settings/backups/prove/").status_code == 409  # there is none yet
    assert client.post("/settings/backups/take/").status_code == 302
    assert client.post("/settings/backups/take/").status_code == 409
    assert "排队中" in client.get("/settings/backups/").content.decode()
    assert client.get("/settings/backups/progress/").status_code == 200
    Backup.objects.update(state=Work.State.DONE, name="20261124T030000Z")
    assert client.get("/settings/backups/progress/").headers["HX-Redirect"] == "/settings/backups/"
    assert client.post("/settings/backups/prove/").status_code == 302 and Proof.objects.get().state == Work.State.ASKED


def test_the_plan_names_directories_that_can_be_used(settings, tmp_path):
    for wrong in ("relative", str(settings.DATA_DIR), str(settings.DATA_DIR / "files")):
        with pytest.raises(Invalid) as refusal:
            actions.set_plan(by=SYSTEM, hour=2, second=wrong)
        assert "second" in refusal.value.fields
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    with pytest.raises(Invalid):
        actions.set_plan(by=SYSTEM, hour=2, place=str(tmp_path / "full"))
    with pytest.raises(Invalid):
        actions.set_plan(by=SYSTEM, hour=2, place=str(tmp_path / "one"), second=str(tmp_path / "one"))
    actions.set_plan(by=SYSTEM, hour=2, place=str(tmp_path / "one"), second=str(tmp_path / "two"))
    assert Plan.objects.get().hour == 2 and (tmp_path / "two" / "yingxu-backups").exists()
    assert Entry.objects.filter(event="operations.plan_changed").count() == 1


def test_what_is_typed_wrong_is_kept(world, signed_in):
    answer = signed_in("guanluming").post("/settings/backups/", {"hour": "30", "second": "/somewhere"})
    assert answer.status_code == 422 and "/somewhere" in answer.content.decode()


def test_it_is_due_after_its_hour_and_when_one_was_missed():
    now = clock.now().astimezone(clock.zone()).replace(hour=12, minute=0)
    assert queries.due(now)
    _done(begun_at=now.replace(hour=3, minute=10))
    assert not queries.due(now) and not queries.due(now + timedelta(hours=14))
    assert queries.due(now + timedelta(hours=15, minutes=5))
    assert queries.proof_due(now)
    Proof.objects.create(state=Work.State.DONE, backup=Backup.objects.get(), begun_at=now)
    assert not queries.proof_due(now + timedelta(days=6)) and queries.proof_due(now + timedelta(days=7))


def test_old_backups_are_red():
    assert queries.kept().taken.late and queries.kept().second is None and not queries.kept().well
    Plan.objects.create(pk=1, second="/there")
    _done(second_at=clock.now())
    Proof.objects.create(state=Work.State.DONE, backup=Backup.objects.get(), begun_at=clock.now())
    assert queries.kept().well
    with clock.at(clock.now() + timedelta(hours=27)):
        kept = queries.kept()
        assert kept.taken.late and kept.second.late and not kept.proved.late and not kept.well
    with clock.at(clock.now() + timedelta(days=9)):
        assert queries.kept().proved.late


def test_a_failure_is_told_once_a_day(world):
    for _time in range(2):
        running._failed(Backup(begun_at=clock.now()), vault.Trouble("The backup failed: %(why)s", why="x"))
    told, again = Entry.objects.filter(event="operations.backup_failed").order_by("id")
    assert world.user("guanluming").pk in told.tell and not again.tell


def test_what_was_asked_twice_in_one_moment_is_refused():
    actions.ask_backup(by=SYSTEM)
    with pytest.raises(WrongMoment):
        actions.ask_proof(by=SYSTEM)


def test_after_a_restore_nothing_is_sent_by_itself(world):
    from yingxu.notices import actions as notices
    from yingxu.notices.models import Delivery

    notices.send(channel="sms", to="13900000001", key="k", template="customer_question", params={"number": "1"})
    Delivery.objects.update(state=Delivery.State.WAITING)
    Backup.objects.create(state=Work.State.RUNNING, begun_at=clock.now())
    assert actions.settle_return("20261124T030000Z") == 1
    assert Delivery.objects.get().state == Delivery.State.HELD and not Backup.objects.exists()


# ── heartbeats ──


def _beat(every: dict[str, int]) -> None:
    """One writing of a worker that has just begun."""
    heart = Heart(every)
    heart._begin()
    heart._write()


def test_a_loop_that_stands_still_turns_health_red(client):
    """R6, F31."""
    _beat({"mail": 1, "intake.poll": 60})
    assert {h.loop for h in queries.loops()} == {"mail", "intake.poll"} and not queries.silent()
    with connection.cursor() as sql:
        sql.execute("UPDATE operations_heartbeat SET at = clock_timestamp() - interval '170 seconds' WHERE loop = 'mail'")
    assert [loop for loop, _seconds in queries.silent()] == ["mail"]
    answer = client.get("/healthz")
    assert answer.status_code == 503 and "mail" in answer.json()["checks"]["loops"]
    _beat({"intake.poll": 60})
    assert [h.loop for h in Heartbeat.objects.all()] == ["intake.poll"]  # a loop this version no longer has


def test_timed_jobs_that_run_often_have_a_heartbeat():
    from procrastinate.contrib.django import app

    app.perform_import_paths()
    found = timetable(app.periodic_registry)
    assert found["deadlines.sweep"] == 15 and "operations.look" not in found


def test_controls_count_days_and_weeks():
    now = clock.now()
    start = now - timedelta(days=10)
    for n in range(9):
        _done(begun_at=start + timedelta(days=n, hours=1), name=f"2026110{n}T030000Z")
    Proof.objects.create(state=Work.State.DONE, backup=Backup.objects.first(), begun_at=start + timedelta(days=2))
    found = controls()
    taken = found["operations.backup_taken"].tally(start, now, None)
    assert (taken.applied, taken.kept, taken.failed) == (9, 9, 0)
    proved = found["operations.backup_verified"].tally(start, now, None)
    assert (proved.applied, proved.kept, proved.failed) == (1, 1, 0)
    assert found["operations.backup_encrypted"].tally(start, now, None).kept == 9
