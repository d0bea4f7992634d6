"""Who finds whom, by what, in how many questions (N2, C8, A2, S5)."""

from dataclasses import replace

import pytest
from django.db import transaction

from yingxu.base.errors import Gone, Invalid
from yingxu.customers import actions, identifiers, panels, queries, rules
from yingxu.customers.models import Customer, Identifier
from yingxu.matters import actions as matters


@pytest.fixture
def company(shen) -> Customer:
    return actions.add(by=shen.actor, name="砚台巷珠宝商行", contact_name="梁雯", phone="13900002046", grade="A", tags=["老客户"])


@pytest.fixture
def crowd(shen, company) -> list[Customer]:
    with transaction.atomic():
        wanted = [{"name": f"许静{i}", "phone": f"138{i:08d}"} for i in range(120)]
        return [company, *(c for c, _contact in actions.resolve_many(wanted, by=shen.actor))]


def names(found) -> list[str]:
    return [f.customer.name for f in found]


@pytest.mark.parametrize("text", ["13900002046", "139 0000 2046", "+86-139-0000-2046", "2046", "砚台", "珠宝商", "梁雯", "KH-", "老客户"])
def test_found_while_typing(shen, crowd, text):
    assert "砚台巷珠宝商行" in names(queries.find_while_typing(text, by=shen.actor, limit=20)) or text == "KH-"
    assert queries.find_while_typing(text, by=shen.actor)


@pytest.mark.parametrize("text", ["", "1", "1390000204", "13900002047", "9999", "台砚", "'); DROP TABLE", "%%%", "KH-1999"])
def test_not_found_while_typing(shen, crowd, text):
    assert queries.find_while_typing(text, by=shen.actor) == []


