"""Places of backups: a half one is never a whole one, what no rule keeps goes, a disk that is not mounted is noticed (A10, F10, F28)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from yingxu.operations import places, vault

KEY = vault.key_of(vault.new_code())
START = datetime(2026, 11, 24, 3, tzinfo=UTC)


def _make(place: Path, name: str, papers: dict[str, bytes]) -> None:
    """A whole backup with these papers."""
    folder, inner = place / name, bytes(32)
    rows = [json.dumps({"name": name}).encode()]
    for path, content in sorted(papers.items()):
        digest = vault.hashlib.sha256(content).hexdigest()
        mark = KEY.mark(digest)
        with places.durable(place / "papers" / mark[:2] / mark) as out:
            writer = vault.Writer(out, KEY.derived("papers"), mark)
            writer.write(content)
            writer.close()
        rows.append(json.dumps([path, len(content), 1, digest]).encode())
    with places.durable(folder / "manifest") as out:
        writer = vault.Writer(out, inner, "manifest")
        writer.write(b"\n".join(rows) + b"\n")
        writer.close()
    places.write_seal(folder, name, KEY, inner)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    places.begin(tmp_path / "one")
    return tmp_path / "one"


def test_kept_are_days_weeks_and_months():
    daily = [places.stamp(START - timedelta(days=n)) for n in range(400)]
    gone = set(places.due_to_go(daily, [daily[200]]))
    stay = [name for name in daily if name not in gone]
    assert stay[:7] == daily[:7] and daily[200] in stay
    months = {name[:6] for name in stay}
    assert len(months) >= 12 and 18 <= len(stay) <= 7 + 4 + 12 + 1
    assert set(places.due_to_go(stay, [daily[200]])) == set()


def test_the_last_ones_of_a_day_stay_together():
    names = [places.stamp(START + timedelta(minutes=n)) for n in range(6)]
    assert places.due_to_go(names, []) == names[:3]


def test_papers_no_backup_holds_go_with_the_last_that_held_them(place: Path):
    names = [places.stamp(START + timedelta(minutes=n)) for n in range(5)]
    for n, name in enumerate(names):
        _make(place, name, {"files/same": b"same", f"files/{n}": f"only {n}".encode()})
    assert places.prune(place, [KEY], [names[0]]) == [names[1]]
    assert len(list(place.glob("papers/*/*"))) == 5
    kept = places.open_(place / names[0], [KEY])
    assert [b"".join(kept.paper(digest)) for _path, _size, _at, digest in kept.papers()] == [b"only 0", b"same"]


def test_a_backup_of_another_key_keeps_every_paper(place: Path):
    names = [places.stamp(START + timedelta(minutes=n)) for n in range(5)]
    for n, name in enumerate(names):
        _make(place, name, {f"files/{n}": f"only {n}".encode()})
    (place / names[4] / "seal").write_text(json.dumps({"format": 1, "key": "of-another", "wrapped": ""}))
    places.prune(place, [KEY], [])
    assert len(list(place.glob("papers/*/*"))) == 5


def test_a_half_backup_is_not_there_and_is_cleared(place: Path):
    (place / ".half-20261124T030000Z").mkdir()
    (place / "20261124T040000Z").mkdir()  # without a seal
    (place / "papers" / "ab").mkdir(parents=True)
    (place / "papers" / "ab" / ".abc.999999999").write_bytes(b"begun")
    assert places.names(place) == []
    with pytest.raises(vault.Trouble, match="no whole backup"):
        places.find(place)
    places.clear_halves(place)
    assert not list(place.glob(".half-*")) and not list(place.glob("papers/*/.*"))


def test_the_second_place_gets_what_it_lacks(place: Path, tmp_path: Path):
    other = tmp_path / "two"
    places.begin(other)
    names = [places.stamp(START + timedelta(minutes=n)) for n in range(2)]
    for n, name in enumerate(names):
        _make(place, name, {"files/same": b"same", f"files/{n}": b"x" * n})
        places.copy(place / name, other, KEY)
    assert places.names(other) == names
    copied = places.open_(other / names[1], [KEY])
    assert [b"".join(copied.paper(digest)) for *_about, digest in copied.papers()] == [b"x", b"same"]


def test_a_place_that_is_not_mounted_is_noticed(tmp_path: Path, place: Path):
    empty = tmp_path / "mountpoint"
    empty.mkdir()
    with pytest.raises(vault.Trouble, match="mounted"):
        places.copy(place / "20261124T030000Z", empty, KEY)
    assert not list(empty.iterdir())


def test_a_full_disk_begins_nothing(place: Path, monkeypatch):
    monkeypatch.setattr(places, "LEAST_FREE", 1.1)
    with pytest.raises(vault.Trouble, match="full"):
        places.require(place)


def test_a_directory_with_something_else_is_refused(tmp_path: Path):
    (tmp_path / "letter.txt").write_text("x")
    with pytest.raises(vault.Trouble, match="something else"):
        places.begin(tmp_path)


def test_two_do_not_write_at_once(place: Path):
    with places.alone(place), pytest.raises(vault.Trouble, match="under way"), places.alone(place):
        pass


def test_a_wrong_code_names_the_key_it_needs(place: Path):
    _make(place, "20261124T030000Z", {})
    with pytest.raises(vault.Trouble, match=KEY.id):
        places.open_(place / "20261124T030000Z", [vault.key_of(vault.new_code())])


def test_a_changed_seal_does_not_open(place: Path):
    _make(place, "20261124T030000Z", {})
    (place / "20261124T030000Z").rename(place / "20261125T030000Z")
    with pytest.raises(vault.Flawed):
        places.open_(place / "20261125T030000Z", [KEY])
