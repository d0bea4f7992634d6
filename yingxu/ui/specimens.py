"""What the catalogue shows its components with. The only file of this room that holds Chinese: it is content, not interface."""

from datetime import timedelta
from typing import Any

from django import forms

from yingxu.base import clock

TOKENS = {
    "ground": ("canvas", "surface", "raised", "sunken", "hover", "line", "line-control", "track", "ink", "ink-2", "ink-3", "ink-4"),
    "hues": tuple(f"{hue}{shade}" for hue in ("brand", "danger", "warn", "info", "maybe") for shade in ("", "-ink", "-edge", "-tint", "-wash")),
    "series": tuple(f"series-{n}" for n in range(1, 8)) + tuple(f"heat-{n}" for n in range(7)),
}  # fmt: skip
ICONS = (
    "alarm", "arrow-down", "arrow-right", "arrow-up", "at", "back", "bell", "box", "calendar", "camera", "chart",
    "chat", "check", "clip", "clock", "columns", "complaint", "contract", "copy", "counter", "customer", "down",
    "download", "edit", "expand", "export", "eye", "eye-off", "filter", "flag", "forecast", "gift", "help", "history",
    "home", "id", "image", "info", "keyboard", "left", "link", "list", "lock", "mail", "merge", "minus", "moon",
    "more", "need", "org", "pause", "pen", "phone", "pickup", "pin", "play", "plus", "policy", "refresh", "right",
    "risk", "scan", "search", "send", "settings", "snooze", "spark", "split", "stamp", "star", "tag", "training",
    "tree", "truck", "undo", "up", "upload", "users", "warning", "web", "wechat", "wifi", "wind", "wrench", "x",
    "yuan",
)  # fmt: skip
CATEGORIES = [
    ("urgent", "紧急", "不马上办就会损失或失信"),
    ("important", "重要", "影响成交或关系，当天有方案"),
    ("general", "一般", "按常规流程，三个工作日内"),
    ("potential", "潜在", "现在不办，进关注池定期复看"),
]
KINDS = [("pawn", "典当"), ("renew", "续当"), ("redeem", "赎当"), ("ask", "咨询"), ("complain", "投诉"), ("advise", "建议"), ("buy", "购买意向")]
STATES = [(1, "新登记"), (2, "待评估"), (4, "待接收"), (5, "处理中"), (6, "待审核"), (8, "待客户确认"), (9, "待回访")]
CLOCKS: list[dict[str, Any]] = [
    {"state": "ok", "minutes": 135, "total": 280, "day": 480, "runs": True},
    {"state": "soon", "minutes": 38, "total": 240, "day": 480, "runs": True},
    {"state": "late", "minutes": 22, "total": 30, "day": 480, "runs": True},
    {"state": "paused", "minutes": 660, "day": 480},
    {"state": "met", "minutes": 6},
    {"state": "broken", "minutes": 120},
]
STEPS = [
    {"name": "登记", "note": "沈岚", "state": "done"},
    {"name": "评估", "note": "重要", "state": "done"},
    {"name": "分派", "note": "鉴定评估部", "state": "done"},
    {"name": "接收", "note": "程可", "state": "done"},
    {"name": "处理", "note": "超 22 分", "state": "late"},
    {"name": "审核", "note": "客户服务部"},
    {"name": "反馈", "note": "审核后 2 小时"},
    {"name": "确认", "note": "等客户"},
    {"name": "回访", "note": "办结后 7 天"},
]
SIGNING: list[dict[str, Any]] = [
    {"name": "部门主管", "rule": "申请人的主管 · 24 小时内", "state": "done", "when": "3 月 17 日 16:40", "people": [
        {"name": "江听雨", "id": 0, "state": "yes", "said": "已同意", "when": "16:40", "words": "客户本人要求，材料齐。", "by": "顾一鸣"},
    ]},
    {"name": "客户服务", "rule": "客服主管 · 其中过半数 · 需再输密码", "state": "late", "note": "已超时，应在 3 月 18 日 12:00 前", "people": [
        {"name": "苏慕青", "id": 2, "state": "yes", "said": "已同意", "when": "今天 9:12"},
        {"name": "沈岚", "id": 3, "state": "on", "said": "已转签", "when": "今天 9:30"},
        {"name": "林小满", "id": 4, "state": "now", "said": "待签", "instead": "沈岚", "why": "转签：外出办证"},
        {"name": "程可", "id": 5, "state": "now", "said": "待签", "stands": "周予安"},
    ]},
    {"name": "总经理", "rule": "总经理 · 3 个工作日内", "people": []},
]
STOPPED: list[dict[str, Any]] = [
    {"name": "加签", "rule": "周予安", "note": "沈岚加签：请鉴定先看一眼", "state": "done", "when": "昨天 10:05", "people": [{"name": "周予安", "id": 6, "state": "yes", "said": "已同意", "when": "10:05"}]},
    {"name": "客户服务", "rule": "客服主管", "state": "late", "when": "昨天 15:20", "people": [
        {"name": "苏慕青", "id": 2, "state": "back", "said": "已退回修改", "when": "15:20", "words": "期限写到哪天？"},
        {"name": "秦望舒", "id": 1, "state": "no", "said": "不同意", "when": "15:18", "words": "范围太大。"},
    ]},
    {"name": "总经理", "rule": "总经理", "note": "目前没有人能签，已通知管理员", "state": "late", "people": []},
]
PATH = [
    {"name": "已收到", "note": "昨天 18:22", "state": "done"},
    {"name": "已安排", "note": "18:40", "state": "done"},
    {"name": "办理中", "note": "今天 9:05", "state": "done"},
    {"name": "请您确认", "note": "现在", "state": "now"},
    {"name": "已办结"},
]
NEEDS: list[dict[str, Any]] = [
    {
        "number": "2026-000338", "href": "#tables", "subject": "取物时发现腕表表冠有划痕，要求查看封签录像", "category": "urgent",
        "category_name": "紧急", "customer": "季棠", "kind": "投诉", "channel_icon": "counter", "latest": "方屿 10:31：已调出 3 月 12 日封签录像",
        "state_name": "处理中", "at": 5, "department": "库房保管部", "person": "方屿", "clock": CLOCKS[2], "clock_note": "处理 · 10:38", "unread": True,
        "left": ("2 项任务未完成，1 项超时", "bad"),
    },
    {
        "number": "2026-000332", "href": "#tables", "subject": "当票遗失，询问挂失补办手续和费用", "category": "general", "category_name": "一般",
        "customer": "温知夏", "kind": "咨询", "channel_icon": "phone", "latest": "江听雨 09:50：已查到存根，约客户下午来", "state_name": "处理中", "at": 5,
        "department": "典当业务部", "person": "江听雨", "clock": CLOCKS[0], "clock_note": "处理 · 14:57", "selected": True,
    },
    {
        "number": "2026-000333", "href": "#tables", "subject": "金条分五批赎当，要求周六上午九点开库", "category": "important",
        "category_name": "重要", "customer": "白苏", "kind": "赎当", "channel_icon": "wechat", "latest": "系统：已提醒客户确认，第 2 次",
        "state_name": "待客户确认", "at": 8, "department": "库房保管部", "person": "方屿", "clock": CLOCKS[3], "clock_note": "等客户答复", "open": True,
    },
    {
        "number": "2026-000335", "href": "#tables", "subject": "续当三次后想一次赎回，询问利息折算与优惠", "category": "potential",
        "category_name": "潜在", "customer": "宋晚舟", "kind": "赎当", "channel_icon": "web", "state_name": "待分派", "at": 3, "clock": CLOCKS[1],
        "clock_note": "分派 · 11:34",
    },
]  # fmt: skip
CHOSEN: list[dict[str, Any]] = [
    {**NEEDS[0], "number": "2026-000341", "left": ("1 项任务未完成", ""), "tags": ["封签", "录像", "加急"], "rating": "2 分（满分 5 分）", "registered": "昨天 18:22"},
    {**NEEDS[3], "number": "2026-000327", "registered": "今天 9:05"},
]
FOUND = [
    {"name": "砚台巷珠宝商行", "avatar_id": 3, "grade": "A", "note": "梁女士 · 139 **** 2046", "side": "在当 3 笔 · 未结 2 件", "fills": {"customer": "砚台巷珠宝商行"}},
    {"name": "温知夏", "avatar_id": 1, "grade": "C", "note": "个人 · 139 **** 2071", "side": "上次来电 1 月 6 日", "fills": {"customer": "温知夏"}},
]
TASKS = [
    ("预约第二鉴定师", "yes", "鉴定评估部 · 程可", "03-17"),
    ("送第三方检测", "now", "鉴定评估部 · 周予安", "今天 16:00"),
    ("测算利率优惠空间", "", "典当业务部 · 顾一鸣", "明天"),
    ("等客户补发票", "wait", "砚台巷珠宝商行", "已停 3 小时"),
    ("当天回电", "no", "客户服务部 · 沈岚", "晚 2 小时"),
]
DEPARTMENTS = [("客户服务部", 128, 0.972, 4.52), ("典当业务部", 96, 0.938, 4.41), ("鉴定评估部", 61, 0.884, 4.31), ("库房保管部", 34, 0.793, 4.08)]
WEEKS = {"median": [58, 55, 52, 50, 53, 47, 45, 41, 44, 39, 36], "mean": [78, 74, 80, 71, 66, 69, 63, 60, 58, 57, 52]}
MONTHS = [("6", [5, 29, 53, 9]), ("7", [4, 31, 51, 10]), ("8", [7, 30, 50, 9]), ("9", [5, 34, 48, 10]), ("10", [6, 34, 47, 10]), ("11", [8, 31, 48, 11])]
HOURS = [("周一", [0, 1, 3, 9, 12, 10, 5, 3, 7, 9, 8, 5, 2, 1]), ("周三", [0, 1, 4, 8, 11, 9, 4, 3, 6, 8, 7, 4, 2, 0]), ("周五", [0, 1, 4, 9, 12, 11, 6, 4, 9, 13, 14, 9, 3, 1]), ("周六", [0, 0, 2, 5, 9, 8, 5, 3, 5, 4, 4, 2, 1, 0])]  # fmt: skip
COLUMNS = [
    ("诉求内容", "subject", "冰箱送到后不制冷，要求换货"),
    ("来电号码", "phone", "13900002046"),
    ("受理时间", "opened_at", "2025-12-30 9:12"),
    ("承办单位", "", "售后三组"),
]
FIELDS = [("", "不导入"), ("subject", "客户原话"), ("phone", "来电号码"), ("opened_at", "登记时间"), ("department", "责任部门")]
TARGETS = [("首次响应", 60, 30, 240), ("接收", 30, 15, 60), ("处理", 1440, 480, 2880)]


