"""What an installation is without its settings, and with them: read in a process of its own each time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from caledee.environment import parse_database_url, parse_email_url

CHECKOUT = Path(__file__).resolve().parent.parent.parent
COMPLETE = {
    "DATABASE_URL": "postgresql://caledee@localhost/caledee",
    "SECRET_KEY": "x" * 50,
    "BASE_URL": "https://meet.example.com",
}
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


@pytest.mark.parametrize("base_url", ["meet.example.com", "ftp://meet.example.com", "https://"])
def test_half_an_address_is_no_base_url(base_url):
    run = python("manage.py", "check", **COMPLETE | {"BASE_URL": base_url})

    assert run.returncode == 1
    assert "BASE_URL must be a whole address" in run.stderr


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
def test_another_kind_of_mail_is_refused(url):
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
