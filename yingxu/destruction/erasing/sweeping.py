"""What names no matter and still may hold words of it: drafts, arguments of jobs, what was typed into filters, keys that make a thing
once, stored files of an import. Found by the numbers and identifiers of what is erased, which stand for nobody else."""

from collections import Counter

from django.apps import apps
from django.db import connection, transaction

from yingxu.base import crypto
from yingxu.customers.models import Identifier
from yingxu.matters.actions import erase_personal
from yingxu.matters.models import Matter, Receipt

from .reach import Rows

TYPED = {  # lines about other matters, or about none, that name it: words typed into a filter, the other side of a merge
    "matters.Look": ("looks", "SELECT id FROM matters_look WHERE personal <> '{}' AND personal::text LIKE ANY(%s)"),
    "matters.Entry": ("journal", "SELECT id FROM matters_entry WHERE personal <> '{}' AND personal::text LIKE ANY(%s)"),
}
SHORTEST = 5  # characters; less would be somebody else's too


def needles(found: Rows) -> list[str]:
    """Numbers of the matters, and what the identifiers say, before they go."""
    words = set(Matter._base_manager.filter(pk__in=found.get(Matter, ())).values_list("number", flat=True))
    for sealed, masked in Identifier.objects.filter(pk__in=found.get(Identifier, ())).values_list("sealed", "masked"):
        words |= {crypto.unseal(sealed, "customers.identifier"), masked}
    return sorted(word for word in words if len(word) >= SHORTEST)


def sweep(found: Rows, sharp: list[str]) -> Counter[str]:
    """Take them away; returns how many of each."""
    done: Counter[str] = Counter()
    like = [f"%{word.replace(chr(92), '').replace('%', '').replace('_', '')}%" for word in sharp]
    if like:
        with connection.cursor() as sql:
            sql.execute("DELETE FROM matters_draft WHERE content::text LIKE ANY(%s) OR place LIKE ANY(%s)", [like, like])
            done["matters.Draft"] += sql.rowcount
        for label, (ledger, question) in TYPED.items():
            with connection.cursor() as sql:
                sql.execute(question, [like])
                ids = [row[0] for row in sql.fetchall()]
            done[label] += erase_personal(ids, ledger=ledger)
        with connection.cursor() as sql:
            sql.execute("DELETE FROM procrastinate_jobs WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted') AND args::text LIKE ANY(%s)", [like])
            done["procrastinate.ProcrastinateJob"] += sql.rowcount
    for model, keys in found.items():
        done["matters.Receipt"] += Receipt.objects.filter(model=model._meta.label_lower, made__in=keys).delete()[0]
    done["intake.ImportRun"] += _imports(found)
    return +done


def _imports(found: Rows) -> int:
    """The workbook a row came from goes with it: what was taken over stands in the matters."""
    from .engine import drop_bytes

    row, run = apps.get_model("intake", "ImportRow"), apps.get_model("intake", "ImportRun")
    runs = run.objects.filter(pk__in=row.objects.filter(pk__in=found.get(row, ())).values("run"), finished_at__isnull=False).exclude(stored="")
    stored = set(runs.values_list("stored", flat=True))
    count = runs.update(stored="", name="", header=[])
    if stored:
        transaction.on_commit(lambda: drop_bytes(stored))
    return count