class Register(forms.Form):
    """A form with every state: given, missing, wrong, locked."""

    customer = forms.CharField(label="客户", max_length=80, widget=forms.TextInput(attrs={"placeholder": "名称或手机号"}))
    contact = forms.CharField(label="联系人", required=False)
    rate = forms.DecimalField(label="期望利率", required=False, max_value=2)
    amount = forms.DecimalField(label="期望金额", required=False)
    department = forms.ChoiceField(label="责任部门", choices=[("pawn", "典当业务部"), ("store", "库房保管部")])
    visit_at = forms.DateTimeField(label="回访时间", required=False)
    reason = forms.CharField(label="退回理由", widget=forms.Textarea(attrs={"placeholder": "写明缺什么、应归哪个部门"}), required=False)


class Follow(forms.Form):
    """A form with a field of every kind, drawn without a line of template."""

    at = forms.DateTimeField(label="回访时间")
    by = forms.ChoiceField(label="回访方式", choices=[("", "未选"), ("phone", "电话"), ("wechat", "微信")])
    topics = forms.MultipleChoiceField(label="要问的事", choices=[("quality", "结果是否可用"), ("time", "是否及时")], required=False)
    said = forms.CharField(label="客户说", widget=forms.Textarea, required=False, help_text="原话，不改写")
    done = forms.BooleanField(label="问题已解决", required=False)