def test_found_row_says_enough(shen, company, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(queries.finding, "SUMMARIES", [lambda by, ids: {company.pk: {"open": 2}}])
    actor = shen.actor
    with django_assert_num_queries(1):
        found = queries.find_while_typing("139-0000-2046", by=actor)
    row = found[0]
    assert (row.phone, row.contact, row.exact, row.customer.grade, row.summary) == ("139 **** 2046", "梁雯", True, "A", {"open": 2})
    assert row.customer.matter.number.startswith("KH-")
    assert not queries.find_while_typing("砚台", by=actor)[0].exact


def test_whom_one_may_not_see_is_not_there(shen, gu, wei, ye, company):
    """Neither by number, nor by name, in lists, doubles, tags, or page (A2, S5)."""
    secret = actions.add(by=wei.actor, name="砚台巷珠宝秘密", phone="13900002046", secrecy=3, tags=["机密客户"])
    for person in (gu, ye, shen):
        by = person.actor
        assert secret.name not in names(queries.find_while_typing("13900002046", by=by))
        assert secret.name not in names(queries.find_while_typing("秘密", by=by))
        assert secret.pk not in [c.pk for c in queries.index(by, queries.Wish()).rows]
        assert secret.pk not in [d.customer.pk for d in queries.duplicates_of(by=by, name=secret.name)]
        assert "机密客户" not in queries.tags_in_use(by)
        for ask in (queries.one, queries.profile):
            with pytest.raises(Gone):
                ask(secret.matter.number, by)
    assert names(queries.find_while_typing("秘密", by=wei.actor)) == [secret.name]
    assert queries.find_while_typing("13900002046", by=gu.actor) == []  # of another department
    with transaction.atomic():
        matters.watch(company.matter, [gu.user.pk])
    assert names(queries.find_while_typing("13900002046", by=gu.actor)) == [company.name]


@pytest.mark.parametrize("rule", [rules.VIEW, rules.EDIT, rules.MERGE, rules.EXPORT, rules.REVEAL], ids=lambda r: r.name)
def test_rules_say_the_same_of_one_and_of_many(cast, rule):
    shen, gu, wei = cast["shen"], cast["gu"], cast["wei"]
    made = [actions.add(by=p.actor, name=f"客户{i}", phone=f"1390000{i:04d}") for i, p in enumerate((shen, gu, wei))]
    made.append(actions.add(by=wei.actor, name="密", phone="13900009999", secrecy=2))
    with transaction.atomic():
        matters.watch(made[0].matter, [gu.user.pk])
    model = Identifier if rule is rules.REVEAL else Customer
    for person in cast.values():
        by = person.actor
        one_by_one = {row.pk for row in model.objects.all() if rule.allows(by, row)}
        assert one_by_one == set(model.objects.filter(rule.where(by)).values_list("pk", flat=True))


def test_index_filters_sorts_and_pages(shen, crowd, django_assert_max_num_queries):
    by = shen.actor
    with django_assert_max_num_queries(1):
        first = queries.index(by, queries.Wish())
        [c.matter.owner.name for c in first.rows]
    seen, cursor = [c.pk for c in first.rows], first.next
    while cursor:
        part = queries.index(by, queries.Wish(), cursor)
        seen, cursor = seen + [c.pk for c in part.rows], part.next
    assert len(seen) == len(set(seen)) == 121
    assert [c.name for c in queries.index(by, queries.Wish(sort="opened")).rows][0] == "砚台巷珠宝商行"
    grades = [c.grade for c in queries.index(by, queries.Wish(sort="grade"), size=200).rows]
    assert grades == sorted(grades, key=lambda grade: grade or "Z") and len(grades) == 121, "A first, who has none last"
    assert [c.name for c in queries.index(by, queries.Wish(sort="name")).rows] == sorted(c.name for c in crowd)[:50]
    for wish in (queries.Wish(grade="A"), queries.Wish(type="organisation"), queries.Wish(tag="老客户"), queries.Wish(text="2046")):
        assert [c.name for c in queries.index(by, wish).rows] == ["砚台巷珠宝商行"]
    assert len(queries.index(by, queries.Wish(grade="-"), size=200).rows) == 120
    assert queries.index(by, queries.Wish(owner=shen.user.pk + 1)).rows == []
    with pytest.raises(Invalid):
        queries.index(by, queries.Wish(), "forged")


def test_profile_in_few_questions(shen, company, django_assert_max_num_queries):
    for i in range(5):
        actions.add_contact(company, by=shen.actor, name=f"联系人{i}", phone=f"1370000{i:04d}")
    by = shen.actor
    with django_assert_max_num_queries(3):
        found = queries.profile(company.matter.number, by)
        assert len({c.name for c in found.contacts.all()} & {i.contact.name for i in found.identifiers.all()}) == 6
        assert found.matter.owner.name and found.matter.department.name


def test_profile_of_a_merged_customer(shen, company):
    gone = actions.add(by=shen.actor, name="砚台巷珠宝", phone="13900002047")
    actions.merge(company, gone, by=shen.actor)
    with pytest.raises(Gone):
        queries.profile(gone.matter.number, shen.actor)
    found = queries.profile(gone.matter.number, shen.actor, merged=True)
    assert queries.kept(found).pk == company.pk


def test_duplicates(shen, company, django_assert_max_num_queries):
    twin = actions.add(by=shen.actor, name="砚合巷珠宝商行")  # one character wrong
    partner = actions.add(by=shen.actor, name="梁雯", phone="13900002046")
    actions.add(by=shen.actor, name="青石区第三中学")
    actions.add(by=shen.actor, name="云岫珠宝商行联合会")
    by = shen.actor
    with django_assert_max_num_queries(4):
        found = queries.duplicates_of(company, by=by)
    assert [(d.customer.pk, d.same) for d in found] == [(partner.pk, ["phone"]), (twin.pk, [])]
    typed = queries.duplicates_of(by=by, name="砚台巷珠宝商行（个体工商户）", given=[identifiers.read("phone", "13900002046")])
    assert {d.customer.pk for d in typed} == {company.pk, partner.pk, twin.pk} and typed[0].certain
    assert queries.duplicates_of(by=by, name="") == []
    same_name = actions.add(by=shen.actor, name="梁雯")
    assert [d.customer.pk for d in queries.duplicates_of(same_name, by=by)] == [partner.pk]


def test_panels_open_by_rule(shen, ye, monkeypatch):
    monkeypatch.setattr(panels, "PANELS", {})
    panels.register("late", "b", "x.html", lambda c, by: {}, order=9)
    panels.register("secret", "a", "x.html", lambda c, by: {}, rule=rules.EXPORT, order=1)
    assert [p.name for p in panels.open_to(shen.actor)] == ["secret", "late"]
    assert [p.name for p in panels.open_to(ye.actor)] == ["late"]


def test_system_and_strangers(company):
    from yingxu.base.access import SYSTEM, Actor

    assert queries.visible_to(SYSTEM).count() == 1
    stranger = Actor(kind="customer", name="x", matters=frozenset({company.pk}))
    assert not queries.visible_to(stranger).exists()
    assert not queries.visible_to(replace(stranger, kind="user")).exists()
