"""How much of our time what a stranger sent may take, whatever is in it."""

import time


class Exhausted(Exception):
    """It would take longer than it may."""


class Budget:
    """Counts the processor time of this thread, so that a busy machine does not make honest mails and lists unreadable."""

    def __init__(self, seconds: float) -> None:
        self.until = time.thread_time() + seconds

    def spend(self) -> None:
        """Raises Exhausted when nothing is left."""
        if time.thread_time() > self.until:
            raise Exhausted
