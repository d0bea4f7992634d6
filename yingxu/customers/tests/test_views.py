"""The pages, by HTTP: what they show, refuse and never show (C1, C8, A9, S2, S4, S17)."""

import csv
import io
from urllib.parse import quote

import pytest
from openpyxl import load_workbook

from yingxu.base import clock
from yingxu.customers import actions, panels, queries
from yingxu.customers.models import Customer, Identifier, Merge
from yingxu.matters.models import Entry

NUMBER = "13900002046"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def company(shen) -> Customer:
    return actions.add(
        by=shen.actor, name="砚台巷珠宝商行", contact_name="梁雯", phone=NUMBER, email="liang@example.com", grade="A",
        identifiers=[("bank", "6222000000000000004")], tags=["老客户"], reminder="先问是否方便", remark="=cmd()",
    )  # fmt: skip


def to(customer: Customer, more: str = "") -> str:
    return f"/customers/{customer.matter.number}/{more}"


def text(response) -> str:
    return response.content.decode()


def test_every_page_needs_a_person(client, company):
    for more in ("", "edit/", "contacts/", "numbers/", "merge/", "?part=history"):
        assert client.get(to(company, more)).status_code == 302
    for address in ("/customers/", "/customers/new/"):
        assert client.get(address)["Location"].startswith("/sign-in/")
    for address in ("/customers/export/", "/customers/doubles/", to(company, "numbers/1/reveal/"), to(company, "merges/1/undo/")):
        assert client.post(address).status_code == 302


def test_reader_sees_no_buttons_and_gets_no_doors(ye, company):
    shown = text(ye.client.get(to(company)))
    assert "砚台巷珠宝商行" in shown
    for door in ("/edit/", "/merge/", "/reveal/", "/contacts/", "/numbers/", "/tags/"):
        assert door not in shown
    phone = company.identifiers.get(type="phone")
    for address in ("edit/", "contacts/", "numbers/", "merge/"):
        assert ye.client.get(to(company, address)).status_code == 403
    assert ye.client.post(to(company, f"numbers/{phone.pk}/reveal/")).status_code == 403
    assert ye.client.post("/customers/export/").status_code == 403
    assert not Entry.objects.filter(event="customers.identifier_revealed").exists()


def test_absent_and_unseen_look_the_same(gu, company):
    absent, unseen = gu.client.get("/customers/KH-2026-999999/"), gu.client.get(to(company))
    assert absent.status_code == unseen.status_code == 404
    strip = lambda r: text(r).replace("KH-2026-999999", "").replace(company.matter.number, "")  # noqa: E731
    assert len(strip(absent)) == len(strip(unseen))


def test_numbers_are_covered_everywhere(shen, company):
    """A9: no page, fragment, form or file holds a clear number until it is uncovered."""
    other = actions.add(by=shen.actor, name="砚台巷珠宝", phone=NUMBER)
    client = shen.client
    pages = [client.get(a) for a in (
        "/customers/", f"/customers/?q={NUMBER[-4:]}", to(company), to(company, "?part=history"), to(company, "edit/"),
        to(company, "merge/"), to(company, f"merge/?with={other.matter.number}"), to(company, "contacts/"),
        to(company, f"contacts/{company.contacts.get().pk}/"),
    )]  # fmt: skip
    pages.append(client.post("/customers/doubles/", {"name": "砚台巷珠宝", "phone": NUMBER}, **HTMX))
    for response in pages:
        assert response.status_code == 200
        assert "砚台巷珠宝" in text(response)
        for clear in (NUMBER, "139 0000 2046", "liang@example.com", "6222000000000000004"):
            assert clear not in text(response), response.request["PATH_INFO"]
    assert "139 **** 2046" in text(pages[0]) and "6222 **** **** 004" in text(pages[2])


