"""How a file is guarded, as requests and answers of the API."""

from datetime import date, datetime
from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, Field, StrictInt

from .answers import Person
from .shapes import Code, Day, Shape, _about

Level = Annotated[StrictInt, Field(ge=0, le=3)]
Why = Annotated[str, Field(min_length=1, max_length=300)]


class Admitted(BaseModel):
    person: Person | None
    since: datetime
    until: datetime | None = _about(_("Null: without an end"))
    why: str


class GuardedSection(BaseModel):
    code: str
    name: str
    level: int
    own: bool = _about(_("Higher than the file's"))


class Guarding(BaseModel):
    number: str
    level: int = _about(_("0 none, 1 to 3 the company's own business grades; state secrets must not be stored"))
    name: str = _about(_("What the company calls the level"))
    ends_on: date | None = _about(_("Null: without an end"))
    then: str | None = _about(_("When that day is over: ask, or declassify (back to the level before)"))
    why: str
    set_by: Person | None
    set_at: datetime | None
    closed: bool = _about(_("Only the persons of the circle know of the file"))
    circle: list[Admitted]
    admitted: list[Admitted] = _about(_("Let in for a time, to read only"))
    sections: list[GuardedSection]


class Lowering(BaseModel):
    approval: int = _about(_("The request a second person signs"))
    title: str
    state: str
    asked_at: datetime


class Because(Shape):
    why: Why = _about(_("Why, in a sentence"))


class NewLevel(Because):
    level: Level = _about(_("Higher: at once. Lower: asked for"), 2)
    ends_on: Day | None = _about(_("Last day of a higher level"), default=None)
    then: Literal["ask", "declassify"] = _about(_("When that day is over: ask, or declassify (back to the level before)"), default="ask")


class NewSectionLevel(Because):
    level: Level = _about(_("Higher: at once. Lower: asked for"), 2)


class NewTerm(Because):
    ends_on: Day | None = _about(_("A later day; null: without an end"))


class NewCircle(Because):
    persons: list[Code] = _about(_("Sign-in names"), default=[], max_length=200)
    departments: list[Code] = _about(_("Codes of departments whose heads are in it"), default=[], max_length=50)
