"""Imports run in the worker."""

from procrastinate.contrib.django import app

from . import actions


@app.task(name="intake.run_import", queue="slow", retry=3, lock="intake.import")
def run_import(run_id: int) -> None:
    actions.run_all(run_id)
