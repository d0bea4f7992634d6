"""Bytes are handed out to whom the matter is shown, never as anything that runs (S6, S16)."""

import re

import pytest
from django.db import transaction

from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.files import actions, queries
from yingxu.files.models import File
from yingxu.matters.models import Matter

from .samples import JPEG, KEPT, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def put(cast):
    def attach(name: str, content: bytes, **more) -> File:
        with transaction.atomic():
            return actions.attach(cast.matter, [upload(name, content)], by=cast.by, **more)[0]

    return attach


def _same(answer, pk: int) -> str:
    """The page without the address and the tokens, which are new each time."""
    return re.sub(r'(value="|Token": ")[A-Za-z0-9]{64}', "", answer.content.decode()).replace(f"/{pk}/", "")


def _body(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("name", ["票.jpg", "合同.pdf", "名单.csv", "a.docx", "a.eml"])
def test_a_download(cast, put, enter, name):
    file = put(name, KEPT[name][0])
    answer = enter(cast.shen).get(f"/files/{file.pk}/")
    assert _body(answer) == KEPT[name][0]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"] and "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"] and answer.headers["Content-Length"] == str(file.size)
    assert not answer.headers["Content-Type"].startswith("text/")


def test_a_picture_may_be_shown_in_the_page_other_things_not(cast, put, enter):
    client = enter(cast.shen)
    picture, paper = put("票.jpg", JPEG), put("合同.pdf", KEPT["合同.pdf"][0])
    shown = client.get(queries.address(picture, inline=True))
    assert shown.headers["Content-Disposition"].startswith("inline") and shown.headers["Content-Type"] == "image/jpeg"
    forced = client.get(f"/files/{paper.pk}/?inline=1")
    assert forced.headers["Content-Disposition"].startswith("attachment")
    assert queries.address(paper, inline=True) == f"/files/{paper.pk}/"


def test_names_cannot_leave_their_header(cast, put, enter):
    file = put("a.jpg", JPEG)
    File.objects.filter(pk=file.pk).update(name='x"; filename=evil.exe\r\nSet-Cookie: a=b')
    answer = enter(cast.shen).get(f"/files/{file.pk}/")
    assert "Set-Cookie" not in answer.headers and '"' not in answer.headers["Content-Disposition"]


def test_what_one_may_not_see_is_not_there(cast, put, enter):
    file = put("a.jpg", JPEG, public=True)
    client = enter(cast.gu)
    unseen, absent = client.get(f"/files/{file.pk}/"), client.get("/files/999999/")
    assert unseen.status_code == absent.status_code == 404
    assert _same(unseen, file.pk) == _same(absent, 999_999)


def test_rights_are_asked_again_at_every_fetch(cast, put, enter):
    """S6: whoever loses the matter loses its files, at once."""
    file = put("a.jpg", JPEG)
    client = enter(cast.shen)
    assert client.get(f"/files/{file.pk}/").status_code == 200
    Matter.objects.filter(pk=cast.matter.pk).update(secrecy=2)
    assert client.get(f"/files/{file.pk}/").status_code == 404


def test_strangers_are_sent_to_sign_in(put, client):
    assert client.get(f"/files/{put('a.jpg', JPEG).pk}/").status_code == 302


def test_customers_find_what_is_theirs_and_public(cast, put):
    public, inside = put("a.jpg", JPEG, public=True), put("b.jpg", JPEG)
    mine = Actor(kind="customer", name="c", id=1, matters=frozenset({cast.matter.pk}))
    assert queries.visible_to(mine).count() == 0, "the customer's file is not opened to the portal, needs are"
    assert {public, inside} == set(queries.visible_to(cast.by))
    with pytest.raises(Gone):
        queries.find(Actor(kind="customer", name="d", id=2), public.pk)


def test_lost_bytes_are_a_plain_answer(cast, put, enter):
    file = put("a.jpg", JPEG)
    file.path.unlink()
    assert enter(cast.shen).get(f"/files/{file.pk}/").status_code == 404
