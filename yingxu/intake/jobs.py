"""Imports run in the worker."""

from procrastinate.contrib.django import app


@app.task(name="intake.run_import", queue="slow", retry=3, lock="intake.import")
def run_import(run_id: int) -> None:
    from .actions import run_all

    run_all(run_id)
