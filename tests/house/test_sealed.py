"""What is sealed can be sealed anew: every column is declared (`crypto.seals`), so that a change of the key reaches it (A9)."""

import ast
import importlib

from django.apps import apps
from django.db import models

from yingxu.base import crypto

from .tree import ROOT, code, name, parsed

CARRIED = {
    "_enrolling(user)",  # what a form carries to the browser and back; it is kept nowhere
    "HINT",  # in a session, which lives a day at most; signing out does without it when the key is gone
}


def _sealings():
    """(where, context) of every call that seals something."""
    for path in code():
        if name(path) in {"yingxu/base/crypto.py", "yingxu/operations/resealing.py"}:
            continue
        classes = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)]
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"crypto.seal", "crypto.seal_bytes"}:
                module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
                words = ast.unparse(node.args[1])
                if words in CARRIED:
                    continue
                around = next((each.name for each in classes if node in ast.walk(each)), "")
                for own in ("cls.", "self."):
                    words = words.replace(own, f"{around}.") if words.startswith(own) else words
                yield f"{name(path)}:{node.lineno}", eval(words, dict(vars(module)))


def test_everything_that_is_sealed_is_declared():
    known = {column.context for column in crypto.SEALED}
    found = list(_sealings())
    assert len(found) > 10
    missing = [f"{where} seals with the context {context!r}; declare the column with @crypto.seals" for where, context in found if context not in known]
    assert not missing, "\n".join(missing)


def test_columns_called_sealed_are_declared():
    known = {(column.model, column.field) for column in crypto.SEALED}
    kinds = (models.TextField, models.CharField, models.BinaryField)
    fields = [(model, field) for model in apps.get_models() for field in model._meta.concrete_fields if isinstance(field, kinds)]
    named = [(model, field.name) for model, field in fields if field.name.startswith("sealed")]
    assert len(named) > 8
    assert not (missing := [f"{model._meta.label}.{field}" for model, field in named if (model, field) not in known]), missing


def test_declared_columns_exist():
    for column in crypto.SEALED:
        assert column.model._meta.get_field(column.field).column, column.label
