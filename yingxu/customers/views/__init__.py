"""The customers' pages: list, file, forms, contacts and numbers, merging."""

from .contacts import contact, contact_active, contacts, number_gone, numbers, reveal
from .forms import doubles, edit, new, tags
from .index import export, index, wish
from .merging import merge, undo_merge
from .profile import profile

__all__ = [
    "contact", "contact_active", "contacts", "doubles", "edit", "export", "index", "merge", "new", "number_gone", "numbers", "profile",
    "reveal", "tags", "undo_merge", "wish",
]  # fmt: skip
