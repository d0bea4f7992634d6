"""Departments: a tree of which one is customer service."""

import secrets

from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid

from .. import queries, rules
from ..models import Department, User


@opens(rules.MANAGE)
def add_department(
    *, by: Actor, name: str, parent: Department | None = None, head: User | None = None, service: bool = False, code: str = ""
) -> Department:
    """A new department at the end of its siblings."""
    last = Department.objects.filter(parent=parent).order_by("-order").values_list("order", flat=True).first()
    code = code or f"d-{secrets.token_hex(4)}"
    made = Department.objects.create(code=code, name=name, parent=parent, head=head, order=(last or 0) + 1)
    if service:
        _only_service(made)
    return made


@action(rules.MANAGE)
def edit_department(
    department: Department, *, by: Actor, name: str, parent: Department | None, head: User | None, service: bool
) -> Department:
    """Another name, place or head. A department cannot hang below itself."""
    if parent is not None and parent.pk in queries.subtree(department.pk):
        raise Invalid.field("parent", _("A department cannot belong to itself or to a part of itself."))
    department.name, department.parent, department.head = name, parent, head
    department.service = department.service and service
    department.save()
    if service and not department.service:
        _only_service(department)
    return department


@action(rules.MANAGE)
def deactivate_department(department: Department, *, by: Actor) -> Department:
    """No new work goes there; what it did stays."""
    if department.people.filter(is_active=True).exists() or department.children.filter(active=True).exists():
        raise Invalid(_("There are still people or departments in it; move them first."))
    if department.service:
        raise Invalid(_("Customer service cannot be closed; make another department customer service first."))
    department.active = False
    department.save(update_fields=["active"])
    return department


@action(rules.MANAGE)
def reactivate_department(department: Department, *, by: Actor) -> Department:
    """Open it again for new work."""
    department.active = True
    department.save(update_fields=["active"])
    return department


def _only_service(department: Department) -> None:
    Department.objects.exclude(pk=department.pk).filter(service=True).update(service=False)
    department.service = True
    department.save(update_fields=["service"])
