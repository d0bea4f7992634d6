"""What names no matter and still may hold words of it: drafts, arguments of jobs, what was typed into filters, keys that make a thing
once, stored files of an import, signatures asked for a list, what suggestions were learned from; and what meetings and emergencies say of
it in their own words. Found by the numbers and identifiers of what is erased, and by names that nobody else has."""

import re
from collections import Counter
from urllib.parse import unquote

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from yingxu.approvals.models import GOING
from yingxu.approvals.models import Round as Lap
from yingxu.intake.models import ImportRow, ImportRun
from yingxu.matters.actions import erase_personal, index
from yingxu.matters.models import Entry, Note, Receipt
from yingxu.meetings.events import MinutesRecorded
from yingxu.meetings.models import Meeting, Minutes
from yingxu.needs.models import SavedView
from yingxu.routing import actions as routing

from .reach import Rows
from .traces import Traces, like

SWEPT = {  # tables that hang from no matter and are looked through here; the house test knows them
    "matters.Draft", "matters.Receipt", "intake.ImportRun", "needs.SavedView", "routing.FeatureCount",
}  # fmt: skip
JOBS = "DELETE FROM procrastinate_jobs WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted') AND args::text LIKE ANY(%s)"
DRAFTS = (
    "DELETE FROM matters_draft WHERE content::text LIKE ANY(%s) OR place LIKE ANY(%s) "
    "OR EXISTS (SELECT FROM jsonb_each_text(content) AS typed WHERE typed.value = ANY(%s))"
)
TYPED = "SELECT id FROM matters_look WHERE personal <> '{}' AND personal::text LIKE ANY(%s)"
ELSEWHERE = "SELECT id FROM matters_entry WHERE personal <> '{}' AND personal::text LIKE ANY(%s)"
NOWHERE = "SELECT id FROM matters_entry WHERE (matter_id IS NULL OR matter_id = ANY(%s)) AND personal <> '{}' AND personal::text LIKE ANY(%s)"


def sweep(found: Rows, left: Traces) -> Counter[str]:
    """Take them away; returns how many of each."""
    done: Counter[str] = Counter()
    sharp, every = like(left.sharp), like([*left.sharp, *left.names])
    if every:
        done["matters.Draft"] += _run(DRAFTS, sharp, sharp, left.names)
        done["procrastinate.ProcrastinateJob"] += _run(JOBS, sharp)
        done["matters.Look"] += erase_personal(_keys(TYPED, every), ledger="looks")
        stated = [*_keys(ELSEWHERE, sharp), *_keys(NOWHERE, sorted(left.crises), like(left.names))]
        done["matters.Entry"] += erase_personal(stated)
        done["needs.SavedView"] += _views([*left.sharp, *left.names])
        done["approvals.Round"] += _laps([*left.sharp, *left.names])
        done["routing.FeatureCount"] += routing.forget([*left.sharp, *left.names])
        done["intake.ImportRow"] += _rows(every)
    for model, keys in found.items():
        done["matters.Receipt"] += Receipt.objects.filter(model=model._meta.label_lower, made__in=keys).delete()[0]
    done["intake.ImportRun"] += _imports(found)
    done["meetings.Minutes"] += sum(_unsaid(meeting, titles, left.titles[meeting]) for meeting, titles in left.spoken.items())
    return +done


def _run(statement: str, *values: list) -> int:
    with connection.cursor() as sql:
        sql.execute(statement, values)
        return sql.rowcount


def _keys(question: str, *values: list) -> list[int]:
    with connection.cursor() as sql:
        sql.execute(question, values)
        return [row[0] for row in sql.fetchall()]


def _views(words: list[str]) -> int:
    """Views of the list that somebody saved to see just this."""
    keys = [pk for pk, name, query in SavedView.objects.values_list("pk", "name", "query") if any(word in f"{name} {unquote(query)}" for word in words)]
    return SavedView.objects.filter(pk__in=keys).delete()[0]


def _laps(words: list[str]) -> int:
    """What a list was filtered by that somebody signed for; not while it is being signed."""
    ended = Lap.objects.filter(request__matter=None).exclude(request__state__in=GOING)
    named = Q()
    for word in words:
        named |= Q(subject__facts__icontains=word) | Q(words__contains=word) | Q(reason__contains=word)
    return ended.filter(named).update(subject={}, words="", reason="")


def _rows(patterns: list[str]) -> int:
    """What was wrong with a row of an import quotes the row."""
    return _run("UPDATE intake_importrow SET message = '' WHERE message LIKE ANY(%s)", patterns)


def _imports(found: Rows) -> int:
    """The workbook a row came from goes with it: what was taken over stands in the matters."""
    from .engine import drop_bytes

    runs = ImportRun.objects.filter(pk__in=ImportRow.objects.filter(pk__in=found.get(ImportRow, ())).values("run"), finished_at__isnull=False)
    stored = set(runs.exclude(stored="").values_list("stored", flat=True))
    count = runs.update(stored="", name="", header=[])
    if stored:
        transaction.on_commit(lambda: drop_bytes(stored))
    return count


def _unsaid(meeting: int, gone: set[str], titles: set[str]) -> int:
    """The minutes of a meeting that spoke of it, its log and its search words, without that item; the other items stay word for word."""
    held = Meeting.objects.select_related("matter").get(pk=meeting)
    changed = 0
    for row in Minutes.objects.filter(meeting=held):
        if (text := without(row.text, gone, titles)) != row.text:
            changed += Minutes.objects.filter(pk=row.pk).update(text=text)
    for note in Note.objects.filter(matter=held.matter_id, entry__event=MinutesRecorded.NAME):
        if (body := without(note.body, gone, titles)) != note.body:
            Note.objects.filter(pk=note.pk).update(body=body)
    said = Entry.objects.filter(matter=held.matter_id, personal__title__in=sorted(gone))
    erase_personal(said.values_list("pk", flat=True))
    index(held.matter, held.matter.number, held.matter.title, held.agenda, *held.matter.notes.values_list("body", flat=True))
    return changed


def without(text: str, gone: set[str], titles: set[str]) -> str:
    """Minutes made item by item ("2. title", then what was said), without what was said under these titles."""
    with translation.override(settings.LANGUAGE_CODE):
        word = _("Destroyed")
    kept: list[str] = []
    inside = False
    for line in text.split("\n"):
        head = re.fullmatch(r"(\d+)\. (.*)", line)
        if head and head[2] in titles:
            if inside:
                kept.append("")
            inside = head[2] in gone
            kept.append(f"{head[1]}. {word}" if inside else line)
        elif not inside:
            kept.append(line)
    return "\n".join(kept)
