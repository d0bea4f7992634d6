"""Every fact may have an endpoint that chose it."""

from yingxu.base.events import Event, react_all
from yingxu.matters.models import Entry

from .actions.deliveries import queue


@react_all()
def hear(event: Event, entry: Entry) -> None:
    queue(entry)
