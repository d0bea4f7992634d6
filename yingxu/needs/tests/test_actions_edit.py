"""Corrections, tags, notes, files, following, links, merging, splitting, export, saved views (N12, N17): done, refused, wrong moment."""

import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from yingxu.base.errors import Gone, Invalid, NotAllowed, Stale, WrongMoment
from yingxu.matters.models import Entry
from yingxu.needs import actions, queries
from yingxu.needs.models import Link, Need
from yingxu.needs.states import State

pytestmark = pytest.mark.django_db
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082")


def picture(name: str = "手镯证书.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PNG, "image/png")


def test_amend_keeps_old_and_new(story):
    need = story.register()
    need = actions.amend(need, by=story.by("沈岚"), version=1, changes={"title": "手镯典当 42 万", "caller": "季女士", "secrecy": 1})
    assert (need.matter.title, need.caller, need.matter.secrecy, need.version) == ("手镯典当 42 万", "季女士", 1, 2)
    assert need.matter.entries.filter(event="needs.need_amended").count() == 3
    assert queries.inbox(story.by("沈岚"), queries.Filters(q="手镯典当")).rows


def test_two_corrections_at_once(story):
    """The second is shown both values and nothing of the first is lost."""
    need = story.register()
    actions.amend(need, by=story.by("沈岚"), version=1, changes={"title": "手镯典当"})
    with pytest.raises(Stale) as refusal:
        actions.amend(need, by=story.by("苏慕青"), version=1, changes={"title": "手镯续当"})
    assert refusal.value.theirs == {"title": ("手镯典当", "手镯续当")}
    assert story.fresh(need.number).matter.title == "手镯典当"


def test_amend_refuses(story):
    need = story.register(secrecy=2)
    for changes in ({"title": ""}, {"secrecy": 1}, {"secrecy": 9}, {"fields": {"nothing": "x"}}):
        with pytest.raises(Invalid):
            actions.amend(need, by=story.by("沈岚"), version=1, changes=changes)
    with pytest.raises(NotAllowed):
        actions.amend(story.at(State.HANDLING), by=story.by("方屿"), version=1, changes={"title": "x"})
    with pytest.raises(WrongMoment):
        actions.amend(story.at(State.VOID), by=story.by("沈岚"), version=1, changes={"title": "x"})


def test_tags(story):
    need = actions.tag(story.register(), by=story.by("沈岚"), add=["翡翠", "复评"])
    need = actions.tag(need, by=story.by("沈岚"), add=["加急"], remove=["翡翠"])
    assert need.tags == ["加急", "复评"]
    with pytest.raises(Invalid):
        actions.tag(need, by=story.by("沈岚"), add=[f"t{i}" for i in range(30)])
    with pytest.raises(NotAllowed):
        actions.tag(need, by=story.by("方屿"), add=["x"])


def test_a_mention_lets_a_colleague_see(story):
    """N12: whoever is called by @ may follow, unless the secrecy is above them."""
    need, fang = story.at(State.HANDLING), story.by("方屿")
    with pytest.raises(Gone):
        queries.find(need.number, fang)
    actions.note(need, by=story.by("顾一鸣"), text="@方屿 请帮忙确认出库时间")
    assert queries.find(need.number, fang)
    entry = need.matter.entries.get(event="needs.note_written")
    assert entry.tell == [fang.user_id] and entry.note.voice == "internal"
    secret = story.at(State.ACCEPTANCE, secrecy=2)
    actions.note(secret, by=story.by("沈岚"), text="@顾一鸣 看一下")
    assert not secret.matter.watchers.exists()


def test_note_refuses(story):
    with pytest.raises(Invalid):
        actions.note(story.register(), by=story.by("沈岚"), text="")
    with pytest.raises(NotAllowed):
        actions.note(story.at(State.HANDLING), by=story.by("方屿"), text="插一句")


def test_files_come_with_words_or_alone(story):
    need = story.register()
    actions.note(need, by=story.by("沈岚"), text="证书见附件", uploads=[picture()])
    actions.attach(need, by=story.by("沈岚"), uploads=[picture("发票.png")], public=True)
    assert [(f.name, f.public) for f in need.matter.files.order_by("id")] == [("手镯证书.png", False), ("发票.png", True)]
    with pytest.raises(Invalid):
        actions.attach(need, by=story.by("沈岚"), uploads=[SimpleUploadedFile("x.png", b"MZ not a picture")])
    with pytest.raises(NotAllowed):
        actions.attach(story.at(State.HANDLING), by=story.by("方屿"), uploads=[picture()])


def test_following(story):
    need = story.register()
    actions.follow(need, by=story.by("林小满"))
    assert need.matter.watchers.get().user.name == "林小满"
    actions.unfollow(need, by=story.by("林小满"))
    assert not need.matter.watchers.exists()
    for verb in (actions.follow, actions.unfollow):
        with pytest.raises(NotAllowed):
            verb(need, by=story.by("方屿"))


def test_void_keeps_the_number(story):
    need = actions.void(story.register(), by=story.by("苏慕青"), reason="重复点了两次")
    assert need.state == State.VOID and need.matter.closed_at and Need.objects.filter(pk=need.pk).exists()
    with pytest.raises(Invalid):
        actions.void(story.register(), by=story.by("苏慕青"), reason="")
    with pytest.raises(WrongMoment):
        actions.void(story.at(State.CONFIRMATION), by=story.by("苏慕青"), reason="太晚了")
    with pytest.raises(NotAllowed):
        actions.void(story.register(), by=story.by("顾一鸣"), reason="不想办")


def test_link_and_unlink(story):
    one, two, shen = story.register("一"), story.register("二"), story.by("沈岚")
    actions.link(one, by=shen, other=two, type=Link.Type.PARENT)
    assert [(other.pk, first) for _link, other, first in queries.links(two, shen)] == [(one.pk, False)]
    with pytest.raises(WrongMoment):
        actions.link(one, by=shen, other=two, type=Link.Type.PARENT)
    with pytest.raises(Invalid):
        actions.link(one, by=shen, other=one)
    with pytest.raises(Invalid):
        actions.link(one, by=shen, other=two, type="duplicate")
    actions.unlink(two, by=shen, other=one)
    assert not queries.links(one, shen)
    with pytest.raises(WrongMoment):
        actions.unlink(one, by=shen, other=two)
    for verb in (actions.link, actions.unlink):
        with pytest.raises(NotAllowed):
            verb(one, by=story.by("方屿"), other=two)


def test_a_link_to_what_one_may_not_see_is_refused(story):
    mine, hidden = story.at(State.HANDLING), story.at(State.HANDLING, department="vault")
    with pytest.raises(NotAllowed):
        actions.link(mine, by=story.by("顾一鸣"), other=hidden)


def test_merge_and_back(story):
    """N12: both stay readable; undone, the one that ended goes back to triage."""
    one, two, shen = story.register("一"), story.register("二"), story.by("沈岚")
    one = actions.merge(one, by=shen, into=two)
    assert (one.state, one.merged_into) == (State.MERGED, two) and one.matter.closed_at
    assert queries.links(one, shen)[0][0].type == Link.Type.DUPLICATE
    one = actions.unmerge(one, by=shen)
    assert (one.state, one.merged_into, one.matter.closed_at) == (State.TRIAGE, None, None)
    with pytest.raises(WrongMoment):
        actions.unmerge(one, by=shen)
    with pytest.raises(Invalid):
        actions.merge(one, by=shen, into=one)
    with pytest.raises(WrongMoment):
        actions.merge(story.at(State.REVIEW), by=shen, into=two)
    with pytest.raises(WrongMoment):
        actions.merge(one, by=shen, into=story.at(State.VOID))
    with pytest.raises(NotAllowed):
        actions.merge(one, by=story.by("顾一鸣"), into=two)
    with pytest.raises(NotAllowed):
        actions.unmerge(story.at(State.MERGED), by=story.by("顾一鸣"))


def test_split(story):
    need, shen = story.register("三件事"), story.by("沈岚")
    parts = [actions.Intake(kind="suggestion", body=body, channel="phone", backfill=True) for body in ("一件", "另一件")]
    made = actions.split(need, by=shen, parts=parts)
    assert len(made) == 2 and {first for _l, _o, first in queries.links(need, shen)} == {True}
    assert story.fresh(need.number).state == State.REGISTERED
    with pytest.raises(Invalid):
        actions.split(need, by=shen, parts=[])
    with pytest.raises(WrongMoment):
        actions.split(story.at(State.CLOSED), by=shen, parts=parts)
    with pytest.raises(NotAllowed):
        actions.split(need, by=story.by("方屿"), parts=parts)


def test_export_is_stated_and_has_a_limit(story, monkeypatch):
    story.register(), story.register()
    rows = actions.export(by=story.by("苏慕青"), filters=queries.Filters(), query="queue=all")
    stated = Entry.objects.get(event="needs.needs_exported")
    assert len(rows) == 2 and (stated.facts, stated.personal) == ({"count": 2}, {"query": "queue=all"})
    monkeypatch.setattr(sys.modules["yingxu.needs.actions.export"], "MOST", 1)
    with pytest.raises(Invalid):
        actions.export(by=story.by("苏慕青"), filters=queries.Filters())
    with pytest.raises(NotAllowed):
        actions.export(by=story.by("顾一鸣"), filters=queries.Filters())


def test_saved_views(story):
    """N17: one's own, and the department's when shared."""
    view = actions.save_view(by=story.by("沈岚"), name="续当", query="queue=all&kind=renewal")
    actions.save_view(by=story.by("沈岚"), name="重办", query="round=2", team=True)
    assert {v.name for v in queries.saved_views(story.by("沈岚"))} == {"续当", "重办"}
    assert {v.name for v in queries.saved_views(story.by("林小满"))} == {"重办"}
    assert not queries.saved_views(story.by("顾一鸣"))
    again = actions.save_view(by=story.by("沈岚"), name="续当", query="kind=redeem")
    assert again.pk == view.pk
    actions.delete_view(by=story.by("林小满"), view=again)
    assert again in queries.saved_views(story.by("沈岚"))
    actions.delete_view(by=story.by("沈岚"), view=again)
    assert {v.name for v in queries.saved_views(story.by("沈岚"))} == {"重办"}
    with pytest.raises(NotAllowed):
        actions.save_view(by=story.by("顾一鸣"), name="共享", query="", team=True)
    with pytest.raises(Invalid):
        actions.save_view(by=story.by("沈岚"), name="长", query="q=" + "x" * 600)
