"""Files stay small, have honest names, name no machine, and keep Chinese words in catalogues and packs."""

import ast
import re

from .tree import HOUSE, ROOT, code, name, pages, parsed, tracked

LONGEST = 400
NOWHERE = {"utils", "helpers", "services", "managers", "signals", "util", "helper", "service", "manager", "common", "misc"}
PLACES = re.compile(r"/wor[k]/|/roo[t]/|/far[m]/|/hom[e]/\w+/|\bshared/dat[a]/\.\.")
REGISTRIES = re.compile(r"pypi\.or[g]|pythonhosted\.or[g]|registry\.npmj[s]|deb\.debian\.or[g]|index-ur[l]\s*=")
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
SPEAKS_CHINESE = (
    "yingxu/cli.py",  # the product's name
    "yingxu/customers/identifiers.py",  # reads what people write: 转 123, 有限公司
    "yingxu/templates/fields.py",  # reads what people write: 3 万元, 是, 2026年3月2日
    "yingxu/routing/learning.py",  # counts Chinese characters
    "yingxu/intake/mail/",  # reads what mail programs write: 发件人, 自动回复, 退信
    "yingxu/people/directory/columns.py",  # likewise for lists of departments and staff
    "yingxu/intake/columns.py",  # knows the titles that columns of real lists have
    "yingxu/api/shapes.py",  # examples in the API document
    "yingxu/api/hook_shapes.py",  # likewise
    "yingxu/api/approval_shapes.py",
    "yingxu/desk/management/commands/seed.py",  # demonstration content
    "yingxu/base/numbers.py",  # formal numerals are Chinese in every language
    "yingxu/ui/specimens.py",  # demonstration content of the component catalogue
    "yingxu/ui/templates/ui/catalogue",
)


def test_no_file_is_longer_than_400_lines():
    long = {name(path): len(path.read_text().splitlines()) for path in tracked() if path.suffix in {".py", ".html", ".js"}}
    assert not (found := {path: lines for path, lines in long.items() if lines > LONGEST and "/migrations/" not in path}), found


def test_no_module_is_called_after_nothing():
    assert not [name(path) for path in code(tests=True) if NOWHERE & {path.stem, *path.relative_to(ROOT).parts[:-1]}]


def test_no_machine_and_no_registry_is_named():
    wrong = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if PLACES.search(line) or REGISTRIES.search(line):
                wrong.append(f"{name(path)}:{number} {line.strip()[:100]}")
    assert not wrong, "\n".join(wrong)


def test_words_on_screen_are_msgids():
    """Chinese stands in catalogues, packs, tests and demonstration content, not in code or pages."""
    wrong = []
    for path in pages():
        if name(path).startswith(SPEAKS_CHINESE):
            continue
        text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
        wrong += [f"{name(path)} {found.group()}" for found in re.finditer(r"[^\n]*[\u3400-\u9fff][^\n]*", text)]
    for path in code():
        if name(path).startswith(SPEAKS_CHINESE) or "demo" in name(path):
            continue
        tree = parsed(path)
        said = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        wrong += [
            f"{name(path)}:{node.lineno} {node.value[:40]!r}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value) and id(node) not in said
        ]
    assert not wrong, "\n".join(wrong)


def test_every_room_says_what_it_is():
    missing = [room.name for room in HOUSE.iterdir() if (room / "__init__.py").exists() and not (room / "README.md").exists()]
    assert not missing
