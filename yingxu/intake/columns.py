"""What a column may mean, guessed from its name, remembered per header; and cells read as times."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import clock, tables
from yingxu.base.tables import Target
from yingxu.templates import queries as record_templates

from .models import ImportRun

NEEDS = (
    Target("key", gettext_lazy("Number in the old list"), ("编号", "单号", "工单号", "number", "id", "no."), gettext_lazy("the same number is never imported twice")),
    Target("title", gettext_lazy("Subject"), ("主题", "标题", "subject", "title")),
    Target("body", gettext_lazy("The customer's words"), ("详情", "内容", "描述", "原话", "留言", "诉求", "body", "content", "description")),
    Target("customer_name", gettext_lazy("Customer"), ("客户", "用户", "单位", "公司", "customer", "user", "company")),
    Target("contact_name", gettext_lazy("Contact"), ("联系人", "姓名", "contact", "name")),
    Target("phone", gettext_lazy("Phone number"), ("电话", "手机", "phone", "mobile", "tel")),
    Target("email", gettext_lazy("E-mail"), ("邮箱", "邮件", "email", "mail")),
    Target("kind", gettext_lazy("Business type"), ("业务类型", "类型", "kind", "type")),
    Target("category", gettext_lazy("Category"), ("类别", "紧急程度", "级别", "category", "priority", "urgency")),
    Target("channel", gettext_lazy("Channel"), ("渠道", "来源", "channel", "contact_type")),
    Target("raised_at", gettext_lazy("Raised at"), ("留言时间", "提出时间", "登记时间", "创建时间", "时间", "日期", "raised", "created", "opened")),
    Target("answer", gettext_lazy("Answer given"), ("答复意见", "答复", "回复", "处理结果", "answer", "reply", "resolution")),
    Target("answered_at", gettext_lazy("Answered at"), ("答复时间", "回复时间", "办结时间", "answered", "closed", "resolved")),
    Target("department", gettext_lazy("Department"), ("部门", "department", "agency", "group")),
    Target("tags", gettext_lazy("Tags"), ("标签", "tag", "label")),
    Target("rating", gettext_lazy("Rating 1–5"), ("评分", "满意度", "rating", "score")),
)  # fmt: skip
EVENTS = (
    Target("case", gettext_lazy("Number of the need"), ("number", "编号", "case")),
    Target("at", gettext_lazy("Time of the event"), ("sys_updated_at", "timestamp", "时间", "updated")),
    Target("raised_at", gettext_lazy("Raised at"), ("opened_at", "created")),
    Target("state", gettext_lazy("State"), ("incident_state", "state", "status", "状态", "环节")),
    Target("department", gettext_lazy("Department"), ("assignment_group", "group", "部门", "department")),
    Target("reassigned", gettext_lazy("Times reassigned"), ("reassignment_count", "转派次数")),
    Target("reopened", gettext_lazy("Times reopened"), ("reopen_count", "重开次数")),
    Target("category", gettext_lazy("Category"), ("priority", "类别", "紧急程度")),
    Target("customer_name", gettext_lazy("Customer"), ("caller", "客户", "customer")),
    Target("channel", gettext_lazy("Channel"), ("contact_type", "渠道")),
    Target("title", gettext_lazy("Subject"), ("subject", "主题", "标题", "subcategory")),
    Target("tags", gettext_lazy("Tags"), ("标签", "tag", "label")),
)  # fmt: skip
FIELD = "field:"


def targets(shape: str, kind: str = "") -> list[Target]:
    """Everything a column may be mapped to; for needs also the fields of the chosen kind's template."""
    if shape == ImportRun.Shape.EVENTS:
        return list(EVENTS)
    version = record_templates.version_for(kind) if kind else None
    return [*NEEDS, *(Target(FIELD + s.code, s.label, (s.label,)) for s in (version.specs if version else []))]


def guess(header: Sequence[str], shape: str, kind: str = "") -> dict[str, str]:
    """A mapping by the names of the columns."""
    return tables.guess(header, targets(shape, kind))


_FORMS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日",
    "%Y年%m月%d日 %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",
)  # fmt: skip
_ZONED = re.compile(r"(Z|[+-]\d\d:?\d\d)$")


def moment(cell: Any) -> datetime | None:
    """A cell as an aware moment, local times in the company's zone; None for an empty cell. Raises ValueError with a sentence."""
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=clock.zone())
    text = str(cell or "").strip().replace("T", " ")
    if not text:
        return None
    if _ZONED.search(text):
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    text = text.split(".")[0] if re.search(r":\d\d\.\d+$", text) else text
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=clock.zone())
        except ValueError:
            continue
    raise ValueError(_("“%(text)s” is not a time we can read; write 2026-03-18 09:30.") % {"text": text[:40]})


MEANINGS = ("new", "working", "waiting", "resolved", "closed")
_GUESS = (("await", "waiting"), ("wait", "waiting"), ("pend", "waiting"), ("hold", "waiting"), ("等", "waiting"), ("new", "new"), ("新", "new"),
          ("clos", "closed"), ("结", "closed"), ("resolv", "resolved"), ("complet", "resolved"), ("解决", "resolved"), ("完成", "resolved"))  # fmt: skip


def guess_meaning(state: str) -> str:
    """The word a log's state probably means."""
    low = state.lower()
    return next((meaning for part, meaning in _GUESS if part in low), "working")
