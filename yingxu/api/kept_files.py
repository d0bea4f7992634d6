"""The level of single papers: raised at once, or asked to come down."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.archives import papers
from yingxu.files import queries
from yingxu.files.models import File
from yingxu.matters.actions import look
from yingxu.matters.models import Look

from . import answers, door, file_shapes, showing

router = Router(tags=[gettext_noop("Files")])


@router.post("/{file}/level", response=answers.FileRef, summary=gettext_noop("Raise the secrecy level of a file"),
             description=gettext_noop("At once. Whoever is not cleared for it knows of the file no more, nor does the customer."))  # fmt: skip
def level(request: HttpRequest, file: int, data: file_shapes.FileLevel) -> dict[str, Any]:
    by = door.by(request, papers.raise_paper.rule)
    return showing.file_row(papers.raise_paper(_one(file, by), by=by, level=data.level, why=data.why))


@router.post("/{file}/lowering", response={202: answers.FileRef}, summary=gettext_noop("Ask for a lower secrecy level of a file"),
             description=gettext_noop("A second person, who is cleared for it, signs; until then nothing changes."))  # fmt: skip
def lowering(request: HttpRequest, file: int, data: file_shapes.FileLevel) -> dict[str, Any]:
    by = door.by(request, papers.ask_to_lower_paper.rule)
    found = _one(file, by)
    papers.ask_to_lower_paper(found, by=by, level=data.level, why=data.why)
    return showing.file_row(found)


def _one(pk: int, by: Any) -> File:
    found = queries.find(by, min(pk, 2**62))
    look(found.matter, by=by, what=Look.What.API, detail=f"paper {found.pk}", above=found.stamp)
    return found
