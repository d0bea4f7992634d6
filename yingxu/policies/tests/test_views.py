"""The policy at work and the pack, by HTTP (V2, V3)."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from yingxu.base import clock
from yingxu.base.controls import controls, tallies
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
from yingxu.policies import packs, queries

pytestmark = pytest.mark.django_db


def _need(world, **more) -> Need:
    intake = needs.Intake(kind="consultation", body="当票遗失怎么办", channel="phone", fields={"scope": ["手续与证件"]},
                          customer=world.customer("温知夏"), **more)  # fmt: skip
    return Need.objects.select_related("matter").get(pk=needs.register(intake, by=world.by("沈岚")).id)


def _kept(number: str, seen=None) -> queries.Kept:
    start, end = queries.quarter(clock.now())
    return next(k for k in queries.clauses(start, end, seen) if k.clause.number == number)


def test_every_control_can_count(world):
    """V3: every registered control answers, over an empty and over a used period, for everybody and for somebody."""
    _need(world)
    for end in (clock.now() + timedelta(days=1), clock.now() - timedelta(days=4_000)):
        for control in controls().values():
            for seen in (None, Need.objects.none().values("pk")):
                tally = control.tally(end - timedelta(days=90), end, seen)
                assert tally.kept + tally.failed <= max(tally.applied, tally.kept + tally.failed)
                assert len(tally.broken) <= 100
                of_the_house = control.name.split(".")[0] in ("people", "operations", "matters")  # no matter is counted
                assert tally.applied == 0 or seen is None or of_the_house, control.name


def test_counted_together_as_counted_alone(world, django_assert_max_num_queries):
    """V3: what a room is asked at once says the same as each of its controls asked by itself, the evidence too."""
    _need(world, raised_at=timezone.now() - timedelta(days=6))
    start, end = clock.now() - timedelta(days=90), clock.now() + timedelta(days=1)
    needs_ = [control for name, control in controls().items() if name.startswith("needs.")]
    with django_assert_max_num_queries(len(needs_) // 4):
        together = tallies(needs_, start, end, None)
    together |= tallies(controls().values(), start, end, None)
    for control in controls().values():
        alone, beside = control.tally(start, end, None), together[control.name]
        assert (alone.applied, alone.kept, alone.failed, list(alone.broken)) == (beside.applied, beside.kept, beside.failed, list(beside.broken)), control.name
    assert any(tally.broken for tally in together.values())


def test_a_clause_is_kept_broken_or_did_not_come_up(world):
    """V3: a need registered ten minutes late breaks the clause about registering, with the need as evidence."""
    assert _kept("2.2").verdict == "idle"
    _need(world)
    assert _kept("2.2").verdict == "kept" and _kept("2.1").verdict == "kept"
    late = _need(world, raised_at=timezone.now() - timedelta(days=6))
    kept = _kept("2.1")
    assert kept.verdict == "broken"
    evidence = [e for _control, tally in kept.tallies for e in tally.broken]
    assert [e.matter_id for e in evidence] == [late.pk]


def test_evidence_is_counted_only_over_what_one_may_see(signed_in, world):
    """S4: counts after the policy; a clerk of another department sees nothing of it."""
    late = _need(world, raised_at=timezone.now() - timedelta(days=6))
    page = signed_in("陆砚秋").get("/policies/", {"clause": "2.1"}).content.decode()
    assert late.matter.number in page and "违反 1" in page
    page = signed_in("罗一禾").get("/policies/", {"clause": "2.1"}).content.decode()
    assert late.matter.number not in page and "违反" not in page.replace("有违反", "")


@pytest.mark.parametrize("query", ["", "?period=last", "?period=year&only=broken", "?period=nonsense&clause=99.9&chapter=没有", "?only=idle"])
def test_pages_open_for_who_may(signed_in, query):
    assert signed_in("严守拙").get("/policies/" + query).status_code == 200
    assert signed_in("顾一鸣").get("/policies/" + query).status_code == 403


def test_the_page_of_clauses_asks_the_database_a_bounded_number_of_times(signed_in, django_assert_max_num_queries):
    """One question a room for most controls, whatever the number of needs and of controls."""
    client = signed_in("陆砚秋")
    client.get("/policies/")
    with django_assert_max_num_queries(85):
        client.get("/policies/", {"clause": "2.1"})


def test_the_pack_page_names_what_was_changed(signed_in, world):
    admin = signed_in("管鹿鸣")
    assert "装后改动" in admin.get("/policies/pack/").content.decode()
    admin.post("/settings/templates/kinds/pawn/name/", {"name": "典当业务"})
    assert "templates.pawn" in admin.get("/policies/pack/").content.decode()
    assert admin.post("/policies/pack/company/", {"name": "青石典当"}).status_code == 302
    assert queries.company() == "青石典当"
    assert admin.post("/policies/pack/company/", {"name": " "}).status_code == 422
    assert admin.post("/policies/pack/install/", {"pack": "../../etc"}).status_code == 404
    assert admin.post("/policies/pack/install/", {"pack": "general"}).status_code == 404
    assert signed_in("严守拙").post("/policies/pack/install/", {"pack": "pawnshop"}).status_code == 403


def test_the_pack_can_be_taken_along(signed_in, tmp_path):
    """V2: what the page exports loads again to what is configured."""
    answer = signed_in("管鹿鸣").get("/policies/pack/export/")
    assert answer["Content-Type"] == "application/zip"
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path)
    assert packs.load(tmp_path / "pawnshop").content == queries.present()
    assert signed_in("顾一鸣").get("/policies/pack/export/").status_code == 403


def test_the_command_checks_and_exports(world, tmp_path, capsys):
    call_command("pack", "check", "general")
    call_command("pack", "export", str(tmp_path / "out"))
    call_command("pack", "check", str(tmp_path / "out"))
    assert "departments 9" in capsys.readouterr().out