def test_reveal_by_htmx_and_without(shen, company):
    client = shen.client
    phone = company.identifiers.get(type="phone")
    address = to(company, f"numbers/{phone.pk}/reveal/")
    asked = client.post(address, **HTMX, headers={"HX-Current-URL": f"http://testserver{to(company)}?part=papers"})
    assert asked["HX-Redirect"] == f"{to(company, 'serves/')}?next={quote(to(company) + '?part=papers', safe='')}", "what for comes first"
    assert client.post(address).status_code == 302 and not Entry.objects.filter(event="customers.identifier_revealed").exists()
    assert client.post(to(company, "serves/"), {"reason": "约时间取件", "next": to(company)}).status_code == 302
    fragment = client.post(address, **HTMX)
    assert "139 0000 2046" in text(fragment) and "139 **** 2046" in text(fragment) and "<html" not in text(fragment)
    whole = client.post(address)
    assert "139 0000 2046" in text(whole) and whole["Refresh"].startswith("30;")
    assert Entry.objects.filter(event="customers.identifier_revealed").count() == 2
    assert "liang@example.com" not in text(whole)
    assert client.get(address).status_code == 405
    other = actions.add(by=shen.actor, name="别家", phone="13900002047").identifiers.get()
    assert client.post(to(company, f"numbers/{other.pk}/reveal/")).status_code == 404


def test_list_fragment_filters_and_refuses(shen, company):
    client = shen.client
    fragment = text(client.get("/customers/?grade=A", **HTMX))
    assert "砚台巷珠宝商行" in fragment and "<html" not in fragment
    assert "砚台巷珠宝商行" not in text(client.get("/customers/?grade=C"))
    for wrong in ("sort=password", "type=robot", "grade=Z", "owner=x", "owner=1;2", "cursor=forged", "department=99999999999999999999"):
        assert client.get(f"/customers/?{wrong}").status_code == 422, wrong


def test_list_in_few_questions(shen, company, django_assert_max_num_queries):
    for i in range(30):
        actions.add(by=shen.actor, name=f"许静{i}", phone=f"1380000{i:04d}", tags=["新"])
    client = shen.client
    client.get("/customers/")
    with django_assert_max_num_queries(14):
        client.get("/customers/")
    with django_assert_max_num_queries(26):
        client.get(to(company))


def test_new(shen):
    page = text(shen.client.get("/customers/new/?name=梁雯"))
    assert 'value="梁雯"' in page
    wrong = shen.client.post("/customers/new/", {"name": "", "phone": "12"})
    assert wrong.status_code == 422 and not Customer.objects.exists()
    wrong = shen.client.post("/customers/new/", {"name": "梁雯", "phone": "12", "reminder": "记着"})
    assert wrong.status_code == 422 and "记着" in text(wrong) and 'aria-invalid="true"' in text(wrong)
    done = shen.client.post("/customers/new/", {"name": "梁雯", "phone": NUMBER, "tags": "老客户，VIP", "owner": shen.user.pk})
    customer = Customer.objects.select_related("matter").get()
    assert (done.status_code, done["Location"]) == (302, to(customer))
    assert (customer.type, customer.tags, customer.matter.owner_id) == ("person", ["老客户", "VIP"], shen.user.pk)


def test_new_asks_before_a_double(shen, company):
    typed = {"name": "砚台巷", "phone": "139 0000 2046"}
    asked = shen.client.post("/customers/new/", typed)
    assert asked.status_code == 422 and company.matter.number in text(asked) and 'name="sure"' in text(asked)
    assert shen.client.post("/customers/new/", {**typed, "sure": "on"}).status_code == 302
    assert Customer.objects.count() == 2


def test_new_is_neutral_about_hidden_doubles(gu, wei):
    """S5: the same answer whether or not a secret customer has this number."""
    actions.add(by=wei.actor, name="密", phone=NUMBER, secrecy=3)
    assert "密<" not in text(gu.client.post("/customers/doubles/", {"name": "密", "phone": NUMBER}, **HTMX))
    assert gu.client.post("/customers/new/", {"name": "密", "phone": NUMBER}).status_code == 302


