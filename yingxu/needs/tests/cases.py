"""One case per verb: where the need stands, who does it, what is sent, what is wrong with it, and when it is too early or late."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from yingxu.needs.states import State

S = State


@dataclass(frozen=True)
class Case:
    """`good` and `bad` may be functions of (story, need). `reached` is the state afterwards; `wrong` a state where it cannot be."""

    state: State
    who: str
    good: Mapping[str, Any] | Callable[..., Mapping[str, Any]]
    reached: State
    bad: Mapping[str, Any] | Callable[..., Mapping[str, Any]] | None = None
    wrong: State | None = None
    make: Mapping[str, Any] = field(default_factory=dict)
    before: Callable[..., Any] | None = None
    kept: str = ""  # what must still stand in the form after a refusal


def _department(story: Any, _need: Any) -> dict[str, Any]:
    return {"category": "urgent", "kind": "suggestion", "department": story.world.department("pawn").pk, "owner": "顾一鸣", "reason": "快一点"}


def _assign(story: Any, _need: Any) -> dict[str, Any]:
    return {"department": story.world.department("pawn").pk, "owner": "guyiming", "reason": "请今天看"}


def _other(story: Any, _need: Any) -> dict[str, Any]:
    return {"other": story.register("另一件").number, "type": "related"}


def _hold(story: Any, need: Any) -> None:
    from yingxu.needs import actions

    actions.hold(need, by=story.by("顾一鸣"), reason="等发票")


def _link(story: Any, need: Any) -> None:
    from yingxu.needs import actions

    actions.link(need, by=story.by("沈岚"), other=story.register("另一件"))


def _linked(_story: Any, need: Any) -> dict[str, Any]:
    return {"other": need.links_out.get().b.matter.number}


def _amend(_story: Any, need: Any) -> dict[str, Any]:
    return {"version": need.version, "title": "改过的主题", "caller": "季女士", "secrecy": "0", "customer": ""}


def _clock(_story: Any, need: Any) -> dict[str, Any]:
    found = need.matter.clocks.get(step="handling", outcome="running")
    return {"clock": found.pk, "until": f"{found.due_at.year + 1}-03-02T16:00", "reason": "等第三方检测"}


def _raised(story: Any, need: Any) -> None:
    from yingxu.needs import actions

    actions.raise_to_management(need, by=story.by("沈岚"), question="能不能按 42 万放款？")


SHEN, GU, SU, LU = "沈岚", "顾一鸣", "苏慕青", "陆砚秋"
CASES: dict[str, Case] = {
    "triage": Case(S.REGISTERED, SHEN, _department, S.ACCEPTANCE, {"category": "", "kind": "suggestion", "reason": "留着这句"}, S.REVIEW, kept="留着这句"),
    "category": Case(S.HANDLING, SHEN, {"category": "urgent", "kind": "suggestion"}, S.HANDLING, {"category": "x", "reason": "留着这句"}, S.REVIEW, kept="留着这句"),
    "assign": Case(S.ASSIGNMENT, SHEN, _assign, S.ACCEPTANCE, {"department": "", "reason": "留着这句"}, S.REVIEW, kept="留着这句"),
    "answer": Case(S.REGISTERED, SHEN, {"answer": "一个月 2.4%。"}, S.CLOSED, {"answer": ""}, S.HANDLING),
    "watch": Case(S.REGISTERED, SHEN, {"review_on": "2026-04-02", "signals": "又有人问"}, S.WATCHING, {"review_on": "2026-03-01", "signals": "留着这句"}, S.HANDLING, kept="留着这句"),
    "promote": Case(S.WATCHING, SHEN, {"reason": "又有人问"}, S.TRIAGE, None, S.REGISTERED),
    "accept": Case(S.ACCEPTANCE, GU, {}, S.HANDLING, {"owner": "没有这个人"}, S.REVIEW, kept="没有这个人"),
    "return": Case(S.ACCEPTANCE, GU, {"reason": "不归我们"}, S.TRIAGE, {"reason": ""}, S.REVIEW),
    "plan": Case(
        S.HANDLING, GU, {"measures": "送检", "node_title": ["取样", ""], "node_due": ["2026-03-20T16:00", ""], "node_department": ["", ""], "node_owner": ["周予安", ""]},
        S.HANDLING, {"measures": "留着这句", "node_title": ["取样"], "node_due": [""]}, S.REVIEW, {"planned": False}, kept="留着这句",
    ),
    "progress": Case(S.HANDLING, GU, {"text": "已约好"}, S.HANDLING, {"text": ""}, S.REVIEW),
    "hold": Case(S.HANDLING, GU, {"reason": "等发票"}, S.HANDLING, {"reason": ""}, S.REVIEW),
    "resume": Case(S.HANDLING, GU, {}, S.HANDLING, None, S.REVIEW, before=_hold),
    "submit": Case(S.HANDLING, GU, {"done": "看过了", "answer": "维持原价"}, S.REVIEW, {"done": "留着这句", "answer": ""}, S.ACCEPTANCE, kept="留着这句"),
    "review": Case(S.REVIEW, SU, {"answer": "维持原价", "tell": "on", "channel": "sms"}, S.CONFIRMATION, {"answer": "", "channel": "sms"}, S.HANDLING),
    "send_back": Case(S.REVIEW, SU, {"reason": "缺检测结论"}, S.HANDLING, {"reason": ""}, S.HANDLING),
    "feed_back": Case(S.FEEDBACK, SHEN, {"text": "维持原价", "channel": "phone"}, S.CONFIRMATION, {"text": "留着这句", "channel": "pigeon"}, S.REVIEW, kept="留着这句"),
    "remind": Case(S.CONFIRMATION, SHEN, {}, S.CONFIRMATION, None, S.REVIEW),
    "confirm": Case(S.CONFIRMATION, SHEN, {"rating": "5", "comment": "很快", "channel": "phone"}, S.VISIT, {"rating": "9", "comment": "留着这句", "channel": "phone"}, S.REVIEW, kept="留着这句"),
    "reject": Case(S.CONFIRMATION, SHEN, {"reason": "没换人", "channel": "phone"}, S.REOPENED, {"reason": "", "channel": "phone"}, S.REVIEW),
    "close": Case(S.REGISTERED, SHEN, {"outcome": "declined", "reason": "不收"}, S.CLOSED, {"outcome": "", "reason": "留着这句"}, S.HANDLING, kept="留着这句"),
    "visit": Case(S.VISIT, SHEN, {"satisfied": "no", "notes": "还行", "channel": "phone", "problem": "封签破了"}, S.CLOSED, {"notes": "留着这句", "channel": "pigeon"}, S.CONFIRMATION, kept="留着这句"),
    "reschedule": Case(S.VISIT, SHEN, {"due_on": "2026-04-02", "assignee": "林小满"}, S.VISIT, {"due_on": "2026-03-01", "assignee": "林小满"}, S.CONFIRMATION, kept="林小满"),
    "transfer": Case(S.HANDLING, GU, {"owner": "叶知秋", "reason": ""}, S.HANDLING, {"reason": "留着这句"}, S.REVIEW, kept="留着这句"),
    "merge": Case(S.REGISTERED, SHEN, _other, S.MERGED, {"other": "2026-999999"}, S.REVIEW, kept="2026-999999"),
    "unmerge": Case(S.MERGED, SHEN, {}, S.TRIAGE, None, S.REGISTERED),
    "link": Case(S.REGISTERED, SHEN, _other, S.REGISTERED, {"other": "2026-999999", "type": "related"}, kept="2026-999999"),
    "unlink": Case(S.REGISTERED, SHEN, _linked, S.REGISTERED, {"other": "2026-999999"}, before=_link),
    "split": Case(S.REGISTERED, SHEN, {"part_body": ["一件", "另一件", ""], "part_kind": ["suggestion", "consultation", "suggestion"]}, S.REGISTERED,
                  {"part_body": ["留着这句"], "part_kind": ["nothing"]}, S.CLOSED, kept="留着这句"),
    "tag": Case(S.REGISTERED, SHEN, {"tags": "翡翠、复评"}, S.REGISTERED, {"tags": "，".join(f"标签{i}" for i in range(30))}, kept="标签29"),
    "amend": Case(S.REGISTERED, SHEN, _amend, S.REGISTERED, {"version": "1", "title": "", "caller": "留着这句", "secrecy": "0"}, kept="留着这句"),
    "void": Case(S.REGISTERED, SU, {"reason": "登记错了"}, S.VOID, {"reason": ""}, S.CONFIRMATION),
    "extend": Case(S.HANDLING, GU, _clock, S.HANDLING, {"clock": "0", "until": "", "reason": "留着这句"}, kept="留着这句"),
    "raise": Case(S.HANDLING, GU, {"question": "能不能按 42 万放款？", "why": "客户今晚的飞机", "recommendation": "按 40 万", "waits": "on"}, S.HANDLING,
                  {"question": "", "why": "留着这句"}, S.CLOSED, kept="留着这句"),
    "decide": Case(S.HANDLING, LU, {"text": "按 40 万放。"}, S.HANDLING, {"text": ""}, S.REGISTERED, before=_raised),
    "advise": Case(S.HANDLING, LU, {"text": "先问清来源。"}, S.HANDLING, {"text": ""}, S.REGISTERED, before=_raised),
    "delegate": Case(S.HANDLING, LU, {"to": "江听雨", "due_on": "2026-04-02", "text": "你来定"}, S.HANDLING, {"to": "没有这个人", "due_on": "", "text": "留着这句"}, S.REGISTERED,
                     before=_raised, kept="留着这句"),
    "withdraw": Case(S.HANDLING, SHEN, {"reason": "客户改了主意"}, S.HANDLING, {"reason": ""}, S.REGISTERED, before=_raised),
    "follow": Case(S.REGISTERED, SHEN, {}, S.REGISTERED),
    "snooze": Case(S.HANDLING, GU, {"when": "hour"}, S.HANDLING, {"when": "at", "until": ""}),
    "unsnooze": Case(S.HANDLING, GU, {}, S.HANDLING),
    "unfollow": Case(S.REGISTERED, SHEN, {}, S.REGISTERED),
}  # fmt: skip
