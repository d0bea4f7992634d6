"""The API as a whole: which routers, how it refuses, its document (OpenAPI 3.1)."""

from typing import Any

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop
from ninja import NinjaAPI
from ninja.renderers import BaseRenderer

from . import (
    approvals,
    customer_contracts,
    customer_files,
    customer_parts,
    customer_past,
    customers,
    door,
    emergencies,
    escalations,
    guarding,
    kept_files,
    lists,
    loop,
    needs,
    post,
    problems,
    relations,
    tasks,
    upkeep,
    webhooks,
)
from .answers import Problem

TITLE = gettext_noop("Yingxu API")
ABOUT = gettext_noop(
    "Send a token with every request: Authorization: Bearer yx_…. Moments are ISO 8601 with a time zone. Lists are followed by next "
    "and previous. Refusals are application/problem+json (RFC 9457) in the language of Accept-Language. Identifiers are always covered."
)
_PROBLEMS = {
    "400": gettext_noop("The request cannot be read, or asks for a filter that is not there"),
    "401": gettext_noop("No token, or one that is unknown, expired or revoked"),
    "403": gettext_noop("The token's scopes or its user do not allow this; the missing one is named"),
    "404": gettext_noop("Not there, or not for this token: the two cannot be told apart"),
    "409": gettext_noop("Wrong moment, somebody else was first, or a key was used before for something else"),
    "413": gettext_noop("Larger than is taken in one go"),
    "415": gettext_noop("Not JSON"),
    "422": gettext_noop("Some fields cannot be taken; errors says which and why"),
    "429": gettext_noop("More requests than this token may send; Retry-After says when"),
    "503": gettext_noop("Nothing was saved; try again after Retry-After"),
}
_STALE = gettext_noop("Changed since the version named by If-Match; theirs shows both values")


class Json(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return msgspec.json.encode(data)


api = NinjaAPI(
    title=TITLE, version="1", description=ABOUT, openapi_url=None, docs_url=None, auth=door.Bearer(), parser=door.Parsed(),
    renderer=Json(), urls_namespace="rest",
)  # fmt: skip
problems.register(api)
api.add_router("/needs", needs.router)
api.add_router("/needs", loop.router)
api.add_router("/needs", tasks.on_needs)
api.add_router("/needs", escalations.router)
api.add_router("/files", kept_files.router)
api.add_router("/tasks", tasks.router)
api.add_router("/approvals", approvals.router)
api.add_router("/customers", customer_past.pairs)
api.add_router("/customers", customers.router)
api.add_router("/customers", customer_files.router)
api.add_router("/customers", customer_parts.router)
api.add_router("/customers", customer_contracts.router)
api.add_router("/customers", customer_past.router)
api.add_router("/customers", relations.on_customers)
api.add_router("/customers", upkeep.on_customers)
api.add_router("", relations.router)
api.add_router("/upkeep", upkeep.router)
api.add_router("/customers", guarding.router)
api.add_router("/emergencies", emergencies.router)
api.add_router("/webhooks", webhooks.router)
api.add_router("", post.router)
api.add_router("", lists.router)


def document() -> dict[str, Any]:
    """The OpenAPI document in the language of the moment."""
    made: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="api/v1/"))
    made["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    made["components"]["schemas"]["Batch"]["properties"]["needs"]["items"] = {"$ref": "#/components/schemas/NewNeed"}
    for shape in made["components"]["schemas"].values():
        shape.pop("description", None)
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            responses = {str(code): answer for code, answer in operation["responses"].items()}
            for code, text in _problems(path, method, operation):
                responses.setdefault(code, _refusal(text))
            operation["responses"] = responses
    return _translated(made)


def _problems(path: str, method: str, operation: dict[str, Any]) -> list[tuple[str, str]]:
    found = dict(_PROBLEMS)
    if method == "get":
        for code in ("409", "413", "415"):
            del found[code]
    if "{" not in path:
        del found["404"]
    if "amend" in path or (method == "patch" and "customers" in path):
        found["412"] = _STALE
        operation.setdefault("parameters", []).append(
            {"in": "header", "name": "If-Match", "schema": {"type": "string"}, "description": gettext_noop("The ETag of the version you were looking at")}
        )
    return sorted(found.items())


def _refusal(text: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _translated(part: Any) -> Any:
    """Summaries, descriptions, titles and tags in the language of the moment."""
    if isinstance(part, list):
        return [_translated(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {}
    for key, value in part.items():
        if key in ("summary", "description") and isinstance(value, str) and value:
            text = " ".join(value.split())
            value = gettext(text)
        elif key == "tags" and isinstance(value, list) and all(isinstance(one, str) for one in value):
            value = [gettext(one) for one in value]
        else:
            value = _translated(value)
        made[key] = value
    made.pop("title", None) if "type" in made and "properties" not in made else None
    return made
