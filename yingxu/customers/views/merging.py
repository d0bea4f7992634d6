"""Two files found to be one customer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yingxu.base.errors import Gone, Invalid
from yingxu.base.kept import sizes
from yingxu.base.web import door, go, methods, page

from .. import actions, panels, queries, rules
from ..actions.merging import CHOICES
from ..events import field_label
from ..models import Customer
from ..shown import Sheet
from .index import places_nav
from .ways import opened, to


@door(rules.MERGE)
@methods("GET", "POST")
def merge(request: HttpRequest, number: str) -> HttpResponse:
    by = request.actor
    kept = queries.profile(number, by)
    if request.method == "POST":
        gone = queries.one(request.POST.get("with", ""), by)
        choices = {name.removeprefix("choice-"): value for name, value in request.POST.items() if name.startswith("choice-")}
        actions.merge(kept, gone, by=by, choices=choices)
        return go(request, f"{to(kept)}?from={gone.matter.number}")
    opened(request, kept, "merge")
    other, text = request.GET.get("with", ""), request.GET.get("q", "")
    if not other:
        found = [f for f in queries.find_while_typing(text, by=by) if f.customer.pk != kept.pk] if text else []
        context = {"customer": kept, "q": text, "found": found, "doubles": queries.duplicates_of(kept, by=by), "may": {"merge": True}}
        return page(request, "customers/merge_with.html", context)
    gone = queries.profile(other, by)
    if gone.pk == kept.pk:
        raise Invalid(_("A customer cannot be merged with itself."))
    opened(request, gone, "merge")
    return page(request, "customers/merge.html", {"kept": Sheet(kept), "gone": Sheet(gone), **_compared(kept, gone, by)})


def _compared(kept: Customer, gone: Customer, by: Any) -> dict[str, Any]:
    """Field by field what both say, and how much moves."""
    fields = []
    for key in CHOICES:
        mine, theirs = Sheet(kept).said(key), Sheet(gone).said(key)
        if mine or theirs:
            fields.append({"key": key, "part": "", "label": field_label(key), "kept": mine, "gone": theirs, "same": mine == theirs, "take": "gone" if not mine else "kept"})
    both = {f"section:{row.section.pk}.{fact.spec.code}": (row.section, fact) for row in queries.sections.read(gone, by) for fact in row.filled}
    for row in queries.sections.read(kept, by):
        for fact in row.filled:
            if theirs := both.get(key := f"section:{row.section.pk}.{fact.spec.code}"):
                same = fact.kept == theirs[1].kept
                fields.append({"key": key, "part": row.section.name, "label": fact.spec.label, "kept": fact.text, "gone": theirs[1].text, "same": same, "take": "kept"})
    counted = queries.counts(gone)
    moving = [(_("Contacts"), gone.contacts.count()), (_("Phone and other numbers"), gone.identifiers.count())]
    moving += [(_("Filled-in fields"), len(both)), (_("Dealings"), counted["dealings"]), (_("Contracts"), counted["contracts"]), (_("Papers"), counted["papers"])]
    further = [(p.label, p.count(gone, by)) for p in panels.open_to(by) if p.count]
    moving += zip((label for label, _asked in further), sizes([asked for _label, asked in further]), strict=True)
    return {"fields": fields, "moving": [(label, n) for label, n in moving if n], "tags": [t for t in gone.tags if t not in kept.tags]}


@door(rules.MERGE)
@methods("POST")
def undo_merge(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    kept = queries.one(number, request.actor)
    found = next((merge for merge in queries.merges(kept) if merge.pk == pk), None)
    if found is None:
        raise Gone()
    gone = actions.undo_merge(kept, found, by=request.actor)
    return go(request, to(gone))


@door(rules.MERGE)
@methods("GET")
def suspected(request: HttpRequest) -> HttpResponse:
    """Files that may be one customer, across the archive."""
    return page(request, "customers/suspected.html", {"pairs": queries.suspected(request.actor), "entries": places_nav(request.actor, "suspected")})
