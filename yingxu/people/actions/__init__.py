"""Verbs about people: signing in, one's own settings, departments, staff, roles and who holds them."""

from .changes import (
    agree,
    bring_back,
    propose_clearance,
    propose_end,
    propose_factor_reset,
    propose_grant,
    propose_role,
    refuse,
    settle_role_change,
    withdraw,
)
from .departments import add_department, deactivate_department, edit_department, reactivate_department
from .door import (
    KEEP_DEVICES,
    PER_ACCOUNT,
    PER_PEER,
    Device,
    came_in,
    end_other_sessions,
    end_session,
    end_sessions,
    forget_attempts,
    set_sign_in_rules,
    sign_in,
    tell_of_failures,
)
from .factors import (
    add_app,
    new_recovery_codes,
    opened,
    prove_again,
    remove_factor,
    sealed_secret,
    second_step,
)
from .installing import install
from .me import change_password, set_available, set_columns, set_contact, set_preferences
from .passkeys import (
    add_passkey,
    ask_new_passkey,
    prove_again_by_passkey,
    second_step_by_passkey,
    sign_in_by_passkey,
)
from .roles import add_role, edit_role, end_grant, grant, set_rules
from .sso import (
    answered,
    known,
    link_mine,
    person_of,
    propose_link,
    propose_provider,
    switch_off_provider,
    try_provider,
    unlink,
    unlink_mine,
)
from .staff import (
    add_person,
    add_user,
    deactivate_user,
    edit_user,
    former_system,
    reactivate_user,
    reset_password,
    set_password,
)

__all__ = [
    "add_passkey", "ask_new_passkey", "prove_again_by_passkey", "second_step_by_passkey", "sign_in_by_passkey", "answered", "bring_back", "known", "link_mine", "person_of", "propose_link", "propose_provider", "switch_off_provider", "try_provider", "unlink", "unlink_mine", "Device", "KEEP_DEVICES", "PER_ACCOUNT", "PER_PEER", "add_app", "agree", "propose_clearance", "propose_end", "propose_factor_reset", "propose_grant", "propose_role", "refuse", "settle_role_change", "withdraw", "new_recovery_codes", "opened", "prove_again", "remove_factor", "sealed_secret", "second_step", "add_department", "add_person", "add_role", "add_user", "came_in", "change_password", "deactivate_department", "deactivate_user",
    "edit_department", "edit_role", "edit_user", "end_grant", "end_other_sessions", "end_session", "end_sessions", "forget_attempts", "former_system", "grant",
    "install", "reactivate_department", "reactivate_user", "reset_password", "set_available", "set_columns", "set_contact", "set_password", "set_preferences",
    "set_rules", "set_sign_in_rules", "sign_in", "tell_of_failures",
]  # fmt: skip
