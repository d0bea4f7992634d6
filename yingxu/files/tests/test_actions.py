"""Files are on disk for good before the row is; all or none (S16, R1, R3, F10, F11)."""

import errno
import hashlib
import os
import stat
import sys

import pytest
from django.db import transaction

from yingxu.base.access import SYSTEM, Actor
from yingxu.base.errors import Invalid
from yingxu.files import actions, queries
from yingxu.files.models import File

from .samples import EICAR, EXE, JPEG, KEPT, upload

pytestmark = pytest.mark.django_db


def _attach(cast, *uploads, by=None, **more):
    with transaction.atomic():
        return actions.attach(cast.matter, uploads, by=by or cast.by, **more)


def _on_disk(directory) -> list[str]:
    return [p.name for p in directory.rglob("*") if p.is_file()]


def test_a_file_is_kept_as_it_came(cast, directory):
    content = KEPT["合同.pdf"][0]
    (file,) = _attach(cast, upload("合同.pdf", content, said="image/png"))
    file.refresh_from_db()
    assert file.path.read_bytes() == content and file.size == len(content)
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert (file.name, file.mime, file.public) == ("合同.pdf", "application/pdf", False)
    assert (file.by_kind, file.by_id, file.by_name) == ("user", cast.shen.pk, "shen")
    assert "合同" not in str(file.path) and len(file.stored) == 32, "the name on disk is ours"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600 and stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert not list((directory / "tmp").iterdir())


def test_all_or_none(cast, directory):
    with pytest.raises(Invalid):
        _attach(cast, upload("a.jpg", JPEG), upload("b.jpg", EXE))
    assert not File.objects.exists()


@pytest.mark.parametrize("wrong", [upload("leer.jpg", b""), upload("a.jpg", EXE)])
def test_what_is_refused_leaves_nothing(cast, directory, wrong):
    with pytest.raises(Invalid) as refusal:
        _attach(cast, wrong)
    assert wrong.name in str(refusal.value) and not _on_disk(directory)


def test_limits(cast, settings):
    settings.FILE_MAX_BYTES = 1_048_576
    with pytest.raises(Invalid, match="1 MB"):
        _attach(cast, upload("gross.jpg", JPEG + b"\0" * 1_048_576))
    with pytest.raises(Invalid, match="20"):
        _attach(cast, *[upload(f"{i}.jpg", JPEG) for i in range(21)])
    assert not File.objects.exists()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"), ("C:\\Users\\x\\票.txt", "票.txt"), ("a\x00b.txt", "ab.txt"), ("evil\u202etxt.exe", "eviltxt.exe"),
        ("  .hidden.txt ", "hidden.txt"), ("", "file"), ("...", "file"), ('a"<b>|c?.txt', "a__b__c_.txt"), ("line\r\nbreak.txt", "linebreak.txt"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"), ("x" * 300, "x" * 120), ("a/", "file"), ("e\u0301.txt", "\u00e9.txt"),
    ],
)  # fmt: skip
def test_names_are_only_shown(given, shown):
    assert actions.clean_name(given) == shown and len(actions.clean_name(given)) <= 120


def test_what_a_customer_hands_in_they_may_see(cast):
    """N12, W1."""
    customer = Actor(kind="customer", name="季棠", id=7, matters=frozenset({cast.matter.pk}))
    _attach(cast, upload("a.jpg", JPEG), by=customer)
    _attach(cast, upload("b.jpg", JPEG))
    _attach(cast, upload("c.jpg", JPEG), public=True)
    assert [f.name for f in queries.on_matter(cast.matter, cast.by)] == ["a.jpg", "b.jpg", "c.jpg"]
    assert [f.name for f in queries.on_matter(cast.matter, cast.by, public=True)] == ["a.jpg", "c.jpg"]
    assert {f.name for f in queries.by_entry(cast.matter, cast.by)[None]} == {"a.jpg", "b.jpg", "c.jpg"}


def test_no_verb_no_row_and_the_bytes_are_collected_later(cast, directory):
    """R3: a rolled back verb leaves at most bytes nobody can reach, for a day."""
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.attach(cast.matter, [upload("a.jpg", JPEG)], by=cast.by)
        1 / 0  # noqa: B018
    (kept,) = _attach(cast, upload("b.jpg", JPEG))
    assert not File.objects.exclude(pk=kept.pk).exists() and len(_on_disk(directory)) == 2
    half = directory / "tmp" / "half"
    half.write_bytes(b"x")
    assert actions.sweep() == 0, "a verb may still be running"
    for path in directory.rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))
    assert actions.sweep() == 2 and _on_disk(directory) == [kept.stored]


def test_staged_files_may_be_examined_before_the_transaction(cast):
    staged = actions.stage(upload("a.jpg", JPEG))
    (file,) = _attach(cast, staged)
    assert file.path.read_bytes() == JPEG


def test_attaching_is_part_of_a_verb(cast):
    with pytest.raises(RuntimeError, match="another verb"):
        _outside(cast)


def _outside(cast):
    from django.db import connection

    was, connection.in_atomic_block = connection.in_atomic_block, False
    try:
        actions.attach(cast.matter, [], by=SYSTEM)
    finally:
        connection.in_atomic_block = was


def test_a_full_disk_refuses(cast, directory, monkeypatch):
    """F10: nothing is kept that cannot be kept."""

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(actions.NoRoom) as refusal:
        _attach(cast, upload("a.jpg", JPEG))
    assert refusal.value.status == 503 and not File.objects.exists() and not _on_disk(directory)


# ── the scanner ──


def _scanner(tmp_path, body: str) -> str:
    program = tmp_path / "scan.py"
    program.write_text(f"import sys\ndata = sys.stdin.buffer.read()\n{body}\n")
    return f"{sys.executable} {program}"


def test_the_scanner_sees_every_byte(cast, settings, tmp_path, directory):
    """M13: the standard test signature is found wherever it is."""
    settings.FILE_SCANNER = _scanner(tmp_path, "sys.exit(1 if b'EICAR-STANDARD-ANTIVIRUS-TEST-FILE' in data else 0)")
    with pytest.raises(Invalid, match="scanner|病毒"):
        _attach(cast, upload("eicar.txt", EICAR))
    with pytest.raises(Invalid):
        _attach(cast, upload("a.jpg", JPEG + b"\0" * 100_000 + EICAR))
    assert not _on_disk(directory)
    assert _attach(cast, upload("a.jpg", JPEG))


@pytest.mark.parametrize("body", ["sys.exit(2)", "raise SystemError", "import os; os.abort()"])
def test_no_answer_from_the_scanner_no_file(cast, settings, tmp_path, directory, body):
    settings.FILE_SCANNER = _scanner(tmp_path, body)
    if "raise" in body:  # Python ends an uncaught error with 1, which would be an answer
        settings.FILE_SCANNER = "/nonexistent/scanner"
    with pytest.raises(actions.NoRoom):
        _attach(cast, upload("a.jpg", JPEG))
    assert not _on_disk(directory) and not File.objects.exists()
