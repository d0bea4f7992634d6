"""Facts only these tests state."""

from dataclasses import dataclass

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class Asked(Event):
    what: str = ""

    def sentence(self):
        return f"asked for {self.what}"


@dataclass(frozen=True, kw_only=True)
class Moved(Event):
    WATCHERS = True

    def sentence(self):
        return "moved it"


@dataclass(frozen=True, kw_only=True)
class Named(Event):
    NOTICE = "mention"

    def sentence(self):
        return "named you"
