"""Every fact of every room may have somebody who must know it."""

from yingxu.base.events import Event, react_all
from yingxu.matters.models import Entry

from . import actions


@react_all(told=True)
def tell(event: Event, entry: Entry) -> None:
    actions.deliver(event, entry)
