"""Two files that are one: nothing is lost, and for 30 days it can be undone (C8)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.customers import actions, queries
from yingxu.customers.actions import merging
from yingxu.customers.models import Customer, Identifier, Merge
from yingxu.matters import actions as matters
from yingxu.matters.models import Entry, Matter, Watcher
from yingxu.needs.models import Need


@pytest.fixture
def pair(shen):
    kept = actions.add(by=shen.actor, name="砚台巷珠宝商行", contact_name="梁雯", phone="13900002046", tags=["老客户"])
    gone = actions.add(
        by=shen.actor, name="砚台巷珠宝", contact_name="梁雯", phone="13900002046", email="liang@example.com", grade="A",
        tags=["VIP"], reminder="只在上午联系",
    )  # fmt: skip
    return kept, gone


def need_of(customer: Customer, serial: int) -> Need:
    now = timezone.now()
    matter = Matter.objects.create(kind="need", number=f"2026-{serial:06d}", title="续当", opened_at=now, changed_at=now)
    return Need.objects.create(
        matter=matter, customer=customer, contact=customer.contacts.first(), kind="pawn", channel="phone", body="续当", raised_at=now
    )


def pointing_at(customer: Customer) -> dict[str, int]:
    """How many rows of any table in the database point to this customer, by the database's own foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, a.attname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid "
            "AND a.attnum = c.conkey[1] WHERE c.contype = 'f' AND confrelid = 'customers_customer'::regclass"
        )
        found = {}
        for table, column in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s", [customer.pk])
            found[f"{table}.{column}"] = cursor.fetchone()[0]
    return found


def test_merge_moves_everything(shen, gu, pair):
    kept, gone = pair
    needs = [need_of(gone, 1), need_of(gone, 2), need_of(kept, 3)]
    with transaction.atomic():
        matters.watch(gone.matter, [gu.user.pk])
    done = actions.merge(kept, gone, by=shen.actor)
    left = {k: n for k, n in pointing_at(gone).items() if n and not k.startswith(("customers_merge", "customers_change"))}
    assert left == {}
    assert set(Need.objects.values_list("customer_id", flat=True)) == {kept.pk} and Need.objects.count() == len(needs)
    assert Identifier.objects.filter(customer=kept).count() == 3
    assert {i.contact.customer_id for i in Identifier.objects.select_related("contact")} == {kept.pk}
    assert Watcher.objects.filter(matter_id=kept.pk, user=gu.user).exists()
    kept, gone = Customer.objects.get(pk=kept.pk), Customer.objects.select_related("matter").get(pk=gone.pk)
    assert (kept.name, kept.grade, kept.reminder, kept.tags) == ("砚台巷珠宝商行", "A", "只在上午联系", ["老客户", "VIP"])
    assert gone.merged_into_id == kept.pk and gone.matter.closed_at
    assert sorted(done.moved) == ["customers.contact.customer", "customers.identifier.customer", "needs.need.customer", "watchers"]
    assert Entry.objects.get(event="customers.customers_merged").matter_id == kept.pk
    assert Entry.objects.get(event="customers.customer_gone").matter_id == gone.pk
    names = [line.event.NAME for line, _number in queries.history(Customer.objects.select_related("matter").get(pk=kept.pk), shen.actor)]
    assert names.count("customers.customer_added") == 2
    assert [f.customer.pk for f in queries.find_while_typing("liang@example.com", by=shen.actor)] == [kept.pk]
    assert [c.pk for c in queries.visible_to(shen.actor)] == [kept.pk]


def test_choices(shen, pair):
    kept, gone = pair
    actions.merge(kept, gone, by=shen.actor, choices={"name": "gone", "reminder": "kept", "grade": "gone"})
    kept = Customer.objects.select_related("matter").get(pk=kept.pk)
    assert (kept.name, kept.matter.title, kept.reminder, kept.grade) == ("砚台巷珠宝", "砚台巷珠宝", "", "A")


def test_undo_restores(shen, gu, pair):
    kept, gone = pair
    before = {pk: vars(Customer.objects.get(pk=pk)) | {"_state": 0, "version": 0} for pk in (kept.pk, gone.pk)}
    old = need_of(gone, 1)
    with transaction.atomic():
        matters.watch(gone.matter, [gu.user.pk])
    done = actions.merge(kept, gone, by=shen.actor, choices={"name": "gone"})
    new = need_of(kept, 2)
    actions.undo_merge(kept, done, by=shen.actor)
    after = {pk: vars(Customer.objects.get(pk=pk)) | {"_state": 0, "version": 0} for pk in (kept.pk, gone.pk)}
    assert after == before
    assert Need.objects.get(pk=old.pk).customer_id == gone.pk and Need.objects.get(pk=new.pk).customer_id == kept.pk
    assert Identifier.objects.filter(customer=gone).count() == 2 and Identifier.objects.filter(customer=kept).count() == 1
    assert not Watcher.objects.filter(matter_id=kept.pk).exists()
    assert Matter.objects.get(pk=gone.pk).closed_at is None and Matter.objects.get(pk=kept.pk).title == "砚台巷珠宝商行"
    with pytest.raises(WrongMoment):
        actions.undo_merge(kept, done, by=shen.actor)
    actions.merge(kept, gone, by=shen.actor)  # and once more
    assert Merge.objects.filter(undone_at=None).count() == 1


