"""What a room does once when the company came back from a backup, before anything starts: above all, hold what may have left already."""

from collections.abc import Callable

RETURNING: list[Callable[[], int]] = []


def returning(fn: Callable[[], int]) -> Callable[[], int]:
    """Call `fn` after a restore, in one transaction with the others; it returns how many messages it held back."""
    RETURNING.append(fn)
    return fn
