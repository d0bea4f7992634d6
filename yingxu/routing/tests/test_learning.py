"""The learner alone: no database (N4)."""

import csv
import hashlib
from pathlib import Path

import pytest

from yingxu.routing import learning
from yingxu.routing.learning import Example

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "zh" / "zhengwu_labelled.csv"


def _examples(n: int = 30) -> list[Example]:
    said = {"appraisal": "评估价太低，想请另一位鉴定师复评", "vault": "取物发现划痕，要看封签录像", "finance": "息费多收了，请退回利息差额"}
    return [Example(f"{label}{i}", f"{text}，第 {i} 次，客户 {i * 7}", label) for label, text in said.items() for i in range(n)]


def test_it_learns_what_went_where_and_says_by_which_words():
    trained = learning.train(_examples())
    assert trained is not None and trained.accuracy > 0.95
    found = learning.features("镯子评估价给低了，要复评")
    ranked = learning.predict(trained.labels, trained.counts, len(trained.counts), trained.temperature, found)
    assert ranked[0][0] == "appraisal" and ranked[0][1] > 0.8
    assert abs(sum(p for _label, p in ranked) - 1) < 1e-9
    assert set(learning.telling(trained.labels, trained.counts, found, "appraisal")) & {"评估", "估价", "复评"}


def test_with_little_history_it_says_nothing():
    assert learning.train([]) is None
    assert learning.train(_examples(10)[:39]) is None
    assert learning.train([Example(str(i), "同一句话", "one") for i in range(100)]) is None


def test_training_is_the_same_every_time_and_whatever_the_order():
    once, again = learning.train(_examples()), learning.train(list(reversed(_examples())))
    assert once is not None and again is not None
    assert (once.temperature, once.accuracy, dict(once.labels)) == (again.temperature, again.accuracy, dict(again.labels))


@pytest.mark.parametrize("text", ["", "   ", "😀", "a" * 10_000, "好" * 5_000, "\x00", "ＡＢＣ１２３"])
def test_any_text_has_few_enough_features(text):
    assert len(learning.features(text, ["kind:pawn"])) <= learning.FEATURES_MOST


def test_accuracy_and_honesty_on_real_messages():
    """N4: citizens' messages to seven departments, trained on four fifths, judged on the fifth that was left out.

    Measured: 75.0 % of 132 right at a mean confidence of 74.4 %, 93.0 % of the 57 where it is at least 90 % sure (other splits: 75 to
    82 %). The lines below are what must never be lost.
    """
    if not REAL.exists():
        pytest.skip(f"the labelled messages are not here: {REAL}")
    with REAL.open(encoding="utf-8-sig", newline="") as file:
        examples = [Example(r["留言编号"], r["留言主题"] + "。" + r["留言详情"], r["一级标签"]) for r in csv.DictReader(file)]
    apart = {e.key: hashlib.sha256(b"apart" + e.key.encode()).digest()[0] % 5 == 0 for e in examples}
    trained = learning.train([e for e in examples if not apart[e.key]])
    judged = []
    for example in (e for e in examples if apart[e.key]):
        found = learning.features(example.text)
        label, sure = learning.predict(trained.labels, trained.counts, len(trained.counts), trained.temperature, found)[0]
        judged.append((label == example.label, sure))
    right = sum(ok for ok, _sure in judged) / len(judged)
    surely = [ok for ok, sure in judged if sure >= 0.9]
    print(f"{len(judged)} left out: {right:.1%} right, mean confidence {sum(s for _o, s in judged) / len(judged):.1%}, "
          f"{len(surely)} at 90 % or more: {sum(surely) / len(surely):.1%} right")  # fmt: skip
    assert right > 0.7
    assert sum(surely) / len(surely) > 0.85
    assert abs(sum(sure for _ok, sure in judged) / len(judged) - right) < 0.12
