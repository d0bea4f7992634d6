"""Rules and suggestions: which fires, why, and what the history adds (N4, N5)."""

from types import SimpleNamespace

import pytest

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid, NotAllowed
from yingxu.matters.models import Entry, Matter
from yingxu.routing import actions, queries
from yingxu.routing.learning import Example
from yingxu.routing.models import FeatureCount, Learned

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "kind", "fields", "customer", "department", "category"),
    [
        ("手镯今天到期，一定不能绝当", "renewal", {}, None, "pawn", "urgent"),
        ("取物时发现表壳有划痕", "redeem", {}, None, "vault", "urgent"),
        ("评估价太低，要求复评", "pawn", {}, None, "appraisal", "important"),
        ("多收了我的利息", "complaint", {}, None, "finance", "important"),
        ("店员不理人", "complaint", {}, None, "response-group", "important"),
        ("想当机床", "pawn", {"amount": "800000.00"}, None, "pawn", "important"),
        ("想当手表", "pawn", {"amount": "500000.00"}, None, "pawn", ""),
        ("想当手表", "pawn", {}, SimpleNamespace(grade="A", tags=[]), "pawn", "important"),
        ("想买个金镯", "purchase", {}, None, "growth", ""),
        ("你们几点关门", "consultation", {}, None, "service", "general"),
    ],
)
def test_the_first_rule_that_fits_fires_and_says_why(world, text, kind, fields, customer, department, category):
    found = queries.suggest(text, kind, "", "phone", customer, fields)
    assert found.department == world.department(department)
    assert found.category == category and found.confidence == 1.0
    assert found.reasons and found.rule.name in found.reasons[0]


def test_reasons_are_sentences_with_words_people_use(world):
    found = queries.suggest("要求复评", "pawn", "", "phone")
    assert found.reasons == ["规则“对评估价有异议”：提到“复评”"]
    found = queries.suggest("多收利息", "complaint")
    assert found.reasons == ["规则“息费计算的投诉”：业务类型是投诉，提到“利息”或“多收”"]


def test_whoever_has_the_least_to_do_gets_it(world):
    busy, free = world.user("顾一鸣"), world.user("叶知秋")
    for i in range(2):
        Matter.objects.create(
            kind="need", number=f"T-{i}", title="忙", owner=busy, opened_at=clock.now(), changed_at=clock.now()
        )
    found = queries.suggest("想当手表", "pawn")
    assert found.owner == free and "叶知秋手上未结的最少" in found.reasons
    type(free).objects.filter(pk=free.pk).update(available=False)
    assert queries.suggest("想当手表", "pawn").owner == busy


def test_a_rule_is_made_changed_moved_and_switched_off(world):
    made = actions.create(by=SYSTEM, name="邮票", department=world.department("appraisal"), any_words=["邮票", " 邮票 ", ""])
    assert made.any_words == ["邮票"]
    assert queries.suggest("有一本邮票", "consultation").department != made.department
    actions.move(made, by=SYSTEM, places=-100)
    assert queries.rules()[0] == made
    assert queries.suggest("有一本邮票", "consultation").department == made.department
    actions.change(made, by=SYSTEM, name="集邮", department=world.department("growth"), all_words=["邮票", "一本"], owner=world.user("乔木"))
    assert queries.suggest("有一本邮票", "consultation").owner == world.user("乔木")
    actions.switch(made, by=SYSTEM, active=False)
    assert queries.suggest("有一本邮票", "consultation").rule != made
    how = Entry.objects.filter(event="routing.routing_rule_changed").order_by("id").values_list("facts__how", flat=True)
    assert list(how) == ["created", "moved", "changed", "off"]


