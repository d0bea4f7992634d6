"""Who may import whom: floors by import-linter's contract in pyproject.toml, private doors by this table."""

from importlinter.cli import lint_imports

from .tree import HOUSE, ROOT, code, imports, name

DOORS = {"models", "queries", "actions", "events", "rules"}  # rules: a page of a higher room names the door of a lower one
OPEN = {"base", "ui"}  # libraries of everybody
MORE = {
    "matters": {"access", "catalogue", "circles", "live", "tail"}, "people": {"fields", "verifying"}, "files": {"fields"}, "tasks": {"fields"}, "templates": {"fields"}, "needs": {"panels", "states"},
    "customers": {"fields", "identifiers", "panels"}, "privacy": {"copies", "kinds", "reaching"}, "archives": {"looks", "papers", "parts"}, "relations": {"shapes"},
}  # fmt: skip  # a room's further doors: words others speak
FOR = {"policies": {"controls"}, "api": {"api"}, "audit": {"heads", "seals", "verifying"}}  # what a room's own task lets it open besides


def test_floors_of_the_house():
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_rooms_enter_other_rooms_by_their_doors():
    wrong = []
    for path in code():
        here = path.relative_to(HOUSE).parts[0]
        for line, target in imports(path):
            parts = target.split(".")
            if parts[0] != "yingxu" or len(parts) < 3 or parts[1] in OPEN | {here}:
                continue
            if here != "cli.py" and parts[2] not in DOORS | MORE.get(parts[1], set()) | FOR.get(here, set()):
                wrong.append(f"{name(path)}:{line} imports {target}")
    assert not wrong, "\n".join(wrong)
