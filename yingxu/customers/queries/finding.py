"""Questions about customers. Everything a person asks starts from `visible_to(by)`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import NullIf

from yingxu.base import clock, searching
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.kept import kept as keeping
from yingxu.base.web import Slice, keyset
from yingxu.matters.models import Matter
from yingxu.matters.queries import visible_matters

from .. import identifiers, rules
from ..models import Contact, Customer, Identifier, Term

LIKENESS = 0.6  # from here on two organisations' names are worth a look
SORTS = {
    "-opened": ("-matter__opened_at", "-matter_id"),
    "opened": ("matter__opened_at", "matter_id"),
    "name": ("name", "matter_id"),
    "grade": ("graded", "matter_id"),  # A first, who has none last
}


# ── who sees whom ──


def visible_to(by: Actor, *, merged: bool = False) -> QuerySet[Customer]:
    """The customers this actor may see; `merged` includes those that were merged into another."""
    rows = Customer.objects.filter(rules.VIEW.where(by), matter__erased_at=None)
    return rows if merged else rows.filter(merged_into=None)


def profile(number: str, by: Actor, *, merged: bool = False) -> Customer:
    """The customer with its matter, contacts and covered identifiers. Raises Gone when it is not there for this actor.

    A merged customer is only answered with `merged`; ask `kept(customer)` where it leads. Four queries.
    """
    found = next(iter(_profile(by, number, merged=merged)), None)
    if found is None:
        raise Gone()
    return found


@keeping
def _profile(by: Actor, number: str, *, merged: bool) -> QuerySet[Customer]:
    held = Identifier.objects.defer("sealed").select_related("contact")
    rows = visible_to(by, merged=merged).filter(matter__number=number).select_related("matter__owner", "matter__department")
    return rows.prefetch_related("contacts", Prefetch("identifiers", queryset=held))


def seen(customer: Customer, by: Actor) -> bool:
    """May this actor see a customer whom another room read with its matter?"""
    return rules.VIEW.allows(by, customer)


def one(number: str, by: Actor) -> Customer:
    """The customer by its register number, without its parts. Raises Gone."""
    found = visible_to(by).filter(matter__number=number).select_related("matter").first()
    if found is None:
        raise Gone()
    return found


def served(number: str, by: Actor) -> Matter | None:
    """The need a look was for, by its number; None for one this person may not see."""
    return visible_matters(by).filter(kind="need", number=number[:24]).first() if number else None


def counts(customer: Customer) -> dict[str, Any]:
    """How many dealings, contracts and papers in use are in the file, what is late on its contracts in the company's own currency
    ("arrears", a Decimal), and how long before its end a paper is spoken of ("paper_days"). One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM customers_dealing WHERE customer_id = %(c)s AND struck_at IS NULL), (SELECT count(*) FROM customers_contract "
            "WHERE customer_id = %(c)s), (SELECT count(*) FROM customers_paper WHERE customer_id = %(c)s AND active), (SELECT coalesce(sum(i.amount - i.paid), 0) "
            "FROM customers_instalment AS i JOIN customers_contract AS k ON k.id = i.contract_id WHERE k.customer_id = %(c)s AND k.currency = 'CNY' "
            "AND k.state <> 'cancelled' AND i.paid < i.amount AND i.due_on < %(today)s), coalesce((SELECT paper_days FROM customers_term WHERE id = 1), %(days)s)",
            {"c": customer.pk, "today": clock.today(), "days": Term().paper_days},
        )  # fmt: skip
        return dict(zip(("dealings", "contracts", "papers", "arrears", "paper_days"), cursor.fetchone(), strict=True))


def identifier(customer: Customer, pk: int) -> Identifier:
    """One of the customer's identifiers, or Gone."""
    found = Identifier.objects.select_related("customer__matter").filter(customer=customer, pk=pk).first()
    if found is None:
        raise Gone()
    return found


def kept(customer: Customer) -> Customer:
    """The customer itself, or the one it was merged into in the end, with its matter."""
    while customer.merged_into_id:
        customer = Customer.objects.select_related("matter").get(pk=customer.merged_into_id)
    return customer


# ── exact match ──