def test_undo_keeps_what_was_changed_since(shen, pair):
    kept, gone = pair
    done = actions.merge(kept, gone, by=shen.actor)
    actions.edit(kept, by=shen.actor, grade="C", why="季度评审")
    actions.undo_merge(kept, done, by=shen.actor)
    kept = Customer.objects.get(pk=kept.pk)
    assert (kept.grade, kept.reminder) == ("C", "")


def test_undo_for_30_days(shen, pair):
    kept, gone = pair
    done = actions.merge(kept, gone, by=shen.actor)
    with clock.at(done.at + timedelta(days=30, minutes=1)), pytest.raises(WrongMoment):
        actions.undo_merge(kept, done, by=shen.actor)
    with clock.at(done.at + timedelta(days=29)):
        actions.undo_merge(kept, done, by=shen.actor)


def test_chain(shen, pair):
    """A into B, B into C: all lead to C; taken apart in the reverse order all is as before."""
    b, a = pair
    c = actions.add(by=shen.actor, name="梁雯", phone="13900002048")
    need = need_of(a, 1)
    first = actions.merge(b, a, by=shen.actor)
    second = actions.merge(c, b, by=shen.actor)
    assert queries.kept(Customer.objects.get(pk=a.pk)).pk == c.pk
    assert Need.objects.get(pk=need.pk).customer_id == c.pk
    with pytest.raises(WrongMoment):
        actions.undo_merge(b, first, by=shen.actor)
    actions.undo_merge(c, second, by=shen.actor)
    actions.undo_merge(b, first, by=shen.actor)
    assert Need.objects.get(pk=need.pk).customer_id == a.pk
    assert not Customer.objects.exclude(merged_into=None).exists()


def test_secrecy_goes_up_and_comes_down_only_if_nothing_was_written(wei, pair):
    kept, _gone = pair
    secret = actions.add(by=wei.actor, name="密", secrecy=3)
    done = actions.merge(kept, secret, by=wei.actor)
    assert Matter.objects.get(pk=kept.pk).secrecy == 3
    actions.undo_merge(kept, done, by=wei.actor)
    assert Matter.objects.get(pk=kept.pk).secrecy == 0
    done = actions.merge(kept, secret, by=wei.actor)
    actions.edit(kept, by=wei.actor, remark="来自密件的内容")
    actions.undo_merge(kept, done, by=wei.actor)
    assert Matter.objects.get(pk=kept.pk).secrecy == 3


def test_refusals(shen, gu, wei, ye, pair):
    kept, gone = pair
    secret = actions.add(by=wei.actor, name="密", secrecy=3)
    with pytest.raises(Invalid):
        actions.merge(kept, kept, by=shen.actor)
    with pytest.raises(Invalid):
        actions.merge(kept, gone, by=shen.actor, choices={"name": "both"})
    with pytest.raises(NotAllowed):
        actions.merge(kept, gone, by=ye.actor)
    with pytest.raises(NotAllowed):
        actions.merge(kept, gone, by=gu.actor)  # of another department
    with pytest.raises(NotAllowed):
        actions.merge(kept, secret, by=shen.actor)  # above the clearance
    done = actions.merge(kept, gone, by=shen.actor)
    for wrong in ((kept, gone), (gone, kept)):
        with pytest.raises(WrongMoment):
            actions.merge(*wrong, by=shen.actor)
    for verb in (lambda: actions.edit(gone, by=shen.actor, grade="B"), lambda: actions.undo_merge(kept, done, by=ye.actor)):
        with pytest.raises(NotAllowed):
            verb()


def test_a_row_that_cannot_move_stays(shen, pair):
    """The same number with no contact on both sides: the kept one has it already, the other's row stays where it was."""
    kept, gone = pair
    for customer in pair:
        actions.add_identifier(customer, by=shen.actor, type="phone", text="13900002049")
    done = actions.merge(kept, gone, by=shen.actor)
    assert Identifier.objects.filter(customer=gone).count() == 1
    assert len(done.moved["customers.identifier.customer"]) == 2
    actions.undo_merge(kept, done, by=shen.actor)
    assert Identifier.objects.filter(customer=gone).count() == 3


@pytest.mark.django_db(transaction=True)
def test_register_and_merge_at_once(shen, pair):
    """A need registered while its customer is being merged ends with the kept one, whichever comes first."""
    kept, gone = pair
    other = actions.add(by=shen.actor, name="谢诚", phone="13900002050")
    actor, found, resolved, merged = shen.actor, [], threading.Event(), threading.Event()

    def register() -> None:
        try:
            with transaction.atomic():
                customer, _contact = actions.resolve(by=actor, phone="13900002050")
                resolved.set()
                merged.wait(0.5)  # the merge cannot finish before we do
                found.append(need_of(customer, 9).pk)
        finally:
            connections.close_all()

    thread = threading.Thread(target=register)
    thread.start()
    assert resolved.wait(10)
    actions.merge(kept, other, by=actor)
    merged.set()
    thread.join(20)
    assert Need.objects.get(pk=found[0]).customer_id == kept.pk


def test_every_pointer_is_followed():
    """The list of followed foreign keys is the database's own list, so that a new room cannot be forgotten."""
    with_fk = {label.split(".")[1] for label in merging._pointers(Customer)}
    assert {"contact", "identifier", "customer", "need"} <= with_fk
