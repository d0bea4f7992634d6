"""Any two characters in a row are found, three and more as a phrase (N17)."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from yingxu.base import searching


def _found(text: str, words: str) -> bool:
    query = searching.query(words)
    if not query:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector @@ %s::tsquery", [searching.vector(text), query])
        return cursor.fetchone()[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("翡翠手镯今日绝当到期", "手镯", True),
        ("翡翠手镯今日绝当到期", "翠手镯今", True),
        ("翡翠手镯今日绝当到期", "到期", True),
        ("翡翠手镯今日绝当到期", "期", True),
        ("翡翠手镯今日绝当到期", "手绝", False),
        ("手镯到期，翡翠", "手镯翡翠", False),
        ("手镯到期，翡翠", "手镯 翡翠", True),
        ("当票 A-1029 遗失", "a-102", True),
        ("当票 A-1029 遗失", "1030", False),
        ("ＡＢＣ公司", "abc", True),
        ("ABC公司", "ＡＢＣ公司", True),
        ("Über 2026-000123", "2026-0001", True),
        ("𠮷野家", "𠮷野", True),
        ("金条", "", False),
        ("金条", "，。！", False),
    ],
)
def test_words_are_found(text: str, words: str, found: bool):
    assert _found(text, words) is found


HANZI = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=30)


class Found(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(HANZI, st.data())
    def test_every_piece_of_a_text_is_found(self, text: str, data: st.DataObject):
        start = data.draw(st.integers(0, len(text) - 2))
        end = data.draw(st.integers(start + 2, len(text)))
        assert _found(text, text[start:end])

    @settings(max_examples=80, deadline=None)
    @given(st.text(max_size=60), st.text(max_size=20))
    def test_no_text_and_no_question_breaks_the_database(self, text: str, words: str):
        text, words = text.replace("\0", ""), words.replace("\0", "")
        found = _found(text, words)
        if HANZI_ONLY(words) and len(words) > 1:
            assert found is (words in text), (text, words)


def HANZI_ONLY(words: str) -> bool:  # noqa: N802
    return bool(words) and all("\u4e00" <= ch <= "\u9fa5" for ch in words)
