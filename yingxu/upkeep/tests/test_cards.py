"""Cards of customers by month, quarter, year: figures against the span before, only what the reader may see (A7)."""

from datetime import date

import pytest

from yingxu.base import clock
from yingxu.base.errors import Gone, Invalid
from yingxu.customers import actions as customers
from yingxu.matters.models import Matter
from yingxu.needs.states import State
from yingxu.upkeep import queries

from .conftest import moment

pytestmark = pytest.mark.django_db
Span = queries.cards.Span


@pytest.fixture
def told(world, story):
    with clock.at(moment("2026-03-26T10:00")):
        story.at(State.CLOSED, customer=world.customer("季棠"))
        customers.write_down(world.customer("季棠"), by=world.by("沈岚"), kind="visit", text="看了新店", next_step="下周报价")
    with clock.at(moment("2026-04-09T10:00")):
        story.at(State.HANDLING, customer=world.customer("季棠"))
        yield world


def test_a_card_says_what_happened_and_how_it_was_before(told):
    with clock.at(moment("2026-04-10T10:00")):
        card = queries.cards.card(told.customer("季棠").number, Span.of("month", "2026-03-15"), told.by("沈岚"))
        assert (card.now["needs"], card.now["closed"], card.now["dealings"], card.now["satisfied"]) == (1, 1, 1, 1.0)
        assert card.then["needs"] == 0 and card.then["satisfied"] is None
        assert [d.text for d in card.dealings] == ["看了新店"] and "下周报价" in [t.title for t in card.steps]
        april = queries.cards.card(told.customer("季棠").number, Span.of("month"), told.by("沈岚"))
        assert (april.now["needs"], april.then["needs"], len(april.needs)) == (1, 1, 1)
        assert queries.cards.card(told.customer("季棠").number, Span.of("year"), told.by("沈岚")).now["needs"] == 2


def test_needs_the_reader_may_not_see_are_in_no_figure(told):
    Matter.objects.filter(kind="need", opened_at__gte=moment("2026-04-01T00:00")).update(secrecy=3)
    with clock.at(moment("2026-04-10T10:00")):
        card = queries.cards.card(told.customer("季棠").number, Span.of("quarter"), told.by("沈岚"))
    assert card.now["needs"] == 0 and not card.needs
    Matter.objects.filter(pk=told.customer("季棠").pk).update(secrecy=3)
    with pytest.raises(Gone):
        queries.cards.card(told.customer("季棠").number, Span.of("month"), told.by("沈岚"))


def test_spans():
    with clock.at(moment("2026-04-10T10:00")):
        assert (Span.of("quarter").first, str(Span.of("quarter").before), Span.of("quarter").after) == (date(2026, 4, 1), "2026 Q1", None)
        assert str(Span.of("month", "2026-02-01").after) == "2026-03"
        for kind, day in (("week", ""), ("month", "yesterday"), ("month", "0001-01-01")):
            with pytest.raises(Invalid):
                Span.of(kind, day)


def test_a_list_of_cards_asks_as_often_for_many_as_for_few(told, django_assert_max_num_queries):
    told.everyone()
    keys = list(queries.cards.matching(told.by("沈岚")).values_list("pk", flat=True))
    with clock.at(moment("2026-04-10T10:00")), django_assert_max_num_queries(7):
        found = queries.cards.figures(told.by("沈岚"), keys, Span.of("month"))
    assert len(found) > 20


def test_pages(told, enter):
    client, number = enter("沈岚"), told.customer("季棠").number
    with clock.at(moment("2026-04-10T10:00")):
        assert "季棠" in client.get("/upkeep/cards/?kind=quarter&q=季").content.decode()
        assert client.get("/upkeep/cards/?owner=x").status_code == client.get("/upkeep/cards/?kind=week").status_code == 422
        page = client.get(f"/upkeep/cards/{number}/month/2026-03-15/").content.decode()
        assert "看了新店" in page and "下周报价" in page
        assert client.get(f"/upkeep/cards/{number}/month/nonsense/").status_code == 422
        assert client.post("/upkeep/cards/export/").status_code == 403
        assert enter("苏慕青").post("/upkeep/cards/export/", {"span": "year"}).status_code == 200
