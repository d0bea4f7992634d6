"""Settings of record templates, by HTTP (N1, N4)."""

import pytest

from yingxu.matters.models import Entry
from yingxu.templates import queries
from yingxu.templates.models import CategoryText, QuickText, Template, TemplateVersion

pytestmark = pytest.mark.django_db
HERE = "/settings/templates/"


@pytest.fixture
def admin(signed_in):
    return signed_in("管鹿鸣")


def _post(client, path, **data):
    return client.post(HERE + path, data)


@pytest.mark.parametrize("path", ["kinds/", "new/", "kinds/pawn/", "kinds/pawn/fields/new/", "kinds/pawn/fields/rate/", "kinds/pawn/versions/",
                                  "categories/", "texts/", "texts/new/", "texts/received/"])  # fmt: skip
def test_pages_open_for_who_may_and_for_nobody_else(signed_in, path):
    assert signed_in("管鹿鸣").get(HERE + path).status_code == 200
    assert signed_in("顾一鸣").get(HERE + path).status_code == 403


def test_no_page_shows_english(admin):
    """S5: the words people read are Chinese (codes and kbd aside)."""
    import re

    html = admin.get(HERE + "kinds/pawn/fields/rate/").content.decode()
    text = re.sub(r"<[^>]+>|\s+|&\w+;", " ", re.sub(r"<(script|style|svg).*?</\1>", "", html, flags=re.S))
    assert not re.findall(r"\b(?!Ctrl|Esc|Alt|Enter|Shift|Space)[A-Z][a-z]{2,}\b", text)


def test_a_field_is_added_changed_moved_and_removed(admin):
    """N1: every change of what is asked is a new version."""
    assert _post(admin, "kinds/suggestion/fields/new/", label="谁受益", type="choice", options="客户\n公司", width="4", seen="1").status_code == 302
    version = queries.version_for("suggestion")
    assert version.number == 2 and version.specs[-1].options == ["客户", "公司"]
    own = version.specs[-1].code
    done = _post(admin, f"kinds/suggestion/fields/{own}/", label="受益者", type="choice", options="客户\n公司\n社会", width="6",
                 required_at="triage", seen="2")  # fmt: skip
    assert done.status_code == 302
    spec = queries.version_for("suggestion").specs[-1]
    assert (spec.label, spec.required, spec.required_at, spec.code) == ("受益者", True, "triage", own)
    _post(admin, f"kinds/suggestion/fields/{own}/place/", to="up", seen="3")
    assert [s.code for s in queries.version_for("suggestion").specs].index(own) == 1
    _post(admin, f"kinds/suggestion/fields/{own}/removal/", seen="4")
    assert own not in [s.code for s in queries.version_for("suggestion").specs]
    assert Entry.objects.filter(event="templates.template_changed", facts__code="suggestion", actor_kind="user").count() == 4
    page = admin.get(HERE + "kinds/suggestion/versions/").content.decode()
    assert "受益者" in page and "第 5 版" in page


def test_bad_fields_are_refused_with_what_is_wrong(admin):
    before = TemplateVersion.objects.count()
    answer = _post(admin, "kinds/pawn/fields/new/", label="颜色", type="choice", options="红", width="4", seen="1")
    assert answer.status_code == 422 and "至少要有两个不同的选项" in answer.content.decode()
    answer = _post(admin, "kinds/pawn/fields/new/", label="", type="nonsense", width="4", seen="1")
    assert answer.status_code == 422
    assert TemplateVersion.objects.count() == before


def test_two_people_editing_one_wins(admin):
    """Stale edits change nothing."""
    _post(admin, "kinds/pawn/fields/new/", label="甲", type="text", width="4", seen="1")
    answer = _post(admin, "kinds/pawn/fields/new/", label="乙", type="text", width="4", seen="1")
    assert answer.status_code == 409
    assert [s.label for s in queries.version_for("pawn").specs][-1] == "甲"


def test_the_preview_keeps_nothing(admin):
    before = TemplateVersion.objects.count()
    answer = _post(admin, "kinds/pawn/preview/", label="颜色深浅", type="choice", options="深\n浅", width="4", own="")
    assert answer.status_code == 200 and "颜色深浅" in answer.content.decode()
    assert TemplateVersion.objects.count() == before


def test_a_new_kind_is_made_and_archived(admin):
    assert _post(admin, "new/", name="寄售", code="consign").status_code == 302
    assert [t.code for t in queries.kinds()][-1] == "consign"
    assert _post(admin, "new/", name="寄售", code="consign").status_code == 422
    assert _post(admin, "new/", name="寄售", code="9 Bad").status_code == 422
    _post(admin, "kinds/consign/archive/", active="no")
    assert "consign" not in [t.code for t in queries.kinds()] and queries.kind_name("consign") == "寄售"
    assert queries.version_for("consign") is None


def test_questions_name_category_and_words(admin):
    _post(admin, "kinds/pawn/must-ask/", must_ask="一\n二", seen="1")
    assert Template.objects.get(code="pawn").current.must_ask == ["一", "二"]
    assert _post(admin, "kinds/pawn/must-ask/", must_ask="\n".join("一二三四五六七"), seen="2").status_code == 422
    _post(admin, "kinds/pawn/name/", name="典当业务")
    assert queries.kind_name("pawn") == "典当业务"
    _post(admin, "categories/", category="urgent", **{"urgent-label": "火急", "urgent-definition": "马上办", "urgent-examples": "一\n二"})
    assert CategoryText.objects.get(category="urgent").label == queries.category_name("urgent") == "火急"
    assert _post(admin, "categories/", category="nobody").status_code == 404
    assert _post(admin, "texts/new/", title="节日", place="reply", body="节日快乐", kinds=["pawn"]).status_code == 302
    made = QuickText.objects.get(title="节日")
    assert made in queries.quick_texts("reply", "pawn") and made not in queries.quick_texts("reply", "redeem")
    _post(admin, f"texts/{made.code}/removal/")
    assert made not in queries.quick_texts("reply")


def test_the_list_asks_the_database_little(admin, django_assert_max_num_queries):
    admin.get(HERE + "kinds/")
    with django_assert_max_num_queries(14):
        assert admin.get(HERE + "kinds/").status_code == 200
