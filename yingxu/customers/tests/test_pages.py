"""The pages of the whole file, by HTTP: shown, sent, refused, stale, given out; few questions."""

import io
from datetime import timedelta

import pytest
from django.db import transaction
from openpyxl import load_workbook

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.customers import actions, queries
from yingxu.customers.models import Contract, Customer, Dealing, Paper, Section
from yingxu.matters.models import Draft, Entry

from .test_history import SECTIONS

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(shen) -> Customer:
    with transaction.atomic():
        actions.install(SECTIONS, by=SYSTEM)
    return actions.add(by=shen.actor, name="砚台巷珠宝商行", type="organisation", contact_name="梁女士", phone="13900002046", grade="A")


def to(customer: Customer, rest: str = "") -> str:
    return f"/customers/{customer.matter.number}/{rest}"


def text(response) -> str:
    return response.content.decode()


def test_a_section_is_filled_in_and_a_stale_one_refused(shen, company):
    client, address = shen.client, to(company, "sections/scale/")
    first = text(client.get(address))
    seen = queries.sections.one(company, "scale", shen.actor).mark
    assert 'name="f-shops"' in first and seen in first
    assert client.post(address, {"f-shops": "two", "seen": seen}).status_code == 422
    done = client.post(address, {"f-shops": "2", "f-region": ["青石区"], "seen": seen, "why": "走访记录"})
    assert done.status_code == 302 and "2 间" in text(client.get(to(company)))
    stale = client.post(address, {"f-shops": "5", "seen": seen})
    assert stale.status_code == 409 and "2 间" in text(stale) and 'value="5"' in text(stale)
    assert client.post(address, {"f-shops": "5", "f-region": ["青石区"], "seen": queries.sections.one(company, "scale", shen.actor).mark}).status_code == 302
    assert client.get(to(company, "sections/finance/")).status_code == 404
    assert "走访记录" in text(client.get(to(company, "changes/"))) and "5 间" in text(client.get(to(company, "changes/")))


def test_what_is_typed_is_kept(shen, company):
    client = shen.client
    place = f"customers.section:{company.matter.number}-scale"
    assert f"place={place}" in text(client.get(to(company, "sections/scale/"))).replace("&amp;", "&")
    client.post(f"/drafts/?place={place}", {"f-shops": "7", "why": "想起来了"})
    page = text(client.get(to(company, "sections/scale/")))
    assert 'value="7"' in page and "想起来了" in page
    client.post(to(company, "sections/scale/"), {"f-shops": "7"})
    assert not Draft.objects.exists()


def test_the_file_as_it_was_on_a_day(shen, company):
    client = shen.client
    later = clock.now() + timedelta(days=40)
    with clock.at(later):
        actions.edit(Customer.objects.select_related("matter").get(pk=company.pk), by=shen.actor, name="改了名的商行")
    opened = clock.today()
    with clock.at(later + timedelta(days=1)):
        client = shen.client
        page = text(client.get(to(company, f"?on={opened.isoformat()}")))
        assert "砚台巷珠宝商行" in page and "改了名" not in page and "日终的档案" in page
        assert "改了名的商行" in text(client.get(to(company)))
        for wrong in ((opened - timedelta(days=3)).isoformat(), "2999-01-01", "soon"):
            assert client.get(to(company, f"?on={wrong}")).status_code == 422, wrong


def test_given_out_from_the_archive_with_its_moment(shen, ye, company):
    client = shen.client
    actions.fill(company, "scale", by=shen.actor, values={"shops": "2"})
    printed = text(client.post(to(company, "print/")))
    assert "截至" in printed and "2 间" in printed and "13900002046" not in printed
    book = load_workbook(io.BytesIO(b"".join(client.post(to(company, "file/")).streaming_content)))
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert any(row[1] == "截至" for row in rows) and ["规模", "门店", "2 间"] in rows
    assert Entry.objects.filter(event="customers.archive_given_out").count() == 2
    assert ye.client.post(to(company, "print/")).status_code == 403 and client.get(to(company, "print/")).status_code == 405


