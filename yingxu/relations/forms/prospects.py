"""The shape of what is typed about prospects."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.people import queries as people

from ..models import Prospect, Step
from ..queries import lost_reasons, pipeline


class Pursue(forms.Form):
    """What is expected of a prospect."""

    source = forms.CharField(label=gettext_lazy("Where it came from"), max_length=60, required=False)
    expected_amount = forms.DecimalField(label=gettext_lazy("Expected amount in yuan"), required=False, min_value=0, max_digits=15, decimal_places=2)
    expected_on = forms.DateField(label=gettext_lazy("Expected by"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    owner = forms.ModelChoiceField(label=gettext_lazy("Pursued by"), queryset=None, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people.colleagues()  # type: ignore[attr-defined]


class MoveOn(forms.Form):
    """Into another step, with what must be known for it: of every further step, or up to the one it was dropped on (`to`)."""

    step = forms.ChoiceField(label=gettext_lazy("Step"))

    def __init__(self, *args: Any, prospect: Prospect, to: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order, steps = list(Step.values), pipeline()
        here = order.index(prospect.step)
        to = to if to in order and to != prospect.step else ""
        self.fields["step"].choices = [(code, steps.name_of(code)) for code in order if code != prospect.step]  # type: ignore[attr-defined]
        self.fields["step"].initial = to or order[min(here + 1, len(order) - 1)]
        for code in order[here + 1 : order.index(to) + 1 if to else None]:
            for fact in steps.facts_of(code):
                self.fields[f"fact_{fact['code']}"] = forms.CharField(
                    label=fact["label"], required=False, max_length=500, initial=prospect.facts.get(fact["code"], ""),
                    help_text=_("For “%(step)s”") % {"step": steps.name_of(code)},
                )  # fmt: skip
        self.fields["note"] = forms.CharField(label=_("Note"), required=False, max_length=200, help_text=_("Needed when it goes back"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        facts = {key.removeprefix("fact_"): value for key, value in given.items() if key.startswith("fact_")}
        return {"step": given.get("step", ""), "note": given.get("note", ""), "facts": facts}


class NextStep(forms.Form):
    title = forms.CharField(label=gettext_lazy("Next step"), max_length=200)
    due_at = forms.DateTimeField(label=gettext_lazy("By when"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))


class GiveUp(forms.Form):
    reason = forms.ChoiceField(label=gettext_lazy("Reason"))
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(reason, reason) for reason in lost_reasons()]  # type: ignore[attr-defined]


class ProspectRules(forms.Form):
    """The pipeline: for each step its name, days and facts ("code label", one a line)."""

    lost_reasons = forms.CharField(label=gettext_lazy("Reasons for giving up"), widget=forms.Textarea(attrs={"rows": 4}), help_text=gettext_lazy("One a line"))
    was = forms.IntegerField(widget=forms.HiddenInput, required=False)
    widths: dict[str, str] = {}

    def __init__(self, *args: Any, content: dict[str, Any], version: int, **kwargs: Any) -> None:
        first = {"lost_reasons": "\n".join(content["lost_reasons"]), "was": version}
        super().__init__(*args, initial=first, **kwargs)
        for step in content["steps"]:
            code, name = step["code"], Step(step["code"]).label
            facts = "\n".join(f"{fact['code']} {fact['label']}" for fact in step["facts"])
            self.fields[f"name_{code}"] = forms.CharField(label=_("%(step)s: name") % {"step": name}, initial=step["name"], max_length=20, required=False)
            self.fields[f"days_{code}"] = forms.IntegerField(label=_("Old after days"), initial=step["days"], min_value=1, max_value=3_660)
            self.fields[f"facts_{code}"] = forms.CharField(
                label=_("To be known"), initial=facts, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("One a line: code, space, label")
            )
            self.widths = self.widths | {f"name_{code}": "w4", f"days_{code}": "w4", f"facts_{code}": "w4"}
        self.order_fields([*(key for key in self.fields if key not in ("lost_reasons", "was")), "lost_reasons", "was"])

    @property
    def rules(self) -> dict[str, Any]:
        given, steps = self.cleaned_data, []
        for code in Step.values:
            facts = [line.split(None, 1) for line in given[f"facts_{code}"].splitlines() if line.strip()]
            steps.append({
                "code": code, "name": given[f"name_{code}"], "days": given[f"days_{code}"], "facts": [{"code": f[0], "label": f[1] if len(f) > 1 else ""} for f in facts],
            })  # fmt: skip
        return {"lost_reasons": [line.strip() for line in given["lost_reasons"].splitlines() if line.strip()], "steps": steps}
