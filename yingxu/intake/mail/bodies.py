"""HTML of a mail: into text, with what it quotes marked; and cleaned, to be shown in a frame that may do nothing."""

import re
import subprocess
import sys
from html.parser import HTMLParser

from yingxu.base.budget import Budget

from . import cleaning

CUT = "\ue000"  # alone on a line: from here on an earlier mail is quoted
LONGEST = 2_000_000  # characters of HTML that are read
SECONDS = 2.0  # of the processor
_FED, _HANGING = 16_384, 100_000  # characters read between looks at the clock; of something that never ends
_BLOCKS = {
    "p", "div", "br", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "pre", "hr", "section", "article", "header", "footer",
    "dl", "dt", "dd", "blockquote", "center", "address", "figure", "form", "includetail",
}  # fmt: skip
_APART = {"p", "h1", "h2", "h3", "h4", "table", "ul", "ol", "pre"}  # with an empty line around
_SILENT = {"style", "script", "head", "title", "template", "noscript", "object", "svg", "math", "textarea", "select", "iframe"}
_VOID = {"br", "hr", "img", "meta", "link", "base", "input", "wbr", "col", "area", "source"}
_CUT_CLASS = re.compile(r"\b(gmail_quote|gmail_quote_container|gmail_attr|moz-cite-prefix|moz-forward-container|yahoo_quoted|zmail_extra|OutlookMessageHeader|ntes_quote)\b")
_CUT_ID = re.compile(r"^(divRplyFwdMsg|appendonsend|isReplyContent|isForwardContent|OLK_SRC_BODY_SECTION|stopSpelling|zwchr|reply-intro|replySplit|mail-editor-reference-message-container|ntes-quote-part|x_divRplyFwdMsg)$")
_CUT_STYLE = re.compile(r"border-top(?:-style)?\s*:\s*(?:1(?:\.0)?p[tx]\s+)?solid(?:\s+(?:#(?:B5C4DF|E1E1E1|ccc)|windowtext|blue)|\s*;|\s*$)|border\s*:\s*none\s*;\s*border-top\s*:\s*solid", re.I)
_AT_HOME = 20_000  # characters that cannot take long, however they stand in one another
_WAIT = 10  # seconds for the process that cleans longer ones; it is allowed two of the processor


def clean(html: str) -> str:
    """What may be shown (S14): no style, class or id, no script, no pictures from elsewhere, links to web and mail only. "" when that
    would take longer than a mail may."""
    html = html[:LONGEST].encode("utf-8", "replace").decode()
    if len(html) <= _AT_HOME:
        return cleaning.cleaned(html)
    try:
        done = subprocess.run([sys.executable, "-I", cleaning.__file__], input=html.encode(), capture_output=True, timeout=_WAIT, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.silent = 0
        self.pre = 0
        self.quotes = 0
        self.open: list[str] = []
        self.href = ""
        self.link = ""
        self.chars = 0

    # ── writing ──

    def write(self, text: str) -> None:
        self.chars += len(text)
        self.line += text

    def end(self, *, apart: bool = False) -> None:
        line = self.line if self.pre else re.sub(r"[ \t]+", " ", self.line).strip()
        if line or (self.lines and self.lines[-1]):
            self.lines.append(("> " * self.quotes + line) if line or not self.quotes else ">")
        self.line = ""
        if apart and line:
            self.lines.append(">" if self.quotes else "")

    def cut(self) -> None:
        if self.line.strip():
            self.end()
        self.lines.append(CUT)

    # ── reading ──

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += tag not in _VOID
            return
        if self.silent:
            return
        given = {k: v or "" for k, v in attrs}
        if tag == "br":
            self._break()
            return
        if tag in _BLOCKS and self.line.strip():
            self.end()
        if _quotes_from_here(tag, given):
            self.cut()
        if tag == "blockquote":
            self.quotes = min(self.quotes + 1, 6)
        elif tag == "pre":
            self.pre += 1
        elif tag == "li":
            self.write("- ")
        elif tag == "a":
            self.href, self.link = given.get("href", ""), ""
        elif tag in ("td", "th") and self.line.strip():
            self.write("  ")
        if tag not in _VOID and len(self.open) < 2_000:
            self.open.append(tag)

    def _break(self) -> None:
        empty = not self.line.strip()
        self.end()
        if empty and (not self.lines or self.lines[-1] not in ("", ">")):
            self.lines.append(">" if self.quotes else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
            return
        if self.silent:
            return
        if tag == "blockquote":
            self.end()
            self.quotes = max(0, self.quotes - 1)
        elif tag == "pre":
            self.end()
            self.pre = max(0, self.pre - 1)
        elif tag == "a" and self.href:
            if self.href.startswith(("http://", "https://")) and self.link.strip() and self.href.rstrip("/") not in self.link and self.link.strip() not in self.href:
                self.write(f" <{self.href[:300]}>")
            self.href = ""
        if tag in _BLOCKS:
            self.end(apart=tag in _APART)

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        data = data.replace("\u200b", "").replace("\ufeff", "").replace(CUT, "")
        if self.href:
            self.link += data[:400]
        if not self.pre:
            self.write(re.sub(r"\s+", " ", data.replace("\xa0", " ")))
            return
        first, *rest = data.split("\n")
        self.write(first)
        for more in rest:
            self.end()
            self.write(more)


def _finish(reader: _Text) -> None:
    """What began and never ended (a comment, a tag) is read as words; the parser would look for its end once for each sign in it."""
    left = reader.rawdata
    if left.count("<") > 20:
        reader.rawdata = ""
        reader.handle_data(re.sub(r"<[^<>]*>?", " ", left[:_HANGING]))
    reader.close()


def _quotes_from_here(tag: str, given: dict[str, str]) -> bool:
    if tag == "includetail":
        return True
    if _CUT_CLASS.search(given.get("class", "")) or _CUT_ID.match(given.get("id", "")) or _CUT_ID.match(given.get("name", "")):
        return True
    return tag == "div" and bool(_CUT_STYLE.search(given.get("style", "")))


def text_of(html: str, budget: Budget | None = None) -> str:
    """The words of a page, block by block; quoted blocks begin with "> ", and a line of CUT stands where a client put the old mail.
    Raises Exhausted beyond the budget."""
    reader = _Text()
    budget = budget or Budget(SECONDS)
    plain = re.sub(r"<!\[if[^<>]{0,200}>|<!\[endif\]>", "", html[:LONGEST])
    try:
        for at in range(0, len(plain), _FED):
            reader.feed(plain[at : at + _FED])
            budget.spend()
        _finish(reader)
    except (AssertionError, ValueError, RecursionError):  # the parser gave up in the middle; what it read stays
        pass
    if reader.line.strip():
        reader.end()
    text = "\n".join(reader.lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
