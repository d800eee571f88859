"""What is logged, and what never is: one line for each event, without anything that belongs to a person.

Tokens are in addresses, and values of people's are in the messages of exceptions. So a request is told by the pattern
of its address, and an exception by its type and its traceback: what it says is left out, unless its type is known to
speak of the program alone. Whatever slips into a message all the same is blotted out by its look.
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
# Of a program and its installation, never of what somebody typed. These types exactly: others derive from them.
SPEAK_OF_THE_PROGRAM = {
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
    """What a proxy of the installation's own offered, where it is well formed, else a new one."""
    return offered if WELL_FORMED_ID.fullmatch(offered) else secrets.token_hex(8)


@contextmanager
def of_request(name: str) -> Iterator[None]:
    """What is logged within is told to belong to this request; to none, where the name is empty."""
    token = _request.set(name)
    try:
        yield
    finally:
        _request.reset(token)


def current_request() -> str:
    """The id of the request that is being answered, or that a job tells of; else empty."""
    return _request.get()


def log_answer(method: str, route: str | None, status: int, started: float, size: int | None) -> None:
    """`started` is a reading of `time.perf_counter`; `route` is the pattern of the address, None where there is none.

    Health checks that find all well are asked every few seconds, and told nobody.
    """
    if route == "healthz" and status == 200:
        return
    facts = (method, route, status, round((time.perf_counter() - started) * 1000, 1), size)
    requests.info("Answered", extra=dict(zip(REQUEST_FACTS, facts, strict=True)))


def configure(config: dict[str, Any]) -> None:
    """LOGGING_CONFIG: warnings and what ends the program are logged as everything else is."""
    logging.config.dictConfig(config)
    logging.captureWarnings(True)
    sys.excepthook = _log_end


class FaultsFilter(logging.Filter):
    """Django calls every answer of 5xx an error. That the database is away is told once, where it is noticed."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 503


class FactsFormatter(logging.Formatter):
    """One line of text for people, with the traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        fault = facts.pop("exception", "")
        head = " ".join(str(facts.pop(name)) for name in ("time", "level", "logger", "message"))
        rest = "".join(f" {name}={value}" for name, value in facts.items() if value is not None)
        return "\n".join(filter(None, [head + rest, str(fault)]))


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

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
    """The traceback of an exception, and of those that led to it, without what they say of values."""
    return "".join(part for each in _story(error) for part in _paragraph(each)).rstrip()


def blot(text: str) -> str:
    for pattern, blank in BLOTS:
        text = pattern.sub(blank, text)
    return text


def _message(record: logging.LogRecord) -> str:
    """Django's remarks on a request end with its path, or are the words of an exception: what comes first is kept."""
    if record.name.startswith("django.security."):
        return f"Refused: {record.name.rpartition('.')[2]}"
    if hasattr(record, "request"):
        first = record.args[0] if isinstance(record.args, tuple) and len(record.args) > 1 else record.msg
        return blot(str(first).partition(":")[0])
    return blot(record.getMessage())


def _story(error: BaseException) -> list[BaseException]:
    """The first cause first."""
    story: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in story:
        story.insert(0, each)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return story


def _paragraph(error: BaseException) -> Iterator[str]:
    yield from traceback.format_list(traceback.extract_tb(error.__traceback__))
    kind = type(error)
    words = blot(_words(error))
    yield f"{kind.__module__}.{kind.__qualname__}{': ' if words else ''}{words}\n"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _paragraph(each)


def _words(error: BaseException) -> str:
    """What may be repeated of what an exception says."""
    if type(error) in SPEAK_OF_THE_PROGRAM or getattr(error, "names_nobody", False):
        return str(error)
    if isinstance(error, psycopg.Error):
        if error.sqlstate is None and isinstance(error, psycopg.OperationalError):
            return str(error)  # no statement was answered: it is about the connection
        facts = {"sqlstate": error.sqlstate, "table": error.diag.table_name, "constraint": error.diag.constraint_name}
        return " ".join(f"{name}={value}" for name, value in facts.items() if value)
    if type(error).__module__ == "builtins" and isinstance(error, OSError) and error.errno:
        return f"errno {error.errno}"
    return ""


def _log_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger("caledee").critical("The program ends", exc_info=(kind, error, trace))
