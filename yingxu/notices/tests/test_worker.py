"""The worker's loops as processes of their own: killed between sending and writing it down, cut off from the database (F4, F6, F7)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from yingxu.notices.models import Delivery

from .sinks import Mood, mail_server
from .test_mail_out import expire, set_up
from .test_outbox import send

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[3]
NAME = "outbox-loop"
CUT = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = '{NAME}'"
LOOP = """
import django
django.setup()
from yingxu.notices import loops
loops.run_forever("mail", lambda: False, pause=0.05)
"""


@contextmanager
def worker() -> Iterator[subprocess.Popen]:
    """One loop in a process of its own, on this test's database."""
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    env = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings", "PGAPPNAME": NAME}
    process = subprocess.Popen([sys.executable, "-c", LOOP], cwd=ROOT, env=env)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(what: Callable[[], bool]) -> None:
    """Wait for what must come about; a minute is long enough on any machine."""
    for _try in range(600):
        if what():
            return
        time.sleep(0.1)
    raise AssertionError("it never came about")


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_killed_with_the_letter_handed_over(cast):
    """The server has the letter, the worker is gone before it could write that down: the next one sends it again, recognisably."""
    mood = Mood()
    with mail_server(mood) as port:
        set_up(port)
        send()
        with worker() as first:
            mood.then = lambda: os.kill(first.pid, signal.SIGKILL)
            until(lambda: first.poll() is not None)
        assert first.returncode == -signal.SIGKILL and states() == ["sending"] and len(mood.letters) == 1
        mood.then = lambda: None
        expire()
        with worker():
            until(lambda: states() == ["sent"])
    assert len(mood.letters) == 2 and len({m["Message-ID"] for m in mood.letters}) == 1
    assert list(Delivery.objects.get().attempts.values_list("outcome", flat=True)) == ["lost", "sent"]


def test_cut_off_from_the_database_it_goes_on_afterwards(cast):
    mood = Mood()
    with mail_server(mood) as port, worker() as process:
        set_up(port)
        send(key="before")
        until(lambda: states() == ["sent"])
        for _cut in range(3):
            with connection.cursor() as sql:
                sql.execute(CUT)
        send(key="after")
        until(lambda: states() == ["sent", "sent"])
        assert process.poll() is None
    assert len(mood.letters) == 2


def test_cut_off_between_sending_and_writing_it_down(cast):
    """The connection is gone when the outcome is known: it is written down over a new one, and nothing is sent twice."""
    mood = Mood()

    def cut() -> None:
        values = connection.settings_dict
        with psycopg.connect(
            host=values["HOST"], port=values["PORT"] or None, user=values["USER"], password=values["PASSWORD"] or None, dbname=values["NAME"]
        ) as other:
            other.execute(CUT)

    with mail_server(mood) as port:
        set_up(port)
        send()
        mood.then = cut
        with worker():
            until(lambda: states() == ["sent"])
    assert len(mood.letters) == 1
