from .reports import Comment, Report
from .rounds import Check, Round, Sheet
from .settings import Settings

__all__ = ["Check", "Comment", "Report", "Round", "Settings", "Sheet"]
