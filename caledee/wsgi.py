import os
import time
from collections.abc import Iterable
from email.message import Message
from typing import TYPE_CHECKING

from django.core.handlers.wsgi import LimitedStream
from django.core.wsgi import get_wsgi_application

from caledee.ops.logs import choose_request_id, log_answer, of_request
from caledee.ops.readiness import load_requirements
from caledee.web.bodies import read_to_end

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caledee.settings")


# This runs before Django's middleware, which sends the same headers.
REFUSAL_HEADERS = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
]


def refuse_other_charsets(application: "WSGIApplication") -> "WSGIApplication":
    """Refuse text that is not UTF-8, which every browser sends.

    Django decodes with any codec that a request names, as soon as the request is created: `charset=hex` raises where
    no middleware sees it, and `charset=utf-7` lets in characters that the database cannot store.
    """

    def checked(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        content_type = Message()
        content_type["Content-Type"] = environ.get("CONTENT_TYPE", "").replace("\n", " ")
        if content_type.get_content_charset("utf-8") not in {"utf-8", "utf8", "us-ascii"}:
            _read_body(environ)
            return _refuse(environ.get("REQUEST_METHOD", ""), start_response)
        return application(environ, start_response)

    return checked


def send_no_body_to_head(application: "WSGIApplication") -> "WSGIApplication":
    """Drop the body of a response to HEAD and keep its headers (RFC 9110, section 9.3.2).

    gunicorn drops it too, but logs a warning for each request.
    """

    def headed(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answer = application(environ, start_response)
        if environ.get("REQUEST_METHOD") != "HEAD":
            return answer
        if close := getattr(answer, "close", None):
            close()
        return []

    return headed


def _read_body(environ: "WSGIEnvironment") -> None:
    length = environ.get("CONTENT_LENGTH") or "0"
    if length.isdecimal():
        read_to_end(LimitedStream(environ["wsgi.input"], int(length)).read)


def _refuse(method: str, start_response: "StartResponse") -> Iterable[bytes]:
    started, name = time.perf_counter(), choose_request_id("")
    body = b"Caledee reads UTF-8 only. Nothing was changed.\n"
    with of_request(name):
        log_answer(method, None, 400, started, len(body))
    start_response("400 Bad Request", [*REFUSAL_HEADERS, ("X-Request-ID", name)])
    return [body]


application = send_no_body_to_head(refuse_other_charsets(get_wsgi_application()))
load_requirements()
