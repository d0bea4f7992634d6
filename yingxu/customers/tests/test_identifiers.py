"""Phones, mail addresses and ID numbers: read, checked and covered (A9). Pure; vectors of real codes when they are here."""

import csv
from pathlib import Path

import pytest
from django.utils import translation

from yingxu.base.errors import Invalid
from yingxu.customers import identifiers

VECTORS = Path(__file__).resolve().parents[4] / "shared" / "data" / "ids"
needs_vectors = pytest.mark.skipif(not VECTORS.exists(), reason=f"no test vectors at {VECTORS}")


def rows(name: str) -> list[dict]:
    if not VECTORS.exists():
        return []
    with (VECTORS / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("typed", "canonical", "shown", "masked"),
    [
        ("13900002046", "+8613900002046", "139 0000 2046", "139 **** 2046"),
        ("139 0000-2046", "+8613900002046", "139 0000 2046", "139 **** 2046"),
        ("+86 139 0000 2046", "+8613900002046", "139 0000 2046", "139 **** 2046"),
        ("0086-13900002046", "+8613900002046", "139 0000 2046", "139 **** 2046"),
        ("86 13900002046", "+8613900002046", "139 0000 2046", "139 **** 2046"),
        ("１３９００００２０４６", "+8613900002046", "139 0000 2046", "139 **** 2046"),
        ("\u202d13900002046\u202c", "+8613900002046", "139 0000 2046", "139 **** 2046"),
        ("手机：13900002046", "+8613900002046", "139 0000 2046", "139 **** 2046"),
        ("010-65551234", "+861065551234", "010-6555 1234", "010-**** 1234"),
        ("(021) 6555 1234", "+862165551234", "021-6555 1234", "021-**** 1234"),
        ("+86 (0)10 6555 1234", "+861065551234", "010-6555 1234", "010-**** 1234"),
        ("+86 571 8555 1234", "+8657185551234", "0571-8555 1234", "0571-**** 1234"),
        ("0731-2555123", "+867312555123", "0731-255 5123", "0731-**** 5123"),
        ("010-65551234转8001", "+861065551234,8001", "010-6555 1234 ext. 8001", "010-**** 1234"),
        ("010-65551234-801", "+861065551234,801", "010-6555 1234 ext. 801", "010-**** 1234"),
        ("400-800-1234", "4008001234", "400-800-1234", "400-***-1234"),
        ("95588", "95588", "95588", "95588"),
        ("+852 9123 4567", "+85291234567", "+85291234567", "+852 **** 4567"),
        ("+44 (0)20 7946 0018", "+442079460018", "+442079460018", "+442 **** 0018"),
        ("00 1 650 253 0000", "+16502530000", "+16502530000", "+165 **** 0000"),
    ],
)
def test_phone(typed, canonical, shown, masked):
    given = identifiers.read("phone", typed)
    with translation.override("en"):
        assert (given.value, given.shown, given.masked) == (canonical, shown, masked)


@pytest.mark.parametrize(
    "typed",
    ["", "1390000204", "139000020466", "12900002046", "65551234", "139****2046", "+86 139 0000", "+1", "电话不详", "1e10", "+0123456789",
     "023-1555123", "0" * 12],
)  # fmt: skip
def test_not_a_phone(typed):
    with pytest.raises(Invalid) as refusal:
        identifiers.read("phone", typed, name="mobile")
    assert list(refusal.value.fields) == ["mobile"]


def test_email():
    given = identifiers.read("email", " <Liang.Wu@Example.COM> ")
    assert (given.value, given.masked) == ("liang.wu@example.com", "l***@example.com")
    assert identifiers.read("email", "梁@例子.公司".replace("梁", "liang")).value == "liang@xn--fsqu00a.xn--55qx5d"
    for wrong in ("liang", "liang@", "@example.com", "a b@example.com", "a..b@example.com", "a@example", "a@exa_mple.com", "a@-x.com"):
        with pytest.raises(Invalid):
            identifiers.read("email", wrong)


