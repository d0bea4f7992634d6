"""Where in a TOML file a value stands, so that an error can name the line."""

import re

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]*"|'[^']*'|[A-Za-z0-9_.-]+)\s*=""")


def lines(text: str) -> dict[str, int]:
    """Path ("templates[0].fields[2].type") → line number, for headers and for keys outside of multi-line values."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    here, depth, quoted = "", 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if quoted or depth > 0:
            depth, quoted = _open(line, depth, quoted)
            continue
        if header := _HEADER.match(line):
            here = _enter(header[2], header[1] == "[[", counts)
            found.setdefault(here, number)
        elif key := _KEY.match(line):
            name = key[1].strip("\"'")
            found[f"{here}.{name}" if here else name] = number
            depth, quoted = _open(line[key.end() :], depth, quoted)
    return found


def line_of(places: dict[str, int], path: str) -> int | None:
    """The line of the path, or of the nearest thing around it."""
    while path:
        if path in places:
            return places[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return None


def _enter(header: str, array: bool, counts: dict[str, int]) -> str:
    parts = [p.strip().strip("\"'") for p in header.split(".")]
    here = ""
    for i, part in enumerate(parts):
        here = f"{here}.{part}" if here else part
        last = i == len(parts) - 1
        if last and array:
            counts[here] = counts.get(here, -1) + 1
        if here in counts:
            here = f"{here}[{counts[here]}]"
    return here


def _open(line: str, depth: int, quoted: str) -> tuple[int, str]:
    """Open brackets and an open multi-line quote after this line."""
    i = 0
    while i < len(line):
        if quoted:
            end = line.find(quoted, i)
            if end < 0:
                return depth, quoted if len(quoted) == 3 else ""
            i, quoted = end + len(quoted), ""
        elif line[i : i + 3] in ('"""', "'''"):
            quoted, i = line[i : i + 3], i + 3
        elif line[i] in "\"'":
            quoted, i = line[i], i + 1
        elif line[i] == "#":
            break
        else:
            depth += line[i] in "[{"
            depth -= line[i] in "]}"
            i += 1
    return max(0, depth), ""
