"""Questions about people: the actor behind a user, who holds a rule, departments and their trees."""

import functools
import operator
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import RULES, Actor, Reach, Rule

from . import offices, strictness
from .models import (
    SECOND,
    Department,
    DirectoryImport,
    Factor,
    Grant,
    LinkedAccount,
    RecoveryCode,
    Role,
    RoleChange,
    RoleRule,
    Session,
    SignInAttempt,
    User,
)
from .rules import MANAGE

# Rooms above add what they know of a person to the statement that makes an actor: the actor's field, and a SELECT of the ids in it
# (parameters %(user)s and %(now)s).
KNOWN: dict[str, str] = {}


def actor(user: User) -> Actor:
    """The actor a signed-in user is, with everything its open roles grant. One statement, since every request of the desk asks it."""
    with connection.cursor() as sql:
        sql.execute(_actor_sql(), {"user": user.pk, "department": user.department_id, "now": clock.now()})
        rows = sql.fetchall()
    known: dict[str, set[int]] = defaultdict(set)
    for what, pk, _name, _reach in rows:
        known[what].add(pk)
    return Actor(
        kind="user",
        name=user.name,
        id=user.pk,
        user_id=user.pk,
        department_id=user.department_id,
        subtree=frozenset(known["subtree"]),
        reaches={rule: Reach(reach) for what, _pk, rule, reach in rows if what == "rule"},
        clearance=user.clearance,
        **{name: frozenset(known[name]) for name in KNOWN},  # type: ignore[arg-type]
    )


_ACTOR = """
WITH RECURSIVE tree AS (
  SELECT id FROM people_department WHERE id = %(department)s
  UNION SELECT below.id FROM people_department AS below JOIN tree ON below.parent_id = tree.id)
SELECT 'rule', NULL::bigint, rule, max(reach) FROM people_rolerule WHERE role_id IN (
  SELECT role_id FROM people_grant WHERE user_id = %(user)s AND begins_at <= %(now)s AND (ends_at IS NULL OR ends_at > %(now)s))
GROUP BY rule
UNION ALL SELECT 'subtree', id, NULL, NULL FROM tree
"""


def _actor_sql() -> str:
    more = (f"UNION ALL SELECT '{name}', known.*, NULL, NULL FROM ({sql}) AS known" for name, sql in KNOWN.items())  # noqa: S608  our own words
    return "\n".join([_ACTOR, *more])


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


def holders(rule: Rule, thing=None, *, department_id: int | None = None, beyond_own: bool = False) -> list[User]:
    """Active people whom the rule lets act (on `thing`), in order of id. `department_id` narrows to one department; `beyond_own`
    leaves out those whom it lets act on their own things only."""
    reach = {"role__rules__reach__gt": Reach.OWN} if beyond_own else {}
    people = User.objects.filter(
        is_active=True, grants__in=open_grants().filter(role__rules__rule=rule.name, **reach)
    ).distinct()
    if department_id is not None:
        people = people.filter(department_id=department_id)
    found = people.select_related("department").order_by("id")
    return [user for user in found if rule.allows(actor(user), thing)]


def managers() -> list[User]:
    """Who may manage people, everywhere."""
    return [user for user in holders(MANAGE) if actor(user).reaches[MANAGE.name] == Reach.ALL]


def service_department() -> Department | None:
    """The department that triages, reviews and feeds back."""
    return service_departments().first()


def service_departments():
    """The same as a question; there is one, or none yet."""
    return Department.objects.filter(service=True, active=True)


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


# ── at the door ──


def sessions_of(user: User) -> list[Session]:
    """Where this person is signed in, the newest activity first."""
    return list(Session.objects.filter(user=user, expire_date__gt=clock.now()).order_by("-seen_at")[:50])


def factors_of(user: User) -> list[Factor]:
    """What besides the password proves this person."""
    return list(Factor.objects.filter(user=user))


def has_factor(user: User) -> bool:
    return Factor.objects.filter(user=user).exists()


def passkeys_of(user: User) -> list[bytes]:
    """What checks the answers of this person's passkeys."""
    return [bytes(key) for key in Factor.objects.filter(user=user, kind=Factor.Kind.PASSKEY).values_list("public_key", flat=True)]


