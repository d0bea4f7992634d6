"""Questions about the ways in."""

from . import mails
from .imports import Look, find, preview, refused, rows, runs, tally, targets

__all__ = ["Look", "find", "mails", "preview", "refused", "rows", "runs", "tally", "targets"]
