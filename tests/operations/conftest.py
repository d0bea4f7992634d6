"""A company that was begun once, for tests that each keep one of their own: beginning takes longer than all they do with it."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config import postgres

from .test_serving import Company


@contextmanager
def _apart() -> Iterator[Path]:
    """A directory whose servers are gone, and it too, when it is left. Other users may walk through it: the server runs as one."""
    place = Path(tempfile.mkdtemp(prefix="yx-"))
    place.chmod(0o711)
    try:
        yield place
    finally:
        for made in place.glob("**/postgres"):
            postgres.remove(made)
        shutil.rmtree(place)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with _apart() as made:
        yield made


@pytest.fixture(scope="session")
def begun() -> Iterator[Callable[[Path], str]]:
    """Copies the company to the data directory given; returns its recovery code."""
    with _apart() as place:
        done = Company(place / "data").run("init", "--pack", "general", "--company", "应需测试", "--admin", "kai")
        assert done.returncode == 0, done.stderr
        code = next(line.strip() for line in done.stdout.splitlines() if line.startswith("    "))

        def copy(data: Path) -> str:
            subprocess.run(["cp", "-a", place / "data", data], check=True)  # owners too
            return code

        yield copy
