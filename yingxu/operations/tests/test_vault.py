"""Sealed streams and recovery codes: what was changed, cut or mistyped is noticed (A10, F27)."""

import io

import pytest

from yingxu.operations import vault

KEY = bytes(range(32))


def _sealed(raw: bytes) -> bytes:
    out = io.BytesIO()
    writer = vault.Writer(out, KEY, "part")
    for at in range(0, len(raw), 300_000):
        writer.write(raw[at : at + 300_000])
    writer.close()
    return out.getvalue()


def _opened(raw: bytes, key: bytes = KEY, about: str = "part") -> bytes:
    return b"".join(vault.opened(io.BytesIO(raw), key, about))


@pytest.mark.parametrize("size", [0, 1, vault.PIECE - 1, vault.PIECE, vault.PIECE + 1, 3 * vault.PIECE])
def test_what_was_sealed_opens(size: int):
    raw = bytes(i % 251 for i in range(size))
    assert _opened(_sealed(raw)) == raw


def test_what_was_changed_cut_or_moved_does_not_open():
    whole = _sealed(bytes(3 * vault.PIECE))
    first = len(vault.MAGIC) + 16
    piece = vault.PIECE + vault.TAG
    swapped = whole[:first] + whole[first + piece : first + 2 * piece] + whole[first : first + piece] + whole[first + 2 * piece :]
    longer = whole + whole[first : first + piece]
    flipped = bytearray(whole)
    flipped[first + 7] ^= 1
    for wrong in (whole[:-1], whole[: first + piece], whole[: first + 2 * piece], whole[:first], whole[:3], swapped, longer, bytes(flipped)):
        with pytest.raises(vault.Flawed):
            _opened(wrong)


def test_another_key_or_another_part_does_not_open():
    for key, about in ((bytes(32), "part"), (KEY, "other")):
        with pytest.raises(vault.Flawed):
            _opened(_sealed(b"words"), key, about)


def test_a_recovery_code_makes_the_same_key_however_it_is_typed():
    code = vault.new_code()
    key = vault.key_of(code)
    assert vault.key_of(code.lower().replace("-", " ")) == key
    assert vault.key_of(vault.new_code()).id != key.id


def test_a_mistyped_code_is_told_from_a_wrong_one():
    code = vault.new_code()
    other = "A" if code[3] != "A" else "B"
    for wrong in ("", "short", code[:-1], code[:3] + other + code[4:], code[1] + code[0] + code[2:] if code[0] != code[1] else "x"):
        with pytest.raises(vault.Trouble, match="recovery code"):
            vault.key_of(wrong)


def test_a_wrapped_key_belongs_to_its_backup():
    key = vault.key_of(vault.new_code())
    wrapped = key.wrap(b"inner", "20261124T030000Z")
    assert key.unwrap(wrapped, "20261124T030000Z") == b"inner"
    with pytest.raises(vault.Flawed):
        key.unwrap(wrapped, "20261125T030000Z")


def test_a_new_code_keeps_the_keys_of_earlier_backups(tmp_path):
    first, second = vault.key_of(vault.new_code()), vault.key_of(vault.new_code())
    for key in (first, second):
        vault.keep(tmp_path / "backup.json", key)
    current, keys = vault.kept(tmp_path / "backup.json")
    assert current == second and keys[first.id] == first
    assert (tmp_path / "backup.json").stat().st_mode & 0o077 == 0


def test_without_a_key_it_says_what_to_do(tmp_path):
    with pytest.raises(vault.Trouble, match="yingxu backup code"):
        vault.kept(tmp_path / "backup.json")
