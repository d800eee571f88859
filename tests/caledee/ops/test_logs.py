"""What every line of the log holds."""

import json
import logging
import smtplib
import sys

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from caledee.email.failures import EmailDelayed
from caledee.ops.logs import FactsFormatter, JsonFormatter, describe, mask, of_request

ADDRESS = "dana@example.com"


def record(message="said", *args, **more):
    made = logging.LogRecord("somebody", logging.WARNING, "file.py", 1, message, args, None)
    made.__dict__ |= more
    return made


def fault(error):
    """Return the record of an exception that was raised here."""
    try:
        raise error
    except type(error):
        made = record()
        made.exc_info = sys.exc_info()
        return made


def test_a_line_is_one_object_of_known_facts():
    with of_request("abcdef0123456789"):
        line = JsonFormatter().format(record("two\nlines", method="GET", status=200, body="nobody's business"))

    assert "\n" not in line
    facts = json.loads(line)
    assert facts.pop("time").endswith("+00:00")
    assert facts == {
        "level": "WARNING",
        "logger": "somebody",
        "message": "two\nlines",
        "request_id": "abcdef0123456789",
        "method": "GET",
        "status": 200,
    }


def test_a_job_is_logged_with_its_number_and_task():
    line = JsonFormatter().format(record(job={"id": 7, "task_name": "mail", "task_kwargs": {"to": ADDRESS}}))

    facts = json.loads(line)
    assert (facts["job"], facts["task"]) == (7, "mail")
    assert ADDRESS not in line


def test_a_line_for_people_has_the_traceback_below_it():
    head, *rest = FactsFormatter().format(fault(NameError("no such name"))).split("\n")

    assert head.endswith(" WARNING somebody said")
    assert rest[-1] == "builtins.NameError: no such name"


@pytest.mark.parametrize(
    "error",
    [
        ValueError(ADDRESS),
        KeyError(ADDRESS),
        TypeError(f"expected a number but got {ADDRESS}"),
        OSError(2, "No such file", f"/home/{ADDRESS}"),
        smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no")}),
        smtplib.SMTPDataError(550, f"no {ADDRESS}".encode()),
        psycopg.errors.UniqueViolation(f"duplicate\nDETAIL:  Key (email)=({ADDRESS}) already exists."),
        ExceptionGroup(ADDRESS, [ValueError(ADDRESS)]),
    ],
)
def test_what_an_exception_says_of_values_is_left_out(error):
    text = JsonFormatter().format(fault(error))

    assert type(error).__name__ in text
    assert "dana" not in text


@pytest.mark.parametrize(
    "error",
    [
        AttributeError("'NoneType' object has no attribute 'name'"),
        ImproperlyConfigured("Set SECRET_KEY"),
        EmailDelayed("recipient, 450"),
        psycopg.OperationalError("connection refused"),
    ],
)
def test_what_an_exception_says_of_the_program_is_kept(error):
    assert describe(error).endswith(f"{type(error).__name__}: {error}")


def test_the_causes_of_an_exception_are_logged_first():
    try:
        try:
            raise KeyError(ADDRESS)
        except KeyError as error:
            raise ValueError(ADDRESS) from error
    except ValueError as error:
        told = describe(error)

    assert told.index("builtins.KeyError") < told.index("builtins.ValueError")
    assert "dana" not in told


@pytest.mark.parametrize(
    ("text", "blotted"),
    [
        (f"no such person: <{ADDRESS}>", "no such person: <<address>>"),
        (f"to={ADDRESS}, later", "to=<address>, later"),
        ("/bookings/Zq3vT8kLm2Xw9RbYc5NfHd7P/", "/bookings/<token>/"),
        ("duplicate key\nDETAIL:  Key (name)=(Dana).\nMore", "duplicate key\nDETAIL: …"),
        (
            "booking 018f6b1e-7c1a-4e55-9a3b-2d6f0c9e1a77 is kept",
            "booking 018f6b1e-7c1a-4e55-9a3b-2d6f0c9e1a77 is kept",
        ),
    ],
)
def test_what_looks_like_someones_is_blotted_out(text, blotted):
    assert mask(text) == blotted


def test_an_answer_repeats_the_id_of_its_request_and_logs_it(client, db, caplog):
    caplog.set_level(logging.INFO, "caledee.requests")

    response = client.get("/accounts/login/?next=/meetings/", headers={"X-Request-ID": "from-outside-0123"})

    assert len(response["X-Request-ID"]) == 16  # nobody's but ours, where no proxy is trusted
    [line] = [line for line in caplog.records if line.name == "caledee.requests"]
    assert (line.method, line.route, line.status, line.bytes) == (
        "GET",
        "accounts/login/",
        200,
        len(response.content),
    )


def test_a_health_check_that_finds_all_well_is_not_logged(client, db, caplog):
    caplog.set_level(logging.INFO)

    assert client.get("/healthz").content == b"ok"

    assert [line.getMessage() for line in caplog.records] == []
