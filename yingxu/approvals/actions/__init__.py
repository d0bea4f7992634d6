"""The verbs: asking (other rooms' verbs), signing, deputies, the chains; and what the clock does."""

from .asking import OTHER, above_now, ask, in_words, lapse, propose, resubmit, take_back, withdraw
from .chains import export, install, set_chain
from .deputies import end_deputy, name_deputy
from .going import look_over
from .leaving import second_person
from .signing import add_approver, approve, delegate, refuse, send_back
from .ticking import tick

__all__ = [
    "OTHER", "above_now", "add_approver", "approve", "ask", "delegate", "end_deputy", "export", "in_words", "install", "lapse", "look_over", "name_deputy",
    "propose", "refuse", "resubmit", "second_person", "send_back", "set_chain", "take_back", "tick", "withdraw",
]  # fmt: skip
