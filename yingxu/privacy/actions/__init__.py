"""The verbs: saying what data is used for, writing down who agreed, and answering the persons concerned."""

from .consents import agree, note_consent, require, withdraw
from .purposes import edit_purpose, install, publish_notice, set_retention, switch_purpose
from .requests import (
    answer,
    ask_erasure,
    check_identity,
    erased,
    erasure_settled,
    export_records,
    make_copy,
    receive,
    refuse,
    take_in,
    withdraw_request,
)

__all__ = [
    "agree", "answer", "ask_erasure", "check_identity", "edit_purpose", "erased", "erasure_settled", "export_records", "install", "make_copy", "note_consent",
    "publish_notice", "receive", "refuse", "require", "set_retention", "switch_purpose", "take_in", "withdraw", "withdraw_request",
]  # fmt: skip
