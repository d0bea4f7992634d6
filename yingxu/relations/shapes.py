"""The rules as a pack declares them (classification.toml, prospects.toml, care.toml), and what their shapes cannot say."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

import msgspec
from django.utils.translation import gettext as _


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    def problems(self) -> Iterator[tuple[str, str]]:
        """(place, what is wrong) of everything the shape cannot say."""
        return iter(())


class Contribution(Strict):
    """What counts, over how many months back: a yuan of a contract signed (or deal), and one need that was settled, are worth so
    many points; "0" counts nothing."""

    months: int = 12
    contract_yuan: str = "1"
    need: str = "200"


class Grades(Strict):
    """A up to which share of the whole contribution in per cent, B up to which; the rest is C."""

    a: int = 80
    b: int = 95


class Tenure(Strict):
    """In months since the customer began: `old` from when on, `loyal` from when on if there were at least `loyal_times` dealings in
    the window."""

    old: int = 12
    loyal: int = 36
    loyal_times: int = 2


class Lifecycle(Strict):
    """Days since the first dealing while a customer is new; since the last after which it is lost; after a comeback while it counts as won
    back. Growing and declining compare this window's contribution with that of the one before, in per cent of it."""

    new_days: int = 90
    lost_days: int = 365
    back_days: int = 180
    growing: int = 120
    declining: int = 70


class Band(Strict):
    """A size from so many on."""

    code: str
    name: str
    least: int = 0


class Size(Strict):
    """By which number of the customer file ("section.field") organisations are sized, and the sizes from small to large."""

    field: str = "scale.staff"
    bands: list[Band] = []


class Classification(Strict):
    contribution: Contribution = msgspec.field(default_factory=Contribution)
    grades: Grades = msgspec.field(default_factory=Grades)
    tenure: Tenure = msgspec.field(default_factory=Tenure)
    lifecycle: Lifecycle = msgspec.field(default_factory=Lifecycle)
    size: Size = msgspec.field(default_factory=Size)

    def problems(self) -> Iterator[tuple[str, str]]:
        for key in ("contract_yuan", "need"):
            try:
                value = Decimal(getattr(self.contribution, key))
                good = value.is_finite() and 0 <= value <= 1_000_000 and value == round(value, 4)
            except InvalidOperation:
                good = False
            if not good:
                yield f"contribution.{key}", _("points from 0 to 1,000,000, with at most four decimals")
        if not 1 <= self.contribution.months <= 120:
            yield "contribution.months", _("between 1 and 120 months")
        if not 0 < self.grades.a < self.grades.b < 100:
            yield "grades.b", _("shares rise: 0 < a < b < 100")
        if not 0 < self.tenure.old < self.tenure.loyal <= 600:
            yield "tenure.loyal", _("loyal begins after old, both after 0 months")
        if not 0 <= self.tenure.loyal_times <= 10_000:
            yield "tenure.loyal_times", _("between 0 and 10,000 times")
        for key in ("new_days", "lost_days", "back_days"):
            if not 1 <= getattr(self.lifecycle, key) <= 3_660:
                yield f"lifecycle.{key}", _("between 1 and 3,660 days")
        if self.lifecycle.new_days >= self.lifecycle.lost_days:
            yield "lifecycle.lost_days", _("a customer is lost later than it is new")
        if not 0 <= self.lifecycle.declining < 100 < self.lifecycle.growing <= 1_000:
            yield "lifecycle.growing", _("declining below 100 per cent, growing above")
        if self.size.field and self.size.field.count(".") != 1:
            yield "size.field", _("a field is written section.field")
        codes = [band.code for band in self.size.bands]
        for i, band in enumerate(self.size.bands):
            if not band.code.isascii() or not band.code.isidentifier() or len(band.code) > 20 or band.code in codes[:i]:
                yield f"size.bands[{i}].code", _("a code is small letters and digits, each once")
            if band.least < 0 or (i and band.least <= self.size.bands[i - 1].least):
                yield f"size.bands[{i}].least", _("each size begins above the one before")


