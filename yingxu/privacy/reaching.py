"""How the persons behind customers' files are written to: rooms above say it, since they hold the addresses.

    reaching.WAYS.append(fn)      fn(keys of files) -> {key: (channel, address)}: channel is "mail" or "sms"

Who is missing in the answer cannot be written to; a person calls them.
"""

from collections.abc import Callable, Iterable

from yingxu.notices import queries as notices
from yingxu.notices.models import SmsOut

WAYS: list[Callable[[list[int]], dict[int, list[tuple[str, str]]]]] = []


def ways(files: Iterable[int]) -> dict[int, tuple[str, str]]:
    """The first way to each that leads out at the moment; SMS that are only recorded reach nobody."""
    keys = list(files)
    out = {"mail": notices.is_on("mail"), "sms": notices.sms_out().provider != SmsOut.Provider.RECORDING}
    found: dict[int, tuple[str, str]] = {}
    for ask in WAYS:
        for key, known in ask(keys).items():
            way = next((one for one in known if out.get(one[0])), None)
            if way and key not in found:
                found[key] = way
    return found
