"""Departments, users, roles and who holds them; what stands at the door."""

from .changes import RoleChange
from .door import SECOND, FormerPassword, KnownDevice, Profile, Session, SignInAttempt, SignInRules
from .factors import Factor, RecoveryCode
from .sso import LinkedAccount, Provider
from .staff import Department, DirectoryImport, DirectoryRow, Grant, Role, RoleRule, User, UserManager

__all__ = [
    "Department", "DirectoryImport", "DirectoryRow", "Factor", "FormerPassword", "Grant", "KnownDevice", "LinkedAccount", "Profile", "Provider", "RecoveryCode", "Role", "RoleChange", "RoleRule", "SECOND", "Session", "SignInAttempt", "SignInRules", "User",
    "UserManager",
]  # fmt: skip
