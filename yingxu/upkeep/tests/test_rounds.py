"""Rounds: opened once by the calendar, one list an owner, results that go through the file, what is left goes on (A5)."""

from datetime import timedelta

import pytest

from yingxu.base import clock
from yingxu.base.controls import controls
from yingxu.base.errors import Gone, Invalid, NotAllowed, WrongMoment
from yingxu.customers import actions as customers
from yingxu.customers.models import Change, Section, SectionLevel
from yingxu.matters.models import Entry, Matter
from yingxu.people import queries as people
from yingxu.people.models import User
from yingxu.tasks.models import State as TaskState
from yingxu.upkeep import actions, jobs, queries
from yingxu.upkeep.models import Check, Round, Settings, Sheet

from .conftest import moment

pytestmark = pytest.mark.django_db
R = Check.Result
OPENS = moment("2026-04-01T08:00")  # a Wednesday, the first working day of the quarter


@pytest.fixture
def opened(world):
    Settings.objects.update(week_fields=[])
    with clock.at(OPENS):
        jobs.turn()
    return Sheet.objects.select_related("matter", "round", "task").get(round__kind="quarter")


def one(opened, world, name="季棠"):
    return world.customer(name).pk


def test_a_round_opens_once_with_one_list_and_one_task_for_each_owner(world):
    with clock.at(moment("2026-03-31T23:00")):
        jobs.turn()
    assert not Round.objects.filter(kind="quarter", starts_on="2026-04-01").exists()
    for at in (OPENS, OPENS + timedelta(minutes=15), OPENS + timedelta(days=1)):
        with clock.at(at):
            jobs.turn()
    sheet = Sheet.objects.get(round__kind="quarter", round__starts_on="2026-04-01")
    assert (sheet.person, sheet.task.owner) == (world.user("沈岚"), world.user("沈岚"))
    assert set(sheet.checks.values_list("customer__name", "field")) == {(name, field) for name in ("季棠", "砚台巷珠宝商行") for field in ("contact", "phone", "address")}
    assert sheet.task.due_at.astimezone(clock.zone()).date() == sheet.round.due_on


def test_only_customers_of_the_grades_that_are_set(world):
    Settings.objects.update(grades=["C"])
    with clock.at(OPENS):
        assert actions.open_rounds() == 2
    assert not Sheet.objects.exists()


def test_what_the_owner_may_not_see_is_not_on_the_list(world):
    Matter.objects.filter(pk=world.customer("季棠").pk).update(secrecy=3)
    assert world.user("沈岚").clearance < 3
    with clock.at(OPENS):
        jobs.turn()
    assert not Check.objects.filter(customer=world.customer("季棠")).exists()
    assert Check.objects.filter(customer=world.customer("砚台巷珠宝商行")).exists()


def test_a_customer_closed_to_the_owner_later_is_neither_shown_nor_counted(world, opened):
    by = world.by("沈岚")
    assert len(queries.rounds.lines(opened, by)) == 2
    Matter.objects.filter(pk=world.customer("季棠").pk).update(secrecy=3)
    assert [line.customer.name for line in queries.rounds.lines(opened, by)] == ["砚台巷珠宝商行"]
    assert queries.rounds.overview(opened.round, by).whole.all == 3
    with pytest.raises(Gone):
        queries.rounds.line(opened, world.customer("季棠").pk, by)
    with pytest.raises(Gone):
        actions.check(opened, by=by, customer=world.customer("季棠").pk, results={"address": R.CONFIRMED})


def test_confirmed_stands_on_the_files_timeline(world, opened):
    with clock.at(OPENS + timedelta(hours=2)):
        actions.check(opened, by=world.by("沈岚"), customer=one(opened, world), results={"contact": R.CONFIRMED, "phone": R.CONFIRMED})
    assert Check.objects.filter(result=R.CONFIRMED).count() == 2
    entry = Entry.objects.get(event="upkeep.reverified")
    assert entry.matter_id == one(opened, world) and entry.facts["fields"] == ["contact", "phone"]


def test_a_new_value_goes_through_the_file_and_its_history(world, opened):
    with clock.at(OPENS + timedelta(hours=2)):
        actions.check(opened, by=world.by("沈岚"), customer=one(opened, world), results={"address": R.CHANGED}, values={"address": "青瓦巷 9 号"})
    change = Change.objects.filter(customer=one(opened, world), field="address").last()
    assert (change.new, change.by) == ("青瓦巷 9 号", world.user("沈岚")) and str(opened.round) in change.why


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"results": {}}, None),
        ({"results": {"address": "invented"}}, "address"),
        ({"results": {"grade": R.CONFIRMED}}, "grade"),
        ({"results": {"address": R.CHANGED}}, "address"),
        ({"results": {"phone": R.CHANGED}, "values": {"phone": "13900001111"}}, "phone"),
        ({"results": {"phone": R.UNREACHABLE}}, "words"),
        ({"results": {"address": R.NOT_APPLICABLE}, "words": " "}, "words"),
    ],
)
def test_what_cannot_be_a_result_is_kept_nowhere(world, opened, given, field):
    with clock.at(OPENS + timedelta(hours=2)), pytest.raises(Invalid) as refused:
        actions.check(opened, by=world.by("沈岚"), customer=one(opened, world), **given)
    assert field is None or field in refused.value.fields
    assert not Check.objects.exclude(result=R.OPEN).exists()


