"""A verification asked for on the screen."""

from procrastinate.contrib.django import app

from yingxu.matters import verifying
from yingxu.matters.models import Verification


@app.task(name="audit.verify", queue="slow", retry=3, lock="audit.verify")
def verify(pk: int) -> None:
    found = Verification.objects.filter(pk=pk, ended_at=None).first()
    if found is not None:
        verifying.run(found)
