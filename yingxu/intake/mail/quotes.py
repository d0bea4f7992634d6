"""A reply apart from what it quotes, as the mail programs of China and elsewhere write it."""

import re

from .bodies import CUT

_ORIGINAL = re.compile(
    r"^[>\s]*(?:[-_=—]{2,}\s*(?:original\s+(?:message|appointment)|original|原始邮件|原邮件|回复的?原邮件|原始信件|原始郵件|reply\s+message|"
    r"ursprüngliche\s+nachricht|message\s+d.origine|mensaje\s+original|исходное\s+сообщение)\s*[-_=—]{2,}|_{20,}|[-—]{2,}\s*回复(?:的)?邮件\s*[-—]{2,})\s*$",
    re.IGNORECASE,
)
_FORWARD = re.compile(r"^[>\s]*[-_=—]{2,}\s*(?:forwarded\s+message|forwarded\s+by.*|转发(?:的)?邮件(?:信息)?|轉寄郵件|begin forwarded message:?)\s*(?:[-_=—]+\s*)?$", re.IGNORECASE)
_WHEN = r"(?:\d{1,4}[-/.年 ]|\b(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|周|星期)"
_WROTE = re.compile(
    rf"^(?:(?:on|at|am|le|el|il|em|op|den|w dniu)\b.{{0,20}}{_WHEN}.{{0,240}}\b(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev|napisał)\b.{{0,80}}[:：]"
    rf"|(?:在|于)?\s*.{{0,120}}(?:\d{{1,4}}\s*[-/.年]\s*\d{{1,2}}|\d{{1,2}}:\d{{2}}).{{0,160}}(?:写道|寫道|写到|来信|написал\(?а?\)?)\s*[:：]?"
    rf"|.{{0,120}}(?:于|於)\s*\d{{4}}.{{0,60}}(?:写道|寫道)\s*[:：]?"
    rf"|.{{0,60}}\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}}.{{0,120}}[<＜][^<>\s]+@[^<>\s]+[>＞]\s*[:：]"
    rf"|(?:mon|tue|wed|thu|fri|sat|sun),.{{10,80}}\bот\b.{{0,120}}[:：]"
    rf"|.{{0,60}}\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}.{{0,100}}[<＜][^<>\s]+@[^<>\s]+[>＞]\s*[:：])\s*$",
    re.IGNORECASE,
)
_HEAD = {  # a header block written into the text
    "from": re.compile(r"^[>\s*]*(?:from|发件人|寄件人|寄件者|发信人|de|von|от)\s*(?:\*+\s*)?[:：]", re.IGNORECASE),
    "sent": re.compile(r"^[>\s*]*(?:sent|date|发送时间|发送日期|日期|时间|寄件日期|傳送時間|gesendet|envoyé|отправлено)\s*(?:\*+\s*)?[:：]", re.IGNORECASE),
    "to": re.compile(r"^[>\s*]*(?:to|收件人|收件者|收信人|an|à|кому)\s*(?:\*+\s*)?[:：]", re.IGNORECASE),
    "subject": re.compile(r"^[>\s*]*(?:subject|主题|主题词|主旨|标题|betreff|objet|тема)\s*(?:\*+\s*)?[:：]", re.IGNORECASE),
}
_LOOKED, _LONG, _ATTEMPTS = 2_000, 400, 200  # lines, characters of one, and attributions a sign is looked for in: nobody begins a quote later
_SPAN = 6  # lines within which a header block must show itself


def fold(text: str) -> tuple[str, str]:
    """(what the sender wrote now, what was quoted). Answers between quoted lines stay where they are; when nothing but a quote is
    left (a forwarded mail), all of it is what was written."""
    lines = text.split("\n")
    at, rest = _cut([line[:_LONG] for line in lines[:_LOOKED]], lines)
    if at is None:
        said, quoted = _tail(lines)
    else:
        said, quoted = lines[:at], lines[at:]
        if rest is not None:  # the answer stands below the quote
            said, quoted = said + lines[rest:], lines[at:rest]
    shown, hidden = _text(said), _text(quoted)
    return (shown, hidden) if shown else (_text(lines), "")


def _text(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line.strip() != CUT)).strip()


def _cut(lines: list[str], whole: list[str]) -> tuple[int | None, int | None]:
    """(the first line of the quote, the first line behind it when the answer comes after); None, None without a sign."""
    attempts = 0
    for at, line in enumerate(lines):
        if line.strip() == CUT:
            return (at, None) if any(_words(one) for one in lines[:at]) else _behind(whole, at)
        if _FORWARD.match(line):
            return None, None
        if _ORIGINAL.match(line) and (line.strip().strip("_") != "" or _header(lines, at + 1)):
            return at, None
        if _header(lines, at):
            return at, None
        if attempts < _ATTEMPTS and re.search(r"\d", line):  # when it was written stands on the first line
            attempts += 1
            if _wrote(lines, at):
                return _behind(whole, at)
    return None, None


def _words(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(">") and line.strip() != CUT


def _wrote(lines: list[str], at: int) -> bool:
    """An attribution ("On … wrote:"), which programs break over up to three lines."""
    joined = ""
    for line in lines[at : at + 3]:
        joined = f"{joined} {line.strip().lstrip('> ')}".strip()
        if len(joined) > 600:
            return False
        if _WROTE.match(joined):
            return True
        if not line.strip():
            return False
    return False


def _behind(lines: list[str], at: int) -> tuple[int, int | None]:
    """Where the answer begins when the quote is marked with ">" and something follows it that is not."""
    marked = [i for i in range(at, len(lines)) if lines[i].lstrip().startswith(">")]
    if not marked or any(_words(line) for line in lines[at + 3 : marked[0]]):
        return at, None
    last = marked[-1]
    return at, last + 1 if any(_words(line) for line in lines[last + 1 :]) else None


def _header(lines: list[str], at: int) -> bool:
    """Do at least three of From, Sent, To, Subject begin lines here?"""
    if at >= len(lines) or not any(_HEAD[name].match(lines[at]) for name in ("from", "sent", "subject")):
        return False
    found = {name for line in lines[at : at + _SPAN] for name, sign in _HEAD.items() if sign.match(line)}
    return "from" in found and len(found) >= 3


def _tail(lines: list[str]) -> tuple[list[str], list[str]]:
    """Without any sign: quoted lines at the end."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    start = end
    while start and (lines[start - 1].lstrip().startswith(">") or not lines[start - 1].strip()):
        start -= 1
    return (lines[:start], lines[start:]) if any(line.strip() for line in lines[start:end]) and start < end else (lines, [])
