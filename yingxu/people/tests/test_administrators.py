"""Three administrators who are three people, and two people for every change of rights (S8, M6, M7, M18)."""

from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from yingxu.base.access import RULES, SYSTEM, Actor, Reach
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.matters.models import Entry
from yingxu.people import actions, offices, queries
from yingxu.people.models import Grant, Role, RoleChange
from yingxu.policies import packs

from .conftest import user

pytestmark = pytest.mark.django_db
HERE = "/settings/changes/"


@pytest.fixture
def two(people: SimpleNamespace) -> SimpleNamespace:
    """A company with two security administrators, fang and gu."""
    actions.grant(people.gu, Role.objects.get(code="manager"), by=SYSTEM)
    for name in ("fang", "shen", "gu"):
        setattr(people, name, user(name))
    people.by = {name: queries.actor(user(name)) for name in ("fang", "shen", "gu")}
    return people


def _role(name: str, **granted: str) -> Role:
    return actions.add_role(by=SYSTEM, name=name, granted={k.replace("__", "."): v for k, v in granted.items()})


# ── three people ──


@pytest.mark.parametrize("pack", ["general", "pawnshop"])
def test_no_role_of_a_pack_joins_two_or_reads_business_data(pack):
    """The rule of the house: each pack's roles of administrators are disjoint, and every office is there."""
    roles = packs.load(packs.folder(pack)).content["roles"]
    held = {code: offices.of(role["rules"]) for code, role in roles.items()}
    for code, role in roles.items():
        assert not offices.role_trouble(role["rules"]), code
    assert {code for code, mine in held.items() if mine} >= {"administrator", "security-administrator"}
    assert all(len(mine) <= 1 for mine in held.values())


def test_business_is_whatever_does_not_say_otherwise():
    """A new rule counts as business data until its room says that it is none."""
    assert not RULES["needs.view"].office and not RULES["needs.view"].beside
    for name, rule in RULES.items():
        assert rule.office in {"", *offices.OFFICES} and rule.beside in {"", "own", "always"}, name
    reads = ("view", "export", "reveal", "edit", "merge", "register")
    assert not [n for n, r in RULES.items() if n.split(".")[0] in ("needs", "customers") and n.split(".")[1] in reads and (r.office or r.beside)]


@pytest.mark.parametrize(
    ("granted", "said"),
    [
        ({"people.manage": "all", "notices.manage": "all"}, "三员分立"),
        ({"people.manage": "all", "needs.view": "own"}, "不看业务数据"),
        ({"notices.manage": "all", "customers.view": "all"}, "不看业务数据"),
        ({"people.manage": "all", "tasks.view": "all"}, "不看业务数据"),
    ],
)
def test_a_role_that_joins_them_is_refused(people, granted, said):
    with pytest.raises(Invalid, match=said):
        actions.add_role(by=SYSTEM, name="全能", granted=granted)
    role = _role("空")
    with pytest.raises(Invalid, match=said):
        actions.edit_role(role, by=SYSTEM, name="空", description="", granted=granted)
    with pytest.raises(Invalid, match=said), transaction.atomic():
        actions.install([], [{"code": "x", "name": "x", "rules": granted}])


def test_beside_it_goes_what_shows_no_business_data(people):
    _role("系统", notices__manage="all", templates__manage="all", tasks__view="own", policies__view="all")


def test_a_person_who_would_be_two_is_refused(people):
    system, business = _role("系统", notices__manage="all"), _role("业务", needs__view="department")
    with pytest.raises(Invalid, match="三员分立"):
        actions.grant(people.fang, system, by=SYSTEM)
    with pytest.raises(Invalid, match="不看业务数据.*查看需求"):
        actions.grant(people.fang, business, by=SYSTEM)
    actions.grant(people.gu, business, by=SYSTEM)
    with pytest.raises(Invalid, match="不看业务数据"):
        actions.grant(people.gu, system, by=SYSTEM)


def test_a_role_is_not_changed_into_what_its_holders_cannot_hold(people):
    business, other = _role("业务", needs__view="department"), _role("别的")
    for role in (business, other):
        actions.grant(people.gu, role, by=SYSTEM)
    with pytest.raises(Invalid, match="顾一鸣"):
        actions.edit_role(other, by=SYSTEM, name="别的", description="", granted={"notices.manage": "all"})


# ── two people ──


