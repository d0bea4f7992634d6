"""The only place that writes tokens, webhook endpoints and their deliveries."""

from .deliveries import forget_deliveries, replay, replay_span, send_test
from .endpoints import (
    change_endpoint,
    delete_endpoint,
    make_endpoint,
    pause_endpoint,
    restore_endpoint,
    resume_endpoint,
    rotate_secret,
)
from .tokens import carry_out, make_token, note_use, revoke_token

__all__ = [
    "carry_out", "change_endpoint", "delete_endpoint", "forget_deliveries", "make_endpoint", "make_token", "note_use", "pause_endpoint", "replay", "replay_span",
    "restore_endpoint", "resume_endpoint", "revoke_token", "rotate_secret", "send_test",
]  # fmt: skip
