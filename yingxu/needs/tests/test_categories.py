"""What categories are called: the company's own words; where it kept ours, in the reader's language."""

from django.utils import translation

from yingxu.needs import categories


def test_kept_words_are_translated_and_own_words_stay():
    assert categories.label("urgent", "紧急") == "紧急"
    with translation.override("en"):
        found = [str(categories.label(code, own)) for code, own in (("urgent", "紧急"), ("urgent", "火急"), ("general", ""), ("other", "别的"))]
    assert found == ["Urgent", "火急", "General", "别的"]
