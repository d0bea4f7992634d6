"""Log lines: one JSON object each, and nothing in them that a customer said or is called.

Of an error only its kind and the first line of its words are kept (PostgreSQL puts the row into the lines after it), of an
address only its pattern (a customer's code stands in some addresses).
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from yingxu.base import trace

HOME = Path(__file__).resolve().parent.parent
LONGEST = 500


class Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "from": record.name,
            "says": _first(_without_address(record)),
        }
        if belongs := trace.current():
            line["request"] = belongs
        line |= getattr(record, "about", {})
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            line["error"] = f"{type(error).__name__}: {_first(str(error))}"
            line["where"] = [f"{_short(f.filename)}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)[-8:]]
        return json.dumps(line, ensure_ascii=False)


def _without_address(record: logging.LogRecord) -> str:
    words, request = record.getMessage(), getattr(record, "request", None)
    path = getattr(request, "path", "")
    if not path:
        return words
    match = getattr(request, "resolver_match", None)
    return words.replace(path, f"/{match.route}" if match else "an unknown address")


def _first(text: str) -> str:
    return (text.strip().splitlines() or [""])[0][:LONGEST]


def _short(file: str) -> str:
    path = Path(file)
    return path.relative_to(HOME).as_posix() if HOME in path.parents and ".venv" not in path.parts else "/".join(path.parts[-2:])