def register() -> Register:
    """The form above, sent with two mistakes."""
    return Register({"customer": "", "contact": "梁女士", "rate": "2.8", "amount": "420000", "department": "pawn", "visit_at": "2026-03-25T10:00"})


def moments() -> dict[str, Any]:
    """Moments around now, so that the words for time can be seen."""
    now = clock.now()
    return {"today": now, "tomorrow": now + timedelta(days=1), "earlier": now - timedelta(days=9), "long_ago": now - timedelta(days=500)}


TEXT = {
    "accept": "接收需求", "send": "发送", "transfer": "转派", "filter": "筛选", "drop_draft": "删除草稿", "register": "登记需求", "pass": "通过并反馈",
    "alarm": "启动应急", "big": "大", "middle": "中", "small": "小", "tasks_open": "还有 2 项任务未完成", "submit_result": "提交处理结果", "watch": "关注",
    "renewal": "续当", "delivered": "已送达", "pending": "待批", "round": "第 2 轮", "on_the_way": "途中", "suggested": "系统建议", "years": "3年",
    "person": "顾一鸣", "people": [("程可", 4), ("方屿", 1), ("江听雨", 0)], "four_people": "3 人到会", "online": "在线", "busy": "忙", "away": "离开",
    "sample": "有需必应 2026", "phone": "139 **** 2046", "phone_word": "号码", "card": "6222 0000 0000 118", "file": "手镯证书.jpg",
    "kind": "业务类型", "category": "类别", "term": "期限", "terms": [("1", "1 月"), ("3", "3 月"), ("6", "6 月")], "keep": "保管要求",
    "keeps": [("safe", "单独保险柜"), ("seal", "封签拍照"), ("damp", "恒温恒湿")], "audience": "给谁看", "reply": "回复客户", "note": "内部备注",
    "remind": "到期提醒", "confidence": "置信 88%", "files": "附件", "limit": "图片、PDF、表格，单个不超过 20 MB", "score": "评分",
    "satisfied": "您满意吗", "yes": "满意，办好了", "no": "还没办好", "code": "查询码", "find": "来电号码", "read_only": "编号",
    "said": "检测费用谁出？", "told": "检测费由我司承担。", "internal": "出库要双人在场。", "plan": "由另一位鉴定师重看实物，3 月 19 日前给书面结论。",
    "plan_head": "处理方案 · 第 2 版", "agreed": "主管已同意", "customer_person": "梁女士", "agent": "沈岚", "keeper": "方屿", "expert": "程可",
    "wechat": "微信", "sms": "短信回复客户", "paused_event": "处理时限暂停：等客户补发票", "late_event": "接收超时 22 分，已提醒典当业务部主管",
    "to_customer": "写给梁女士", "saved": "草稿已存 10:41", "clauses": "条款", "overview": "概览", "needs": "需求", "complaints": "投诉", "risks": "风险",
    "all": "全部", "mine": "等我处理", "waiting": "等客户", "state": "状态", "open": "未办结", "newer": "有 3 条新需求，点此显示", "range": "第 51 至 100 件",
    "assign": "分派", "recategorise": "改类别", "merge": "合并", "split": "拆分", "link": "关联", "snooze": "稍后提醒",
    "info": "时限按贵司工作日历计算，周六调休上班。", "good": "已反馈客户，等客户确认。", "warn": "可能已经登记过，该客户两天内有 1 件相近需求。",
    "bad": "接收时限已过 22 分，11:20 将升级。", "maybe": "系统建议分派典当业务部，置信 92%。", "take": "采纳", "sent": "已发送给梁女士",
    "some": "已分派 3 件，1 件因无权限未成", "look": "查看", "stale": "没有保存：方屿刚改过这一栏", "emergency": "应急进行中", "drill": "应急演练", "here": [{"name": "沈岚", "id": 2, "typing": False}, {"name": "方屿", "id": 1, "typing": True}],
    "emergency_what": "2 号库房恒温机组停机", "enter": "进入应急", "return": "退回评估？", "return_act": "退回", "return_what": "需求回到客户服务部重新分派，接收时限停止计时。",
    "reason": "理由", "reason_given": "当物在库，应由库房保管部先核对封签。", "done": "都办完了", "done_what": "本部门没有未办结的需求。", "see_closed": "看已办结",
    "none": "没有找到“寄卖”", "none_what": "试试“寄售”，或去掉部门条件。", "unfilter": "清除筛选", "first": "还没有需求", "first_what": "登记第一件，时限从登记起算。",
    "wrong": "列表没有取到", "wrong_what": "网络断了 8 秒，草稿都在。编号 E-7F21", "again": "再试一次", "no_right": "这份档案您可以看，不能导出。",
    "commands": "命令", "customers": "客户", "one_renewal": "登记一件续当", "bangle": "翡翠手镯今日绝当到期，要求线上续当", "shop": "砚台巷珠宝商行",
    "often": "近一年续当 4 次", "first_response": "首次响应时间", "first_response_is": "登记到第一次有人答复客户，只算工作时间；自动回复与内部备注不算。",
    "first_response_n": "取中位数，n = 341", "minutes": "分钟", "target60": "目标 60 分钟", "down9": "↓ 9 分钟", "satisfaction": "客户满意度", "down7": "↓ 0.07",
    "again_rate": "重新处理率", "same": "持平", "sixteen": "16 件", "solved": "需求解决率", "few": "样本不足", "few_why": "n = 3，满 10 件才计算",
    "target": "目标 60", "target90": "目标 90%", "weeks": "周", "department": "部门", "count": "件数", "rate": "按时率", "total": "合计", "heat": "{row} {column} 时：{value} 件",
    "facts": [("当物", "冰种翡翠手镯一只，内径 57 mm"), ("期望金额", "¥ 420,000.00"), ("期限", "3 个月"), ("保管要求", None)],
    "their": {"责任部门": ("库房保管部", "典当业务部"), "类别": ("重要", "紧急")}, "import": "正在导入 zhengwu_replies.csv", "import_note": "已收 6,200 件，31 行有误，可随时停下",
    "import_failed": "导入停在第 812 行", "failed_note": "文件中断，前 811 行已收；接着传会从第 812 行继续", "column": "文件里的栏", "to_field": "对应到", "example": "第一行的内容",
    "step": "环节", "target_words": ["一般", "紧急", "潜在"], "save": "保存时限", "account": "用户名", "password": "密码", "sign_in": "登录", "wrong_password": "用户名或密码不对",
    "weekday": "周", "columns": "栏目对应", "targets": "各环节时限（工作分钟）", "say_me": "提货时没细看，回家发现订的 2 盒草莓只有 1 盒。", "say_us": "您好，已经收到，正在调打包台录像。",
    "shown_columns": "显示的列", "chosen_columns": {"customer": "客户", "tasks": "未完成任务", "latest": "最近沟通", "tags": "标签", "rating": "评分", "registered": "登记时间", "due": "时限"},
    "us": "客服 小栀", "yesterday": "昨天 18:22", "settings": "设置",
}  # fmt: skip