def test_edit_and_stale(shen, wei, company):
    address = to(company, "edit/")
    page = shen.client.get(address)
    assert page.status_code == 200 and "先问是否方便" in text(page)
    typed = {"name": company.name, "type": "organisation", "address": "乙", "reminder": "先问是否方便", "remark": "=cmd()", "tags": "老客户",
             "version": 1, "owner": shen.user.pk, "department": shen.user.department_id}  # fmt: skip
    actions.edit(company, by=wei.actor, address="丙")
    stale = shen.client.post(address, typed)
    assert stale.status_code == 409 and Customer.objects.get().address == "丙"
    shown = text(stale)
    assert "丙" in shown and "乙" in shown and 'name="version" value="2"' in shown and "先问是否方便" in shown
    assert shen.client.post(address, {**typed, "version": 2}).status_code == 302
    assert Customer.objects.get().address == "乙"
    assert 'name="grade"' not in text(page), "a grade is set otherwise with its own verb, which asks why"
    assert shen.client.post(address, {**typed, "name": ""}).status_code == 422


def test_contacts_numbers_and_tags(shen, company):
    client = shen.client
    assert client.post(to(company, "contacts/"), {"name": "谢诚", "role": "guards", "phone": "1"}).status_code == 422
    assert client.post(to(company, "contacts/"), {"name": "谢诚", "role": "guards", "phone": "13900002047"}).status_code == 302
    contact = company.contacts.get(name="谢诚")
    assert client.post(to(company, f"contacts/{contact.pk}/"), {"name": "谢成", "role": ""}).status_code == 302
    assert client.post(to(company, f"contacts/{contact.pk}/active/")).status_code == 302
    contact.refresh_from_db()
    assert (contact.name, contact.role, contact.active) == ("谢成", "", False)
    assert "谢成" in text(client.get(to(company)))
    client.post(to(company, f"contacts/{contact.pk}/active/"), {"active": "1"})
    assert company.contacts.filter(active=True).count() == 2
    assert client.post(to(company, "numbers/"), {"type": "resident_id", "text": "110102199101010079"}).status_code == 422
    assert client.post(to(company, "numbers/"), {"type": "wechat", "text": "liang2046", "contact": contact.pk}).status_code == 302
    added = company.identifiers.get(type="wechat")
    assert client.post(to(company, f"numbers/{added.pk}/remove/")).status_code == 302
    assert not Identifier.objects.filter(pk=added.pk).exists()
    client.post(to(company, "tags/"), {"add": "VIP，活跃"})
    client.post(to(company, "tags/"), {"remove": "老客户"})
    assert Customer.objects.get().tags == ["VIP", "活跃"]


def test_merge_and_undo(shen, company):
    gone = actions.add(by=shen.actor, name="砚台巷珠宝", phone=NUMBER, address="砚台巷 27 号", grade="B")
    client = shen.client
    assert gone.name in text(client.get(to(company, "merge/")))
    assert gone.matter.number in text(client.get(to(company, "merge/?q=砚台")))
    side_by_side = text(client.get(to(company, f"merge/?with={gone.matter.number}")))
    assert 'name="choice-grade" value="kept" checked' in side_by_side and 'name="choice-address" value="gone" checked' in side_by_side
    done = client.post(to(company, "merge/"), {"with": gone.matter.number, "choice-grade": "gone", "choice-address": "gone"})
    assert done["Location"] == to(company, f"?from={gone.matter.number}")
    assert (Customer.objects.get(pk=company.pk).grade, Customer.objects.get(pk=company.pk).address) == ("B", "砚台巷 27 号")
    assert client.get(to(gone))["Location"] == to(company, f"?from={gone.matter.number}")
    page = text(client.get(to(company)))
    merge = Merge.objects.get()
    assert to(company, f"merges/{merge.pk}/undo/") in page
    assert client.get(to(gone, "edit/")).status_code == 404
    assert client.post(to(company, f"merges/{merge.pk}/undo/"))["Location"] == to(gone)
    assert client.get(to(gone)).status_code == 200
    assert client.post(to(company, f"merges/{merge.pk}/undo/")).status_code == 404
    assert client.post(to(company, "merge/"), {"with": "KH-2026-999999"}).status_code == 404
    assert client.get(to(company, f"merge/?with={company.matter.number}")).status_code == 422


