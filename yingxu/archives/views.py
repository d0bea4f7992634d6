"""The register of guarded archives, setting level, term and circle, naming the levels."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from yingxu.base import sheets
from yingxu.base.action import check
from yingxu.base.errors import Gone
from yingxu.base.web import door, methods, page
from yingxu.customers.models import Customer
from yingxu.customers.queries import sections
from yingxu.files import queries as files
from yingxu.files.rules import LEVEL
from yingxu.matters.actions import look
from yingxu.matters.models import Look
from yingxu.matters.queries import page_of
from yingxu.ui import levels
from yingxu.ui.asking import ask

from . import actions, forms, looks, papers, parts, queries, rules


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, wish = request.actor, queries.Wish.of(request.GET)
    found = queries.register(by, wish, request.GET.get("cursor", ""))
    context = {
        "wish": wish, "slice": found, "rows": found.rows, "sizes": queries.sizes(found.rows), "address": _address, "levels": levels.choices()[1:],
        "terms": queries.TERMS, "entries": _entries(wish, queries.counts(by)), "may_export": by.may(rules.EXPORT), "may_look": by.may(rules.KEEP), "may_name": by.may(rules.LABELS),
    }  # fmt: skip
    return page(request, "archives/index.html", context, block="rows")


def _address(wish: queries.Wish, **over: Any) -> str:
    """The register's address with some of the wishes changed; the page begins anew."""
    values = {"q": wish.text, "level": wish.level, "term": wish.term, "circle": "1" if wish.circle else "", "sort": wish.sort, **over}
    kept = {k: v for k, v in values.items() if v and not (k == "sort" and v == "-level")}
    return reverse("archives:index") + (f"?{urlencode(kept)}" if kept else "")


def _entries(wish: queries.Wish, counts: dict[int, int], here: str = "") -> list[dict[str, Any]]:
    views = [(_("All guarded"), {}, sum(counts.values()))]
    views += [(text, {"level": n}, counts.get(n, 0)) for n, text in levels.choices()[1:]]
    views += [(_("For a circle of persons"), {"circle": True}, None), (_("Term over"), {"term": "over"}, None)]
    return [
        {"heading": _("Archives")},
        *({"text": text, "icon": "lock", "href": _address(queries.Wish(), **{k: "1" if v is True else v for k, v in over.items()}),
           "count": count, "current": not here and wish == queries.Wish(**over)} for text, over, count in views),
    ]  # fmt: skip


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    found = actions.export(by=request.actor, wish=queries.Wish.of(request.POST))
    sizes = queries.sizes(found)
    heads = [_("Register number"), _("Customer name"), _("Secrecy level"), _("Until"), _("When that day is over"), _("In the circle"), _("Looked after by"), _("Department"), _("Why"), _("Set by"), _("Set at")]
    return sheets.download(str(_("Guarded archives")), heads, (_cells(row, sizes) for row in found), kind=kind)


def _cells(row: Customer, sizes: dict[int, int]) -> list[Any]:
    custody, matter = getattr(row, "custody", None), row.matter
    return [
        matter.number, row.name, levels.name(matter.secrecy), custody and custody.ends_on, custody and custody.ends_on and custody.get_then_display(),
        sizes.get(matter.circle_id, "") if matter.circle_id else "", matter.owner, matter.department, custody and custody.why, custody and custody.by,
        custody and custody.at,
    ]  # fmt: skip


def _file(request: HttpRequest, number: str) -> Customer | None:
    """The file whose looks are asked for; None for all that are guarded."""
    found = queries.find(number, request.actor) if number else None
    if found is not None:
        check(rules.KEEP, request.actor, found)
    return found


@door(rules.KEEP)
@methods("GET")
def looks_list(request: HttpRequest, number: str = "") -> HttpResponse:
    """Who looked at one file, or at all that are guarded, and what for."""
    by, wish, found = request.actor, looks.Wish.of(request.GET), _file(request, number)
    if found is not None:
        look(found.matter, by=by, detail="looks", work="guarding")
    slice_ = looks.listed(by, wish, found, request.GET.get("cursor", ""))

    def address(**over: Any) -> str:
        kept = {k: v for k, v in {**vars(wish), **over}.items() if v and (k, v) != ("sort", "-when")}
        return request.path + (f"?{urlencode(kept)}" if kept else "")

    context = {
        "customer": found, "wish": wish, "slice": slice_, "rows": looks.shown(slice_.rows, by), "address": address, "purposes": looks.FOR, "kinds": [(k.value, k.label) for k in looks.KINDS],
        "export": reverse("archives:export_looks_of", args=[number]) if number else reverse("archives:export_looks"), "entries": _entries(queries.Wish(), queries.counts(by), here="looks"),
    }  # fmt: skip
    return page(request, "archives/looks.html", context, block="rows")


@door(rules.KEEP)
@methods("POST")
def export_looks(request: HttpRequest, number: str = "") -> HttpResponse:
    by, kind, file = request.actor, "csv" if request.POST.get("kind") == "csv" else "xlsx", _file(request, number)
    found = actions.export_looks(by=by, wish=looks.Wish.of(request.POST), customer=file)
    heads = [_("Row"), _("When"), _("Who"), _("Register number"), pgettext("archive", "What"), pgettext("archive", "Part of the file"), _("Serves the need"), _("Why")]
    rows = [[s.look.pk, s.look.at, s.look.actor_name, s.look.matter.number, s.what, s.part, s.need, s.why] for s in looks.shown(found, by)]
    return sheets.download(f"{pgettext('archive', 'Who looked')} {number}".strip(), heads, rows, kind=kind)


