"""The shape of what the verbs are given, one module per step of life. A form's fields are named like the verb's keywords."""

from yingxu.people.fields import Person

from .ask import Attach, Bare, Reason, VerbForm
from .close import Close, Confirm, FeedBack, Reject, Reschedule, Review, Visit
from .edit import Amend, Extend, Follow, Link, Lower, Merge, Say, Snooze, Split, Tag, Unlink
from .handle import Accept, Plan, Progress, Submit, Transfer
from .lists import BulkAssign, BulkCategory, BulkMerge, BulkTag, Columns, FilterForm, SaveView
from .management import BulkAdvise, BulkDelegate, Delegate, Raise, RaiseFilter, RaiseNumber, RaisePeriod, Settle
from .triage import Answer, Assess, Assign, Category, Promote, Watch

__all__ = [
    "Accept", "Amend", "Answer", "Assess", "Assign", "Attach", "Bare", "BulkAdvise", "BulkAssign", "BulkCategory", "BulkDelegate",
    "BulkMerge", "BulkTag", "Category", "Close", "Columns", "Confirm", "Delegate", "Extend", "FeedBack", "FilterForm", "Follow", "Link", "Lower", "Merge",
    "Person", "Plan", "Progress", "Promote", "Raise", "RaiseFilter", "RaiseNumber", "RaisePeriod", "Reason", "Reject", "Reschedule",
    "Review", "SaveView", "Say", "Settle", "Snooze", "Split", "Submit", "Tag", "Transfer", "Unlink", "VerbForm", "Visit", "Watch",
]  # fmt: skip
