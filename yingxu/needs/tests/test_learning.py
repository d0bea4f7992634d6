"""What was decided about needs teaches the suggestions (N4)."""

import pytest

from yingxu.needs import actions as needs
from yingxu.needs.jobs import learn
from yingxu.needs.models import Need
from yingxu.routing import actions as routing
from yingxu.routing import queries as suggestions
from yingxu.routing.models import FeatureCount, Learned

pytestmark = pytest.mark.django_db
SAID = {"vault": "钢琴怕潮，想问恒温恒湿怎么放", "finance": "想开一张专用发票，抬头发给你们"}


def _decided(world, code: str, i: int) -> None:
    """A need as it stands after a department took it; written at once, since only the outcome matters here."""
    intake = needs.Intake(kind="consultation", body=f"{SAID[code]}，第 {i} 次", channel="phone", fields={"scope": ["其他"]})
    pk = needs.register(intake, by=world.by("沈岚")).id
    need = Need.objects.select_related("matter").get(pk=pk)
    need.matter.department = world.department(code)
    need.matter.save(update_fields=["department"])
    Need.objects.filter(pk=pk).update(category="important" if code == "vault" else "general", accepted_by=world.department(code).head)


def test_the_nightly_job_learns_from_what_people_decided(world):
    learn()
    assert not Learned.objects.exists()
    for i in range(24):
        for code in SAID:
            _decided(world, code, i)
    learn()
    for rule in suggestions.rules():
        routing.switch(rule, by=world.by("管鹿鸣"), active=False)
    found = suggestions.suggest("家里钢琴怕潮", "consultation")
    assert (found.department, found.category) == (world.department("vault"), "important")
    assert set(Learned.objects.values_list("target", flat=True)) == {"department", "category"}  # one kind only: nothing to tell apart


def test_secret_needs_teach_nothing(world):
    """S4: words of graded needs must not surface in a reason."""
    for i in range(24):
        for code in SAID:
            _decided(world, code, i)
    graded = Need.objects.filter(body__contains="钢琴")
    for need in graded:
        need.matter.secrecy = 1
        need.matter.save(update_fields=["secrecy"])
    learn()
    assert not FeatureCount.objects.filter(feature="钢琴").exists()
