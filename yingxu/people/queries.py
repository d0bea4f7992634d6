"""Questions about people: the actor behind a user, who holds a rule, departments and their trees."""

from collections import defaultdict

from django.db.models import Q

from yingxu.base import clock
from yingxu.base.access import Actor, Reach, Rule

from .models import Department, Grant, RoleRule, User


def actor(user: User) -> Actor:
    """The actor a signed-in user is, with everything its open roles grant. Two queries."""
    reaches: dict[str, Reach] = {}
    for rule, reach in RoleRule.objects.filter(role__grants__in=open_grants().filter(user=user)).values_list(
        "rule", "reach"
    ):
        reaches[rule] = max(Reach(reach), reaches.get(rule, Reach.OWN))
    return Actor(
        kind="user",
        name=user.name,
        id=user.pk,
        user_id=user.pk,
        department_id=user.department_id,
        subtree=subtree(user.department_id),
        reaches=reaches,
        clearance=user.clearance,
    )


def open_grants():
    now = clock.now()
    return Grant.objects.filter(begins_at__lte=now).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))


def subtree(department_id: int | None) -> frozenset[int]:
    """The department and all below it."""
    if department_id is None:
        return frozenset()
    children = defaultdict(list)
    for pk, parent in Department.objects.values_list("id", "parent_id"):
        children[parent].append(pk)
    found, todo = set(), [department_id]
    while todo:
        here = todo.pop()
        if here not in found:
            found.add(here)
            todo += children[here]
    return frozenset(found)


def holders(rule: Rule, thing=None, *, department_id: int | None = None) -> list[User]:
    """Active people whom the rule lets act (on `thing`), in order of id. `department_id` narrows to one department."""
    people = User.objects.filter(
        is_active=True, grants__in=open_grants().filter(role__rules__rule=rule.name)
    ).distinct()
    if department_id is not None:
        people = people.filter(department_id=department_id)
    found = people.select_related("department").order_by("id")
    return [user for user in found if rule.allows(actor(user), thing)]


def service_department() -> Department | None:
    """The department that triages, reviews and feeds back."""
    return Department.objects.filter(service=True, active=True).first()


def departments():
    return Department.objects.filter(active=True).select_related("head")


def colleagues(text: str = "", *, department_id: int | None = None):
    """Active people whose name or sign-in name begins with the text, for @mentions and assignment."""
    people = User.objects.filter(is_active=True).select_related("department")
    if department_id is not None:
        people = people.filter(department_id=department_id)
    if text:
        people = people.filter(Q(name__icontains=text) | Q(username__istartswith=text))
    return people.order_by("name")
