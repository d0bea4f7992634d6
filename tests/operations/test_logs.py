"""Log lines carry no personal data."""

import json
import logging
from types import SimpleNamespace

from config.logs import Lines


def _line(record: logging.LogRecord) -> dict:
    said = Lines().format(record)
    assert "\n" not in said
    return json.loads(said)


def _record(words: str, *args: object, **more: object) -> logging.LogRecord:
    return logging.getLogger("yingxu.test").makeRecord("yingxu.test", logging.ERROR, __file__, 1, words, args, None, extra=more)


def test_an_error_keeps_its_kind_and_place_but_not_the_row():
    try:
        raise ValueError('duplicate key value violates unique constraint "x"\nDETAIL:  Key (phone)=(13800001234) already exists.')
    except ValueError as error:
        record = _record("failed")
        record.exc_info = (ValueError, error, error.__traceback__)
    line = _line(record)
    assert line["error"] == 'ValueError: duplicate key value violates unique constraint "x"'
    assert line["where"][-1].startswith("tests/operations/test_logs.py:")
    assert "1380000" not in json.dumps(line)


def test_an_address_is_named_by_its_pattern():
    request = SimpleNamespace(path="/p/N4K7QF3M/", resolver_match=SimpleNamespace(route="p/<code>/"))
    assert _line(_record("%s: %s", "Internal Server Error", request.path, request=request))["says"] == "Internal Server Error: /p/<code>/"
    unknown = SimpleNamespace(path="/x/13800001234", resolver_match=None)
    assert "138" not in _line(_record("%s: %s", "Bad Request", unknown.path, request=unknown))["says"]
