"""The verbs of an emergency and of the reserves. Everything that writes is here."""

from .calling import acknowledge, call_in, hand_over
from .declare import call_off, declare
from .export import export, export_report, export_reserves
from .finish import break_out_again, close, review, solve
from .log import correct, plan, set_cadence, set_standing, write
from .moving import arrive, dispatch, give_back
from .reminding import remind_of_reserves
from .reserves import adjust, amend, bring_in, look_over, take_in
from .telling import called_by_phone, join, leave, look_at_countdowns, tell
from .work import call_meeting, give_task

__all__ = [
    "acknowledge", "adjust", "amend", "arrive", "break_out_again", "bring_in", "call_in", "call_meeting", "call_off", "called_by_phone", "close", "correct", "declare",
    "dispatch", "export", "export_report", "export_reserves", "give_back", "give_task", "hand_over", "join", "leave", "look_at_countdowns", "look_over", "plan", "remind_of_reserves",
    "review", "set_cadence", "set_standing", "solve", "take_in", "tell", "write",
]  # fmt: skip
