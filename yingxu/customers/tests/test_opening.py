"""Opening a file: by hand, while a need is registered, by the thousand, and by two people at once (C1, C8, N2, S5)."""

import threading

import pytest
from django.db import connection, connections, transaction

from yingxu.base.access import SYSTEM, Actor
from yingxu.base.errors import Invalid, NotAllowed
from yingxu.customers import actions
from yingxu.customers.models import Contact, Customer, Identifier
from yingxu.matters.models import Counter, Entry

PORTAL = Actor(kind="customer", name="portal")


def resolve(by, **wanted):
    with transaction.atomic():
        return actions.resolve(by=by, **wanted)


def test_add_writes_everything(shen):
    customer = actions.add(
        by=shen.actor, name=" 云岫砚台巷  珠宝商行 ", contact_name="梁雯", phone="139 0000 2046", email="liang@example.com",
        identifiers=[("bank", "6222000000000000001")], grade="A", industry="珠宝零售", tags=["老客户", "老客户"],
    )  # fmt: skip
    row = Customer.objects.select_related("matter").get()
    assert row.pk == customer.pk
    assert (row.name, row.type, row.grade, row.tags) == ("云岫砚台巷 珠宝商行", "organisation", "A", ["老客户"])
    assert row.matter.number.startswith("KH-") and row.matter.number.endswith("-000001")
    assert (row.matter.kind, row.matter.title, row.matter.owner_id) == ("customer", row.name, shen.user.pk)
    assert row.matter.department_id == shen.user.department_id
    assert [c.name for c in row.contacts.all()] == ["梁雯"]
    assert {i.type: i.masked for i in row.identifiers.all()} == {
        "phone": "139 **** 2046", "email": "l***@example.com", "bank": "6222 **** **** 001",
    }  # fmt: skip
    assert {i.type: bool(i.contact_id) for i in row.identifiers.all()} == {"phone": True, "email": True, "bank": False}
    entry = Entry.objects.get(matter=row.matter)
    assert (entry.event, entry.actor_id) == ("customers.customer_added", shen.user.pk)
    assert "13900002046" not in str(entry.facts) + str(entry.personal) and entry.personal == {"name": row.name}


def test_nothing_clear_is_kept(shen):
    """A9: no table holds a number in clear."""
    actions.add(by=shen.actor, name="梁雯", phone="13900002046", email="liang.wen@example.com", identifiers=[("resident_id", "110102199101010078")])
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("customers_", "matters_")):
                cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ~ %s', ["13900002046|liang.wen|110102199101010078"])
                assert cursor.fetchone() == (0,), table


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": ""}, "name"), ({"name": "梁雯", "phone": "12"}, "phone"), ({"name": "梁雯", "grade": "Z"}, "grade"),
     ({"name": "梁雯", "colour": "red"}, "colour"), ({"name": "梁雯", "type": "robot"}, "type"),
     ({"name": "梁雯", "address": "长" * 201}, "address"), ({"name": "梁雯", "tags": ["长" * 31]}, "tags"),
     ({"name": "梁雯", "identifiers": [("credit_code", "1")]}, "credit_code")],
)  # fmt: skip
def test_add_refuses(shen, wrong, field):
    with pytest.raises(Invalid) as refusal:
        actions.add(by=shen.actor, **wrong)
    assert field in refusal.value.fields
    assert not Customer.objects.exists() and not Entry.objects.exists() and not Counter.objects.filter(series="KH", last__gt=0).exists()


def test_add_needs_the_rule(ye):
    with pytest.raises(NotAllowed):
        actions.add(by=ye.actor, name="梁雯")


def test_same_phone_may_be_shared(shen):
    one = actions.add(by=shen.actor, name="梁雯", phone="13900002046")
    two = actions.add(by=shen.actor, name="谢诚", phone="13900002046")
    held = Identifier.objects.filter(type="phone").order_by("id")
    assert [(i.customer_id, i.first) for i in held] == [(one.pk, True), (two.pk, False)]
    assert two.matter.number.endswith("-000002")


def test_hidden_double_is_told_to_its_owner_only(shen, gu, wei):
    """S5: the clerk without the clearance gets an ordinary answer; whoever looks after the secret file is told."""
    secret = actions.add(by=wei.actor, name="砚台巷珠宝", phone="13900002046", secrecy=3)
    new = actions.add(by=gu.actor, name="砚台巷", phone="13900002046")
    assert new.pk != secret.pk
    told = Entry.objects.get(event="customers.duplicate_suspected")
    assert (told.matter_id, told.tell, told.actor_kind) == (secret.pk, [wei.user.pk], "system")
    assert told.facts["other"] == new.matter.number
    assert not Entry.objects.filter(matter_id=new.pk).exclude(event="customers.customer_added").exists()


