"""Run as a program: HTML in, what may be shown of it out (S14), within two seconds of the processor and half a gigabyte.

The parser takes the square of how deep things stand in one another and cannot be interrupted; a process can. Knows nothing of the product.
"""

import sys

import nh3

SECONDS, BYTES = 2, 512 * 1_048_576
_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "center", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2",
    "h3", "h4", "h5", "h6", "hr", "i", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "ol": {"start"}}


def cleaned(html: str) -> str:
    """No style, class or id, no script, no pictures from elsewhere, links to web and mail only."""
    cleaner = nh3.Cleaner(
        tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style", "title", "svg", "math", "template", "noscript", "iframe", "object", "textarea"}, strip_comments=True,
    )  # fmt: skip
    return cleaner.clean(html)


def main() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    sys.stdout.buffer.write(cleaned(sys.stdin.buffer.read().decode()).encode())


if __name__ == "__main__":
    main()
