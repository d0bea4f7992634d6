"""What is late is said only by a clock the database agrees with."""

from datetime import timedelta

import pytest
from django.utils import timezone

from yingxu.base import clock


@pytest.mark.django_db
@pytest.mark.parametrize(("apart", "agreed"), [(0, True), (-110, True), (110, True), (-130, False), (130, False)])
def test_two_clocks_agree_within_two_minutes(apart: int, agreed: bool) -> None:
    here = timezone.now() + timedelta(seconds=apart)
    with clock.at(here):
        assert clock.agreed("a test") == (here if agreed else None)
