"""The parts of a customer's file by program: contacts, numbers, tags, papers."""

from hashlib import file_digest
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import File, Router
from ninja.files import UploadedFile

from yingxu.base.access import RULES, Actor
from yingxu.base.errors import Gone, Invalid
from yingxu.customers import actions, queries
from yingxu.customers.actions.consenting import Spoken
from yingxu.customers.actions.editing import contact_mark
from yingxu.customers.models import Contact, Customer, Identifier, Paper
from yingxu.files import queries as files
from yingxu.matters.actions import look
from yingxu.matters.models import Look

from . import answers, door, file_answers, file_shapes, showing
from .customer_files import customer_of
from .needs import KEY

router = Router(tags=[gettext_noop("Customers")])


def _contact_of(customer: Customer, pk: int | None, at: str = "") -> Contact | None:
    """A contact of this customer by its key. Raises Gone, or Invalid at the field that named it."""
    found = customer.contacts.filter(pk=pk).first() if pk else None
    if pk and found is None:
        if at:
            raise Invalid.field(at, _("This is no contact of the customer."))
        raise Gone()
    return found


def _must(customer: Customer, pk: int) -> Contact:
    found = _contact_of(customer, pk or None)
    if found is None:
        raise Gone()
    return found


def _contact(found: Contact) -> dict[str, Any]:
    plain = ("name", "position", "department", "role", "stance", "preference", "note", "active")
    return {**{name: getattr(found, name) for name in plain}, "id": found.pk, "reports_to": found.reports_to_id, "seen": contact_mark(found)}


def _number(found: Identifier) -> dict[str, Any]:
    return {"id": found.pk, "type": found.type, "masked": found.masked, "contact": found.contact_id}


def _papers(customer: Customer, found: list[Paper], by: Actor) -> list[dict[str, Any]]:
    """Papers with the scans this actor may open; that one with a level of its own was read is written down."""
    scans = list(files.visible_to(by).select_related("matter").filter(pk__in={file.pk for paper in found for file in paper.files.all()}))
    look(customer.matter, by=by, what=Look.What.API, detail="papers", above=files.above(scans))
    open_ = {file.pk: file.level for file in scans}
    plain = ("kind", "name", "masked", "issuer", "issued_on", "valid_until", "note", "active")
    return [
        {**{name: getattr(paper, name) for name in plain}, "id": paper.pk,
         "scans": [{"id": f.pk, "name": f.name, "size": f.size, "type": f.mime, "level": open_[f.pk]} for f in paper.files.all() if f.pk in open_]}
        for paper in found
    ]  # fmt: skip


def _paper(customer: Customer, pk: int, by: Actor) -> dict[str, Any]:
    return _papers(customer, [queries.papers.one(customer, pk)], by)[0]


# ── whom we talk to ──


