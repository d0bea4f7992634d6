"""The only place that writes customers: opening a file, changing and filling it, its papers, contracts and dealings, merging two."""

from .batch import resolve_many
from .contracts import (
    amend_contract,
    draw_up,
    end_contract,
    pay,
    plan_collection,
    put_in_force,
    renew,
    speak_of_contract,
    speak_of_instalment,
)
from .dealings import export_contracts, export_dealings, give_out, strike, write_down
from .declaring import add_section, edit_section, install, move_field, put_field, retire_field, set_terms
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
from .filling import fill, reveal_value
from .grading import grade_as
from .keeping import kept
from .levelling import level_section
from .looking import say_what_for
from .merging import merge, undo_merge
from .opening import add, check, resolve
from .papers import amend_paper, retire_paper, reveal_paper, speak_of_paper, take_in_paper

__all__ = [
    "add", "add_contact", "add_identifier", "add_section", "amend_contract", "amend_paper", "check", "draw_up", "edit", "edit_contact",
    "edit_section", "end_contract", "export", "export_contracts", "export_dealings", "fill", "give_out", "grade_as", "install", "kept",
    "level_section", "merge", "move_field", "pay",
    "plan_collection", "put_field", "put_in_force", "remove_identifier", "renew", "resolve", "resolve_many", "retire_contact", "retire_field",
    "retire_paper", "reveal", "reveal_paper", "reveal_value", "say_what_for", "set_terms", "speak_of_contract", "speak_of_instalment", "speak_of_paper", "strike",
    "tag", "take_in_paper", "undo_merge", "write_down",
]  # fmt: skip