def test_papers_contracts_and_dealings_by_form(shen, company):
    client = shen.client
    assert client.post(to(company, "papers/"), {"kind": "licence", "number": "92440300MA5DD1234X", "valid_until": "2020-01-01", "issued_on": "2021-01-01"}).status_code == 422
    assert client.post(to(company, "papers/"), {"kind": "licence", "number": "92440300MA5DD1234X", "valid_until": "2031-01-01"}).status_code == 302
    paper = Paper.objects.get()
    page = text(client.get(to(company, "?part=papers")))
    assert paper.masked in page and "MA5DD1234" not in page
    assert client.post(to(company, "serves/"), {"reason": "核对执照"}).status_code == 302
    assert "92440300MA5DD1234X" in text(client.post(to(company, f"papers/{paper.pk}/reveal/"), headers={"HX-Request": "true"}))
    assert client.post(to(company, "contracts/"), {"title": "质押合同", "theirs": "砚台巷", "renewal": "ask", "amount": "5000", "currency": "CNY"}).status_code == 302
    made = Contract.objects.get()
    assert client.post(to(company, f"contracts/{made.pk}/sign/")).status_code == 302
    day = (clock.today() + timedelta(days=3)).isoformat()
    assert client.post(to(company, f"contracts/{made.pk}/plan/"), {"instalments": "soon 5"}).status_code == 422
    assert client.post(to(company, f"contracts/{made.pk}/plan/"), {"instalments": f"{day} 3,000 首期\n{day} 2000"}).status_code == 302
    row = made.instalments.first()
    assert client.post(to(company, f"contracts/{made.pk}/instalments/{row.pk}/"), {"paid_on": clock.today().isoformat()}).status_code == 302
    assert "首期" in text(client.get(to(company, f"contracts/{made.pk}/")))
    stale = client.post(to(company, f"contracts/{made.pk}/edit/"), {"title": "新名", "theirs": "砚台巷", "renewal": "ask", "version": "1"})
    assert stale.status_code == 409 and "质押合同" in text(stale)
    assert client.post(to(company, "dealings/"), {"kind": "visit", "at": "2999-01-01T10:00", "text": "x"}).status_code == 422
    now = clock.now().astimezone().strftime("%Y-%m-%dT%H:%M")
    assert client.post(to(company, "dealings/"), {"kind": "called", "at": now, "text": "问到名表寄售", "next_step": "答复寄售"}).status_code == 302
    assert "问到名表寄售" in text(client.get(to(company))) and "答复寄售" in text(client.get(to(company)))
    dealing = Dealing.objects.get()
    assert client.post(to(company, f"dealings/{dealing.pk}/strike/"), {"reason": ""}).status_code == 422
    assert "答复寄售" in text(client.get("/customers/dealings/?q=名表&kind=called&open=1")) and "质押合同" in text(client.get("/customers/contracts/"))
    for address in ("dealings/?kind=dream", "dealings/?since=x", "contracts/?show=x", "contracts/?owner=x"):
        assert client.get(f"/customers/{address}").status_code == 422, address
    for what in ("dealings", "contracts"):
        book = load_workbook(io.BytesIO(b"".join(client.post(f"/customers/{what}/export/").streaming_content)))
        assert book.active.max_row == 2
    assert text(client.get("/customers/suspected/")).count("KH-") == 0


def test_fields_are_declared_on_screen(shen, ye, company):
    client = shen.client
    assert ye.client.get("/customers/fields/").status_code == 403
    assert client.post("/customers/fields/new/", {"name": "车辆", "code": "Cars!", "secrecy": "0"}).status_code == 422
    assert client.post("/customers/fields/new/", {"name": "车辆", "code": "cars", "secrecy": "1"}).status_code == 302
    address = "/customers/fields/cars/"
    assert client.post(f"{address}new/", {"label": "品牌", "type": "choice", "options": "一个", "seen": "1"}).status_code == 422
    assert client.post(f"{address}new/", {"label": "车牌", "type": "text", "sensitive": "on", "seen": "1"}).status_code == 302
    assert client.post(f"{address}new/", {"label": "车况", "type": "text", "seen": "1"}).status_code == 409
    assert client.post(f"{address}field_1/place/", {"to": "out", "seen": "2"}).status_code == 302
    section = Section.objects.get(code="cars")
    assert (section.secrecy, section.every[0].sensitive, section.specs) == (1, True, [])
    assert client.post("/customers/fields/", {"paper_days": "45", "contract_days": "30", "instalment_days": "999"}).status_code == 422
    assert client.post("/customers/fields/", {"paper_days": "45", "contract_days": "30", "instalment_days": "7"}).status_code == 302
    assert queries.sections.term().paper_days == 45 and "车辆" in text(client.get("/customers/fields/"))


def test_one_story_by_the_day_things_happened(shen, company, monkeypatch):
    """A dealing dated back stands where it happened; every part of the page opens, with what rooms above say in the head."""
    monkeypatch.setattr(queries.finding, "SUMMARIES", [lambda by, ids: {company.pk: {"open": 2, "last": clock.now()}}])
    deal = actions.draw_up(company, by=shen.actor, title="最高额质押合同")
    actions.write_down(company, by=shen.actor, kind="visit", text="早先的走访", at=clock.now() - timedelta(days=3))
    actions.write_down(company, by=shen.actor, kind="called", text="刚才的来电")
    client = shen.client
    shown = text(client.get(to(company)))
    story = shown[shown.index('class="timeline"') :]
    assert story.index("刚才的来电") < story.index(deal.number) < story.index("早先的走访")
    only = {kind: text(client.get(to(company, f"?story={kind}"))) for kind in ("dealings", "contracts", "file")}
    assert "早先的走访" in only["dealings"] and "早先的走访" not in only["contracts"] + only["file"]
    assert deal.number in only["contracts"][only["contracts"].index('class="timeline"') :]
    for part in ("dealings", "contracts", "papers", "history"):
        assert client.get(to(company, f"?part={part}")).status_code == 200


def test_the_page_asks_little(shen, company, django_assert_max_num_queries):
    for i in range(5):
        actions.write_down(company, by=shen.actor, kind="visit", text=f"走访 {i}", next_step="再去")
        actions.add_contact(company, by=shen.actor, name=f"谢{i}")
    actions.draw_up(company, by=shen.actor, title="合同")
    client = shen.client
    client.get(to(company))
    with django_assert_max_num_queries(19):
        client.get(to(company))
    with django_assert_max_num_queries(30):
        client.get(to(company, f"?on={clock.today().isoformat()}"))
    with django_assert_max_num_queries(19):
        client.get("/customers/contracts/")
