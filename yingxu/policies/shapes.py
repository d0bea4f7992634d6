"""The shape of a policy pack's files. Unknown keys and wrong types are refused."""

from typing import Literal

import msgspec

from yingxu.customers.fields import Field as FileField
from yingxu.relations.shapes import PARTS
from yingxu.templates.fields import Field

Category = Literal["urgent", "important", "general", "potential"]
Column = Literal["unset", "urgent", "important", "general", "potential"]
Step = Literal[
    "registration", "first_response", "triage", "acceptance", "plan", "progress", "handling", "review", "feedback",
    "confirmation", "follow_up", "watch_review", "management", "crisis_update", "breach_report", "breach_word",
]  # fmt: skip
Place = Literal["reply", "feedback", "result", "plan", "progress", "return", "send_back", "hold", "reject", "visit", "internal"]
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing beyond the named keys."""


class About(Strict):
    name: str
    title: str
    version: str
    description: str = ""
    language: str = "zh-Hans"


class Department(Strict):
    code: str
    name: str
    parent: str = ""
    service: bool = False
    response_group: bool = False


class Departments(Strict):
    departments: list[Department]


class Role(Strict):
    """Rules by how far they reach: own, department, subtree (with those below), all."""

    code: str
    name: str
    description: str = ""
    own: list[str] = []
    department: list[str] = []
    subtree: list[str] = []
    all: list[str] = []


class Roles(Strict):
    roles: list[Role]


class Template(Strict):
    code: str
    name: str
    active: bool = True
    must_ask: list[str] = []
    fields: list[Field] = []


class Templates(Strict):
    templates: list[Template]


class CategoryText(Strict):
    category: Category
    label: str
    definition: str
    examples: list[str] = []


class Categories(Strict):
    categories: list[CategoryText]


class Word(Strict):
    code: str
    place: Place
    title: str
    body: str
    kinds: list[str] = []


class Words(Strict):
    words: list[Word]


class Target(Strict):
    """`within` is 30m, 2h or 3d; a day is a working day, or 24 hours round the clock. `warn` is in percent of the time used."""

    within: str
    round_the_clock: bool = False
    warn: int = 80


Targets = dict[Column, dict[Step, Target]]


class Rung(Strict):
    """Whom to tell how long after the breach: 0m, 2h, 1d. `code` names the role or the department."""

    who: Literal["owner", "head", "above", "leader", "role", "department"]
    after: str
    code: str = ""


class Ladder(Strict):
    """Told from the lowest rung up, in working time or round the clock."""

    rungs: list[Rung]
    round_the_clock: bool = False


Ladders = dict[str, Ladder]


class ChainStep(Strict):
    """Who signs: everybody with a role, the requester's own head, the head of the matter's department, a person by sign-in name (`code`
    names the role or the person). `needed` of them; `within` 30m, 2h or 3d; `reauth`: the password is asked for once more."""

    name: str
    who: Literal["role", "head", "matter_head", "person"]
    code: str = ""
    needed: Literal["any", "all", "majority"] = "any"
    reauth: bool = False
    within: str = ""
    round_the_clock: bool = False


class Chain(Strict):
    """`distinct`: nobody signs twice. `lapse_days`: void after so many days (0: never)."""

    code: str
    name: str
    steps: list[ChainStep]
    description: str = ""
    distinct: bool = False
    lapse_days: int = 0


class Approvals(Strict):
    chains: list[Chain] = []


class Week(Strict):
    """Windows of each weekday, "09:00-12:00"; a day not named is off."""

    monday: list[str] = []
    tuesday: list[str] = []
    wednesday: list[str] = []
    thursday: list[str] = []
    friday: list[str] = []
    saturday: list[str] = []
    sunday: list[str] = []


class Day(Strict):
    """A company day: off, or working (with its own windows if given)."""

    on: str
    kind: Literal["off", "working"]
    name: str = ""
    windows: list[str] = []


class Calendar(Strict):
    week: Week
    zone: str = "Asia/Shanghai"
    days: list[Day] = []


class Rule(Strict):
    """All conditions given must hold; the first rule that fits fires."""

    code: str
    name: str
    department: str
    active: bool = True
    kinds: list[str] = []
    categories: list[Category] = []
    channels: list[str] = []
    any_words: list[str] = []
    all_words: list[str] = []
    grades: list[str] = []
    tags: list[str] = []
    amount_over: str = ""
    least_loaded: bool = False
    suggest_category: Literal["", "urgent", "important", "general", "potential"] = ""


class Routing(Strict):
    rules: list[Rule]


class Survey(Strict):
    """`scale` names 1 to 5; `reasons` are offered to who is not satisfied; `visit` are the questions of a follow-up visit."""

    question: str
    scale: list[str]
    reasons: list[str] = []
    visit: list[str] = []


class Reminders(Strict):
    """How many days before its end a paper, a contract and an instalment are spoken of."""

    papers: int = 30
    contracts: int = 30
    instalments: int = 7


class Section(Strict):
    """A part of every customer file, of one type of customer or of both; `secrecy` is the level it has at least."""

    code: str
    name: str
    hint: str = ""
    type: Literal["", "person", "organisation"] = ""
    secrecy: Literal[0, 1, 2, 3] = 0
    active: bool = True
    fields: list[FileField] = []


class CustomerFields(Strict):
    sections: list[Section] = []
    reminders: Reminders = msgspec.field(default_factory=Reminders)


class Clause(Strict):
    number: str
    chapter: str
    title: str
    text: str
    controls: list[str]


class Clauses(Strict):
    clauses: list[Clause]


class Purpose(Strict):
    """What personal data is used for. `identifiers` are kept only with this consent; `months` without a value: as long as the
    relation lasts."""

    code: str
    name: str
    basis: Literal["contract", "duty", "consent"]
    scope: str
    means: str
    months: int | None = None
    why: str = ""
    sensitive: bool = False
    automated: bool = False
    recipient: str = ""
    identifiers: list[Literal["phone", "email", "wechat", "resident_id", "credit_code", "bank", "code"]] = []
    ended: bool = False


class Purposes(Strict):
    purposes: list[Purpose] = []


class Notice(Strict):
    version: str
    body: str


class Keep(Strict):
    """How long a kind of data is kept after its end, and the ground of it."""

    months: int
    ground: str


class Privacy(Strict):
    notice: Notice | None = None
    retention: dict[str, Keep] = {}


class Upkeep(Strict):
    """What of customer files is verified anew each quarter and supplemented each week, for which grades (none: all), and how many working
    days there are. Fields are columns of the file, "contact", "phone", or section.field."""

    quarter_fields: list[str] = []
    week_fields: list[str] = []
    grades: list[str] = []
    quarter_days: int = 15
    week_most: int = 20
    entry_days: int = 3
    update_days: int = 2


FILES: dict[str, type] = {
    "pack": About,
    "departments": Departments,
    "roles": Roles,
    "templates": Templates,
    "categories": Categories,
    "words": Words,
    "targets": Targets,  # type: ignore[dict-item]
    "ladders": Ladders,  # type: ignore[dict-item]
    "approvals": Approvals,
    "calendar": Calendar,
    "routing": Routing,
    "survey": Survey,
    "customer_fields": CustomerFields,
    "purposes": Purposes,
    "privacy": Privacy,
    **PARTS,
    "upkeep": Upkeep,
    "clauses": Clauses,
}

LATER: tuple[str, ...] = ("customer_fields", "purposes", "privacy", "upkeep", *PARTS)  # files that packs of before do not have: without one, its shape says what holds
