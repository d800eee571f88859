"""The logs of a whole installation, as its processes write them: their content, without personal data."""

import json
import re
import socket
from datetime import UTC, datetime, timedelta
from urllib.request import Request, urlopen

import psycopg
import pytest
from aiosmtpd.controller import Controller

from tests.support.demo_process import free_port, wait_until
from tests.support.serving import Serving, Visitor, own_database

# None of these tests asks the tests' own database anything; it is the template of the installation's.
pytestmark = pytest.mark.django_db

SECRET = "Zq3vT8kLm2Xw9RbYc5NfHd7P"  # as long as a token
DANA = {"name": "Dana Unmistakable", "email": "dana.unmistakable@somewhere.example"}
PERSONAL = ["unmistakable", "somewhere.example", "ada@example.com", "Lovelace", "caledee-demo", "top secret", SECRET]

MAILS = ["accounts.mail", *["scheduling.mail_cancellation"] * 2, *["scheduling.mail_confirmation"] * 2]


class Grumbler:
    """A mail server that repeats the address it refuses."""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        return f"{450 if 'ada' in address else 550} no such person: {address}"


@pytest.fixture(scope="module")
def serving(django_db_setup, django_db_blocker):
    port = free_port()
    grumbler = Controller(Grumbler(), hostname="127.0.0.1", port=port)
    grumbler.start()
    with django_db_blocker.unblock(), own_database("logs") as url:
        serving = Serving(url, EMAIL_URL=f"smtp://127.0.0.1:{port}?timeout=2", TRUSTED_PROXY_COUNT="1")
        serving.make_people()
        serving.start("--workers", "1")
        yield serving
        serving.stop()
    grumbler.stop()


@pytest.fixture(scope="module")
def story(serving):
    """Do everything once, and return every secret that came up, and the request IDs by request."""
    ada, dana = Visitor(serving), Visitor(serving)
    secrets = list(PERSONAL)
    signed_up = dana.post("/accounts/signup/", DANA | {"password1": "top secret 4711", "time_zone": "Europe/London"})
    assert signed_up[:2] == (200, f"{serving.url}/accounts/verify/")
    ada.sign_in("ada@example.com")
    day = datetime.now(UTC) + timedelta(days=14)
    form = {"name": "Interview", "duration": "30", "location_kind": "video", "location": "https://meet.example.com/x"}
    _, _, page = ada.post(
        "/one-offs/new/", form | {"times": day.strftime("%Y-%m-%dT10:00"), "hold_times": "on", "create": "create"}
    )
    link = re.search(r"/ada/o/(\w+)/", page)
    slot = re.search(r'name="slot"[^>]*value="([^"]+)"', dana.get(link[0])[2])
    booking = {"slot": slot[1], "time_zone": "Europe/London", "notes": "top secret"} | DANA
    status, booked, _ = dana.post(link[0], booking)
    assert (status, "/bookings/" in booked) == (200, True)
    path = booked.removeprefix(serving.url)
    assert dana.post(f"{path}cancel/", {"reason": "top secret"})[0] == 200
    assert dana.get(f"{path}calendar.ics")[0] == 200
    assert dana.get(link[0])[0] in {200, 410}
    assert dana.get(f"/ada/o/{SECRET}/")[0] == 404
    assert dana.get(f"/no/where/at/all/{SECRET}/?email={DANA['email']}")[0] == 404
    assert dana.post(f"/test/fail/{SECRET}/", DANA, "/")[0] == 500
    assert dana.post(f"/test/clash/{SECRET}/", DANA, "/")[0] == 500
    assert dana.post(f"/test/mistype/{SECRET}/", DANA, "/")[0] == 500
    assert dana.post(f"/test/gossip/{SECRET}/", DANA, "/")[0] == 400
    assert raw(serving, f"GET /ada/o/{SECRET}/ HTTP/1.1\r\nHost: {DANA['email']}\r\n\r\n") == 400
    assert raw(serving, f"GET /ada/o/{SECRET} {DANA['email']} HTTP/9.9\r\n\r\n") == 400
    assert raw(serving, f"GET /ada/o/{SECRET}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX y: {SECRET}\r\n\r\n") == 400
    cookies = f"Cookie: sessionid={SECRET}; csrftoken=x{SECRET}\r\nContent-Length: 0\r\n"
    assert raw(serving, f"POST /ada/o/{SECRET}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookies}\r\n") == 404
    assert raw(serving, f"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookies}\r\n") == 403
    with psycopg.connect(serving.database_url) as database:
        jobs = database.execute("SELECT task_name FROM procrastinate_jobs WHERE queue_name = 'mail' ORDER BY 1")
        queued = [name for (name,) in jobs]
    assert queued == MAILS
    work = "manage.py procrastinate worker --one-shot --queues mail"
    assert serving.python(*work.split()) == 0
    secrets += [link[1], path.split("/")[2]]
    secrets += [cookie.value for visitor in (ada, dana) for cookie in visitor.cookies]
    assert dana.get("/healthz")[0] == 200
    return secrets


