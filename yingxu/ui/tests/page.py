"""A page as a list of elements, for tests."""

from html.parser import HTMLParser
from typing import Any

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """Elements with their attributes and ancestors; `wrong` lists tags that do not close in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, Any], tuple[str, ...]]] = []
        self.stack: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.wrong += [f"<{tag}> is never closed" for tag in self.stack]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(attrs) != len(dict(attrs)):
            self.wrong.append(f"<{tag}> says an attribute twice: {attrs}")
        self.elements.append((tag, dict(attrs), tuple(self.stack)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), tuple(self.stack)))

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack[-1] != tag:
            self.wrong.append(f"</{tag}> closes {self.stack[-3:]} at {self.getpos()}")
            if tag not in self.stack:
                return
            while self.stack and self.stack[-1] != tag:
                self.stack.pop()
        self.stack.pop()

    def all(self, *tags: str) -> list[dict[str, Any]]:
        return [attrs for tag, attrs, _above in self.elements if not tags or tag in tags]
