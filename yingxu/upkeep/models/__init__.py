from .news import News
from .reports import Comment, Report
from .rounds import Check, Round, Sheet
from .settings import Settings

__all__ = ["Check", "Comment", "News", "Report", "Round", "Settings", "Sheet"]
