"""One parent, its children: started again when they die, ended with their parent."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]


def _family(tmp_path: Path, still: int = 60) -> subprocess.Popen:
    script = f"""
        import os, time
        from config import family
        family.STILL = {still}
        def child():
            with open({str(tmp_path / "born")!r}, "a") as file:
                file.write(f"{{os.getpid()}}\\n")
            time.sleep(60)
        family.run({{"child": child}})
    """
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, stderr=subprocess.PIPE, text=True)


def _born(tmp_path: Path, count: int) -> list[int]:
    for _try in range(100):
        file = tmp_path / "born"
        found = [int(line) for line in file.read_text().split()] if file.exists() else []
        if len(found) >= count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{count} children were expected")


def _gone(pid: int) -> bool:
    for _try in range(50):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


def test_a_dead_child_is_started_again_and_a_stop_ends_all(tmp_path: Path):
    parent = _family(tmp_path)
    os.kill(_born(tmp_path, 1)[0], signal.SIGKILL)
    second = _born(tmp_path, 2)[1]
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(timeout=10) == 0
    assert _gone(second)
    assert "child ended unexpectedly; it starts again." in parent.stderr.read()


def test_a_child_that_stands_still_is_ended_and_started_again(tmp_path: Path):
    """F31: a stopped process is alive for everybody else; its parent sees it. One that goes on in time is left alone."""
    parent = _family(tmp_path, still=2)
    first = _born(tmp_path, 1)[0]
    os.kill(first, signal.SIGSTOP)
    time.sleep(0.8)
    os.kill(first, signal.SIGCONT)
    time.sleep(2.5)
    assert _born(tmp_path, 1) == [first]
    os.kill(first, signal.SIGSTOP)
    assert _born(tmp_path, 2)[1] != first and _gone(first)
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(timeout=10) == 0
    assert "child stands still; it is ended." in parent.stderr.read()


def test_children_of_a_killed_parent_end(tmp_path: Path):
    parent = _family(tmp_path)
    child = _born(tmp_path, 1)[0]
    parent.kill()
    parent.wait()
    assert _gone(child)