def test_one_proposes_another_agrees(two, signed):
    clerk = Role.objects.get(code="clerk")
    fang, gu = signed("fang"), signed("gu")
    sent = fang.post(f"/settings/people/{two.fang.pk}/roles/", {"role": clerk.pk, "why": "顶岗"})
    assert "sent=1" in sent.headers["Location"]
    change = RoleChange.objects.get(state="waiting")
    assert not Grant.objects.filter(user=two.fang, role=clerk).exists(), "not yet"
    told = Entry.objects.get(event="people.role_change_proposed")
    assert told.tell == [two.gu.pk] and told.facts["chain"] == "people.grant" and told.facts["why"] == "顶岗"
    assert "顶岗" in gu.get(HERE).content.decode()
    assert fang.post(f"{HERE}{change.pk}/agree/").status_code == 403, "nobody agrees with themselves"
    assert gu.post(f"{HERE}{change.pk}/agree/").status_code == 302
    held = Grant.objects.get(user=two.fang, role=clerk)
    assert held.granted_by == two.fang and RoleChange.objects.get(pk=change.pk).settled_by == two.gu
    assert gu.post(f"{HERE}{change.pk}/agree/").status_code == 409, "once"
    assert fang.get("/settings/people/").status_code == 302, "whose roles changed comes in anew (S9)"


@pytest.mark.parametrize("kind", ["end", "rules", "role", "clearance"])
def test_every_change_of_rights_takes_two(two, kind):
    clerk, fang, gu = Role.objects.get(code="clerk"), two.by["fang"], two.by["gu"]
    change = {
        "end": lambda: actions.propose_end(Grant.objects.get(user=two.shen), by=fang),
        "rules": lambda: actions.propose_role(clerk, by=fang, name="客服", granted={"needs.view": "all"}),
        "role": lambda: actions.propose_role(None, by=fang, name="新", granted={"needs.view": "own"}),
        "clearance": lambda: actions.propose_clearance(two.shen, 2, by=fang),
    }[kind]()
    seen = lambda: (Grant.objects.get(user=two.shen).ends_at is None, queries.reaches_of(clerk), Role.objects.filter(name="新").exists(), user("shen").clearance)  # noqa: E731
    assert seen() == (True, {}, False, 0)
    actions.agree(change, by=gu)
    assert seen() == (kind != "end", {"needs.view": "all"} if kind == "rules" else {}, kind == "role", 2 if kind == "clearance" else 0)


def test_no_verb_goes_around_it(two):
    clerk, fang = Role.objects.get(code="clerk"), two.by["fang"]
    held = Grant.objects.get(user=two.shen)
    for act in (
        lambda: actions.grant(two.gu, clerk, by=fang), lambda: actions.end_grant(held, by=fang), lambda: actions.add_role(by=fang, name="x"),
        lambda: actions.edit_role(clerk, by=fang, name="x", description="", granted={}),
        lambda: actions.edit_user(two.shen, by=fang, username="shen", name="沈岚", department=None, email="", clearance=3),
        lambda: actions.add_user(by=fang, username="new", name="新", department=None, password="x" * 20, clearance=1),
    ):  # fmt: skip
        with pytest.raises(NotAllowed) as refusal:
            act()
        assert refusal.value.code == "people.two_people"
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleChange.objects.create(kind="grant", state="done", proposed_by=two.fang, settled_by=two.fang, proposed_at=held.begins_at)


def test_refused_with_a_reason_and_withdrawn_by_who_proposed(two, signed):
    clerk = Role.objects.get(code="clerk")
    change = actions.propose_grant(two.gu, clerk, by=two.by["fang"])
    with pytest.raises(WrongMoment):
        actions.propose_grant(two.gu, clerk, by=two.by["gu"])
    gu = signed("gu")
    assert gu.post(f"{HERE}{change.pk}/refuse/", {"said": ""}).status_code == 422
    assert gu.post(f"{HERE}{change.pk}/withdraw/").status_code == 403
    assert gu.post(f"{HERE}{change.pk}/refuse/", {"said": "不需要"}).status_code == 302
    assert Entry.objects.get(event="people.role_change_settled").tell == [two.fang.pk]
    again = actions.propose_grant(two.gu, clerk, by=two.by["fang"])
    actions.withdraw(again, by=two.by["fang"])
    assert not Grant.objects.filter(user=two.gu, role=clerk).exists()
    assert "不需要" in gu.get(HERE).content.decode()


def test_the_chain_of_approvals_settles_it(two):
    """What the room of approvals calls: whoever signed must manage people, and be another."""
    change = actions.propose_grant(two.gu, Role.objects.get(code="clerk"), by=two.by["fang"])
    for by, code in ((two.by["shen"], "people.manage"), (two.by["fang"], "people.two_people")):
        with pytest.raises(NotAllowed) as refusal, transaction.atomic():
            actions.settle_role_change(change.pk, agreed=True, by=by)
        assert refusal.value.code == code
    actions.settle_role_change(change.pk, agreed=True, by=two.by["gu"])
    assert Grant.objects.filter(user=two.gu, ends_at=None).count() == 2


