"""What the front line puts straight to management, in every state; told by the real verbs on needs that are being handled."""

from datetime import timedelta

from django.utils import timezone

from yingxu.base import clock
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
from yingxu.needs.states import State

from .telling import Story, Teller

QUESTIONS: tuple[tuple[float, str, str, str, str, str], ...] = (
    # working hours ago, what, why it cannot wait, recommendation, what becomes of it, the words
    (300, "老客户一次存三件大额当物，综合费率能不能降到 2.0%？", "客户同时问了两家，今天要给回话。", "降到 2.1%，当期不少于三个月。", "decided", "同意 2.1%，三件一起办，单件不享受。"),
    (180, "封签录像超过保存期，能不能请第三方出鉴定代替？", "客户情绪激动，说要去投诉。", "由我们出鉴定费，当面拆封。", "decided", "按建议办，费用从客服预备金列支，以后录像保存期改为两年。"),
    (90, "客户要求把赎当款打给第三人，能不能办？", "客户人在国外，家人来取。", "", "answered", "要本人书面委托加视频核身，材料齐了照常办，不必再报。"),
    (52, "鉴定排期要等五天，能不能外聘一位鉴定师？", "三件在等，其中一件快到时限。", "外聘两天，费用约三千元。", "handed", "可以，程可定人选，费用你签。"),
    (30, "合同抬头写错，能不能重开不收费？", "客户下午来取。", "重开，不收费。", "withdrawn", "财务确认可以免费重开，不用报了。"),
    (9, "客户愿意加当，但单户余额会超限，放不放？", "客户明天上午要用款。", "加当 20 万，期限一个月，加一名共同当户。", "delegated", "请江听雨核一下共同当户的资质，明天答复。"),
    (2.2, "恒温恒湿库位满了，能不能临时租用外库？", "新收的两件乐器今天必须入库。", "租两周，约一千二百元，保险由对方承担。", "waiting", ""),
    (0.7, "客户要求上门收当，超过外出限额，能不能派两人去？", "客户约今天下午四点。", "派两人一车，当场只封存不放款。", "waiting", ""),
)  # fmt: skip


def raises(teller: Teller) -> None:
    """Plan every question at its moment."""
    for hours, *words in QUESTIONS:
        teller.begin(teller.worked_before(hours), _question(teller, *words))


def _question(teller: Teller, question: str, why: str, recommendation: str, fate: str, words: str) -> Story:
    world = teller.world
    need = _working_on(teller)
    if need is None:
        return
    asker = world.by(need.matter.owner.name if need.matter.owner_id else "沈岚")
    boss = world.by("陆砚秋")
    needs.raise_to_management(need, by=asker, question=question, why=why, recommendation=recommendation, waits=fate == "waiting" and "入库" in why)
    if fate == "waiting":
        return
    yield teller.soon(clock.now(), 8, 70, late=0.2)
    fresh = Need.objects.select_related("matter").get(pk=need.pk)
    if fresh.ended or not fresh.raises.filter(ended_at=None).exists():
        return
    if fate == "withdrawn":
        needs.withdraw_raise(fresh, by=asker, reason=words)
    elif fate == "answered":
        needs.answer_raise(fresh, by=boss, text=words)
    elif fate == "decided":
        needs.decide(fresh, by=boss, text=words)
    else:
        to = world.user("程可" if fate == "handed" else "江听雨")
        to = world.user("秦望舒") if to.pk == asker.user_id else to
        needs.delegate(fresh, by=boss, to=to, due_on=timezone.localdate(clock.now()) + timedelta(days=1), text=words)
        if fate == "handed":
            yield teller.soon(clock.now(), 60, 200)
            fresh = Need.objects.select_related("matter").get(pk=need.pk)
            if fresh.raises.filter(ended_at=None).exists():
                needs.decide(fresh, by=world.by(to.name), text="已定外聘鉴定师两天，明天上午到岗，费用从鉴定预算列支。")


def _working_on(teller: Teller) -> Need | None:
    """A need that is being handled at this moment and has put no question yet; the amounts and the urgency decide which."""
    rows = Need.objects.filter(state__in=[State.HANDLING, State.ACCEPTANCE], raises=None, matter__owner__isnull=False)
    found = list(rows.select_related("matter__owner").order_by("-matter_id")[:12])
    return teller.rng.choice(found) if found else None
