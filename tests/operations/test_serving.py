"""The product as an operator runs it: begun, served, killed, stopped (R5, R6, F1, F6, F33, F35)."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config import postgres

ROOT = Path(__file__).resolve().parents[2]


class Company:
    """A data directory of its own and the `yingxu` command on it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "YINGXU_DATA", "DJANGO_ALLOW_ASYNC_UNSAFE"}}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "yingxu.cli", *words, "--data", str(self.data)]

    def run(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(self.words(*words), cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=300)

    def serve(self) -> subprocess.Popen:
        words = self.words("serve", "--with-worker", "--port", str(self.port))
        return subprocess.Popen(words, cwd=ROOT, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def answers(self, process: psutil.Process, *, within: float = 40) -> bool:
        until = time.monotonic() + within
        while time.monotonic() < until and process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sign-in/", timeout=5) as answer:
                    return answer.status == 200
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
        return False


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    place = Path(tempfile.mkdtemp(prefix="yx-"))
    place.chmod(0o711)
    yield Company(place / "data")
    postgres.stop(place / "data" / "postgres")
    shutil.rmtree(place)


@pytest.fixture
def product(company: Company) -> Iterator[psutil.Process]:
    process = company.serve()
    parent = psutil.Process(process.pid)
    try:
        assert company.answers(parent), process.stdout.read() if process.poll() is not None else "no answer"
        yield parent
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=40)


def test_without_keys_nothing_starts(company: Company):
    """F33: a new key is never made silently."""
    for verb in ("serve", "worker", "migrate", "status"):
        done = company.run(verb)
        assert done.returncode == 1 and re.match(r"There is no (secret|keyring) at .* Restore it from your backup", done.stderr)
    assert not company.data.exists() or not list(company.data.iterdir())


def test_a_company_is_begun_once(company: Company):
    """S12: no default password; the first one is made at random and printed once."""
    done = company.run("init", "--pack", "general", "--company", "试用公司", "--admin", "kai")
    assert done.returncode == 0, done.stderr
    assert re.search(r"Sign in as kai with the password \S{16} \(shown only now\)", done.stdout)
    for key in ("secret", "keyring.json"):
        assert (company.data / "keys" / key).stat().st_mode & 0o777 == 0o600
    again = company.run("init", "--pack", "general", "--company", "另一家")
    assert again.returncode == 1 and "There is a company in this data directory already" in again.stderr
    assert postgres.pid(company.data / "postgres") is None


def test_a_relative_data_directory_is_understood(company: Company):
    words = [sys.executable, "-m", "yingxu.cli", "--data", os.path.relpath(company.data, ROOT), "migrate"]
    done = subprocess.run(words, cwd=ROOT, env=company.env, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr


def test_a_real_company_is_no_demonstration(company: Company):
    """`demo` gives new passwords to the people it finds."""
    done = company.run("demo", "--port", str(company.port))
    assert done.returncode == 1 and "holds a company that is not a demonstration" in done.stderr


def test_keys_that_others_may_read_are_refused(company: Company):
    keyring = company.data / "keys" / "keyring.json"
    keyring.chmod(0o644)
    done = company.run("serve", "--port", str(company.port))
    keyring.chmod(0o600)
    assert done.returncode == 1 and "Others may read the keyring" in done.stderr


def test_a_taken_port_is_said_in_a_sentence(company: Company, product: psutil.Process):
    done = company.run("serve", "--port", str(company.port))
    assert done.returncode == 1 and done.stderr.startswith(f"Port {company.port} on 127.0.0.1 cannot be used")


def test_static_files_keep_for_a_year_under_names_that_change(company: Company, product: psutil.Process):
    page = urllib.request.urlopen(f"http://127.0.0.1:{company.port}/sign-in/").read().decode()
    style = re.search(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page)
    assert style, "the page links a stylesheet with a hash in its name"
    with urllib.request.urlopen(f"http://127.0.0.1:{company.port}{style[1]}") as answer:
        assert answer.status == 200 and "max-age=31536000" in answer.headers["Cache-Control"]


def test_it_is_small_at_rest(company: Company, product: psutil.Process):
    """The whole product, database included, under 350 MB (proportional set size)."""
    if sys.platform != "linux":
        pytest.skip("proportional set size is Linux's")
    server = psutil.Process(postgres.pid(company.data / "postgres"))
    everybody = [product, *product.children(recursive=True), server, *server.children(recursive=True)]
    assert sum(process.memory_full_info().pss for process in everybody) < 350 * 1024 * 1024


def test_whatever_is_killed_comes_back(company: Company, product: psutil.Process):
    """F1, F2, F3, F6: web parent, a web worker, the background worker, the database."""
    web, worker = sorted(product.children(), key=lambda child: not child.children())
    for victim in (web.children()[0], web, worker, psutil.Process(postgres.pid(company.data / "postgres"))):
        victim.kill()
        time.sleep(1)
        assert company.answers(product, within=30), f"no answer after a kill of {victim}"
    until = time.monotonic() + 40
    while (bad := trouble(company)) and time.monotonic() < until:
        time.sleep(1)
    assert not bad


def test_two_instances_on_one_data_directory_share_it(company: Company, product: psutil.Process):
    """F35: both answer, each loop's work is taken by one (the rooms' tests hold that), and the end of one is not the end of the other."""
    twin = Company(company.data)
    process = twin.serve()
    try:
        assert twin.answers(psutil.Process(process.pid), within=90) and company.answers(product)
        assert company.run("backup", "log").returncode == 0  # one at a time empties the spool
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert company.answers(product) and postgres.pid(company.data / "postgres")


def trouble(company: Company) -> list[str]:
    """What `status` finds wrong, but for the backups a company of a minute has not taken yet."""
    lines = company.run("status").stdout.splitlines()
    assert any(line.startswith("ok   database") for line in lines)
    return [line for line in lines if line.startswith("BAD") and not re.search(r"last backup|second place|verified restore|log in the", line)]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_leaves_nothing_behind(company: Company, how: signal.Signals):
    process = company.serve()
    assert company.answers(psutil.Process(process.pid))
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(how)
    assert process.wait(timeout=40) == 0
    assert not [child for child in family if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    assert postgres.pid(company.data / "postgres") is None
