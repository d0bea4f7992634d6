"""What left the house in the last days: results told by SMS (recorded, since no provider is set up), letters that wait for mail to be
switched on, one that somebody took back."""

from datetime import datetime, timedelta

from django.db import transaction

from tests.world import World, content
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.matters.models import Entry
from yingxu.needs.models import Need
from yingxu.notices import actions as notices
from yingxu.notices import loops
from yingxu.people import actions as people
from yingxu.people.models import User

DAYS, LETTERS = 5, 6
TOLD = "已有处理结果，请到柜台或门户查看"


def send(world: World, now: datetime) -> None:
    """Ways to reach everybody, and what was sent to customers."""
    with clock.at(now):
        _ways()
    phones = {c["name"]: c["phone"] for c in content("customers")["customers"]}
    told = list(Entry.objects.filter(event="needs.result_fed_back", at__gt=now - timedelta(days=DAYS), at__lte=now).order_by("at"))
    for entry in told:
        need = Need.objects.select_related("customer", "matter").get(pk=entry.matter_id)
        with clock.at(min(entry.at + timedelta(seconds=20), now)):
            _sms(entry, need, phones.get(need.customer.name if need.customer else "", ""))
            loops.run_once()
    for entry in told[-LETTERS:]:
        with clock.at(min(entry.at + timedelta(minutes=1), now)), transaction.atomic():
            _letter(entry, Need.objects.select_related("matter").get(pk=entry.matter_id))
    with clock.at(now), transaction.atomic():
        if told:
            notices.withdraw(f"letter:{told[-1].pk}")


def _ways() -> None:
    """Everybody can be reached; mail is set up and switched off."""
    for number, user in enumerate(User.objects.order_by("pk"), 1):
        people.edit_user(
            user, by=SYSTEM, username=user.username, name=user.name, department=user.department, email=f"{user.username}@yunxiu.example",
            clearance=user.clearance, mobile=f"1390000{number:04d}", chat_id=user.username,
        )  # fmt: skip
    notices.set_mail(
        by=SYSTEM, on=False, host="smtp.yunxiu.example", port=587, security="starttls", username="kefu@yunxiu.example", password="",
        from_address="kefu@yunxiu.example", from_name="云岫典当客户服务部", reply_address="",
    )  # fmt: skip


def _sms(entry: Entry, need: Need, phone: str) -> None:
    if not phone:
        return
    with transaction.atomic():
        notices.send(
            channel="sms", to=phone, key=f"told:{entry.pk}", template="customer_update", params={"number": need.matter.number, "words": TOLD},
            matter=need.matter, entry=entry,
        )  # fmt: skip


def _letter(entry: Entry, need: Need) -> None:
    notices.send(
        channel="mail", to=f"kehu{need.pk}@mail.example", key=f"letter:{entry.pk}", subject=f"[{need.matter.number}] 处理结果",
        body=f"您好，您的需求“{need.matter.title}”已有处理结果，请到柜台或门户查看。", matter=need.matter, entry=entry,
    )  # fmt: skip
