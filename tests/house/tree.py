"""The source tree, as the house rules read it."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "yingxu"


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that belongs to the project: known to git, or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return tuple(path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file())


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def rooms() -> list[str]:
    return sorted(path.parent.name for path in HOUSE.glob("*/__init__.py") if path.parent.name != "base")


def code(*, tests: bool = False, migrations: bool = False) -> list[Path]:
    """Python files of the rooms."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py"
        and HOUSE in path.parents
        and (tests or "tests" not in path.parts)
        and (migrations or "migrations" not in path.parts)
    ]


def pages() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".html" and HOUSE in path.parents and "templates" in path.parts]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, full dotted name) of everything a file imports, also inside functions; relative ones made absolute."""
    package = list(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)