@router.get("/{number}/contacts", response=list[file_answers.FileContact], summary=gettext_noop("List the contacts of a customer"))
def contacts(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    return [_contact(found) for found in customer_of(request, number).contacts.select_related("reports_to")]


@router.post("/{number}/contacts", response={201: file_answers.FileContact}, summary=gettext_noop("Add a contact"), openapi_extra={"parameters": [KEY]})
def add_contact(request: HttpRequest, number: str, data: file_shapes.NewContact, response: HttpResponse) -> dict[str, Any]:
    by, customer, given = door.by(request, actions.add_contact.rule), customer_of(request, number, "customers.edit"), data.given()
    given["reports_to"] = _contact_of(customer, data.reports_to, "reports_to")
    return _contact(door.once(request, response, lambda: actions.add_contact(customer, by=by, **given)))


@router.patch(
    "/{number}/contacts/{contact}", response=file_answers.FileContact, summary=gettext_noop("Change a contact"),
    description=gettext_noop("Only the fields that are sent change. With seen, a contact that was changed since is refused (409)."),
)  # fmt: skip
def edit_contact(request: HttpRequest, number: str, contact: int, data: file_shapes.ContactChanges) -> dict[str, Any]:
    by, customer, given = door.by(request, actions.edit_contact.rule), customer_of(request, number, "customers.edit"), data.given()
    found = _must(customer, contact)
    if "reports_to" in given:
        given["reports_to"] = _contact_of(customer, data.reports_to, "reports_to")
    return _contact(actions.edit_contact(customer, found, by=by, **given))


@router.post("/{number}/contacts/{contact}/retirement", response=file_answers.FileContact, summary=gettext_noop("Put a contact away who has left, or bring one back"))
def retire_contact(request: HttpRequest, number: str, contact: int, data: file_shapes.InUse) -> dict[str, Any]:
    by, customer = door.by(request, actions.retire_contact.rule), customer_of(request, number, "customers.edit")
    return _contact(actions.retire_contact(customer, _must(customer, contact), by=by, active=data.active))


@router.post(
    "/{number}/identifiers", response={201: file_answers.FileNumber}, summary=gettext_noop("Add a phone, mail address or other number"), openapi_extra={"parameters": [KEY]},
    description=gettext_noop("Sealed at once. A kind that is only kept with a consent needs one on file, or consent saying how it was given."),
)  # fmt: skip
def add_identifier(request: HttpRequest, number: str, data: file_shapes.NewIdentifier, response: HttpResponse) -> dict[str, Any]:
    by, customer = door.by(request, actions.add_identifier.rule), customer_of(request, number, "customers.edit")
    spoken = Spoken(data.consent.channel, data.consent.evidence, data.consent.person) if data.consent else None
    contact = _contact_of(customer, data.contact, "contact")
    made = door.once(request, response, lambda: actions.add_identifier(customer, by=by, type=data.type, text=data.text, contact=contact, consent=spoken))
    return _number(made)


@router.post("/{number}/identifiers/{identifier}/removal", response=answers.CustomerFull, summary=gettext_noop("Take a number out of the file"))
def remove_identifier(request: HttpRequest, number: str, identifier: int, data: file_shapes.RulesAgain) -> dict[str, Any]:
    by, customer = door.by(request, actions.remove_identifier.rule), customer_of(request, number, "customers.edit")
    actions.remove_identifier(customer, queries.identifier(customer, identifier), by=by)
    return showing.customer_full(queries.profile(customer.matter.number, by))


@router.post("/{number}/tags", response=answers.CustomerFull, summary=gettext_noop("Add and remove tags"))
def tag(request: HttpRequest, number: str, data: file_shapes.Tagged) -> dict[str, Any]:
    by, customer = door.by(request, actions.tag.rule), customer_of(request, number, "customers.edit")
    actions.tag(customer, by=by, add=data.add, remove=data.remove)
    return showing.customer_full(queries.profile(customer.matter.number, by))


# ── papers ──


@router.get("/{number}/papers", response=list[file_answers.FilePaper], summary=gettext_noop("List licences and other papers of a customer"))
def papers(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    by, customer = door.by(request, RULES["customers.view"]), customer_of(request, number)
    return _papers(customer, queries.papers.of(customer, by), by)


@router.post("/{number}/papers", response={201: file_answers.FilePaper}, summary=gettext_noop("Take in a paper"), openapi_extra={"parameters": [KEY]})
def take_in(request: HttpRequest, number: str, data: file_shapes.PaperFields, response: HttpResponse) -> dict[str, Any]:
    by, customer = door.by(request, actions.take_in_paper.rule), customer_of(request, number, "customers.edit")
    given = {"kind": data.kind, **data.given()}
    made = door.once(request, response, lambda: actions.take_in_paper(customer, by=by, **given))
    return _paper(customer, made.pk, by)


@router.patch("/{number}/papers/{paper}", response=file_answers.FilePaper, summary=gettext_noop("Change a paper"),
              description=gettext_noop("Only the fields that are sent change; an empty number stays. Another last day begins the reminders anew."))  # fmt: skip
def amend_paper(request: HttpRequest, number: str, paper: int, data: file_shapes.PaperFields) -> dict[str, Any]:
    by, customer = door.by(request, actions.amend_paper.rule), customer_of(request, number, "customers.edit")
    actions.amend_paper(customer, queries.papers.one(customer, paper), by=by, **data.given())
    return _paper(customer, paper, by)


@router.post("/{number}/papers/{paper}/files", response={201: file_answers.FilePaper}, summary=gettext_noop("Add scans to a paper"), openapi_extra={"parameters": [KEY]},
             description=gettext_noop("multipart/form-data with one or more parts named files; at most 20 at once."))  # fmt: skip
def scan(request: HttpRequest, number: str, paper: int, response: HttpResponse, files: list[UploadedFile] = File(...), level: int = 0) -> dict[str, Any]:
    by, customer = door.by(request, actions.amend_paper.rule), customer_of(request, number, "customers.edit")
    found = queries.papers.one(customer, paper)
    sent = [[file.name, file_digest(file, "sha256").hexdigest()] for file in files]
    door.once(request, response, lambda: actions.amend_paper(customer, found, by=by, scans=files, level=level), sent=[level, *sent])
    return _paper(customer, paper, by)


@router.post("/{number}/papers/{paper}/retirement", response=file_answers.FilePaper, summary=gettext_noop("Put a paper out of use, or into use again"))
def retire_paper(request: HttpRequest, number: str, paper: int, data: file_shapes.InUse) -> dict[str, Any]:
    by, customer = door.by(request, actions.retire_paper.rule), customer_of(request, number, "customers.edit")
    actions.retire_paper(customer, queries.papers.one(customer, paper), by=by, active=data.active, why=data.why)
    return _paper(customer, paper, by)
