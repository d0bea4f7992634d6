"""Settings: backups, keys, and whether everything goes round."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from yingxu.base.errors import Refusal
from yingxu.base.loops import said
from yingxu.base.web import door, go, methods, page, poll

from . import actions, beating, queries, rules  # noqa: F401  beating: its loops say their names
from .events import DISKS
from .forms import PlanForm
from .models import Proof, Resealing

STAGES = ["", "counting", "database", "base", "papers", "second"]
PROOF_STAGES = ["", "database", "comparing", "papers", "log"]
USES = {
    "data": gettext_lazy("Data"), "files": gettext_lazy("Attachments"), "database": gettext_lazy("Database"),
    "temp": gettext_lazy("Temporary files"), "place": gettext_lazy("Backups"), "second": gettext_lazy("Second place"),
}  # fmt: skip


@door(rules.MANAGE)
@methods("GET", "POST")
def backups(request: HttpRequest) -> HttpResponse:
    """How backups are doing, what there is, when and where they are taken."""
    plan = queries.plan()
    form = PlanForm(request.POST or None, initial={"hour": plan.hour, "place": plan.place, "second": plan.second})
    if form.is_bound and form.is_valid():
        try:
            actions.set_plan(by=request.actor, **form.cleaned_data)
            return go(request, request.path + "?saved=1")
        except Refusal as refusal:
            for name, found in (refusal.fields or {"": [refusal.message]}).items():
                form.add_error(name if name in form.fields else None, found)
    context = {
        "form": form, "kept": queries.kept(), "rows": queries.backups(), "place": queries.place_of(plan), "saved": "saved" in request.GET,
        "key": settings.BACKUP_KEY.exists(), **_log(), **_progress(),
    }  # fmt: skip
    return page(request, "operations/backups.html", context, status=422 if form.is_bound else 200)


def _progress() -> dict[str, Any]:
    work = queries.under_way()
    proof = isinstance(work, Proof)
    stages = PROOF_STAGES if proof else STAGES
    return {"work": work, "proof": proof, "stage": stages.index(work.stage) if work and work.stage in stages else 0, "stages": len(stages)}


@door(rules.MANAGE)
@poll
@methods("GET")
def progress(request: HttpRequest) -> HttpResponse:
    """The part that says how far it is, asked every two seconds; when it is done the page is asked for again."""
    context = _progress()
    if context["work"] is None:
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("operations:backups")})
    return page(request, "operations/progress.html", context)


@door(rules.MANAGE)
@methods("POST")
def take(request: HttpRequest) -> HttpResponse:
    actions.ask_backup(by=request.actor)
    return go(request, reverse("operations:backups"))


@door(rules.MANAGE)
@methods("POST")
def prove(request: HttpRequest) -> HttpResponse:
    actions.ask_proof(by=request.actor)
    return go(request, reverse("operations:backups"))


@door(rules.MANAGE)
@methods("GET")
def keys(request: HttpRequest) -> HttpResponse:
    """The keys of what is sealed, and how much each still seals."""
    return page(request, "operations/keys.html", {"keys": queries.keys(), "work": queries.resealing_now(), "states": Resealing.State})


@door(rules.MANAGE)
@methods("POST")
def rotate(request: HttpRequest) -> HttpResponse:
    actions.rotate_key(by=request.actor)
    return go(request, reverse("operations:keys"))


@door(rules.MANAGE)
@methods("POST")
def retire(request: HttpRequest, key: str) -> HttpResponse:
    actions.retire_key(by=request.actor, key=key)
    return go(request, reverse("operations:keys"))


@door(rules.MANAGE)
@poll
@methods("GET")
def sealing(request: HttpRequest) -> HttpResponse:
    """How far sealing anew is; when it is done the page is asked for again."""
    work = queries.resealing_now()
    if work is None or work.state not in (Resealing.State.ASKED, Resealing.State.RUNNING):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("operations:keys")})
    return page(request, "operations/sealing.html", {"work": work})


@door(rules.MANAGE)
@methods("GET")
def health(request: HttpRequest) -> HttpResponse:
    """Does everything go round? Loops, disk, database, backups."""
    app.perform_import_paths()  # the jobs say their names
    silent = dict(queries.silent())
    loops = sorted(((said(beat.loop), beat, silent.get(beat.loop)) for beat in queries.loops()), key=lambda row: (row[2] is None, row[1].every, row[0]))
    context = {"loops": loops, "volumes": queries.volumes(), "disks": DISKS, "uses": USES, "database": queries.database(), "kept": queries.kept(), **_log()}
    return page(request, "operations/health.html", context)


def _log() -> dict[str, Any]:
    """How far the database's log is archived: by us in our places, or by a server of one's own as it says."""
    return {"archives": queries.archives(), "archiver": queries.archiver()}
