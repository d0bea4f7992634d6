"""The OpenAPI document arranged for a page: endpoints by group, with parameters, fields and examples."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from yingxu.templates import queries as templates

METHODS = ("get", "post", "patch")
_SAMPLES = {"money": "1000", "number": "1", "percent": "1", "date": "2026-03-18", "yes_no": True, "phone": "13900002046"}


@dataclass
class Item:
    """A parameter or a field."""

    name: str
    type: str
    required: bool
    about: str


@dataclass
class Endpoint:
    method: str
    path: str
    title: str
    about: str
    parameters: list[Item] = field(default_factory=list)
    fields: list[Item] = field(default_factory=list)
    example: str = ""
    answers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"{self.method}-{self.path.removeprefix('/api/v1/').replace('/', '-').replace('{', '').replace('}', '')}"


def groups(document: dict[str, Any]) -> dict[str, list[Endpoint]]:
    """Group → its endpoints, in the order of the document."""
    found: dict[str, list[Endpoint]] = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                found.setdefault((operation.get("tags") or [""])[0], []).append(_endpoint(document, path, method, operation))
    return found


def first_need() -> str:
    """A need that this installation would take: of the kind that asks for least."""
    kinds = {kind.code: [spec for spec in kind.current.specs if spec.needed("registration")] for kind in templates.kinds()}
    code = min(kinds, key=lambda found: len(kinds[found]), default="consultation")
    need: dict[str, Any] = {"kind": code, "body": _("What the customer wants, in their own words")}
    if kinds.get(code):
        need["fields"] = {spec.code: _given(spec) for spec in kinds[code]}
    need["customer"] = {"name": _("Ji Tang"), "phone": "13900002046"}
    return json.dumps(need, ensure_ascii=False)


def _given(spec: Any) -> Any:
    """A value the field takes."""
    if spec.type in ("choice", "choices"):
        return spec.options[0] if spec.type == "choice" else [spec.options[0]]
    return _SAMPLES.get(spec.type, "…")


def _endpoint(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Endpoint:
    made = Endpoint(method, path, operation["summary"], operation.get("description", ""))
    for given in operation.get("parameters", []):
        made.parameters.append(
            Item(given["name"], _type(given.get("schema", {})), given.get("required", False), given.get("description", ""))
        )
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        shape = _resolved(document, content["application/json"]["schema"])
        must = set(shape.get("required", []))
        for name, spec in shape.get("properties", {}).items():
            made.fields.append(Item(name, _type(spec), name in must, spec.get("description", "")))
            made.fields += _inner(document, name, spec)
        example = (shape.get("examples") or [_example(document, shape)])[0]
        made.example = json.dumps(example, ensure_ascii=False, indent=2) if example else ""
    made.answers = [(code, answer.get("description", "")) for code, answer in sorted(operation["responses"].items())]
    return made


def _inner(document: dict[str, Any], name: str, spec: dict[str, Any]) -> list[Item]:
    """The fields of an object inside the body; a whole need inside another one is not told again."""
    found = next((one["$ref"] for one in [spec, spec.get("items", {}), *spec.get("anyOf", [])] if "$ref" in one), "")
    if not found or found.endswith("/NewNeed"):
        return []
    shape = _resolved(document, {"$ref": found})
    dot = "[]." if spec.get("type") == "array" else "."
    must = set(shape.get("required", []))
    return [
        Item(f"{name}{dot}{inner}", _type(given), inner in must, given.get("description", ""))
        for inner, given in shape.get("properties", {}).items()
    ]


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def _type(schema: dict[str, Any]) -> str:
    """A type in a word or two."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    if "enum" in schema:
        return " | ".join(str(value) or '""' for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    return schema.get("format") or schema.get("type", "")


def _example(document: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    """From the examples of the fields; required fields without one show their type."""
    made, must = {}, set(shape.get("required", []))
    for name, spec in shape.get("properties", {}).items():
        if spec.get("examples"):
            made[name] = spec["examples"][0]
        elif name in must:
            made[name] = _sample(document, spec)
    return made


def _sample(document: dict[str, Any], spec: dict[str, Any]) -> Any:
    spec = _resolved(document, spec)
    if spec.get("enum"):
        return spec["enum"][0]
    if spec.get("type") == "array":
        return [_sample(document, spec.get("items", {}))]
    if spec.get("properties"):
        return (spec.get("examples") or [_example(document, spec)])[0]
    return {"integer": 1, "boolean": True}.get(spec.get("type", ""), "…")
