"""One parent and its children, forked after everything is loaded once, so that they share its memory.

A child that dies is started again; the parent's end is every child's end, even when the parent is killed.
"""

import ctypes
import gc
import logging
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

log = logging.getLogger("yingxu.family")
GRACE = 15  # seconds a child has to end by itself
TICK = 0.5
STEADY = 10  # a child that lived this long is started again at once
STILL = 60  # seconds a child may be stopped (SIGSTOP, a frozen group) before it is killed and started again


@dataclass
class Child:
    body: Callable[[], None]
    pid: int = 0
    born: float = 0.0
    falls: int = 0
    due: float = 0.0
    stopped: float = 0.0  # since when it stands still, 0: it does not


def run(bodies: Mapping[str, Callable[[], None]], *, tick: Callable[[], None] = lambda: None) -> None:
    """Start the children and keep them alive until SIGINT, SIGTERM or SIGHUP; `tick` is called twice a second."""
    asked: list[int] = []
    wake, ring = os.pipe()
    for end in (wake, ring):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(ring, warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _frame: asked.append(got))
    signal.signal(signal.SIGCHLD, lambda *_: None)
    gc.collect()
    gc.freeze()
    children = {name: Child(body) for name, body in bodies.items()}
    try:
        while not asked:
            _bury(children)
            for name, child in children.items():
                if not child.pid and time.monotonic() >= child.due:
                    _bear(name, child)
            tick()
            if select.select([wake], [], [], TICK)[0]:
                os.read(wake, 4096)
    finally:
        _end(children)
        signal.set_wakeup_fd(-1)


def apart(body: Callable[[], None], *, meanwhile: Callable[[], None] = lambda: None) -> bool:
    """Run once in a child of its own, so that what it opens and loads does not stay with us. True when it went well."""
    child = Child(body)
    _bear("", child)
    meanwhile()
    return os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]) == 0


def die_with_parent() -> None:
    """Linux ends this process when its parent is killed; elsewhere the parent's clean end has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _bear(name: str, child: Child) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    child.pid, child.born = os.fork(), time.monotonic()
    if child.pid:
        return
    code = 1
    try:
        os.setpgid(0, 0)  # Ctrl-C in a terminal reaches the parent only
        die_with_parent()
        if os.getppid() != parent:
            return
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        child.body()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except KeyboardInterrupt:
        code = 0
    except BaseException:
        log.exception("%s", name or "child")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _bury(children: Mapping[str, Child]) -> None:
    for name, child in children.items():
        if not child.pid or not _ended(name, child):
            continue
        child.falls = 0 if time.monotonic() - child.born > STEADY else child.falls + 1
        pause = 0 if child.falls < 2 else min(2 ** (child.falls - 2), 10)
        log.error("%s ended unexpectedly; it starts again%s.", name, f" in {pause} s" if pause else "")
        _sweep(child)
        child.pid, child.due, child.stopped = 0, time.monotonic() + pause, 0.0


def _ended(name: str, child: Child) -> bool:
    """Is it gone? One that only stands still cannot notice that itself: it is killed after a while."""
    pid, status = os.waitpid(child.pid, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
    if pid and not (os.WIFSTOPPED(status) or os.WIFCONTINUED(status)):
        return True
    if pid:
        child.stopped = time.monotonic() if os.WIFSTOPPED(status) else 0.0
    if child.stopped and time.monotonic() - child.stopped > STILL:
        log.error("%s stands still; it is ended.", name)
        os.kill(child.pid, signal.SIGKILL)
        child.stopped = 0.0
    return False


def _end(children: Mapping[str, Child]) -> None:
    living = [child for child in children.values() if child.pid]
    for child in living:
        os.kill(child.pid, signal.SIGTERM)
    until = time.monotonic() + GRACE
    for child in living:
        while os.waitpid(child.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > until:
                os.kill(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
                break
            time.sleep(0.05)
        _sweep(child)


def _sweep(child: Child) -> None:
    """What a dead child left behind in its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
