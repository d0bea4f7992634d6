"""A small naive Bayes over two-character pieces of Chinese text, with honest confidence. Plain Python, no tables.

Complement naive Bayes (Rennie and others, 2003: a label is judged by how little a text looks like all the other labels, which bears
uneven history better). Which pieces a text has counts, not how often; rare pieces are left out. Raw naive Bayes is far too sure
of itself, so scores are divided by a temperature that makes the log-loss smallest on examples it was not trained with.
"""

import hashlib
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

ALPHA = 0.5
ENOUGH_EXAMPLES = 40
ENOUGH_PER_LABEL = 5
FEATURES_MOST = 600
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")


@dataclass(frozen=True)
class Example:
    """A need as it came in, and what people decided about it. `key` decides, always the same way, which fold it belongs to."""

    key: str
    text: str
    label: str
    context: tuple[str, ...] = ()  # facts beside the text, e.g. "kind:pawn"


@dataclass(frozen=True)
class Trained:
    """Counts and how good they are. `labels`: label → (examples, features seen with it); `counts`: feature → label → examples."""

    labels: Mapping[str, tuple[int, int]]
    counts: Mapping[str, Mapping[str, int]]
    temperature: float
    accuracy: float
    examples: int


def features(text: str, context: Iterable[str] = ()) -> list[str]:
    """The different pieces of a text: pairs of neighbouring Chinese characters, Latin words; then the context."""
    found: dict[str, None] = dict.fromkeys(fact[:40] for fact in context)
    for run in _RUN.findall(unicodedata.normalize("NFKC", text or "").lower()):
        pieces = [run[:30]] if run[0] < "\u3400" else [run[i : i + 2] for i in range(max(1, len(run) - 1))]
        found.update(dict.fromkeys(pieces))
        if len(found) >= FEATURES_MOST:
            break
    return list(found)[:FEATURES_MOST]


def train(examples: Sequence[Example], *, folds: int = 5) -> Trained | None:
    """Count everything; accuracy and temperature come from folds that were left out. None when there is too little history."""
    per_label = Counter(e.label for e in examples)
    usable = [e for e in examples if per_label[e.label] >= ENOUGH_PER_LABEL]
    if len(usable) < ENOUGH_EXAMPLES or len({e.label for e in usable}) < 2:
        return None
    judged: list[tuple[dict[str, float], str]] = []
    for fold in range(folds):
        labels, counts = _count(e for e in usable if _fold(e.key, folds) != fold)
        if len(labels) < 2:
            continue
        for example in usable:
            if _fold(example.key, folds) == fold and example.label in labels:
                judged.append((_scores(labels, counts, len(counts), features(example.text, example.context)), example.label))
    if not judged:
        return None
    right = sum(max(scores, key=scores.__getitem__) == label for scores, label in judged)
    labels, counts = _count(usable)
    return Trained(labels, counts, _temperature(judged), right / len(judged), len(usable))


def predict(
    labels: Mapping[str, tuple[int, int]],
    counts: Mapping[str, Mapping[str, int]],
    vocabulary: int,
    temperature: float,
    found: Sequence[str],
) -> list[tuple[str, float]]:
    """Labels with their probability, the likeliest first. `counts` needs only the features found."""
    return sorted(_probabilities(_scores(labels, counts, vocabulary, found), temperature).items(), key=lambda p: -p[1])


def telling(
    labels: Mapping[str, tuple[int, int]],
    counts: Mapping[str, Mapping[str, int]],
    found: Sequence[str],
    label: str,
    *,
    most: int = 4,
) -> list[str]:
    """The pieces of a text that speak most for the label, for the sentence that explains a suggestion."""
    ratios = []
    for feature in found:
        seen = counts.get(feature)
        if not seen or ":" in feature or seen.get(label, 0) < 2:
            continue
        mine = seen[label] / labels[label][0]
        others = sum(n for other, n in seen.items() if other != label) / max(1, sum(labels[o][0] for o in labels if o != label))
        ratios.append((math.log(mine / (others + 0.01)) * math.sqrt(seen[label]), feature))
    return [feature for ratio, feature in sorted(ratios, reverse=True)[:most] if ratio > 0]


def _count(examples: Iterable[Example]) -> tuple[dict[str, tuple[int, int]], dict[str, dict[str, int]]]:
    examples = [(e.label, features(e.text, e.context)) for e in examples]
    seen = Counter(feature for _label, found in examples for feature in found)
    least = 3 if len(examples) >= 300 else 2
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for label, found in examples:
        kept = [feature for feature in found if seen[feature] >= least]
        totals[label][0] += 1
        totals[label][1] += len(kept)
        for feature in kept:
            counts[feature][label] = counts[feature].get(label, 0) + 1
    return {label: (n, f) for label, (n, f) in totals.items()}, dict(counts)


def _scores(labels: Mapping, counts: Mapping, vocabulary: int, found: Sequence[str]) -> dict[str, float]:
    """How unlike the other labels, divided by √(number of pieces) so that long texts are not surer than short ones."""
    known = [(counts[f], sum(counts[f].values())) for f in found if f in counts]
    whole = sum(seen for _n, seen in labels.values())
    scores = {}
    for label, (_n, seen) in labels.items():
        floor = math.log(whole - seen + ALPHA * vocabulary)
        scores[label] = sum(floor - math.log(total - c.get(label, 0) + ALPHA) for c, total in known)
    best = max(scores.values())
    scale = math.sqrt(max(1, len(known)))
    return {label: (score - best) / scale for label, score in scores.items()}


def _probabilities(scores: Mapping[str, float], temperature: float) -> dict[str, float]:
    raised = {label: math.exp(max(-700.0, score / temperature)) for label, score in scores.items()}
    total = sum(raised.values())
    return {label: value / total for label, value in raised.items()}


def _temperature(judged: Sequence[tuple[Mapping[str, float], str]]) -> float:
    def loss(temperature: float) -> float:
        return -sum(math.log(max(1e-9, _probabilities(scores, temperature)[label])) for scores, label in judged)

    return min((0.02 * 1.15**i for i in range(45)), key=loss)


def _fold(key: str, folds: int) -> int:
    return hashlib.sha256(key.encode()).digest()[0] % folds