def recovery_left(user: User) -> int:
    """How many recovery codes are still good."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def attempts_at(user: User, *, many: int = 20) -> list[SignInAttempt]:
    """The latest attempts to sign in as this person."""
    return list(SignInAttempt.objects.filter(account__in=[user.username.lower(), user.username.lower() + SECOND]).select_related("device").order_by("-pk")[:many])


def only_with(user: User) -> str:
    """The provider this person signs in with, where passwords of linked people are switched off; "" when a password will do. Administrators
    keep theirs, so that there is a way in when the provider is away."""
    if not strictness.rules().only_linked or offices.administers(actor(user)):
        return ""
    found = LinkedAccount.objects.filter(user=user, provider__on=True).select_related("provider").first()
    return found.provider.name if found else ""


# ── who may change what people may do ──


def founding() -> bool:
    """Is one security administrator enough, because the company never had two yet?"""
    return strictness.rules().founded_at is None and len(managers()) < 2


def granted_to(user: User, *, leaving_out: Role | None = None) -> list[tuple[str, str]]:
    """(rule, reach) of every open role of this person."""
    rows = RoleRule.objects.filter(role__in=open_grants().filter(user=user).values("role"))
    if leaving_out is not None:
        rows = rows.exclude(role=leaving_out)
    return [(name, Reach(reach).name.lower()) for name, reach in rows.values_list("rule", "reach")]


def holds_rights(user: User) -> bool:
    """Does this person hold a role, or a clearance?"""
    return bool(user.clearance) or open_grants().filter(user=user).exists()


def changes(state: str = "", *, kind: str = "", text: str = ""):
    """Changes of rights, the newest first; of one state, one kind, or about somebody (or a role) by name, when given."""
    rows = RoleChange.objects.select_related("user", "role", "proposed_by", "settled_by").order_by("-id")
    if text:
        named = [Q(**{field + "__icontains": text}) for field in ("user__name", "user__username", "role__name", "proposed_by__name", "settled_by__name", "wanted__name")]
        rows = rows.filter(functools.reduce(operator.or_, named))
    return rows.filter(**({"state": state} if state else {}), **({"kind": kind} if kind else {}))


def change(pk: int) -> RoleChange | None:
    return RoleChange.objects.select_related("user", "role").filter(pk=pk).first()


def differences(waiting: RoleChange) -> list[str]:
    """What would be otherwise in a role, rule by rule."""
    words = {"": _("no"), "own": pgettext("reach", "own"), "department": pgettext("reach", "department"), "subtree": pgettext("reach", "department and below"), "all": pgettext("reach", "all")}
    now, then = reaches_of(waiting.role), {name: reach.lower() for name, reach in waiting.wanted.get("granted", {}).items()}
    names = [name for name in RULES if now.get(name, "") != then.get(name, "")] if "granted" in waiting.wanted else []
    return [f"{RULES[name].title}: {words[now.get(name, '')]} → {words[then.get(name, '')]}" for name in names]


@dataclass
class Office:
    """One of the three administrators: who they are, what they do and may."""

    code: str
    name: Any
    does: Any
    rules: list[Rule]
    people: list[User]


_DOES = {
    "system": gettext_lazy("Settings, channels, keys, packs and backups. Not people, not the journal."),
    "security": gettext_lazy("People, roles, clearances, signing in. Every change of rights takes two of them."),
    "audit": gettext_lazy("The journal and the access log. Changes nothing."),
}


def offices_held() -> list[Office]:
    """The three administrators and who holds them now."""
    found = []
    for code, name in offices.OFFICES.items():
        mine = [rule for rule in RULES.values() if rule.office == code]
        people = User.objects.filter(is_active=True, grants__in=open_grants().filter(role__rules__rule__in=[rule.name for rule in mine]))
        rows = people.annotate(with_factor=Exists(Factor.objects.filter(user=OuterRef("pk")))).order_by("pk").distinct()
        found.append(Office(code, name, _DOES[code], mine, list(rows)))
    return found


# ── for the settings pages ──


@dataclass
class Branch:
    """A department in the tree, with how many work there."""

    department: Department
    depth: int
    people: int


def tree() -> list[Branch]:
    """All departments, parents before children, in their order; closed ones last among their siblings."""
    rows = Department.objects.select_related("head").annotate(staff=Count("people", filter=Q(people__is_active=True)))
    children: dict[int | None, list[Department]] = defaultdict(list)
    for row in rows.order_by("-active", "order", "id"):
        children[row.parent_id].append(row)
    found: list[Branch] = []

    def walk(parent: int | None, depth: int) -> None:
        for row in children[parent]:
            found.append(Branch(row, depth, row.staff))  # type: ignore[attr-defined]
            walk(row.pk, depth + 1)

    walk(None, 0)
    return found


def department(pk: int) -> Department | None:
    return Department.objects.select_related("head", "parent").filter(pk=pk).first()


def user(pk: int) -> User | None:
    return User.objects.select_related("department").filter(pk=pk).first()


def nobody_yet() -> bool:
    """Is this installation without a single user?"""
    return not User.objects.exists()


def staff(text: str = "", *, department_id: int | None = None, active: bool = True):
    """People for the settings list, with their open roles."""
    rows = User.objects.filter(is_active=active).select_related("department")
    if department_id is not None:
        rows = rows.filter(department_id__in=subtree(department_id))
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(username__icontains=text) | Q(email__icontains=text))
    held = Grant.objects.filter(pk__in=open_grants().values("pk")).select_related("role").order_by("role_id")
    return rows.prefetch_related(Prefetch("grants", queryset=held, to_attr="held"))


def grants_of(user: User) -> list[Grant]:
    """Every role ever given to this person, the open ones first, newest first."""
    rows = Grant.objects.filter(user=user).select_related("role", "granted_by", "ended_by")
    return sorted(rows, key=lambda g: (g.ends_at is not None, -(g.ends_at or g.begins_at).timestamp()))


def grant(pk: int, user: User) -> Grant | None:
    return Grant.objects.select_related("role").filter(pk=pk, user=user).first()


def roles():
    """Roles with how many people hold them now and how many rules they grant."""
    now = open_grants().filter(user__is_active=True).values("pk")
    return Role.objects.annotate(
        holders=Count("grants", filter=Q(grants__in=now), distinct=True), size=Count("rules", distinct=True)
    ).order_by("id")


def role(pk: int) -> Role | None:
    return Role.objects.filter(pk=pk).first()


def reaches_of(role: Role | None) -> dict[str, str]:
    """{"needs.view": "department"} of a role."""
    if role is None:
        return {}
    return {name: Reach(reach).name.lower() for name, reach in role.rules.values_list("rule", "reach")}


def imports():
    """Lists of departments and staff that came in."""
    return DirectoryImport.objects.select_related("by")


def directory_import(pk: int) -> DirectoryImport | None:
    return imports().filter(pk=pk).first()


def import_tally(run: DirectoryImport) -> dict[str, int]:
    """How many rows had which outcome."""
    return dict(run.rows.order_by().values_list("outcome").annotate(many=Count("pk")))


ROOMS = {
    "people": pgettext_lazy("room", "People and roles"), "needs": pgettext_lazy("room", "Needs"), "customers": pgettext_lazy("room", "Customers"), "archives": pgettext_lazy("room", "Guarding archives"), "intake": pgettext_lazy("room", "Ways in"),
    "emergencies": pgettext_lazy("room", "Emergencies"),
    "deadlines": pgettext_lazy("room", "Time limits"), "routing": pgettext_lazy("room", "Routing"), "templates": pgettext_lazy("room", "Record templates"), "policies": pgettext_lazy("room", "Policy"),
    "files": pgettext_lazy("room", "Files"), "notices": pgettext_lazy("room", "Notices"), "portal": pgettext_lazy("room", "Portal"), "api": pgettext_lazy("room", "API"), "matters": pgettext_lazy("room", "Records"),
    "audit": pgettext_lazy("room", "Audit"), "consulting": pgettext_lazy("room", "Consulting archives"), "destruction": pgettext_lazy("room", "Destruction"), "privacy": pgettext_lazy("room", "Privacy"),
    "relations": pgettext_lazy("room", "Classes, prospects and care"), "upkeep": pgettext_lazy("room", "Upkeep of archives"), "operations": pgettext_lazy("room", "Operation"),
    "desk": pgettext_lazy("room", "Desk"), "agendas": pgettext_lazy("room", "Meetings of management"), "tasks": pgettext_lazy("room", "Tasks"), "approvals": pgettext_lazy("room", "Approvals"), "meetings": pgettext_lazy("room", "Meetings"),
}  # fmt: skip


@dataclass
class RoomRules:
    """The rules of one room; each with the reaches that make sense for it."""

    name: Any
    rules: list[tuple[Rule, list[str]]] = field(default_factory=list)


def all_rules() -> list[RoomRules]:
    """Every rule there is, grouped by room. A rule that asks nothing of a thing is either given everywhere or not."""
    ordered: list[Any] = sorted(RULES.values(), key=lambda r: r.name.partition(".")[0])
    found = []
    for room, group in groupby(ordered, key=lambda r: r.name.partition(".")[0]):
        made = RoomRules(ROOMS.get(room, room))
        for rule in group:
            near = (["own"] if rule.own or rule.members else []) + (["department", "subtree"] if rule.department else [])
            made.rules.append((rule, [*near, "all"]))
        found.append(made)
    return found