def test_export_is_neutralised_and_covered(shen, company):
    """S17, A9."""
    actions.add(by=shen.actor, name="=HYPERLINK(1)", phone="13900002047")
    response = shen.client.post("/customers/export/", {"sort": "opened"})
    raw = b"".join(response.streaming_content)
    rows = list(load_workbook(io.BytesIO(raw)).active.iter_rows(values_only=True))
    assert rows[1][0] == company.matter.number and rows[1][6] == "139 **** 2046" and rows[1][9] == "老客户"
    assert rows[2][1] == "'=HYPERLINK(1)"
    raw = b"".join(shen.client.post("/customers/export/", {"kind": "csv", "grade": "A"}).streaming_content).decode("utf-8-sig")
    assert [row[1] for row in csv.reader(io.StringIO(raw))][1:] == [company.name]
    assert NUMBER not in raw
    assert Entry.objects.filter(event="customers.customers_exported").count() == 2


def test_markup_in_values_stays_text(shen):
    customer = actions.add(by=shen.actor, name="<script>alert(1)</script>", contact_name="<b>x</b>", remark="<img src=x>", tags=["<i>"])
    for address in ("/customers/", to(customer), to(customer, "?part=history"), to(customer, "edit/")):
        shown = text(shen.client.get(address))
        for bad in ("<script>alert", "<b>x</b>", "<img src=x>", "<i>"):
            assert bad not in shown


def test_panel_of_another_room(shen, company, monkeypatch):
    shen.client.get("/customers/")  # every room has registered its own by now
    monkeypatch.setattr(panels, "PANELS", {})
    needs = {"rows": [], "more": False}
    item = {"number": "2026-000341", "title": "想续当", "href": "/needs/2026-000341/", "kind": "续当", "channel": "电话", "category": "", "state_name": "待接收", "at_step": 4, "at": clock.now()}
    told = [panels.Told(item["at"], item, True, item["title"], item["href"], "待接收")]
    panels.register("needs", "她的需求", "needs/of_customer.html", lambda c, by: needs, count=lambda c, by: ("SELECT generate_series(1, %s)", (7,)), told="needs/told_of_customer.html", tell=lambda c, by: told)
    shown = text(shen.client.get(to(company, "?part=needs")))
    assert "她的需求" in shown and ">7<" in shown and "还没有需求" in shown
    shown = text(shen.client.get(to(company)))
    assert "需求 2026-000341" in shown and "未结她的需求" in shown
    assert "需求 2026-000341" in text(shen.client.get(to(company, "?story=needs")))
    assert "需求 2026-000341" not in text(shen.client.get(to(company, "?story=file")))
    assert shen.client.get(to(company, "?part=nothing")).status_code == 404
    assert shen.client.get(to(company, "?story=nothing")).status_code == 404


def test_pages_are_chinese(shen, company):
    """No English msgid is left on a page."""
    import re

    for address in ("/customers/", "/customers/new/", to(company), to(company, "edit/"), to(company, "merge/"), to(company, "numbers/")):
        words = re.sub(r"<(script|style|template)[^>]*>.*?</\1>|<[^>]+>", " ", text(shen.client.get(address)), flags=re.S)
        left = set(re.findall(r"[A-Za-z]{3,}", words)) - {"Ctrl", "Esc", "Shift", "Enter", "Alt", "xlsx", "csv", "example", "com", "cmd", "Space"}
        assert not left, (address, left)


def test_queries_are_asked_not_objects():
    assert queries.Wish().order


def test_who_else_has_the_file_open(shen, ye, gu, company):
    here = f"{company.matter_id}."
    assert f'data-live="here" data-mark="{here}"' in text(shen.client.get(to(company)))
    ye.client.post("/pulse/", {"here": here})
    assert f"{ye.user.name} 正在看" in text(shen.client.post("/pulse/", {"here": here}))
    assert gu.client.post("/pulse/", {"here": here}).status_code == 204, "who may not see the file learns nothing"
