"""How much of our time a stranger's mail may take: 2 seconds of the processor and one more for every 10 MB, whatever is in it."""

import time

SECONDS, BYTES_A_SECOND = 2.0, 10 * 1_048_576


class Exhausted(Exception):
    """It would take longer than a mail may."""


class Budget:
    """Counts the processor time of this thread, so that a busy machine does not make honest mails unreadable."""

    def __init__(self, size: int = 0) -> None:
        self.until = time.thread_time() + SECONDS + size / BYTES_A_SECOND

    def spend(self) -> None:
        """Raises Exhausted when nothing is left."""
        if time.thread_time() > self.until:
            raise Exhausted
