"""The shape of what is typed about classes, and their figures in words."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.customers.models import Customer

from ..models import Standing
from ..queries import content


class Otherwise(forms.Form):
    """A class otherwise than the rules say."""

    value = forms.ChoiceField(label=gettext_lazy("Class"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    until = forms.DateField(
        label=gettext_lazy("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text=gettext_lazy("Empty: until it is taken back")
    )

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].choices = choices  # type: ignore[attr-defined]


class Back(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)


def _number(label: Any, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=10_000, **kwargs)


class ClassificationForm(forms.Form):
    """The rules of classification; the names are places in the pack's file, "__" for the dot."""

    contribution__months = _number(gettext_lazy("Window in months"), help_text=gettext_lazy("Dealings of this long count; compared with as long before"))
    contribution__contract_yuan = forms.CharField(label=gettext_lazy("Points for a yuan of a signed contract"), max_length=12)
    contribution__need = forms.CharField(label=gettext_lazy("Points for a settled need"), max_length=12)
    grades__a = _number(gettext_lazy("A up to per cent of the whole"))
    grades__b = _number(gettext_lazy("B up to per cent of the whole"))
    tenure__old = _number(gettext_lazy("Old customer from month"))
    tenure__loyal = _number(gettext_lazy("Loyal customer from month"))
    tenure__loyal_times = _number(gettext_lazy("with at least so many dealings in the window"))
    lifecycle__new_days = _number(gettext_lazy("Just begun for so many days"))
    lifecycle__lost_days = _number(gettext_lazy("Lost after so many days without a dealing"))
    lifecycle__back_days = _number(gettext_lazy("Won back for so many days after the return"))
    lifecycle__growing = _number(gettext_lazy("Growing from per cent of the window before"))
    lifecycle__declining = _number(gettext_lazy("Declining up to per cent of the window before"))
    size__field = forms.CharField(label=gettext_lazy("Size by this field of the file"), max_length=81, required=False, help_text=gettext_lazy("section.field; empty: no sizes"))
    bands = forms.CharField(
        label=gettext_lazy("Sizes from small to large"), required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text=gettext_lazy("One a line: code, name, from so many on"),
    )  # fmt: skip
    was = forms.IntegerField(widget=forms.HiddenInput, required=False)
    widths = dict.fromkeys(("contribution__months", "contribution__contract_yuan", "contribution__need"), "w4") | dict.fromkeys(("grades__a", "grades__b"), "w6")
    widths |= dict.fromkeys(("tenure__old", "tenure__loyal", "tenure__loyal_times", "lifecycle__new_days", "lifecycle__lost_days", "lifecycle__back_days"), "w4")
    widths |= dict.fromkeys(("lifecycle__growing", "lifecycle__declining"), "w6")

    @classmethod
    def first(cls, content: dict[str, Any], version: int) -> dict[str, Any]:
        """The rules as the form shows them."""
        shown = {f"{part}__{key}": value for part, rows in content.items() for key, value in rows.items() if key != "bands"}
        bands = "\n".join(f"{b['code']}, {b['name']}, {b['least']}" for b in content["size"]["bands"])
        return {**shown, "bands": bands, "was": version}

    def clean_bands(self) -> list[dict[str, Any]]:
        found = []
        for line in filter(str.strip, self.cleaned_data["bands"].splitlines()):
            cells = [cell.strip() for cell in line.replace("，", ",").split(",")]
            if len(cells) != 3 or not cells[2].isascii() or not cells[2].isdigit():
                raise forms.ValidationError(_("“%(line)s” is no size: write code, name, number.") % {"line": line.strip()[:60]})
            found.append({"code": cells[0], "name": cells[1][:20], "least": int(cells[2])})
        return found

    @property
    def rules(self) -> dict[str, Any]:
        made: dict[str, dict[str, Any]] = {}
        for key, value in self.cleaned_data.items():
            if "__" in key:
                part, name = key.split("__", 1)
                made.setdefault(part, {})[name] = value
        made["size"]["bands"] = self.cleaned_data["bands"]
        return made


# ── figures in words ──


def _day(value: Any) -> str:
    return date_format(date.fromisoformat(value), "DATE_FORMAT") if value else ""


def because(dimension: str, ruled: str, standing: Standing) -> str:
    """Why the rules say so, in one sentence with the figures."""
    of, rules = standing.figures, content("classification")
    if dimension == "grade":
        if ruled in ("A", "B", "C") and standing.contribution > 0:
            return _("%(points)s points; all larger ones together make up %(share)s%% of the whole (A below %(a)s%%, B below %(b)s%%)") % {
                "points": f"{standing.contribution:,.0f}", "share": of.get("share", 0), **rules["grades"],
            }  # fmt: skip
        return _("contributed nothing in the window") if ruled else _("never dealt with us")
    if dimension == "tenure":
        return _("since %(day)s, %(times)s dealings in the window") % {"day": _day(of.get("since")), "times": of.get("times", 0)} if ruled else _("never dealt with us")
    if dimension == "size":
        return _("%(n)s in the file") % {"n": of["size"]} if "size" in of else _("the number is not filled in")
    if ruled == "prospect":
        return _("never dealt with us")
    if ruled == "won_back":
        return _("came back on %(day)s after a long silence") % {"day": _day(of.get("back"))}
    said = {"last": _day(of.get("last")), "now": f"{standing.contribution:,.0f}", "before": f"{float(of.get('earlier', 0)):,.0f}"}
    return _("latest dealing on %(last)s; %(now)s points in this window, %(before)s in the one before") % {**said, "last": said["last"] or "–"}


def figures(standing: Standing | None, customer: Customer) -> list[tuple[Any, str, str]]:
    """(what, figure, the page with the records behind it)."""
    if standing is None:
        return []
    of, number = standing.figures, customer.matter.number
    needs = reverse("needs:index") + "?" + urlencode({"customer": number})
    contracts = reverse("customers:profile", args=[number]) + "?part=contracts"
    return [
        (_("Window from"), _day(of.get("from")), ""),
        (_("Needs in the window"), str(of.get("needs", 0)), needs),
        (_("Points of settled needs"), f"{float(of.get('need_points', 0)):,.0f}", needs),
        (_("Contracts in the window"), str(of.get("contracts", 0)), contracts),
        (_("Their amount in yuan"), f"{float(of.get('contract_yuan', 0)):,.2f}", contracts),
        (_("Contribution in points"), f"{standing.contribution:,.2f}", ""),
    ]