_CUSTOMER = [f.attname for f in Customer._meta.concrete_fields if f.name != "words"]
_MATTER = [f.attname for f in Matter._meta.concrete_fields if f.name != "search"]
_CONTACT = [f.attname for f in Contact._meta.concrete_fields]
_SHOWN = [f'{table}."{name}"' for table, names in (("c", _CUSTOMER), ("m", _MATTER), ("o", _CONTACT)) for name in names]
_HOLDERS = """
SELECT i.fingerprint, {shown} FROM customers_identifier i
  JOIN customers_customer c ON c.matter_id = i.customer_id JOIN matters_matter m ON m.id = c.matter_id
  LEFT JOIN customers_contact o ON o.id = i.contact_id
 WHERE i.fingerprint = ANY(%s::bytea[]) AND (%s::bigint IS NULL OR i.customer_id = %s)
 ORDER BY i.customer_id, i.id FOR KEY SHARE OF c
""".format(shown=", ".join(_SHOWN))


def holders(
    fingerprints: Iterable[bytes], *, customer: Customer | None = None
) -> dict[bytes, list[tuple[Customer, Contact | None]]]:
    """Who has these identifiers, oldest first, whoever asks: for steps that must not make a second file. One query.

    Needs a transaction: the customers cannot be merged into others before it ends, so what it hangs on them is not left behind.
    """
    wanted = list(fingerprints)
    found: dict[bytes, list[tuple[Customer, Contact | None]]] = {}
    if not wanted:
        return found
    pk = customer.pk if customer else None
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [wanted, pk, pk])
        rows = cursor.fetchall()
    a, b = 1 + len(_CUSTOMER), 1 + len(_CUSTOMER) + len(_MATTER)
    for row in rows:
        owner = Customer.from_db(connection.alias, _CUSTOMER, row[1:a])
        owner.matter = Matter.from_db(connection.alias, _MATTER, row[a:b])
        contact = Contact.from_db(connection.alias, _CONTACT, row[b:]) if row[b] else None
        found.setdefault(bytes(row[0]), []).append((kept(owner), contact))
    return found


# ── lists ──


@dataclass(frozen=True)
class Wish:
    """What a list is asked for; every field empty means everything."""

    text: str = ""
    type: str = ""
    grade: str = ""
    tag: str = ""
    owner: int | None = None
    department: int | None = None
    sort: str = "-opened"

    @property
    def order(self) -> tuple[str, ...]:
        return SORTS.get(self.sort, SORTS["-opened"])


def matching(by: Actor, wish: Wish) -> QuerySet[Customer]:
    """The visible customers a wish asks for, unordered."""
    rows = visible_to(by).filter(matter__kind="customer")
    if wish.sort == "grade":
        rows = rows.annotate(graded=NullIf("grade", Value("")))
    if wish.text.strip():
        rows = rows.filter(_text(wish.text))
    for key, path in (("type", "type"), ("grade", "grade"), ("owner", "matter__owner"), ("department", "matter__department")):
        if value := getattr(wish, key):
            rows = rows.filter(**{path: "" if value == "-" else value})
    return rows.filter(tags__contains=[wish.tag]) if wish.tag else rows


def index(by: Actor, wish: Wish, cursor: str = "", *, size: int = 50) -> Slice:
    """A page of customers with owner, department and their first covered phone, for a list. One query."""
    rows = matching(by, wish).select_related("matter__owner", "matter__department").annotate(phone=_first_phone())
    return keyset(rows, wish.order, cursor, size=size)


def tags_in_use(by: Actor, limit: int = 30) -> list[str]:
    """The most used tags among the visible customers, for the filter."""
    rows = visible_to(by).exclude(tags=[]).annotate(tag=RawSQL("unnest(customers_customer.tags)", ()))
    counts: dict[str, int] = {}
    for tag in rows.order_by("-matter_id").values_list("tag", flat=True)[:2_000]:
        counts[tag] = counts.get(tag, 0) + 1
    return sorted(counts, key=lambda t: (-counts[t], t))[:limit]


def _text(text: str) -> Q:
    """Found by whole identifier, a phone's last four digits, register number or words."""
    text = text.strip()[:100]
    given = identifiers.guess(text)
    if given:
        return _held(fingerprint__in=[g.fingerprint for g in given])
    if len(text) == 4 and text.isdecimal():
        return _held(tail=identifiers.tail(text))
    if text.upper().startswith("KH-"):
        return Q(matter__number__startswith=text.upper())
    return _worded(searching.query(text))


