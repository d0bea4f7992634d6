"""The product as a user starts it: `yingxu init`, `yingxu serve --with-worker`, on a data directory of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from config import postgres

HOME = Path(__file__).resolve().parent.parent
PASSWORD = "bamboo-nine-joints"  # noqa: S105  of an installation that lives for minutes


class Product:
    """One installation. `begin` makes it, `start` serves it, `end` removes it."""

    def __init__(self) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="yingxu-bench-"))
        self.data.chmod(0o711)
        self.port = _free_port()
        self.process: subprocess.Popen | None = None

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "yingxu.cli", "--data", str(self.data), *words]

    def begin(self) -> None:
        """A company with the pawnshop pack."""
        subprocess.run(self._command("init", "--pack", "pawnshop", "--company", "云岫典当"), check=True, cwd=HOME, env=_clean(), stdout=subprocess.DEVNULL)

    def start(self) -> float:
        """Serve; returns the seconds until the first page was answered."""
        began = time.monotonic()
        log = (self.data / "serve.log").open("w")
        words = self._command("serve", "--with-worker", "--port", str(self.port))
        self.process = subprocess.Popen(words, cwd=HOME, env=_clean(), stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() - began > 120:
                raise SystemExit("The product did not start:\n" + (self.data / "serve.log").read_text())
            time.sleep(0.02)
        return time.monotonic() - began

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as found:
                found.sendall(b"GET /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                return found.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def end(self) -> None:
        self.stop()
        postgres.stop(self.data / "postgres")
        for path in (self.data, Path(os.path.realpath(self.data / "postgres"))):
            shutil.rmtree(path, ignore_errors=True)

    # ── what it uses ──

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Those that answer requests, the one that works in the background, the database's."""
        found: dict[str, list[psutil.Process]] = {"web": [], "worker": [], "postgres": []}
        if self.process:
            parent = psutil.Process(self.process.pid)
            found["web"].append(parent)
            for child in parent.children():
                found["web" if child.children() else "worker"] += [child, *child.children(recursive=True)]
        if server := postgres.pid(self.data / "postgres"):
            found["postgres"] = [psutil.Process(server), *psutil.Process(server).children(recursive=True)]
        return found

    def memory(self) -> dict[str, float]:
        """Proportional set size in MB: shared pages are counted once."""
        return {name: sum(_pss(process) for process in found) for name, found in self.processes().items()}

    def cpu(self) -> dict[str, float]:
        """Seconds of processor time used so far by what is running now."""
        return {name: sum(_seconds(process) for process in found) for name, found in self.processes().items()}

    def environment(self) -> None:
        """Let this process use the same database and keys."""
        os.environ["YINGXU_DATA"] = str(self.data)
        os.environ["DATABASE_URL"] = postgres.url(self.data / "postgres")
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"


def _pss(process: psutil.Process) -> float:
    try:
        return process.memory_full_info().pss / 1e6
    except psutil.Error:
        return 0.0


def _seconds(process: psutil.Process) -> float:
    try:
        times: Any = process.cpu_times()
        return times.user + times.system
    except psutil.Error:
        return 0.0


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL" and not name.startswith("YINGXU_")}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