def test_what_cannot_be_a_rule_is_refused(world):
    pawn = world.department("pawn")
    for wrong in (
        {"name": " "}, {"owner": world.user("顾一鸣"), "least_loaded": True}, {"owner": world.user("程可")}, {"amount_over": "很多"},
        {"amount_over": "-1"}, {"weather": ["雨"]},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            actions.create(by=SYSTEM, **{"name": "甲", "department": pawn, **wrong})


def test_only_who_manages_routing_changes_it(world):
    rule, by = queries.rules()[0], world.by("顾一鸣")
    for verb in (
        lambda: actions.create(by=by, name="甲", department=world.department("pawn")),
        lambda: actions.change(rule, by=by, name="甲", department=world.department("pawn")),
        lambda: actions.switch(rule, by=by, active=False),
        lambda: actions.move(rule, by=by, places=1),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert queries.rules()[0].active


def _learn(target: str, said: dict[str, str]) -> Learned | None:
    from django.db import transaction

    rows = [Example(f"{label}{i}", f"{text}，{i}", label) for label, text in said.items() for i in range(25)]
    with transaction.atomic():
        return actions.learn(target, rows, by=SYSTEM)


def test_history_proposes_where_no_rule_does(world):
    """N4: rules first, then what the company itself decided before, with its confidence."""
    for rule in queries.rules():
        actions.switch(rule, by=SYSTEM, active=False)
    assert queries.suggest("钢琴怕潮", "consultation") == queries.Suggestion()
    _learn("department", {"vault": "钢琴怕潮，想问恒温恒湿", "finance": "想开一张专用发票"})
    _learn("category", {"important": "钢琴怕潮，想问恒温恒湿", "general": "想开一张专用发票"})
    found = queries.suggest("家里钢琴怕潮怎么放", "consultation")
    assert found.department == world.department("vault") and found.category == "important"
    assert 0.5 <= found.confidence < 1 and "钢琴" in "".join(found.reasons) and found.rule is None
    assert queries.suggest("zzz", "consultation").department is None


def test_a_rule_without_category_takes_the_learned_one(world):
    _learn("category", {"urgent": "马上要用钱救命", "general": "随便问问不着急"})
    found = queries.suggest("马上要用钱", "pawn")
    assert found.rule is not None and found.category == "urgent" and found.category_confidence < 1


def test_learning_again_replaces_and_too_little_forgets(world):
    first = _learn("category", {"urgent": "马上要用钱救命", "general": "随便问问不着急"})
    again = _learn("category", {"urgent": "马上要用钱救命", "general": "随便问问不着急"})
    assert Learned.objects.get() == again != first
    assert not FeatureCount.objects.filter(learned_id=first.pk).exists()
    assert _learn("category", {"urgent": "马上"}) is None and not Learned.objects.exists()


def test_a_suggestion_asks_little(world, django_assert_max_num_queries):
    queries.suggest("想当手表", "pawn")
    with django_assert_max_num_queries(8):
        queries.suggest("想当手表", "pawn")


# ── the screens ──


def test_pages_and_refusal(signed_in):
    admin = signed_in("管鹿鸣")
    for path in ("", "new/", "second-appraisal/"):
        assert admin.get(f"/settings/routing/{path}").status_code == 200
    assert admin.get("/settings/routing/nothing/").status_code == 404
    assert signed_in("顾一鸣").get("/settings/routing/").status_code == 403


def test_the_box_shows_which_rule_fires_and_why(signed_in):
    html = signed_in("管鹿鸣").get("/settings/routing/", {"text": "要求复评", "kind": "pawn"}).content.decode()
    assert "规则“对评估价有异议”：提到“复评”" in html and "不符合：" in html
    part = signed_in("管鹿鸣").get("/settings/routing/", {"text": "划痕"}, headers={"HX-Request": "true"}).content.decode()
    assert "库房保管部" in part and "<html" not in part


def test_a_rule_by_the_form(signed_in, world):
    admin, pawn = signed_in("管鹿鸣"), world.department("pawn")
    given = {"name": "邮票", "any_words": "邮票、集邮", "department": pawn.pk, "takes": "least", "kinds": ["consultation"]}
    assert admin.post("/settings/routing/new/", given).status_code == 302
    made = queries.rules()[-1]
    assert (made.any_words, made.least_loaded, made.kinds) == (["邮票", "集邮"], True, ["consultation"])
    assert admin.post(f"/settings/routing/{made.code}/", {**given, "takes": "owner"}).status_code == 422
    assert admin.post(f"/settings/routing/{made.code}/place/", {"to": "up"}).status_code == 302
    assert queries.rules()[-2] == made
    assert admin.post(f"/settings/routing/{made.code}/active/", {"active": "no"}).status_code == 302
    assert not queries.rule(made.code).active
