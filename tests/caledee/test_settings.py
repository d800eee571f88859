"""An installation without its settings, and with them, read in a new process each time."""

import json
import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from caledee.ops.environment import parse_database_url, parse_email_url

CHECKOUT = Path(__file__).resolve().parent.parent.parent
COMPLETE = {
    "DATABASE_URL": "postgresql://caledee@localhost/caledee",
    "SECRET_KEY": "x" * 50,
    "BASE_URL": "https://meet.example.com",
}
GUNICORN = ["--config", "caledee/deploy/gunicorn.py", "--workers", "1", "--bind", "127.0.0.1:0", "caledee.wsgi"]
TOLD = """
import json
from django.conf import settings
names = ["DEBUG", "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"]
names += ["SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"]
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    settings = {"DJANGO_SETTINGS_MODULE": "caledee.settings", "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=CHECKOUT, env=kept | settings | environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("missing", sorted(COMPLETE))
def test_without_a_required_setting_nothing_starts_and_it_is_named(missing):
    environment = {name: value for name, value in COMPLETE.items() if name != missing}

    run = python("manage.py", "check", **environment)

    assert run.returncode == 1
    assert run.stderr.startswith(f"Caledee cannot start: Set {missing} in the environment.")
    assert "Traceback" not in run.stderr


def test_a_plan_that_does_not_exist_is_named():
    run = python("manage.py", "check", **COMPLETE, DEFAULT_PLAN="gold")

    assert run.returncode == 1
    assert run.stderr == "Caledee cannot start: DEFAULT_PLAN must be free, pro or team, not gold.\n"


SIGNUP_TOLD = "from django.conf import settings; print(settings.SIGNUP, sorted(settings.SIGNUP_DOMAINS))"


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "invited []"),
        ({"SIGNUP": "", "SIGNUP_DOMAINS": ""}, "invited []"),
        ({"SIGNUP": "closed"}, "closed []"),
        ({"DEMO": "1"}, "open []"),
        ({"DEMO": "1", "SIGNUP": "invited"}, "invited []"),
        (
            {"SIGNUP": "open", "SIGNUP_DOMAINS": " Example.com, @bücher.example ,,"},
            "open ['example.com', 'xn--bcher-kva.example']",
        ),
    ],
)
def test_sign_up_is_for_who_is_invited_unless_set_and_open_in_the_demo(environment, told):
    assert python("-c", SIGNUP_TOLD, **COMPLETE | environment).stdout == f"{told}\n"


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"SIGNUP": "yes"}, "SIGNUP must be open, invited or closed, not yes."),
        (
            {"SIGNUP_DOMAINS": "example.com"},
            "SIGNUP_DOMAINS applies only if SIGNUP is open. Set SIGNUP=open as well.",
        ),
        (
            {"SIGNUP": "open", "SIGNUP_DOMAINS": "example.com example.org"},
            "SIGNUP_DOMAINS must be domains such as example.com, not 'example.com example.org'.",
        ),
        (
            {"SIGNUP": "open", "SIGNUP_DOMAINS": "a..b"},
            "SIGNUP_DOMAINS must be domains such as example.com, not 'a..b'.",
        ),
    ],
)
def test_a_sign_up_that_does_not_exist_is_refused(environment, reason):
    run = python("manage.py", "check", **COMPLETE | environment)

    assert (run.returncode, run.stderr) == (1, f"Caledee cannot start: {reason}\n")


CALENDARS_SHOWN = """
from django.conf import settings
print(settings.CALENDAR_KEYS, *map(str, settings.CALENDAR_ALLOWED_NETWORKS), sep=";")
print(settings.CALENDAR_REFRESH_SECONDS, settings.CALENDAR_STALE_SECONDS)
"""
KEY = "mFkDhhVNMKlxhIKmmrTyvWl2/JvCGexIrOrhCZ+xk5M="


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({}, "[]\n300 3600\n"),
        ({"CALENDAR_KEYS": " ", "CALENDAR_ALLOWED_NETWORKS": "", "CALENDAR_STALE_SECONDS": ""}, "[]\n300 3600\n"),
        ({"DEMO": "1", "CALENDAR_REFRESH_SECONDS": "60"}, "[]\n60 3600\n"),
        (
            {
                "CALENDAR_KEYS": f"{KEY}, {'a' * 43}=,",
                "CALENDAR_ALLOWED_NETWORKS": "192.168.1.0/24, 10.1.2.3 ,fd12:3456::/32",
                "CALENDAR_REFRESH_SECONDS": "900",
                "CALENDAR_STALE_SECONDS": "900",
            },
            f"['{KEY.replace('/', '_').replace('+', '-')}', '{'a' * 43}=']"
            ";192.168.1.0/24;10.1.2.3/32;fd12:3456::/32\n900 900\n",
        ),
    ],
)
def test_settings_of_connected_calendars_are_read(environment, shown):
    assert python("-c", CALENDARS_SHOWN, **COMPLETE | environment).stdout == shown


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        (
            {"CALENDAR_KEYS": f"{KEY},hunter2"},
            "CALENDAR_KEYS must be keys as `openssl rand -base64 32` makes them, separated by commas.",
        ),
        (
            {"CALENDAR_ALLOWED_NETWORKS": "192.168.1.5/24"},
            "CALENDAR_ALLOWED_NETWORKS must be networks such as 192.168.1.0/24, separated by commas, "
            "not '192.168.1.5/24'.",
        ),
        (
            {"CALENDAR_ALLOWED_NETWORKS": "cloud.local"},
            "CALENDAR_ALLOWED_NETWORKS must be networks such as 192.168.1.0/24, separated by commas, "
            "not 'cloud.local'.",
        ),
        ({"CALENDAR_REFRESH_SECONDS": "1"}, "CALENDAR_REFRESH_SECONDS must be a number from 5 to 86400, not 1."),
        ({"CALENDAR_STALE_SECONDS": "1h"}, "CALENDAR_STALE_SECONDS must be a number from 10 to 604800, not 1h."),
        (
            {"CALENDAR_REFRESH_SECONDS": "7200"},
            "CALENDAR_STALE_SECONDS can't be less than CALENDAR_REFRESH_SECONDS.",
        ),
    ],
)
def test_wrong_settings_of_connected_calendars_are_refused(environment, reason):
    run = python("manage.py", "check", **COMPLETE | environment)

    assert (run.returncode, run.stderr) == (1, f"Caledee cannot start: {reason}\n")


# In capitals too, and with a setting that is there but empty, as many service managers pass it.
@pytest.mark.parametrize("more", [{}, {"BASE_URL": "HTTPS://meet.example.com"}, {"ALLOWED_HOSTS": ""}])
def test_served_over_https_everything_is_strict(more):
    told = json.loads(python("-c", TOLD, **COMPLETE | more).stdout)

    assert told == {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["meet.example.com"],
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 365 * 24 * 3600,
    }


@pytest.mark.django_db
def test_a_misspelled_setting_is_warned_of(monkeypatch):
    monkeypatch.setenv("INVITEE_DATA_DAY", "30")

    told = [warning.msg for warning in run_checks() if warning.id == "caledee.W001"]

    assert told == ["INVITEE_DATA_DAY in the environment is not a setting. Did you mean INVITEE_DATA_DAYS?"]


# A name, an option, and what must never be seen again.
UNREADABLE = [
    *[(f"postgresql://ada:hunter2{sign}secret@localhost/caledee", "DATABASE_URL") for sign in "@:/#?%"],
    ("postgresql://ada:secret\u2100@localhost/caledee?foo=1", "DATABASE_URL"),
    ("postgresql://ada:[secret@localhost:port/caledee", "DATABASE_URL"),
    ("mysql://ada:secret@localhost/caledee", "DATABASE_URL"),
    *[(f"smtp://ada:hunter2{sign}secret@localhost", "EMAIL_URL") for sign in "@:/#?%"],
    ("smtp://ada:secret\u2100[@localhost", "EMAIL_URL"),
    ("smtp://ada:[secret@localhost", "EMAIL_URL"),
    ("imap://ada:secret@localhost", "EMAIL_URL"),
]


@pytest.mark.parametrize(("url", "variable"), UNREADABLE)
def test_what_is_wrong_with_an_address_is_said_without_any_of_it(url, variable):
    parse = parse_database_url if variable == "DATABASE_URL" else parse_email_url

    with pytest.raises(ImproperlyConfigured, match=variable) as error:
        parse(url)

    told = "".join(traceback.format_exception(error.value))
    assert [part for part in ("ada", "hunter2", "secret") if part in told] == []


@pytest.mark.parametrize("program", [["manage.py", "check"], ["-m", "gunicorn", *GUNICORN]], ids=["check", "gunicorn"])
@pytest.mark.parametrize("variable", ["DATABASE_URL", "EMAIL_URL"])
def test_no_program_shows_a_password_that_it_cannot_read(program, variable):
    scheme = {"DATABASE_URL": "postgresql", "EMAIL_URL": "smtp"}[variable]
    run = python(*program, **COMPLETE | {variable: f"{scheme}://ada:hunter2/secret@localhost/caledee"})

    assert run.returncode != 0
    assert f"{variable} has a character that must be percent-encoded." in run.stderr
    assert [part for part in ("ada:", "hunter2", "secret@") if part in run.stdout + run.stderr] == []


def test_a_database_url_says_everything_about_the_connection():
    parsed = parse_database_url("postgresql://ada:p%40ss%2Fword@db.example.com:6543/cal%20dee?sslmode=require")

    said = {name: parsed[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME", "OPTIONS")}
    assert said == {
        "USER": "ada",
        "PASSWORD": "p@ss/word",
        "HOST": "db.example.com",
        "PORT": "6543",
        "NAME": "cal dee",
        "OPTIONS": {"connect_timeout": "10", "tcp_user_timeout": "15000", "sslmode": "require"},
    }


SIGNS = "@:/#%?"
ENCODED = "%40%3A%2F%23%25%3F"


def test_every_sign_of_a_password_can_be_percent_encoded():
    database = parse_database_url(f"postgresql://a%40b:{ENCODED}@localhost/caledee")
    mailer = parse_email_url(f"smtp://a%40b:{ENCODED}@localhost")["OPTIONS"]

    assert (database["USER"], database["PASSWORD"], database["HOST"]) == ("a@b", SIGNS, "localhost")
    assert (mailer["username"], mailer["password"], mailer["host"]) == ("a@b", SIGNS, "localhost")


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgresql://%2Fvar%2Frun/caledee", "/var/run", ""),
        ("postgresql:///caledee?host=/var/run", "/var/run", ""),
        ("postgres://ada@[::1]:6543/caledee", "::1", "6543"),
        ("postgresql://one:5432,two:5433/caledee", "one,two", "5432,5433"),
        ("postgresql:///caledee", "", ""),
        (" postgresql://localhost/caledee\n", "localhost", ""),
        ("postgresql://db.bücher.example/caledee", "db.xn--bcher-kva.example", ""),
    ],
)
def test_a_database_is_found_where_libpq_would_look(url, host, port):
    parsed = parse_database_url(url)

    assert (parsed["HOST"], parsed["PORT"], parsed["NAME"]) == (host, port, "caledee")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://localhost:70000/caledee", "The port in DATABASE_URL must be a number from 1 to 65535."),
        ("postgresql://localhost:0/caledee", "The port in DATABASE_URL must be a number from 1 to 65535."),
        ("postgresql://localhost/", "DATABASE_URL must name the database, as in postgresql://host/name."),
        ("postgresql://h/n?ssl_mode=require", "DATABASE_URL has an option ssl_mode after the ? that does not exist."),
        ("postgresql://h/n?connect_timeout=1s", "The option connect_timeout in DATABASE_URL must be a whole number."),
        ("smtp://mail:0", "The port in EMAIL_URL must be a number from 1 to 65535."),
        ("smtp://mail?time=3", "EMAIL_URL has an option time after the ? that does not exist."),
        ("smtp://ada@mail", "EMAIL_URL must have both a user name and a password, or neither."),
        ("smtp:mail", "EMAIL_URL must look like smtp://user:password@host:port, without a path."),
        ("smtp://mail/inbox", "EMAIL_URL must look like smtp://user:password@host:port, without a path."),
        ("file://mail", "EMAIL_URL must contain the full path of a folder, such as file:///var/mail/caledee."),
    ],
)
def test_what_would_do_nothing_is_refused(url, reason):
    parse = parse_database_url if url.startswith("postgres") else parse_email_url

    with pytest.raises(ImproperlyConfigured) as error:
        parse(url)

    assert str(error.value) == reason


@pytest.mark.parametrize("url", ["mysql://localhost/caledee", "localhost", "postgresql://localhost:port/caledee"])
def test_another_database_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        parse_database_url(url)


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("smtp://localhost:2525", ("localhost", 2525, False, False)),
        ("smtp+starttls://mail.example.com", ("mail.example.com", 587, True, False)),
        ("smtps://ada:secret@mail.example.com", ("mail.example.com", 465, False, True)),
    ],
)
def test_a_mail_server_is_reached_as_its_address_says(url, options):
    parsed = parse_email_url(url)["OPTIONS"]

    assert (parsed["host"], parsed["port"], parsed["use_tls"], parsed["use_ssl"]) == options


@pytest.mark.parametrize(
    ("url", "seconds"), [("smtp://mail", 60), ("smtp://mail?timeout=3", 3), ("smtps://mail?timeout=0.5", 0.5)]
)
def test_a_silent_mail_server_is_given_up_after_a_while(url, seconds):
    assert parse_email_url(url)["OPTIONS"]["timeout"] == seconds


@pytest.mark.parametrize(
    "url",
    [
        *["imap://mail.example.com", "mail.example.com", "smtp://mail:x"],
        *[f"smtp://mail?timeout={text}" for text in ["soon", "0", "-1", "nan", "301"]],
    ],
)
def test_another_kind_of_email_url_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        parse_email_url(url)


def test_pages_allow_no_script_and_no_style_but_their_own(client, db):
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]

    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_healthz_answers_while_the_database_does(client, db):
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")
