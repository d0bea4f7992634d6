"""The only place that writes customers: opening a file, changing it, merging two."""

from .batch import resolve_many
from .editing import (
    add_contact,
    add_identifier,
    edit,
    edit_contact,
    export,
    remove_identifier,
    retire_contact,
    reveal,
    tag,
)
from .merging import merge, undo_merge
from .opening import add, check, resolve

__all__ = [
    "add", "add_contact", "add_identifier", "check", "edit", "edit_contact", "export", "merge", "remove_identifier", "resolve",
    "resolve_many", "retire_contact", "reveal", "tag", "undo_merge",
]  # fmt: skip
