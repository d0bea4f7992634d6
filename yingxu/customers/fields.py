"""One field of a customer file: a field as record templates know it, that may be sensitive and may be out of use. Plain Python."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from yingxu.base import crypto
from yingxu.templates.fields import Field as Plain

CONTEXT = "customers.identifier"  # one for all that a file seals, since its history keeps them together
COVERED = "••••"


class Field(Plain, forbid_unknown_fields=True, omit_defaults=True):
    """`sensitive` values are sealed at rest and covered on screen; `retired` ones are asked no more, but their history reads."""

    sensitive: bool = False
    retired: bool = False


def kept(field: Field, value: Any) -> dict[str, Any]:
    """The columns a clean value is kept in."""
    if not field.sensitive:
        return {"value": value, "sealed": "", "masked": ""}
    text = json.dumps(value, ensure_ascii=False)
    said = field.text(value)
    masked = f"{said[:1]}{COVERED}{said[-2:]}" if len(said) > 6 else COVERED
    return {"value": None, "sealed": crypto.seal(text, CONTEXT), "masked": masked}


def opened(row: Mapping[str, Any]) -> Any:
    """The value itself, sealed or not. Raises KeyMissing."""
    return json.loads(crypto.unseal(row["sealed"], CONTEXT)) if row["sealed"] else row["value"]


def said(field: Field | None, row: Mapping[str, Any]) -> str:
    """A kept value in words; a sealed one stays covered. A field nobody knows any more is said as it was kept."""
    if row["sealed"]:
        return str(row["masked"])
    value = row["value"]
    if field is None:
        return "、".join(map(str, value)) if isinstance(value, list) else str(value)
    return str(field.text(value))


def mark(values: Mapping[str, Any]) -> str:
    """Sixteen characters that are others as soon as one of the values is: what a form carries to notice that it is stale."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()[:16]
