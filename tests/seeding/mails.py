"""Mails that came in lately, read the way real ones are: a need, an answer to it, one from somebody unknown, advertising, an absence."""

from datetime import datetime, timedelta
from email.message import EmailMessage

from tests.world import World
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.intake import actions
from yingxu.intake.mail import arriving
from yingxu.intake.models import Mailbox, Received
from yingxu.needs.models import Need

US = "service@yunxiu.example"
SENDER = "顾书远 <gushuyuan@mail.example>"
_PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"


def _letter(text: str, *, subject: str, sender: str, number: int, charset: str = "utf-8", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, US, subject, f"<{number}.seed@mail.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text, charset=charset)
    return mail


def mails(world: World, now: datetime) -> None:
    """A mailbox, and what came into it in the last working day."""
    box = actions.add_mailbox(by=SYSTEM, name="客服邮箱", address=US, way="delivered", kind="consultation")
    first = _letter(
        "您好：\n\n家里有一架九成新的立式钢琴，想问能不能典当，大概能当多少，要不要拉过去看。照片在附件里。\n\n顾书远",
        subject="立式钢琴能不能典当", sender=SENDER, number=1, charset="gb18030",
    )  # fmt: skip
    first.add_attachment(_PICTURE, maintype="image", subtype="png", filename="钢琴.png")
    need = _come(box, first, now - timedelta(hours=26))
    answer = (
        f"补充一下：钢琴是 2019 年买的，发票还在，周六上午都可以过去。\n\n------------------ 原始邮件 ------------------\n发件人: \"客服\" <{US}>;\n"
        f"发送时间: 昨天\n收件人: \"顾书远\";\n主题: [#{need.number if need else ''}] 来信已收到\n\n您好，来信已收到并登记。"
    )
    _come(box, _letter(answer, subject=f"回复：[#{need.number if need else ''}] 来信已收到", sender=SENDER, number=2), now - timedelta(hours=20))
    other = Need.objects.select_related("matter").filter(matter__title__contains="封签录像").first()
    named = other.number if other else ""
    _come(box, _letter(
        "我是她先生，录像的事请直接跟我说，我今天下午有空。", subject=f"关于 [#{named}] 封签录像", sender="季先生 <ji.xiansheng@mail.example>", number=3,
    ), now - timedelta(hours=5))  # fmt: skip
    _come(box, _letter(
        "本月办公用品八折，点击查看。", subject="办公用品月末特惠", sender="优惠快讯 <news@shop.example>", number=4, List_Unsubscribe="<mailto:stop@shop.example>",
    ), now - timedelta(hours=3))  # fmt: skip
    _come(box, _letter(
        "我在外地开会，周五回来，急事请打电话。", subject="自动回复：续当提醒", sender="沈以宁 <shenyining@mail.example>", number=5, Auto_Submitted="auto-replied",
    ), now - timedelta(hours=2))  # fmt: skip


def _come(box: Mailbox, mail: EmailMessage, at: datetime) -> Need | None:
    """It arrives and is sorted at that moment."""
    with clock.at(at):
        row = arriving.take_in(mail.as_bytes(), box)
        arriving.sort(row.pk)
    found = Received.objects.get(pk=row.pk)
    return Need.objects.select_related("matter").get(pk=found.about_id) if found.about_id else None