def _worded(query: str) -> Q:
    """Rows whose search words fit a tsquery."""
    if not query:
        return Q(pk__in=[])
    wanted = Func(Value(query), template="%(expressions)s::tsquery")
    return Q(Func(F("words"), wanted, template="%(expressions)s", arg_joiner=" @@ ", output_field=BooleanField()))


def _held(**which: Any) -> Q:
    return Q(pk__in=Identifier.objects.filter(**which).values("customer"))


def _first_phone() -> Subquery:
    phones = Identifier.objects.filter(customer=OuterRef("pk"), type="phone").order_by("id")
    return Subquery(phones.values("masked")[:1])


# ── while typing ──


@dataclass
class Found:
    """A row for the intake form: who it is, how sure, and what the rooms above say (`open` needs, `last` contact)."""

    customer: Customer
    phone: str
    contact: str
    exact: bool  # the whole identifier was typed
    summary: Mapping[str, Any] = field(default_factory=dict)


def find_while_typing(text: str, *, by: Actor, limit: int = 8) -> list[Found]:
    """Customers for what has been typed so far: a whole phone, mail address or ID number as soon as it is complete, a phone's last
    four digits, a register number, or part of a name. One query, and one more when a room above gives summaries."""
    if len(text.strip()) < 2:
        return []
    contacts = Contact.objects.filter(customer=OuterRef("pk"), active=True).order_by("id")
    rows = matching(by, Wish(text=text)).select_related("matter").order_by("-matter__changed_at", "-matter_id")
    rows = rows.annotate(phone=_first_phone(), contact_name=Subquery(contacts.values("name")[:1]))
    exact = bool(identifiers.guess(text))
    found = [Found(c, c.phone or "", c.contact_name or "", exact) for c in rows[: max(1, min(limit, 20))]]
    told = summaries_of(by, [f.customer.pk for f in found])
    for row in found:
        row.summary = told.get(row.customer.pk, {})
    return found


# Rooms above add `fn(by, customer ids) -> {id: {"open": needs not ended, "last": moment of the last one, …}}` when they load.
SUMMARIES: list[Callable[[Actor, Sequence[int]], Mapping[int, Mapping[str, Any]]]] = []


def summaries_of(by: Actor, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What the rooms above say of each customer in one line; one query for each of those rooms."""
    told: dict[int, dict[str, Any]] = {}
    for summaries in SUMMARIES if ids else ():
        for pk, said in summaries(by, ids).items():
            told.setdefault(pk, {}).update(said)
    return told


# ── duplicates ──


@dataclass
class Double:
    """A customer that may be the same, and why: `same` are types of identifiers both have, `likeness` of the names 0 to 1."""

    customer: Customer
    same: list[str]
    likeness: float
    phone: str = ""

    @property
    def certain(self) -> bool:
        return bool(self.same)

    @property
    def words(self) -> str:
        """What both have, in words."""
        return "、".join(str(Identifier.Type(type_).label) for type_ in self.same)


def duplicates_of(
    customer: Customer | None = None, *, by: Actor, name: str = "", given: Sequence[identifiers.Given] = (), limit: int = 5
) -> list[Double]:
    """Visible customers that may be `customer`, or the typed name and identifiers: the same identifier first, then alike names.

    Whom the actor may not see is not there (S5). Three queries, and one for the identifiers of a given customer.
    """
    if customer is not None:
        name = name or customer.name
        marks = [bytes(row.fingerprint) for row in customer.identifiers.all()]
    else:
        marks = [g.fingerprint for g in given]
    found = _candidates(marks, name) - {customer.pk if customer else None}
    near = _near(by, sorted(pk for pk in found if pk)) if found else []
    shared: dict[int, list[str]] = {}
    if marks and near:
        held = Identifier.objects.filter(fingerprint__in=marks, customer__in=[c.pk for c in near])
        for pk, type_ in held.values_list("customer_id", "type"):
            shared.setdefault(pk, [])
            if type_ not in shared[pk]:
                shared[pk].append(type_)
    doubles = [Double(c, shared.get(c.pk, []), identifiers.alike(name, c.name), c.phone or "") for c in near]
    doubles = [d for d in doubles if d.same or d.likeness >= LIKENESS]
    return sorted(doubles, key=lambda d: (-len(d.same), -d.likeness, -d.customer.pk))[:limit]


@keeping
def _near(by: Actor, keys: list[int]) -> QuerySet[Customer]:
    return visible_to(by).filter(pk__in=keys).select_related("matter__owner").annotate(phone=_first_phone())


@dataclass(frozen=True)
class Pair:
    """Two visible files that may be one, and what both have."""

    one: Customer
    other: Customer
    same: list[str]
    likeness: float

    @property
    def words(self) -> str:
        return "、".join(str(Identifier.Type(type_).label) for type_ in self.same)


def suspected(by: Actor, *, most: int = 100) -> list[Pair]:
    """Files that may be one customer, the surest first: those that share a number (whoever may see only one of the two hears nothing of
    it), and those of the same name. Two queries, whatever there is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.customer_id, b.customer_id, array_agg(DISTINCT a.type) FROM customers_identifier a JOIN customers_identifier b "
            "ON b.fingerprint = a.fingerprint AND b.customer_id > a.customer_id WHERE NOT b.first GROUP BY 1, 2 ORDER BY count(*) DESC, 2 DESC LIMIT %(most)s",
            {"most": most * 3},
        )  # fmt: skip
        shared = {(a, b): list(types) for a, b, types in cursor.fetchall()}
        cursor.execute(
            "SELECT min(matter_id), max(matter_id) FROM customers_customer WHERE merged_into_id IS NULL GROUP BY name HAVING count(*) > 1 ORDER BY 2 DESC LIMIT %s", [most * 3]
        )
        for a, b in cursor.fetchall():
            shared.setdefault((a, b), [])
    rows = visible_to(by).filter(pk__in={pk for pair in shared for pk in pair}).select_related("matter__owner").annotate(phone=_first_phone())
    seen = {customer.pk: customer for customer in rows}
    pairs = [Pair(seen[a], seen[b], same, identifiers.alike(seen[a].name, seen[b].name)) for (a, b), same in shared.items() if a in seen and b in seen]
    return sorted(pairs, key=lambda p: (-len(p.same), -p.likeness, -p.other.pk))[:most]


