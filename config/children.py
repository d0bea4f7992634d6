"""What the children of the family do: answer requests; hand out the journal and run jobs."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

log = logging.getLogger("yingxu.worker")
SILENCE = 120  # seconds a loop may be silent before the worker gives up and is started again
YEAR = 31_536_000


def web(host: str, port: int, workers: int, threads: int, static: Path) -> None:
    """Serve pages, API and static files (their names carry a hash, so they keep for a year) until told to stop."""
    import multiprocessing

    from django.conf import settings
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    multiprocessing.set_start_method("fork", force=True)
    Server(
        "config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        blocking_threads_idle_timeout=600,
        backpressure=256,
        http=HTTPModes.http1,
        log_level=LogLevels.error,
        log_dictconfig=settings.LOGGING,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=10,
        static_path_route=["/static"],
        static_path_mount=[static],
        static_path_expires=YEAR,
    ).serve(target_loader=_application, wrap_loader=False)


def _application() -> Any:
    from config.family import die_with_parent
    from config.wsgi import application
    from yingxu.desk import metrics

    die_with_parent()
    metrics.keep_flushing()
    return application


def work(concurrency: int = 2) -> None:
    """Hand settled journal entries to reactions, seal the ledgers, empty the outbox, send webhooks, fetch mail and run jobs, until told to stop. Ends in error when a
    loop falls silent."""
    from procrastinate.contrib.django import app

    from yingxu.api import sending
    from yingxu.intake.mail import fetching
    from yingxu.matters import dispatch, seals
    from yingxu.notices import loops
    from yingxu.operations import shipping
    from yingxu.operations.beating import Heart, timetable

    ending = threading.Event()
    heard: dict[str, float] = {}

    def stop(name: str) -> bool:
        heard[name] = time.monotonic()
        heart.heard(name)
        return ending.is_set()

    def silent() -> bool:
        return any(time.monotonic() - at > SILENCE for at in heard.values()) or not all(t.is_alive() for t in threads)

    bodies: dict[str, Callable[..., None]] = {"dispatch": dispatch.run_forever, "seals": seals.run_forever, "webhooks": sending.run_forever, "mailboxes": fetching.run_forever, "archive": shipping.run_forever}
    bodies |= {name: partial(loops.run_forever, name) for name in loops.LOOPS}
    app.perform_import_paths()
    heart = Heart(dict.fromkeys(bodies, 1) | timetable(app.periodic_registry))
    bodies["heart"] = heart.beat_on
    threads = [threading.Thread(target=body, args=(partial(stop, name),), name=name, daemon=True) for name, body in bodies.items()]
    for thread in threads:
        thread.start()
    try:
        asyncio.run(_jobs(concurrency, silent, heart.heard))
    finally:
        ending.set()
        for thread in threads:
            thread.join(timeout=10)


def post(host: str, lmtp: int, smtp: int) -> None:
    """Take mail that is delivered to us, until told to stop."""
    from yingxu.intake.mail import listening

    asyncio.run(listening.forever(host, lmtp=lmtp, smtp=smtp))


async def _jobs(concurrency: int, silent: Callable[[], bool], heard: Callable[[str], None]) -> None:
    """procrastinate's loop with a connector of its own; what tasks defer still goes through Django's transaction."""
    from procrastinate.contrib.django import DjangoApp, app
    from procrastinate.contrib.django.utils import connector_params
    from procrastinate.psycopg_connector import PsycopgConnector

    from yingxu.base import trace

    jobs = DjangoApp(connector=PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=concurrency + 3))
    jobs.tasks, jobs.periodic_registry = app.tasks, app.periodic_registry

    async def beat(go_on: Callable[[], Any], context: Any, _worker: Any) -> Any:
        begin, outcome = time.monotonic(), "failed"
        with trace.within(f"job-{context.job.id}"):
            try:
                done = await go_on()
                outcome = "done"
            finally:
                log.info("job", extra={"about": {"task": context.job.task_name, "outcome": outcome, "ms": round(1_000 * (time.monotonic() - begin))}})
        heard(context.job.task_name)
        return done

    async with jobs.open_async():
        loops = {
            asyncio.create_task(jobs.run_worker_async(concurrency=concurrency, shutdown_graceful_timeout=10, worker_middleware=[beat])),
            asyncio.create_task(_keep_house(jobs, silent)),
        }
        done, others = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for ended in done:
            ended.result()


async def _keep_house(jobs: Any, silent: Callable[[], bool]) -> None:
    """Every half minute: is the journal handed out? Jobs of a killed worker go back into the queue; old ones are deleted."""
    while True:
        await asyncio.sleep(30)
        if silent():
            log.error("The journal is not handed out or the outbox not emptied any more; the worker starts again.")
            raise SystemExit(1)
        for job in await jobs.job_manager.get_stalled_jobs():
            await jobs.job_manager.retry_job(job)
        await jobs.job_manager.delete_old_jobs(nb_hours=7 * 24)
