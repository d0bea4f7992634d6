import pytest

from yingxu.base import clock
from yingxu.base.access import RULES, SYSTEM, Reach
from yingxu.people import queries as people
from yingxu.people.models import Department, Grant, Role, RoleRule, User
from yingxu.policies import actions as policies
from yingxu.policies import packs


@pytest.fixture
def importer(db):
    """Somebody who may do everything, in customer service, with the general pack installed."""
    policies.install(packs.load(packs.folder("general")), by=SYSTEM)
    role = Role.objects.create(code="everything", name="everything")
    RoleRule.objects.bulk_create(RoleRule(role=role, rule=name, reach=Reach.ALL) for name in RULES)
    user = User.objects.create(
        username="importer", name="沈岚", department=Department.objects.get(service=True), clearance=3
    )
    user.set_password("a-long-password-1")
    user.save()
    Grant.objects.create(user=user, role=role, begins_at=clock.now())
    return people.actor(user)


@pytest.fixture
def importer_for_good(transactional_db):
    """The same where several threads commit."""
    policies.install(packs.load(packs.folder("general")), by=SYSTEM)