class Fact(Strict):
    """What must be known."""

    code: str
    label: str


class Stage(Strict):
    """A step of the pipeline: its name here, after how many days it is old, what must be known to come into it."""

    code: Literal["identify", "screen", "target", "contact", "proposal", "contract"]
    name: str
    days: int = 14
    facts: list[Fact] = []


_STAGES = ("identify", "screen", "target", "contact", "proposal", "contract")


class Prospects(Strict):
    lost_reasons: list[str] = msgspec.field(default_factory=lambda: ["–"])
    steps: list[Stage] = msgspec.field(default_factory=lambda: [Stage(code=code, name="") for code in _STAGES])  # type: ignore[arg-type]

    def problems(self) -> Iterator[tuple[str, str]]:
        if [step.code for step in self.steps] != list(_STAGES):
            yield "steps", _("all six steps are needed, in order: identify, screen, target, contact, proposal, contract")
        codes: list[str] = []
        for i, step in enumerate(self.steps):
            if not 1 <= step.days <= 3_660:
                yield f"steps[{i}].days", _("between 1 and 3,660 days")
            for j, fact in enumerate(step.facts):
                if not fact.code.isascii() or not fact.code.isidentifier() or len(fact.code) > 30 or fact.code in codes or not fact.label.strip():
                    yield f"steps[{i}].facts[{j}]", _("a fact has a code of its own and a label")
                codes.append(fact.code)
        if not self.lost_reasons or len(set(self.lost_reasons)) != len(self.lost_reasons) or any(not 1 <= len(r) <= 60 for r in self.lost_reasons):
            yield "lost_reasons", _("at least one reason, each once, of 1 to 60 characters")


Occasion = Literal[
    "birthday", "spring_festival", "lantern", "dragon_boat", "qixi", "mid_autumn", "double_ninth", "laba", "yearly", "day", "signed", "since"
]  # fmt: skip


class CareRule(Strict):
    """What is done for which customers on which occasion, so many days ahead. `on` is the day of "yearly" (MM-DD) and "day" (YYYY-MM-DD: an event of
    the company's); "signed" is so many days (`after`) after a contract was signed, "since" the day the customer began, every year. Empty lists
    mean everybody; `grades`, `tags`, `type` must all fit. A `marketing` rule passes over who did not agree to marketing."""

    code: str
    name: str
    occasion: Occasion
    task: str
    phase: Literal["before", "during", "after"] = "during"
    on: str = ""
    after: int = 0
    days: int = 7
    marketing: bool = False
    active: bool = True
    type: Literal["", "person", "organisation"] = ""
    grades: list[str] = []
    tags: list[str] = []


class CareRules(Strict):
    rules: list[CareRule] = []

    def problems(self) -> Iterator[tuple[str, str]]:
        codes = [rule.code for rule in self.rules]
        for i, rule in enumerate(self.rules):
            where = f"rules[{i}]"
            if not rule.code.isascii() or not rule.code.isidentifier() or len(rule.code) > 30 or rule.code in codes[:i]:
                yield f"{where}.code", _("a code is small letters and digits, each once")
            if not 1 <= len(rule.name) <= 60 or not 1 <= len(rule.task) <= 150:
                yield f"{where}.name", _("a name of 1 to 60 and a task of 1 to 150 characters")
            if not 0 <= rule.days <= 90 or not 0 <= rule.after <= 3_660:
                yield f"{where}.days", _("0 to 90 days ahead, 0 to 3,660 days after")
            if set(rule.grades) - {"A", "B", "C"}:
                yield f"{where}.grades", _("grades are A, B, C")
            try:
                if rule.occasion == "yearly":
                    date.fromisoformat(f"2024-{rule.on}")
                elif rule.occasion == "day":
                    date.fromisoformat(rule.on)
            except ValueError:
                yield f"{where}.on", _("the day is written 05-01 for every year, 2027-05-01 for one")


PARTS: dict[str, type[Strict]] = {"classification": Classification, "prospects": Prospects, "care": CareRules}