def test_a_phone_changed_on_the_file_may_be_marked_as_changed(world, opened):
    with clock.at(OPENS + timedelta(hours=2)):
        customers.add_identifier(world.customer("季棠"), by=world.by("沈岚"), type="phone", text="13900007777")
        actions.check(opened, by=world.by("沈岚"), customer=one(opened, world), results={"phone": R.CHANGED})
    assert Check.objects.get(customer=one(opened, world), field="phone").result == R.CHANGED


def test_only_the_owner_goes_through_the_list(world, opened):
    with pytest.raises(NotAllowed):
        actions.check(opened, by=world.by("顾一鸣"), customer=one(opened, world), results={"address": R.CONFIRMED})
    with pytest.raises(Gone):
        queries.rounds.sheet(opened.matter.number, world.by("顾一鸣"))
    assert queries.rounds.sheet(opened.matter.number, world.by("苏慕青")).pk == opened.pk


def everything(world, sheet):
    for name in ("季棠", "砚台巷珠宝商行"):
        actions.check(sheet, by=world.by("沈岚"), customer=world.customer(name).pk, results=dict.fromkeys(("contact", "phone", "address"), R.CONFIRMED))


def test_the_list_is_done_with_its_last_field_and_so_is_its_task(world, opened):
    with clock.at(OPENS + timedelta(days=1)):
        everything(world, opened)
    opened.refresh_from_db()
    assert opened.finished_at and opened.task.__class__.objects.get(pk=opened.task_id).state == TaskState.DONE
    tally = controls()["upkeep.reverified"].tally(moment("2026-04-01T00:00"), moment("2026-05-01T00:00"), None)
    assert (tally.applied, tally.kept, tally.failed) == (1, 1, 0)


@pytest.mark.django_db(transaction=True)  # heard after the commit, as in life
def test_a_task_ticked_off_by_hand_is_taken_up_again(world, opened):
    from yingxu.matters import dispatch
    from yingxu.tasks import actions as tasks

    dispatch.run_once()  # from now on it hears
    with clock.at(OPENS + timedelta(days=1)):
        tasks.finish(opened.task, by=world.by("沈岚"))
        while dispatch.run_once():
            pass
    assert type(opened.task).objects.get(pk=opened.task_id).state == TaskState.OPEN


def test_what_is_left_open_goes_on_visibly_in_the_next_round(world, opened):
    with clock.at(OPENS + timedelta(days=1)):
        actions.check(opened, by=world.by("沈岚"), customer=one(opened, world), results=dict.fromkeys(("contact", "phone", "address"), R.CONFIRMED))
    with clock.at(moment("2026-07-01T09:00")):
        jobs.turn()
    assert set(opened.checks.values_list("result", flat=True)) == {R.CONFIRMED, R.CARRIED}
    later = Sheet.objects.get(round__kind="quarter", round__starts_on="2026-07-01")
    times = dict(later.checks.filter(field="phone").values_list("customer__name", "times"))
    assert times == {"季棠": 0, "砚台巷珠宝商行": 1}
    with pytest.raises(WrongMoment):
        actions.check(Sheet.objects.get(pk=opened.pk), by=world.by("沈岚"), customer=one(opened, world, "砚台巷珠宝商行"), results={"phone": R.CONFIRMED})
    tally = controls()["upkeep.reverified"].tally(moment("2026-04-01T00:00"), moment("2026-05-01T00:00"), None)
    assert (tally.applied, tally.failed, tally.broken[0].matter_id) == (1, 1, opened.pk)


def test_an_owner_who_left_hands_over_to_the_head(world, opened):
    User.objects.filter(pk=world.user("沈岚").pk).update(is_active=False)
    with clock.at(OPENS + timedelta(days=2)):
        jobs.turn()
        jobs.turn()
    head = world.user("沈岚").department.head
    assert Matter.objects.get(pk=opened.pk).owner == head
    assert type(opened.task).objects.get(pk=opened.task_id).owner == head
    assert Entry.objects.filter(event="upkeep.sheet_handed_over", matter=opened.matter_id).count() == 1