def _level(request: HttpRequest, found: Customer) -> forms.Level:
    return forms.Level(*_given(request), by=request.actor, above=found.matter.secrecy)


def _term(request: HttpRequest, found: Customer) -> forms.Term:
    custody = queries.custody(found)
    return forms.Term(*_given(request), initial={"ends_on": custody.ends_on if custody else None})


def _circle(request: HttpRequest, found: Customer) -> forms.Circle:
    return forms.Circle(*_given(request), initial={"persons": queries.members(found)})


def _lower(request: HttpRequest, found: Customer) -> forms.Lower:
    now = found.matter.secrecy
    return forms.Lower(*_given(request), now=now, closed=found.matter.circle_id == found.pk, initial={"level": now})


def _given(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST,) if request.method == "POST" else ()


ACTS: dict[str, tuple[Any, Callable[[HttpRequest, Customer], Any], Callable[..., Any], Any]] = {
    "level": (gettext_lazy("Raise the level"), _level, actions.set_level, gettext_lazy("Level set, for everything that hangs from the file too")),
    "term": (gettext_lazy("Change the term"), _term, actions.set_term, gettext_lazy("Term changed")),
    "lower": (gettext_lazy("Ask to lower"), _lower, actions.ask_to_lower, gettext_lazy("A second person is asked")),
    "circle": (gettext_lazy("Set the circle of persons"), _circle, actions.set_circle, gettext_lazy("Circle set; nobody else finds the file any more")),
}


@door(rules.KEEP)
@methods("GET", "POST")
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Set level, term or circle of one file."""
    found = queries.find(number, request.actor)
    if verb not in ACTS:
        raise Gone()
    check(rules.KEEP, request.actor, found)
    look(found.matter, by=request.actor, detail=verb, work="guarding")
    title, form_of, run, said = ACTS[verb]
    return ask(
        request, form_of(request, found), lambda **given: run(found, by=request.actor, **given), title=title, said=said, wide=verb == "circle",
        address=reverse("archives:act", args=[number, verb]), back=f"{reverse('customers:profile', args=[number])}?part=secrecy", number=number, subject=found.name,
    )  # fmt: skip


@door(rules.KEEP)
@methods("GET", "POST")
def act_on_section(request: HttpRequest, number: str, code: str, verb: str) -> HttpResponse:
    """Raise the level of a section of a file, or ask for a lower one."""
    found, by = queries.find(number, request.actor), request.actor
    check(rules.KEEP, by, found)
    section, now = next(((s, level) for s, level in sections.open_to(found, by) if s.code == code), (None, 0))
    if section is None or verb not in ("raise", "lower"):
        raise Gone()
    look(found.matter, by=by, detail=f"section {code}", work="guarding")
    up = verb == "raise"
    open_ = range(now + 1, by.clearance + 1) if up else range(parts.floor(found, section), now)
    run = parts.raise_section if up else parts.ask_to_lower_section
    return ask(
        request, forms.PartLevel(*_given(request), open_to=open_), lambda **given: run(found, by=by, code=code, **given),
        title=_("Raise the level") if up else _("Ask to lower"), said=_("Level of the section set") if up else _("A second person is asked"),
        address=reverse("archives:section", args=[number, code, verb]), back=f"{reverse('customers:profile', args=[number])}?part=secrecy",
        number=number, subject=f"{found.name} · {section.name}",
    )  # fmt: skip


@door(LEVEL)
@methods("GET", "POST")
def act_on_paper(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Raise the level of one paper, or ask for a lower one."""
    by, found = request.actor, files.find(request.actor, pk)
    check(LEVEL, by, found)
    if verb not in ("raise", "lower"):
        raise Gone()
    matter, now, up = found.matter, found.level, verb == "raise"
    look(matter, by=by, what=Look.What.PAGE, detail=f"paper {pk}", above=found.stamp)
    open_ = range(now + 1, min(by.clearance, 3) + 1) if up else range(matter.secrecy, now)
    run = papers.raise_paper if up else papers.ask_to_lower_paper
    return ask(
        request, forms.PartLevel(*_given(request), open_to=open_), lambda **given: run(found, by=by, **given),
        title=_("Raise the level") if up else _("Ask to lower"), said=_("Level of the paper set") if up else _("A second person is asked"),
        address=reverse("archives:paper", args=[pk, verb]), back=page_of(matter) or reverse("desk:home"), number=matter.number, subject=found.name,
    )  # fmt: skip


@door(rules.LABELS)
@methods("GET", "POST")
def names(request: HttpRequest) -> HttpResponse:
    """What the levels are called here."""
    first = {f"level{n}": text for n, text in levels.choices()[1:]}
    form = forms.Names(*_given(request), initial=first)
    return ask(
        request, form, lambda **given: actions.name_levels(by=request.actor, names=[given[f"level{n}"] for n in (1, 2, 3)]), title=_("Save the names of the levels"),
        said=_("From now on they are called so everywhere"), address=reverse("archives:names"), back=reverse("desk:settings"),
        subject=_("The company's own business grades. State secrets must not be stored here."),
    )  # fmt: skip
