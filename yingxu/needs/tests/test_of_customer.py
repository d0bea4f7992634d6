"""A customer's page with its needs in the one story: what is seen, what is hidden, how much is asked."""

import pytest

pytestmark = pytest.mark.django_db


def test_needs_stand_in_the_customers_story(story, enter, django_assert_max_num_queries):
    customer = story.world.customer("季棠")
    needs = [story.register() for _n in range(4)]
    hidden = story.register()
    hidden.matter.secrecy = 3
    hidden.matter.save(update_fields=["secrecy"])
    client, address = enter("沈岚"), f"/customers/{customer.matter.number}/"
    client.get(address)
    with django_assert_max_num_queries(25):
        shown = client.get(address).content.decode()
    for need in needs:
        assert f"需求 {need.number}" in shown and f"/needs/{need.number}/" in shown
    assert hidden.number not in shown and "未结需求" in shown
