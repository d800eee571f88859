"""Logging: one line per event, without personal data.

URLs contain tokens, and exception messages contain user input. So a request is logged with its URL pattern, and an
exception with its type and traceback. Its message is omitted, unless its type is known to describe only the program.
Anything that slips into a message is masked by its pattern.
"""

import json
import logging
import logging.config
import re
import secrets
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.template import TemplateDoesNotExist, TemplateSyntaxError

HEALTH_CHECK = "/healthz"
REQUEST_FACTS = ("method", "route", "status", "duration_ms", "bytes")
WELL_FORMED_ID = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)
# Errors about the program or the installation, never about user input. Exact types: subclasses may quote input.
SAFE_EXCEPTIONS = {
    *[AttributeError, ImportError, ModuleNotFoundError, NameError, RecursionError, SyntaxError],
    *[ImproperlyConfigured, TemplateDoesNotExist, TemplateSyntaxError],
}
BLOTS = [
    (re.compile(r"\b(DETAIL|CONTEXT|HINT|QUERY):.*", re.S), r"\1: …"),  # PostgreSQL quotes rows there
    (re.compile(r"[^\s<>\"'(,;:=]+@[^\s<>\"'),;:=]+"), "<address>"),
    (re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{24,}(?![0-9A-Za-z])"), "<token>"),
]

_request: ContextVar[str] = ContextVar("request", default="")
requests = logging.getLogger("caledee.requests")


def choose_request_id(offered: str) -> str:
    """Return the id that our own proxy offered, if it is well-formed, or a new one."""
    return offered if WELL_FORMED_ID.fullmatch(offered) else secrets.token_hex(8)


@contextmanager
def of_request(name: str) -> Iterator[None]:
    """Attach this request id to everything logged within, or none if it is empty."""
    token = _request.set(name)
    try:
        yield
    finally:
        _request.reset(token)


def current_request() -> str:
    """Return the id of the current request, or of the request that queued the current job, or an empty text."""
    return _request.get()


def log_answer(method: str, route: str | None, status: int, started: float, size: int | None) -> None:
    """Log a response. `started` is a reading of `time.perf_counter`, `route` the URL pattern, or None without a match.

    Successful health checks are not logged: there is one every few seconds.
    """
    if route == "healthz" and status == 200:
        return
    facts = (method, route, status, round((time.perf_counter() - started) * 1000, 1), size)
    requests.info("Answered", extra=dict(zip(REQUEST_FACTS, facts, strict=True)))


def configure(config: dict[str, Any]) -> None:
    """Serve as LOGGING_CONFIG: log warnings and fatal errors like everything else."""
    logging.config.dictConfig(config)
    logging.captureWarnings(True)
    sys.excepthook = _log_end


class FaultsFilter(logging.Filter):
    """Drop Django's errors for 5xx responses if the database is unavailable, which is logged where it is noticed."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 503


class FactsFormatter(logging.Formatter):
    """One line of text for people, followed by the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        fault = facts.pop("exception", "")
        head = " ".join(str(facts.pop(name)) for name in ("time", "level", "logger", "message"))
        rest = "".join(f" {name}={value}" for name, value in facts.items() if value is not None)
        return "\n".join(filter(None, [head + rest, str(fault)]))


class JsonFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(facts_of(record), ensure_ascii=False, default=str)


def facts_of(record: logging.LogRecord) -> dict[str, object]:
    facts: dict[str, object] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": _message(record),
    }
    if name := current_request():
        facts["request_id"] = name
    facts |= {name: getattr(record, name) for name in REQUEST_FACTS if hasattr(record, name)}
    job = getattr(record, "job", None)
    if isinstance(job, dict):
        facts |= {"job": job.get("id"), "task": job.get("task_name")}
    if record.exc_info and record.exc_info[1] is not None:
        facts["exception"] = describe(record.exc_info[1])
    return facts


def describe(error: BaseException) -> str:
    """Return the traceback of an exception and its causes, without messages that contain values."""
    return "".join(part for each in _causes(error) for part in _paragraph(each)).rstrip()


def mask(text: str) -> str:
    for pattern, blank in BLOTS:
        text = pattern.sub(blank, text)
    return text


def _message(record: logging.LogRecord) -> str:
    """Cut Django's messages about a request, which end with its path or the text of an exception."""
    if record.name.startswith("django.security."):
        return f"Refused: {record.name.rpartition('.')[2]}"
    if hasattr(record, "request"):
        first = record.args[0] if isinstance(record.args, tuple) and len(record.args) > 1 else record.msg
        return mask(str(first).partition(":")[0])
    return mask(record.getMessage())


def _causes(error: BaseException) -> list[BaseException]:
    """Return the exception and its causes, first cause first."""
    story: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in story:
        story.insert(0, each)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return story


def _paragraph(error: BaseException) -> Iterator[str]:
    yield from traceback.format_list(traceback.extract_tb(error.__traceback__))
    kind = type(error)
    words = mask(_words(error))
    yield f"{kind.__module__}.{kind.__qualname__}{': ' if words else ''}{words}\n"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _paragraph(each)


def _words(error: BaseException) -> str:
    """Return the part of an exception's message that is safe to log."""
    if type(error) in SAFE_EXCEPTIONS or getattr(error, "names_no_one", False):
        return str(error)
    if isinstance(error, psycopg.Error):
        if error.sqlstate is None and isinstance(error, psycopg.OperationalError):
            return str(error)  # no statement ran, so it is about the connection
        facts = {"sqlstate": error.sqlstate, "table": error.diag.table_name, "constraint": error.diag.constraint_name}
        return " ".join(f"{name}={value}" for name, value in facts.items() if value)
    if type(error).__module__ == "builtins" and isinstance(error, OSError) and error.errno:
        return f"errno {error.errno}"
    return ""


def _log_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger("caledee").critical("Unhandled exception", exc_info=(kind, error, trace))
