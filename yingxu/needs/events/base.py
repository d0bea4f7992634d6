"""What every event of a need says: the round it belongs to."""

from dataclasses import dataclass

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class NeedEvent(Event):
    round: int = 1
