"""Prospects: taken up, moved on with what must be known, won or given up; what the pages show."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.matters.models import Matter
from yingxu.relations import actions, queries
from yingxu.relations.models import Prospect, Step
from yingxu.tasks.models import Task

from .conftest import MORNING, opened

ALL = {"fit": "同一条街，货源相近", "wish": "周转资金", "decider": "东家本人", "offer": "额度二十万", "paper": "HT-0001"}


@pytest.fixture
def lead(morning: Any) -> Any:
    customer = opened(morning, "砚台巷文玩行")
    actions.pursue(customer, by=morning.by("沈岚"), source="老客户介绍", expected_amount=Decimal("200000"))
    return customer


def test_all_the_way_to_the_contract(lead: Any, morning: Any):
    by = morning.by("沈岚")
    with pytest.raises(Invalid) as wanted:
        actions.move(lead, by=by, step="screen")
    assert "fact_fit" in wanted.value.fields
    actions.move(lead, by=by, step="screen", facts={"fit": ALL["fit"]})
    with pytest.raises(Invalid):  # what is passed over must be known too
        actions.move(lead, by=by, step="proposal", facts={"offer": ALL["offer"]})
    actions.move(lead, by=by, step="contract", facts=ALL)
    found = Prospect.objects.get(customer=lead)
    assert (found.outcome, found.step, [m.to for m in found.moves.all()]) == ("won", "contract", ["identify", "screen", "contract"])
    with pytest.raises(WrongMoment):
        actions.move(lead, by=by, step="screen")
    actions.pursue(lead, by=by)  # another business, another time


def test_back_only_with_a_word(lead: Any, morning: Any):
    by = morning.by("沈岚")
    actions.move(lead, by=by, step="target", facts=ALL)
    with pytest.raises(Invalid):
        actions.move(lead, by=by, step="screen")
    assert actions.move(lead, by=by, step="screen", note="东家换人").step == "screen"


def test_given_up_for_a_reason_and_taken_up_again(lead: Any, morning: Any):
    by = morning.by("沈岚")
    with pytest.raises(WrongMoment):
        actions.pursue(lead, by=by)
    with pytest.raises(Invalid):
        actions.give_up(lead, by=by, reason="就是不想")
    actions.give_up(lead, by=by, reason="价格不合")
    with pytest.raises(WrongMoment):
        actions.amend(lead, by=by)
    assert actions.pursue(lead, by=by).step == "identify"


def test_the_next_step_is_a_task(lead: Any, morning: Any):
    task = actions.plan_step(lead, by=morning.by("沈岚"), title="登门拜访", due_at=clock.now() + timedelta(days=2))
    assert Task.objects.get(pk=task.pk).owner == morning.user("沈岚") and Prospect.objects.get(customer=lead).task == task
    with pytest.raises(Invalid):
        actions.plan_step(lead, by=morning.by("沈岚"), title="登门拜访", due_at=clock.now() - timedelta(days=2))


def test_who_may_not(lead: Any, morning: Any):
    with pytest.raises(NotAllowed):
        actions.give_up(lead, by=morning.by("顾一鸣"), reason="价格不合")  # another department's customer


def test_board_list_and_figures_leave_out_what_may_not_be_seen(lead: Any, morning: Any, signed_in: Any, django_assert_max_num_queries: Any):
    hidden = opened(morning, "听雨楼私人会所")
    actions.pursue(hidden, by=morning.by("沈岚"))
    Matter.objects.filter(pk=hidden.pk).update(secrecy=3)
    client = signed_in("沈岚")
    with django_assert_max_num_queries(25):
        board = client.get(reverse("relations:board")).content.decode()
    listed = client.get(reverse("relations:prospects")).content.decode()
    assert "砚台巷" in board and "砚台巷" in listed and "听雨楼" not in board + listed
    rows = {row["step"]: row["n"] for row in queries.conversion(morning.by("沈岚"), clock.today())}
    assert rows["identify"] == 1
    assert client.get(reverse("relations:conversion") + "?days=30").status_code == 200
    reached = client.get(reverse("relations:prospects") + f"?outcome=all&reached=identify&after={clock.today()}").content.decode()
    assert "砚台巷" in reached and client.get(reverse("relations:prospects") + "?step=nowhere").status_code == 422
    with clock.at(MORNING + timedelta(days=8)):
        assert [p.customer_id for p in queries.prospects_matching(morning.by("沈岚"), queries.prospect_wish({"old": "1"}))] == [lead.pk]


def test_the_board_side_by_side(lead: Any, morning: Any, signed_in: Any):
    """Every step is a column; a card says into which steps nothing is asked, and one drop there moves it; signed contracts stand last."""
    client, to = signed_in("沈岚"), reverse("relations:prospect_act", args=[lead.matter.number, "move"])

    def card() -> Any:
        page = client.get(reverse("relations:board")).content.decode()
        assert re.findall(r'data-lane="(\w+)"', page) == ["identify", "screen", "target", "contact", "proposal", "contract"]
        return re.search(rf'data-row="{lead.matter.number}"(?: draggable="true" data-move="([^"]*)" data-free="([^"]*)")?', page)

    assert card().groups() == (to, "")  # the rules want to know why it fits before it is screened
    asked = client.get(f"{to}?step=screen", headers={"HX-Request": "true"}).content.decode()
    assert "fact_fit" in asked and "fact_wish" not in asked and 'value="screen" selected' in asked
    actions.move(lead, by=morning.by("沈岚"), step="target", facts={"fit": "同一条街", "wish": "周转资金"})
    actions.move(lead, by=morning.by("沈岚"), step="identify", note="重新看")
    assert card().groups()[1].split() == ["screen", "target"]
    done = client.post(to, {"step": "target", "next": reverse("relations:board")}, headers={"HX-Request": "true"})
    assert done.status_code == 204 and done["HX-Redirect"] == reverse("relations:board") and Prospect.objects.get(customer=lead).step == "target"
    assert client.post(to, {"step": "identify"}, headers={"HX-Request": "true"}).status_code == 422  # back only with a note
    known = {fact["code"]: "知道" for step in Step for fact in queries.facts_of(step)}
    actions.move(lead, by=morning.by("沈岚"), step="contract", facts=known)
    assert card().groups() == (None, None)
    column = queries.board(morning.by("沈岚"), queries.ProspectWish())[-1]
    assert column["n"] == 1 and [p.customer_id for p in column["cards"]] == [lead.pk]
    listed = client.get(reverse("relations:prospects") + f"?outcome=won&reached=contract&after={column['after']}").content.decode()
    assert "砚台巷" in listed


def test_a_board_of_many_takes_few_queries(morning: Any, signed_in: Any, django_assert_max_num_queries: Any):
    for n in range(8):
        actions.pursue(opened(morning, f"潜在客户 {n}"), by=morning.by("沈岚"))
    client = signed_in("沈岚")
    client.get(reverse("relations:board"))
    with django_assert_max_num_queries(25):
        assert client.get(reverse("relations:board")).content.decode().count("data-move") == 8


def test_by_its_pages(lead: Any, signed_in: Any):
    client, number = signed_in("沈岚"), lead.matter.number

    def to(verb: str) -> str:
        return reverse("relations:prospect_act", args=[number, verb])

    assert client.get(to("move")).status_code == 200
    refused = client.post(to("move"), {"step": "screen", "fact_wish": "周转资金"})
    assert refused.status_code == 422 and "周转资金" in refused.content.decode()  # nothing typed is lost
    assert client.post(to("move"), {"step": "screen", "fact_fit": "同一条街"}).status_code == 302
    assert client.post(to("next"), {"title": "登门拜访", "due_at": "2026-03-20T10:00"}).status_code == 302
    assert client.post(to("amend"), {"source": "展会", "expected_amount": "5000"}).status_code == 302
    page = client.get(reverse("customers:profile", args=[number]) + "?part=prospects").content.decode()
    assert "同一条街" in page and "登门拜访" in page and "展会" in page
    assert client.post(to("lose"), {"reason": "价格不合"}).status_code == 302
    assert client.get(to("move")).status_code == 404


def test_export_and_rules(lead: Any, signed_in: Any):
    client = signed_in("苏慕青")
    answer = client.post(reverse("relations:export_prospects"), {"kind": "csv"})
    assert "砚台巷文玩行" in b"".join(answer.streaming_content).decode("utf-8-sig")
    here = reverse("relation_settings:prospects")
    assert client.get(here).status_code == 200
    given = {f"days_{code}": "9" for code in ("identify", "screen", "target", "contact", "proposal", "contract")} | {"lost_reasons": "太远", "facts_screen": "fit 为什么合适"}
    assert client.post(here, given | {"facts_target": "fit 又一次"}).status_code == 422
    assert client.post(here, given).status_code == 302
    assert queries.lost_reasons() == ["太远"] and queries.pipeline().limit("screen") == 9
