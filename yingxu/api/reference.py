"""The OpenAPI document arranged for a page: endpoints by group, with parameters, fields and examples."""

import json
from dataclasses import dataclass, field
from typing import Any

METHODS = ("get", "post", "patch")


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
        made.fields = [
            Item(name, _type(spec), name in must, _resolved(document, spec).get("description", "") if "$ref" in spec else spec.get("description", ""))
            for name, spec in shape.get("properties", {}).items()
        ]
        example = (shape.get("examples") or [_example(document, shape)])[0]
        made.example = json.dumps(example, ensure_ascii=False, indent=2) if example else ""
    made.answers = [(code, answer.get("description", "")) for code, answer in sorted(operation["responses"].items())]
    return made


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
