"""Chinese full-text search without a segmenter: overlapping two-character lexemes with positions.

Any two characters in a row are found; three and more are a phrase of bigrams, exact without a second look at the text.
One method for writing and asking: NFKC, lower case, full width to half width.
"""

import re
import unicodedata
from itertools import pairwise

_RUN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|[0-9a-z]+")
_LAST_POSITION = 16_383  # PostgreSQL keeps no positions beyond this


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text or "").lower())


def _chinese(run: str) -> bool:
    return run[0] >= "\u2e80"


def vector(*texts: str) -> str:
    """The text form of a tsvector over all texts; only whitelisted characters enter, so it needs no escaping."""
    places: dict[str, str] = {}
    at = 1
    for text in texts:
        for run in _runs(text):
            if _chinese(run):
                words = [first + second for first, second in pairwise(run)]
                words.append(run[-1])
            else:
                words = [run[:200]]
            for spot, word in enumerate(words, at):
                spot = spot if spot < _LAST_POSITION else _LAST_POSITION
                places[word] = f"{places[word]},{spot}" if word in places else str(spot)
            at += len(words) + 1
        at += 8
    return " ".join([f"'{word}':{spots}" for word, spots in places.items()])


def query(text: str) -> str:
    """The text form of a tsquery, or "" when nothing in it can be searched for. Latin and digit words match by their beginning."""
    parts = []
    for run in _runs(text)[:12]:
        if not _chinese(run):
            parts.append(f"'{run[:200]}':*")
        elif len(run) == 1:
            parts.append(f"'{run}':*")
        else:
            grams = [f"'{run[i : i + 2]}'" for i in range(len(run) - 1)][:40]
            parts.append("(" + " <-> ".join(grams) + ")")
    return " & ".join(parts)


def bigrams(text: str) -> list[str]:
    """The overlapping two-character pieces and the Latin words of a text, for comparing two texts."""
    found = []
    for run in _runs(text):
        found += [run[i : i + 2] for i in range(len(run) - 1)] if _chinese(run) else [run]
    return found
