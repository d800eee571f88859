"""The floors of the pages: the same queries, the same middleware and the same octets, and nothing computed.

A page is recorded once: the SQL that its view sent, with its parameters, and its body before compression. Its floor
sends that SQL again over a plain cursor, fetches all rows, makes no object of any, and answers with that body.
"""

import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csp import get_nonce
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.utils.cache import add_never_cache_headers
from psycopg import ClientCursor

from caledee.accounts.models import User

RECORD = "X-Bench-Record"  # a request's header: the name to record it by
QUERIES = "X-Bench-Queries"  # an answer's, while it is recorded: how many
INSERT = "INSERT INTO bench_row (id, made_at, words) VALUES (%s, now(), %s)"


@dataclass
class Recording:
    queries: list[tuple[str, object]] = field(default_factory=list)
    body: bytes = b""
    status: int = 200
    content_type: str = ""


# A single process serves what is compared by single requests, and can keep its state here.
RECORDINGS: dict[str, Recording] = {}


class Recorder:
    """As the last middleware, whose `process_view` comes right before the view: what the others ask is not recorded,
    for they ask it of the floor, too."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        name = request.headers.get(RECORD)
        if not name:
            return self.get_response(request)
        request.recording = recording = Recording()
        response = self.get_response(request)
        request.listening.__exit__(None, None, None)
        recording.body, recording.status = response.content, response.status_code
        recording.content_type = response["Content-Type"]
        RECORDINGS[name] = recording
        response[QUERIES] = str(len(recording.queries))
        return response

    def process_view(self, request, *_):
        if not hasattr(request, "recording"):
            return

        def listen(execute, sql, params, many, context):
            request.recording.queries.append((sql, params))
            return execute(sql, params, many, context)

        request.listening = connection.execute_wrapper(listen)
        request.listening.__enter__()


@login_not_required
def public(request: HttpRequest, name: str) -> HttpResponse:
    return _replay(request, name)


def signed_in(request: HttpRequest, name: str) -> HttpResponse:
    # The page has one, and so the same headers and cookie.
    get_token(request)
    return _replay(request, name)


@login_not_required
def insert_one_row(request: HttpRequest) -> HttpResponse:
    """Read the form, write one row and redirect: the least that such a POST costs."""
    words = request.POST.get("name", "")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, [uuid.uuid4(), words])
    return HttpResponse(status=302, headers={"Location": "/bookings/made/"})


@login_not_required
def sign_in(request: HttpRequest, handle: str) -> HttpResponse:
    """Sign in directly, because the benchmark does not measure signing in."""
    login(request, get_object_or_404(User, handle=handle), "allauth.account.auth_backends.AuthenticationBackend")
    return HttpResponse(get_token(request))


@login_not_required
def sql_of(request: HttpRequest, name: str) -> JsonResponse:
    """Return the recorded queries with their parameters, in a form that PostgreSQL can explain."""
    connection.ensure_connection()
    cursor = ClientCursor(connection.connection)
    queries = RECORDINGS[name].queries
    return JsonResponse([cursor.mogrify(sql, params) if params else sql for sql, params in queries], safe=False)


@login_not_required
def memory(request: HttpRequest) -> HttpResponse:
    """Return which process answers, and its resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    time.sleep(0.02)  # lets the other process get some of these
    return HttpResponse(f"{_pid()} {pages * 4096 / 1e6:.1f}")


def _pid() -> int:
    return int(Path("/proc/self/stat").read_text().split()[0])


def _replay(request: HttpRequest, name: str) -> HttpResponse:
    recording = RECORDINGS[name]
    with connection.cursor() as cursor:
        for sql, params in recording.queries:
            cursor.execute(sql, params)
            if cursor.description:
                cursor.fetchall()
    # The page has one, and so the same header.
    str(get_nonce(request))
    response = HttpResponse(recording.body, status=recording.status, content_type=recording.content_type)
    add_never_cache_headers(response)
    return response
