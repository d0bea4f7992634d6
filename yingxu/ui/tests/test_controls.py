"""A field looks the same from a Django form and from plain values, and its parts are tied together."""

from datetime import UTC, date, datetime, time

from django import forms
from django.utils import translation

from yingxu.ui.controls import control, loose, problems


class Sample(forms.Form):
    name = forms.CharField(label="名称", max_length=4, help_text="全称")
    kind = forms.ChoiceField(label="类型", choices=[("a", "甲"), ("b", "乙")], initial="b")
    tags = forms.MultipleChoiceField(label="标签", choices=[("x", "一"), ("y", "二")], required=False)
    at = forms.DateTimeField(label="时间", required=False)
    paid = forms.BooleanField(label="已付", required=False)

    def clean(self) -> dict:
        raise forms.ValidationError("整张表单有误")


def test_unbound_field_shows_its_beginning():
    form = Sample(initial={"at": datetime(2026, 3, 18, 8, 30, tzinfo=UTC)})
    name, kind, at = control(form["name"]), control(form["kind"]), control(form["at"])
    assert (name.id, name.label, name.must, name.value, name.errors) == ("id_name", "名称", True, "", [])
    assert name.wiring["aria-describedby"] == "id_name-hint"
    assert [o.value for o in kind.options if o.chosen] == ["b"]
    assert at.value == "2026-03-18T16:30"
    assert [control(form[n]).kind for n in form.fields] == ["text", "select", "picks", "datetime", "checkbox"]


def test_bound_field_keeps_what_was_typed_and_points_to_its_error():
    with translation.override("zh-hans"):
        form = Sample({"name": "太长的名字", "kind": "zzz", "tags": ["y"], "paid": "on"})
        name = control(form["name"])
        assert name.value == "太长的名字"
        assert name.errors == ["最多 4 个字，现在 5 个"]
        assert name.wiring["aria-invalid"] == "true"
        assert name.wiring["aria-describedby"] == "id_name-error"
        assert [o.chosen for o in control(form["tags"]).options] == [False, True]
        assert control(form["paid"]).checked
        assert [(i, m) for i, _label, m in problems(form)] == [
            ("", "整张表单有误"),
            ("id_name", "最多 4 个字，现在 5 个"),
            ("id_kind", "“zzz”不可选，重选一项"),
        ]


def test_plain_values():
    made = control("rate", label="利率", value=date(2026, 3, 18), errors=["太高"], must=True, data_x="1", options=None)
    assert (made.value, made.errors, made.must, made.attrs) == ("2026-03-18", ["太高"], True, {"data-x": "1"})
    assert control("hour", value=time(9, 5)).value == "09:05"
    picked = control("kind", options=[("a", "甲", "说明"), ("b", "乙")], value="a")
    assert [(o.value, o.chosen, o.hint) for o in picked.options] == [("a", True, "说明"), ("b", False, "")]


def test_keywords_replace_what_the_field_says():
    form = Sample({"name": "好", "kind": "a"})
    made = control(form["kind"], value="b", label="别的", options=[("a", "甲"), ("b", "乙"), ("c", "丙")])
    assert (made.label, [o.value for o in made.options if o.chosen], len(made.options)) == ("别的", ["b"], 3)


def test_a_password_is_never_sent_back():
    class Secret(forms.Form):
        word = forms.CharField(widget=forms.PasswordInput)

    assert control(Secret({"word": "hunter2hunter2"})["word"]).value == ""


def test_loose_rows():
    (row,) = loose([{"a": 1}])
    assert (row.a, row.b) == (1, None)
