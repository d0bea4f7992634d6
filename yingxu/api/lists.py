"""What codes there are: kinds with their fields, categories, departments; and who the token is."""

from typing import Any

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.base.access import Reach
from yingxu.base.errors import Gone
from yingxu.deadlines import queries as deadlines
from yingxu.templates import queries as templates
from yingxu.templates.models import Template

from . import answers, queries, showing

router = Router(tags=[gettext_noop("Codes and the token")])


@router.get("/kinds", response=list[answers.Kind], summary=gettext_noop("Business types and what is asked for each"))
def kinds(request: HttpRequest) -> list[dict[str, Any]]:
    return [_kind(found) for found in templates.kinds()]


@router.get("/kinds/{code}", response=answers.Kind, summary=gettext_noop("One business type"))
def kind(request: HttpRequest, code: str) -> dict[str, Any]:
    found = next((k for k in templates.kinds() if k.code == code), None)
    if found is None:
        raise Gone()
    return _kind(found)


def _kind(found: Template) -> dict[str, Any]:
    version = found.current
    fields = [msgspec.to_builtins(spec) for spec in version.specs]
    return {"code": found.code, "name": found.name, "version": version.number, "must_ask": version.must_ask, "fields": fields}


@router.get("/categories", response=list[answers.Category], summary=gettext_noop("The categories, what they mean, how long each step may take"))
def categories(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "code": found.category, "label": found.label, "definition": found.definition, "examples": found.examples,
            "targets": {step: round(measure.minutes) for step, measure in deadlines.targets(found.category).items()},
        }
        for found in templates.categories()
    ]  # fmt: skip


@router.get("/departments", response=list[answers.Department], summary=gettext_noop("The departments"))
def departments(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "code": found.code, "name": found.name, "parent": found.parent.code if found.parent else None,
            "head": found.head.username if found.head else None, "service": found.service,
        }
        for found in queries.departments()
    ]  # fmt: skip


@router.get("/me", response=answers.Me, summary=gettext_noop("Who this token is and what it may do"))
def me(request: HttpRequest) -> dict[str, Any]:
    caller: queries.Caller = request.auth  # type: ignore[attr-defined]
    names, by = queries.directory(), caller.actor
    return {
        "token": caller.name,
        "user": names.people.get(by.user_id) or {"username": "", "name": by.name},
        "department": names.departments.get(by.department_id),
        "scopes": caller.scopes,
        "rules": {name: Reach(reach).name.lower() for name, reach in sorted(by.reaches.items())},
        "per_minute": caller.per_minute,
        "expires_at": showing.local(caller.expires_at),
    }