def _candidates(marks: Sequence[bytes], name: str) -> set[int | None]:
    """Keys of customers with one of these identifiers, the same name, or a name of which either half is found, so that one wrong
    character anywhere leaves a half to be found by; short names only whole. The newest 200."""
    whole = " ".join(name.split())
    heart = identifiers.core(whole)
    middle = len(heart) // 2
    halves = [searching.query(part) for part in (heart[:middle], heart[middle:])] if len(heart) > 3 else []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer_id FROM customers_identifier WHERE fingerprint = ANY(%s::bytea[]) UNION "
            "(SELECT matter_id FROM customers_customer WHERE name = %s AND merged_into_id IS NULL LIMIT 50) UNION "
            "(SELECT matter_id FROM customers_customer WHERE words @@ %s::tsquery ORDER BY matter_id DESC LIMIT 200) "
            "ORDER BY 1 DESC LIMIT 200",
            [list(marks), whole, " | ".join(f"({half})" for half in halves if half)],
        )
        return {row[0] for row in cursor.fetchall()}


# ── out ──


def for_export(rows: QuerySet[Customer], wish: Wish) -> QuerySet[Customer]:
    """The rows in the list's order with what a file shows of them: identifiers stay covered."""
    held = Identifier.objects.defer("sealed", "fingerprint", "tail")
    order = [F(k.lstrip("-")).desc(nulls_last=True) if k.startswith("-") else F(k).asc(nulls_last=True) for k in wish.order]
    return rows.select_related("matter__owner", "matter__department").prefetch_related(
        "contacts", Prefetch("identifiers", queryset=held)
    ).order_by(*order)  # fmt: skip


def written_to(files: list[int]) -> dict[int, list[tuple[str, str]]]:
    """How the customers with these files are written to, whoever asks: mail first, then mobile phones; who has neither is missing. One
    query; merged ones are written to by the one that stayed."""
    types = {Identifier.Type.EMAIL: "mail", Identifier.Type.PHONE: "sms"}
    found: dict[int, list[tuple[str, str]]] = {}
    rows = Identifier.objects.filter(customer_id__in=files, customer__merged_into=None, type__in=types).order_by("type", "id")
    for row in rows:
        value = identifiers.unseal(row.sealed)
        if row.type == Identifier.Type.EMAIL or value.startswith("+861") or not value.startswith("+86"):
            found.setdefault(row.customer_id, []).append((types[Identifier.Type(row.type)], value))
    return found