def test_secrecy_is_not_above_the_clearance(gu):
    assert actions.add(by=gu.actor, name="梁雯", secrecy=3).matter.secrecy == 0


# ── resolve ──


def test_resolve_opens_then_finds(shen, django_assert_num_queries):
    actor = shen.actor
    with transaction.atomic(), django_assert_num_queries(2):
        customer, contact = actions.resolve(by=actor, name="梁雯", phone="139-0000-2046")
    assert (customer.name, contact.name, customer.type) == ("梁雯", "梁雯", "person")
    assert Customer.objects.get(pk=customer.pk).matter.number == customer.matter.number
    with transaction.atomic(), django_assert_num_queries(1):
        again, same = actions.resolve(by=actor, name="梁女士", phone="+86 13900002046")
    assert (again.pk, same.pk, again.name, again.matter.number) == (customer.pk, contact.pk, "梁雯", customer.matter.number)
    assert resolve(shen.actor, email="nobody@example.com")[0].name == "n***@example.com"
    assert Customer.objects.count() == 2


def test_resolve_nothing_is_anonymous(shen):
    assert resolve(shen.actor) == (None, None)
    assert resolve(shen.actor, name="  ", phone=" ") == (None, None)
    assert not Customer.objects.exists()


def test_resolve_finds_by_any_of_them(shen):
    customer, _ = resolve(shen.actor, name="梁雯", phone="13900002046", email="liang@example.com", code="VIP-7")
    assert resolve(PORTAL, email="LIANG@example.com")[0].pk == customer.pk
    assert resolve(SYSTEM, code="VIP-7")[0].pk == customer.pk
    assert Customer.objects.count() == 1


def test_resolve_does_not_believe_strangers(shen):
    """A stranger who knows a phone number adds neither an address nor a contact to the file."""
    customer, _ = resolve(shen.actor, name="云岫珠宝公司", contact_name="梁雯", phone="13900002046")
    found, contact = resolve(PORTAL, name="某人", contact_name="某人", phone="13900002046", email="evil@example.com")
    assert (found.pk, contact.name) == (customer.pk, "梁雯")
    assert Identifier.objects.count() == 1 and Contact.objects.count() == 1


def test_resolve_new_person_at_a_known_company(shen):
    customer, first = resolve(shen.actor, name="云岫珠宝公司", contact_name="梁雯", phone="13900002046")
    found, contact = resolve(shen.actor, name="云岫珠宝公司", contact_name="谢诚", phone="13900002046")
    assert found.pk == customer.pk and contact.name == "谢诚" and contact.pk != first.pk
    assert resolve(shen.actor, contact_name="谢诚", phone="13900002046")[1].pk == contact.pk
    assert Entry.objects.filter(event="customers.contact_added").count() == 1


def test_resolve_prefers_the_name_that_fits(shen):
    actions.add(by=shen.actor, name="谢诚", phone="13900002046")
    wife = actions.add(by=shen.actor, name="梁雯", phone="13900002046")
    assert resolve(shen.actor, name="梁雯", phone="13900002046")[0].pk == wife.pk


def test_resolve_chosen_customer_gains_the_number(shen, ye):
    customer = actions.add(by=shen.actor, name="云岫珠宝公司", contact_name="梁雯")
    found, contact = resolve(shen.actor, customer=customer, phone="13900002046", contact_name="梁雯")
    assert (found.pk, contact.name) == (customer.pk, "梁雯")
    assert customer.identifiers.get().masked == "139 **** 2046"
    resolve(shen.actor, customer=customer, phone="13900002046", contact_name="梁雯")
    resolve(ye.actor, customer=customer, phone="13900002047")  # may not edit: nothing is added
    assert customer.identifiers.count() == 1


def test_resolve_leads_to_the_kept_one(shen):
    kept = actions.add(by=shen.actor, name="梁雯", phone="13900002046")
    gone = actions.add(by=shen.actor, name="梁文", phone="13900002047")
    actions.merge(kept, gone, by=shen.actor)
    assert resolve(shen.actor, phone="13900002047")[0].pk == kept.pk
    assert resolve(shen.actor, customer=Customer.objects.get(pk=gone.pk))[0].pk == kept.pk


def test_resolve_refuses_what_cannot_be_reached(shen):
    with pytest.raises(Invalid) as refusal:
        resolve(shen.actor, name="梁雯", phone="65551234", email="x")
    assert set(refusal.value.fields) == {"phone", "email"}
    with pytest.raises(Invalid):
        actions.check(phone="65551234")
    actions.check(phone="13900002046", email="a@example.com")


