"""Departments, users, roles and who holds them; what stands at the door."""

from .door import KnownDevice, Profile, Session, SignInAttempt, SignInRules
from .staff import Department, DirectoryImport, DirectoryRow, Grant, Role, RoleRule, User, UserManager

__all__ = [
    "Department", "DirectoryImport", "DirectoryRow", "Grant", "KnownDevice", "Profile", "Role", "RoleRule", "Session", "SignInAttempt", "SignInRules", "User",
    "UserManager",
]  # fmt: skip
