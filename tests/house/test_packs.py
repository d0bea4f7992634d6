"""Every pack that ships can be installed: it is read and checked here, since a merge of two changes may break what each left whole."""

import pytest

from yingxu.policies import packs


@pytest.mark.parametrize("name", packs.shipped())
def test_every_pack_can_be_read(name: str):
    numbers = list(packs.load(packs.folder(name)).content["clauses"])
    assert len(numbers) > 10