def test_resolve_above_the_clearance(gu, wei):
    """S5: who is not cleared for a customer gets another one and is not told why."""
    secret = actions.add(by=wei.actor, name="砚台巷珠宝", phone="13900002046", secrecy=3)
    found, _ = resolve(gu.actor, name="梁雯", phone="13900002046")
    assert found.pk != secret.pk and found.name == "梁雯"
    assert Entry.objects.get(event="customers.duplicate_suspected").tell == [wei.user.pk]
    assert resolve(gu.actor, name="梁雯", phone="13900002046")[0].pk == found.pk
    assert resolve(PORTAL, phone="13900002046")[0].pk == secret.pk  # the customer itself is nobody's clerk


def test_resolve_needs_a_transaction(shen, transactional_db):
    with pytest.raises(RuntimeError):
        actions.resolve(by=SYSTEM, name="梁雯")


def test_resolve_for_the_portal_belongs_to_customer_service(shen):
    customer, _ = resolve(PORTAL, name="梁雯", phone="13900002046")
    assert customer.matter.owner_id is None
    assert Customer.objects.select_related("matter").get().matter.department_id == shen.user.department_id == customer.matter.department_id


@pytest.mark.django_db(transaction=True)
def test_two_at_once_open_one(shen):
    """Eight people register the same new phone at the same moment: one customer, no error."""
    actor, barrier, found, errors = shen.actor, threading.Barrier(8), [], []

    def run(i: int) -> None:
        try:
            barrier.wait(10)
            with transaction.atomic():
                found.append(actions.resolve(by=actor, name=f"梁雯{i}", phone="13900002046", email="liang@example.com")[0].pk)
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not errors
    assert len(set(found)) == 1 and Customer.objects.count() == 1 and Identifier.objects.count() == 2
    assert Counter.objects.get(series="KH").last == 1


# ── resolve_many ──


def test_resolve_many(shen, django_assert_max_num_queries):
    known, _ = resolve(shen.actor, name="梁雯", phone="13900000001")
    wanted = [{"name": f"客户{i}", "phone": f"1380000{i:04d}"} for i in range(300)]
    wanted += [{"name": "梁雯", "phone": "13900000001"}, {"name": "同一人", "phone": "13800000007"}, {}, {"name": "只有名字"}]
    wanted += [{"name": "云岫珠宝公司", "contact_name": "谢诚", "email": "xie@example.com"}] * 2
    actor = shen.actor
    with transaction.atomic(), django_assert_max_num_queries(8):
        found = actions.resolve_many(wanted, by=actor)
    assert len(found) == len(wanted)
    assert found[300][0].pk == known.pk
    assert found[301][0].pk == found[7][0].pk
    assert found[302] == (None, None)
    assert found[303][0].name == "只有名字" and not found[303][0].identifiers.exists()
    assert found[304][0].pk == found[305][0].pk and found[304][1].name == "谢诚"
    assert Customer.objects.count() == 1 + 300 + 1 + 1
    numbers = [int(n.rpartition("-")[2]) for n in Customer.objects.order_by("matter_id").values_list("matter__number", flat=True)]
    assert numbers == list(range(1, 304))
    first = Customer.objects.select_related("matter").get(pk=found[0][0].pk)
    assert (first.matter.number, first.name) == (found[0][0].matter.number, "客户0")
    assert first.identifiers.get().contact_id == found[0][1].pk
    assert Entry.objects.filter(event="customers.customer_added").count() == Customer.objects.count()
    assert Entry.objects.get(matter_id=first.pk).personal == {"name": "客户0"}


def test_resolve_many_again_opens_none(shen):
    wanted = [{"name": f"客户{i}", "phone": f"1380000{i:04d}"} for i in range(50)]
    with transaction.atomic():
        once = actions.resolve_many(wanted, by=shen.actor)
        again = actions.resolve_many(wanted, by=shen.actor)
    assert [c.pk for c, _ in once] == [c.pk for c, _ in again] and Customer.objects.count() == 50


@pytest.mark.django_db(transaction=True)
def test_two_batches_at_once(shen):
    """Two imports of the same people at once leave each person once, in whichever order the rows come."""
    actor, barrier, found, errors = shen.actor, threading.Barrier(2), {}, []
    wanted = [{"name": f"客户{i}", "phone": f"1380000{i:04d}"} for i in range(200)]

    def run(name: str, rows: list) -> None:
        try:
            barrier.wait(10)
            with transaction.atomic():
                found[name] = actions.resolve_many(rows, by=actor)
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=args) for args in (("a", wanted), ("b", wanted[::-1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors
    assert Customer.objects.count() == 200
    assert [c.pk for c, _ in found["a"]] == [c.pk for c, _ in found["b"][::-1]]
