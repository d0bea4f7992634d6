"""A customer is erased; later the machine is lost, and all there is to restore is a backup from before (F27, P12)."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .test_backup import ROOT, Company, Kept

NAME, PHONE, WORDS = "金丝雀小姐", "13900007777", "绿孔雀羽扇想赎回来"
PLANT = f"""
from yingxu.base.access import Actor
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
intake = needs.Intake(
    kind="consultation", body="{WORDS}", channel="portal", customer_name="{NAME}", contact_name="{NAME}", phone="{PHONE}", backfill=True,
)
done = needs.register(intake, by=Actor(kind="customer", name="{NAME}"))
print(Need.objects.get(pk=done.id).customer.matter.number)
"""
ERASE = """
from django.db import transaction
from yingxu.customers.models import Customer
from yingxu.destruction import carrying
with transaction.atomic():
    carrying.erase(set(Customer.objects.values_list("pk", flat=True)), "XH-2026-000001")
"""
LOOK = f"""
from tests.canaries import in_tables
print("FOUND", in_tables(["{NAME}", "{PHONE}", "{WORDS}"]))
"""


@pytest.fixture(scope="module")
def kept(place: Path, begun: Callable[[Path], str]) -> Kept:
    return Kept(place / "data", begun(place / "data"))


def run(company: Company, *words: str) -> subprocess.CompletedProcess:
    """All that follows `manage` or `audit` is theirs: where the data are is said before."""
    said = [sys.executable, "-m", "yingxu.cli", "--data", str(company.data), *words]
    return subprocess.run(said, cwd=ROOT, env=company.env, capture_output=True, text=True, timeout=300)


def shell(company: Company, code: str) -> str:
    done = run(company, "manage", "shell", "-v", "0", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_older_backup_brings_nobody_back(kept: Kept) -> None:
    number = shell(kept, PLANT).splitlines()[-1]
    assert NAME in shell(kept, LOOK) and run(kept, "audit", "seal").returncode == 0
    assert kept.back_up().returncode == 0
    older = kept.whole()[-1]
    shell(kept, ERASE)
    assert shell(kept, LOOK) == "FOUND []" and run(kept, "audit", "verify").returncode == 0
    ledger = (kept.data / "erasures.jsonl").read_text()
    assert number in ledger and not [word for word in (NAME, PHONE, WORDS) if word in ledger]
    assert kept.back_up().returncode == 0

    back = kept.data.parent / "back"
    words = [*kept.words("restore", str(kept.place), "--name", older)[:-1], str(back)]
    done = subprocess.run(words, cwd=ROOT, env=kept.env | {"YINGXU_RECOVERY_CODE": kept.code}, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    again, ready = (done.stdout.index(said) for said in ("erasures: 1 in the ledger, 1 applied again", f"{older} is restored in"))
    assert again < ready, "erased again before it is handed over"
    assert "ok   journal" in done.stdout and "BAD" not in done.stdout, "lawful blanks are known as such"
    restored = Company(back)
    assert shell(restored, LOOK) == "FOUND []"
    assert run(restored, "audit", "verify").returncode == 0
    assert (back / "erasures.jsonl").read_text() == ledger
    assert shell(restored, "from yingxu.destruction import carrying; print(carrying.reapply())") == "(1, 0)"
    stated = shell(restored, "from yingxu.matters.models import Entry; print(*Entry.objects.order_by('id').values_list('event', flat=True))").split()
    assert {"destruction.file_erased", "operations.restored"} <= set(stated)