def test_it_is_looked_at_again_when_it_takes_effect(two):
    """What became impossible meanwhile is refused to who agrees."""
    system = _role("系统", notices__manage="all")
    change = actions.propose_grant(two.shen, system, by=two.by["fang"])
    actions.grant(two.shen, _role("业务", needs__view="own"), by=SYSTEM)
    with pytest.raises(Invalid, match="不看业务数据"):
        actions.agree(change, by=two.by["gu"])
    assert RoleChange.objects.get(pk=change.pk).state == "waiting"


def test_a_pack_changes_no_rights_by_itself(two):
    """Who installs packs is another than who gives rights: other rules of a role that is there wait for them."""
    by = Actor(kind="user", name="系统", id=two.shen.pk, user_id=two.shen.pk, reaches={"policies.manage": Reach.ALL})
    wanted = [{"code": "clerk", "name": "客服", "rules": {"needs.view": "all"}}, {"code": "fresh", "name": "新", "rules": {"needs.view": "own"}}]
    with transaction.atomic():
        actions.install([], wanted, by=by)
        actions.install([], wanted, by=by)
    assert queries.reaches_of(Role.objects.get(code="clerk")) == {} and queries.reaches_of(Role.objects.get(code="fresh")) == {"needs.view": "own"}
    actions.agree(RoleChange.objects.get(state="waiting"), by=two.by["gu"])
    assert queries.reaches_of(Role.objects.get(code="clerk")) == {"needs.view": "all"}


# ── founding ──


def test_a_company_is_founded_by_one_until_there_are_two(people, signed):
    fang = signed("fang")
    assert "创建期" in fang.get("/settings/administrators/").content.decode()
    assert "saved=1" in fang.post(f"/settings/people/{people.gu.pk}/roles/", {"role": Role.objects.get(code="manager").pk}).headers["Location"]
    assert RoleChange.objects.get().founding and not queries.founding()
    assert "sent=1" in fang.post(f"/settings/people/{people.shen.pk}/roles/", {"role": _role("另").pk}).headers["Location"]
    Grant.objects.filter(user=people.gu).update(ends_at=None)
    people.gu.is_active = False
    people.gu.save()
    assert not queries.founding(), "it never comes back"


def test_whoever_runs_the_server_mends_a_company_without_two(two, capsys):
    two.gu.is_active = False
    two.gu.save()
    call_command("security_administrator", "shen")
    assert {u.username for u in queries.managers()} == {"fang", "shen"}
    assert Entry.objects.filter(event="people.role_change_settled", actor_kind="system").exists()


def test_pages_only_for_who_manages_people(signed, people):
    for path in (HERE, "/settings/administrators/"):
        assert signed("shen").get(path).status_code == 403


def test_a_lost_second_factor_is_reset_by_two(two, signed):
    from .test_second_factor import _enrol

    _enrol(signed("shen"))
    fang, gu = signed("fang"), signed("gu")
    assert "sent=1" in fang.post(f"/settings/people/{two.shen.pk}/factors/").headers["Location"]
    assert queries.has_factor(two.shen)
    gu.post(f"{HERE}{RoleChange.objects.get(state='waiting').pk}/agree/")
    assert not queries.has_factor(two.shen)
    assert fang.post(f"/settings/people/{two.gu.pk}/factors/").status_code == 422, "there is none"


# ── found and taken along, brought back ──


def test_changes_are_found_and_exported(two, manager):
    actions.propose_clearance(two.shen, 2, by=two.by["gu"], why="看机密档案")
    actions.refuse(RoleChange.objects.get(state="waiting"), by=two.by["fang"], said="不需要")
    actions.propose_grant(two.shen, _role("审核"), by=two.by["gu"])
    page = manager.get(HERE, {"kind": "clearance", "state": "refused", "q": "沈"}).content.decode()
    assert "不需要" in page and "没有符合" in manager.get(HERE, {"q": "nobody-at-all"}).content.decode()
    text = manager.get(HERE + "export/", {"as": "csv", "kind": "clearance"}).getvalue().decode()
    assert "看机密档案" in text and "审核" not in text
    assert manager.get(HERE + "export/").getvalue()[:2] == b"PK" and manager.get(HERE, {"kind": "x", "state": "y"}).status_code == 200


def test_bringing_back_somebody_with_rights_takes_two(two):
    by = two.by
    actions.deactivate_user(two.shen, by=by["fang"])
    with pytest.raises(NotAllowed):
        actions.reactivate_user(two.shen, by=by["fang"])
    change = actions.bring_back(user("shen"), by=by["fang"])
    assert change.state == "waiting" and not user("shen").is_active
    actions.agree(change, by=by["gu"])
    assert user("shen").is_active
    with pytest.raises(WrongMoment):
        actions.bring_back(user("shen"), by=by["fang"])
    actions.end_grant(Grant.objects.get(user=two.shen, ends_at=None), by=SYSTEM)
    actions.deactivate_user(user("shen"), by=by["fang"])
    assert actions.bring_back(user("shen"), by=by["fang"]) is None and user("shen").is_active, "who holds nothing is back at once"