@needs_vectors
@pytest.mark.parametrize("row", rows("resident_id_vectors.csv"), ids=lambda r: r["number"])
def test_resident_id(row):
    """GB 11643. Whether the county existed in the year of birth is not our question: codes are given at first registration."""
    if row["valid"] == "1" or row["why"].startswith("county "):
        given = identifiers.read("resident_id", row["number"].lower())
        assert given.value == row["number"]
        assert given.masked == f"{row['number'][:2]}** **** **** **{row['number'][-2:]}"
    else:
        with pytest.raises(Invalid):
            identifiers.read("resident_id", row["number"])


@needs_vectors
def test_every_wrong_digit_of_a_resident_id_is_found():
    number = next(r["number"] for r in rows("resident_id_vectors.csv") if r["valid"] == "1" and r["number"].isdigit())
    for place in range(6, 18):
        for digit in "0123456789":
            if digit != number[place]:
                with pytest.raises(Invalid):
                    identifiers.read("resident_id", number[:place] + digit + number[place + 1 :])


def test_old_resident_id_warns():
    given = identifiers.read("resident_id", "110102910101007")
    assert given.warning
    with pytest.raises(Invalid):
        identifiers.read("resident_id", "110102911301007")


@needs_vectors
@pytest.mark.parametrize("row", rows("uscc_vectors.csv"), ids=lambda r: r["code"])
def test_credit_code(row):
    """GB 32100."""
    if row["valid"] == "1":
        assert identifiers.read("credit_code", row["code"].lower()).value == row["code"]
    else:
        with pytest.raises(Invalid):
            identifiers.read("credit_code", row["code"])


def test_bank():
    good = identifiers.read("bank", "6222 0000 0000 0000 004")
    doubtful = identifiers.read("bank", "6222000000000000001")
    assert good.masked == "6222 **** **** 004"
    assert bool(good.warning) != bool(doubtful.warning)
    with pytest.raises(Invalid):
        identifiers.read("bank", "6222-x")


def test_guess_waits_for_the_whole():
    assert identifiers.guess("1390000204") == []
    assert [g.type for g in identifiers.guess("13900002046")] == ["phone"]
    assert [g.type for g in identifiers.guess("liang@example.com")] == ["email"]
    assert identifiers.guess("梁女士") == []


def test_sealed_fingerprint_and_tail():
    """The sealed value opens again and never shows the number; equal numbers have equal fingerprints, and only they (A9)."""
    one, same, other = (identifiers.read("phone", n) for n in ("13900002046", "+86 139-0000-2046", "13900002047"))
    assert "13900002046" not in one.sealed and one.sealed != same.sealed
    assert identifiers.unseal(one.sealed) == one.value
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert one.tail == identifiers.tail("2046") != other.tail
    assert identifiers.read("bank", "13900002046").tail is None


@pytest.mark.parametrize("type_", identifiers.READERS)
def test_masks_never_show_the_middle(type_):
    value = {"phone": "+8613912345678", "email": "somebody@example.com", "wechat": "liangwu2046", "resident_id": "110102199101010078",
             "credit_code": "91310116052958608G", "bank": "6222021234567890123", "code": "C-1"}[type_]  # fmt: skip
    masked = identifiers.mask(type_, value)
    assert len(masked) <= 60
    if type_ != "code":
        assert value[6:-4] not in masked.replace(" ", "")


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("云岫砚台巷珠宝商行", True), ("云岫市青石区工商服务中心", True), ("梁雯", False), ("Acme Ltd.", True), ("欧阳公明", False),
     ("砚台巷修表铺(个体工商户)", False)],
)  # fmt: skip
def test_organisation(name, is_one):
    assert identifiers.organisation(name) is is_one


def test_alike():
    assert identifiers.alike("云岫砚台巷珠宝有限公司", "云岫砚台巷珠宝 股份有限公司") == 1.0
    assert identifiers.alike("云岫砚台巷珠宝有限公司", "云岫砚合巷珠宝有限公司") >= 0.6
    assert identifiers.alike("云岫砚台巷珠宝有限公司", "青石区第一小学") < 0.2
    assert identifiers.alike("", "") == 1.0
