"""The customers' pages: list, file, forms, contacts and numbers, sections, papers, contracts, dealings, merging, giving out, settings."""

from . import contracts, dealings
from .contacts import contact, contact_active, contacts, number_gone, numbers, reveal
from .forms import doubles, edit, new, tags
from .index import export, index, wish
from .merging import merge, suspected, undo_merge
from .out import export_file, print_file
from .papers import paper, paper_active, reveal_paper, take_in
from .profile import profile
from .sections import changes, reveal_value, section
from .serving import serves
from .settings import add_field, add_section, field, field_place, fields, section_fields

__all__ = [
    "add_field", "add_section", "changes", "contact", "contact_active", "contacts", "contracts", "dealings", "doubles", "edit", "export", "export_file",
    "field", "field_place", "fields", "index", "merge", "new", "number_gone", "numbers", "paper", "paper_active", "print_file", "profile", "reveal",
    "reveal_paper", "reveal_value", "section", "section_fields", "serves", "suspected", "tags", "take_in", "undo_merge", "wish",
]  # fmt: skip