def raw(serving, text):
    """Send these bytes and return the status of the response."""
    with socket.create_connection(("127.0.0.1", serving.port), timeout=20) as line:
        line.sendall(text.encode())
        return int(line.recv(1000).split()[1])


def lines(serving):
    """Return all lines except the one that procrastinate prints at startup."""
    return [json.loads(line) for line in serving.said.splitlines() if line != "Launching a worker on mail"]


def test_no_line_contains_personal_data(serving, story):
    said = serving.said.lower()

    assert [secret for secret in story if secret.lower() in said] == []


def test_every_line_is_an_object_that_says_when_and_what(serving, story):
    for line in lines(serving):
        assert list(line)[:4] == ["time", "level", "logger", "message"]
        assert datetime.fromisoformat(line["time"]).utcoffset() == timedelta(0)


def test_requests_are_logged_by_the_patterns_of_their_addresses(serving, story):
    answered = [line for line in lines(serving) if line["logger"] == "caledee.requests"]

    told = {(line["method"], line["route"], line["status"]) for line in answered}
    assert {
        ("POST", "<handle:handle>/o/<token:token>/", 302),
        ("GET", "<handle:handle>/o/<token:token>/", 404),
        ("POST", "bookings/<token:token>/cancel/", 302),
        ("GET", None, 404),
        ("POST", "test/fail/<secret>/", 500),
    } <= told
    assert "healthz" not in {line["route"] for line in answered}
    assert all(line["duration_ms"] > 0 and line["bytes"] >= 0 and line["request_id"] for line in answered)


def test_failures_are_logged_with_their_traceback_and_request(serving, story):
    told = lines(serving)
    faults = [line for line in told if line["logger"] == "django.request"]
    answers = {line["request_id"]: line for line in told if line["logger"] == "caledee.requests"}

    assert [answers[fault["request_id"]]["route"] for fault in faults] == [
        "test/fail/<secret>/",
        "test/clash/<secret>/",
        "test/mistype/<secret>/",
    ]
    assert {fault["message"] for fault in faults} == {"Internal Server Error"}
    failed, clashed, mistyped = (fault["exception"] for fault in faults)
    assert failed.endswith("builtins.ValueError")
    assert 'served_urls.py", line' in failed
    assert "builtins.KeyError\n" in failed
    assert "UniqueViolation: sqlstate=23505 table=accounts_user constraint=" in clashed
    assert "InvalidTextRepresentation: sqlstate=22P02\n" in mistyped


def test_other_remarks_are_kept_without_what_they_quote(serving, story):
    remarks = [(line["logger"], line["message"]) for line in lines(serving)]

    assert ("gossip", "<address> has <token>") in remarks
    assert ("django.security.SuspiciousOperation", "Refused: SuspiciousOperation") in remarks
    assert ("django.security.DisallowedHost", "Refused: DisallowedHost") in remarks
    assert ("gunicorn.error", "Invalid request") in remarks
    assert any(logger == "py.warnings" and "RuntimeWarning: <address> has <token>" in said for logger, said in remarks)


def test_failed_emails_are_logged_with_their_jobs_and_the_requests_that_queued_them(serving, story):
    told = lines(serving)
    answers = {line["request_id"]: line for line in told if line["logger"] == "caledee.requests"}
    given_up = [line for line in told if "failed permanently: recipient, 550" in line["message"]]
    delayed = [line for line in told if "will be retried in 15 s: recipient, 450" in line["message"]]

    assert {answers[line["request_id"]]["route"] for line in given_up if "request_id" in line} == {
        "bookings/<token:token>/cancel/",
        "accounts/signup/",
    }
    assert {answers[line["request_id"]]["route"] for line in delayed} >= {"bookings/<token:token>/cancel/"}


@pytest.mark.parametrize(
    ("offered", "taken"),
    [("proxy-0123456789", True), ("", False), ("short", False), ("x" * 65, False), ("a b c d e f", False)],
)
def test_a_request_has_the_id_that_the_proxy_gave_where_it_is_well_formed(serving, story, offered, taken):
    with urlopen(Request(serving.url, headers={"X-Request-ID": offered}), timeout=20) as answer:
        name = answer.headers["X-Request-ID"]

    assert (name == offered) is taken
    wait_until(lambda: name in [line.get("request_id") for line in lines(serving)])
