"""The people of the benchmark's company, and what the measurements need to know about it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from yingxu.api import actions as api
from yingxu.base import clock, searching
from yingxu.base.access import SYSTEM
from yingxu.base.web import _mark
from yingxu.customers import identifiers
from yingxu.deadlines.current import book
from yingxu.matters.models import Matter
from yingxu.people.models import Department, Grant, Role, User
from yingxu.templates import queries as templates

from .words import Speaker

STAFF = 40


def hire(password: str) -> dict[str, User]:
    """40 people in all departments; among them `desk` of customer service, who sees everything, and `clerk` of a department."""
    departments = list(Department.objects.filter(active=True).order_by("-service", "id"))
    roles = {role.code: role for role in Role.objects.all()}
    hashed = make_password(password)
    names = ["desk", "clerk", *(f"staff{i}" for i in range(STAFF - 2))]
    pawn = next(i for i, d in enumerate(departments) if d.code == "pawn")
    say = Speaker(3)
    users = []
    for i, name in enumerate(names):
        department = departments[(0, pawn)[i] if i < 2 else i % len(departments)]
        users.append(User(username=name, name=say.name(), department=department, password=hashed, clearance=1, session_mark=name))
    with transaction.atomic():
        User.objects.bulk_create(users)
        Grant.objects.bulk_create(
            Grant(user=user, role=roles["front-desk" if user.department.service else "clerk"], begins_at=clock.now()) for user in users
        )
    return {user.username: user for user in users}


def facts(size: int) -> dict[str, Any]:
    """A token, texts, words to search for, numbers to open."""
    desk = User.objects.get(username="desk")
    _token, secret = api.make_token(
        by=SYSTEM, name="bench", user=desk, allowed=["needs:write", "customers:write"], per_minute=0
    )
    say = Speaker(23)
    bodies = [say.text() for _i in range(500)]
    found = book()
    with connection.cursor() as sql:
        sql.execute("SELECT number FROM matters_matter WHERE kind = 'need' AND closed_at IS NOT NULL AND secrecy = 0 AND circle_id IS NULL ORDER BY id DESC LIMIT 400 OFFSET %s", [size // 3])
        numbers = [row[0] for row in sql.fetchall()]
        sql.execute("SELECT m.number FROM matters_matter m JOIN needs_need n ON n.matter_id = m.id WHERE n.state IN ('handling', 'registered') AND m.secrecy = 0 AND m.circle_id IS NULL ORDER BY m.id DESC LIMIT 2000")
        open_ = [row[0] for row in sql.fetchall()]
        sql.execute("SELECT body FROM needs_need ORDER BY matter_id DESC LIMIT 200 OFFSET %s", [size // 2])
        texts = [row[0] for row in sql.fetchall()]
        sql.execute("SELECT count(*) FROM customers_customer")
        customers = sql.fetchone()[0]
    middle = Matter.objects.filter(kind="need").order_by("id")[size // 2]
    row = {"matter__opened_at": middle.opened_at, "matter_id": middle.pk}
    return {
        "secret": secret,
        "bodies": bodies,
        "numbers": numbers,
        "open": open_,
        "words": {length: [say.piece(text, length) for text in texts[:120]] for length in (2, 3, 4)},
        "deep": _deep(row),
        "customers": customers,
        "user": desk.pk,
        "department": desk.department_id,
        "year": clock.today().year,
        "template": templates.version_for("consultation").pk,  # type: ignore[union-attr]
        "calendar": found.calendar_version,
        "targets": found.target_version,
        "sealed": identifiers.read("phone", "13900002046").sealed,
        "vector": searching.vector,
    }


def _deep(row: dict[str, Any]) -> str:
    """A cursor as the product signs it, for a page in the middle of a long list."""
    settings.SECRET_KEY = (settings.DATA_DIR / "keys" / "secret").read_text().strip()
    return _mark(("-matter__opened_at", "-matter_id"), row, False)
