"""Marks for events of other rooms that speak of files: who may not know of the files reads and hears nothing of them."""

from collections.abc import Sequence


class AboutFiles:
    """What happened is that files came with its entry. Such an event has `names`, which a reader gets for the files they may know of and
    which the journal does not keep, and `attached`, how many."""

    names: Sequence[str]
    attached: int


class AboutFile:
    """What happened concerns one file, whose key is `file`."""

    file: int