def test_a_merged_customer_is_no_longer_asked_about(world, opened):
    with clock.at(OPENS + timedelta(days=1)):
        customers.merge(world.customer("砚台巷珠宝商行"), world.customer("季棠"), by=world.by("沈岚"))
        actions.check(opened, by=world.by("沈岚"), customer=one(opened, world, "砚台巷珠宝商行"), results=dict.fromkeys(("contact", "phone", "address"), R.CONFIRMED))
        jobs.turn()
    opened.refresh_from_db()
    assert opened.finished_at
    assert set(opened.checks.filter(customer__name="季棠").values_list("result", flat=True)) == {R.LAPSED}


def test_the_week_asks_only_for_what_is_empty(world):
    from yingxu.customers.models import Customer

    Customer.objects.filter(pk=world.customer("季棠").pk).update(industry="")
    Settings.objects.update(week_fields=["industry"])
    with clock.at(moment("2026-03-30T08:00")):
        jobs.turn()
    sheet = Sheet.objects.get(round__kind="week", round__starts_on="2026-03-30")
    assert [(c.customer.name, c.field) for c in sheet.checks.all() if c.customer.name == "季棠"] == [("季棠", "industry")]


def test_pages(world, opened, enter):
    client = enter("沈岚")
    with clock.at(OPENS + timedelta(hours=1)):
        assert opened.matter.number in client.get("/upkeep/").content.decode()
        page = client.get(f"/upkeep/sheets/{opened.matter.number}/").content.decode()
        assert "季棠" in page and "砚台巷珠宝商行" in page
        address = f"/upkeep/sheets/{opened.matter.number}/{one(opened, world)}/"
        assert "全部" in client.get(address).content.decode()
        wrong = client.post(address, {"result-phone": "unreachable", "words": ""})
        assert wrong.status_code == 422
        kept = client.post(address, {"all": "1"})
        assert kept.status_code == 302 and kept["Location"].endswith(f"/{one(opened, world, '砚台巷珠宝商行')}/")
        overview = client.get(f"/upkeep/rounds/{opened.round_id}/").content.decode()
        assert "3/6" in overview
        assert "季棠" in client.get(f"/upkeep/rounds/{opened.round_id}/rows/confirmed/").content.decode()
        assert client.get(f"/upkeep/rounds/{opened.round_id}/rows/nothing/").status_code == 404
        assert client.post(f"/upkeep/rounds/{opened.round_id}/export/").status_code == 403
        boss = enter("苏慕青")
        assert boss.post(f"/upkeep/rounds/{opened.round_id}/export/", {"kind": "xlsx"}).status_code == 200
    assert Entry.objects.filter(event="upkeep.list_exported").count() == 1
    assert enter("顾一鸣").get(f"/upkeep/rounds/{opened.round_id}/").status_code == 404


def test_a_long_list_takes_no_more_queries_than_a_short_one(world, opened, django_assert_max_num_queries):
    by = people.actor(world.user("沈岚"))
    world.everyone()
    with clock.at(moment("2026-07-01T09:00")), django_assert_max_num_queries(4):
        queries.rounds.overview(opened.round, by)
        queries.rounds.lines(opened, by)


def test_settings(world, enter):
    boss = world.by("苏慕青")
    actions.set_upkeep(by=boss, quarter_fields=["phone"], quarter_days=10)
    assert queries.settings().quarter_fields == ["phone"]
    with pytest.raises(Invalid) as refused:
        actions.set_upkeep(by=boss, quarter_fields=["nonsense"], week_most=0)
    assert set(refused.value.fields) == {"quarter_fields", "week_most"}
    with pytest.raises(NotAllowed):
        actions.set_upkeep(by=world.by("沈岚"), quarter_days=3)
    assert enter("苏慕青").get("/upkeep/settings/").status_code == 200


def test_a_section_above_the_owners_clearance_is_on_no_list(world):
    section = Section.objects.get(code="scale")
    low = Section.objects.get(code="purchase")
    Settings.objects.update(week_fields=[], quarter_fields=["scale.staff", "purchase.cycle"])
    jewels, by = world.customer("砚台巷珠宝商行"), world.by("沈岚")
    with clock.at(OPENS):
        jobs.turn()
    sheet = Sheet.objects.select_related("matter", "round", "task").get()
    shown = lambda: {c.field for line in queries.rounds.lines(sheet, by) for c in line.checks if c.customer_id == jewels.pk}  # noqa: E731
    assert shown() == {"scale.staff", "purchase.cycle"}
    SectionLevel.objects.create(customer=jewels, section=section, secrecy=3)
    assert shown() == {"purchase.cycle"}
    with clock.at(OPENS), pytest.raises(Invalid):
        actions.check(sheet, by=by, customer=jewels.pk, results={"scale.staff": R.CONFIRMED})
    Section.objects.filter(pk=low.pk).update(secrecy=3)
    assert shown() == set()
    with clock.at(moment("2026-07-01T09:00")):
        jobs.turn()
    assert not Check.objects.filter(sheet__round__starts_on="2026-07-01", customer=jewels).exists()
