"""What an installation lacks, as reported by `/healthz` and `manage.py check`."""

import subprocess
import sys
from contextlib import ExitStack
from functools import cache

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from caledee.ops import readiness
from caledee.web import views
from tests.support.demo_process import free_port
from tests.support.forking import Forking
from tests.support.serving import own_database, url_of

SETTINGS = {"SECRET_KEY": "x" * 50, "BASE_URL": "http://127.0.0.1:8000", "EMAIL_URL": "smtp://127.0.0.1:9"}
LATER_ONES = sum(key >= ("oneoff", "0006") for key in readiness.known_migrations() if key[0] == "oneoff")
HEALTH = """
from caledee import wsgi
from django.test import Client
for _ in range(3):
    answer = Client().get("/healthz", headers={"Host": "10.0.0.7"})
    print(answer.status_code, answer.content.decode())
"""


def variables(url, **more):
    return SETTINGS | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "caledee.settings"} | more


def manage(url, *words, **more):
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env=variables(url, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Like `manage`, but commands with the same settings share the start of Django."""
    with ExitStack() as stack:

        @cache
        def started(url, **more):
            return stack.enter_context(Forking(tmp_path_factory.mktemp("output"), variables(url, **more)))

        yield lambda url, *command, **more: started(url, **more).run(*command)


@pytest.fixture
def database(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), own_database("ready") as url:
        yield url


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("static"))
    run = manage("postgresql://127.0.0.1:9/x", "collectstatic", "--noinput", STATIC_ROOT=folder, DEMO="1")
    assert run.returncode == 0, run.stderr
    return folder


def test_the_migrations_known_by_name_are_those_that_django_finds():
    assert readiness.known_migrations() == MigrationLoader(None).disk_migrations.keys()


def change(url, sql):
    with readiness.psycopg.connect(url, autocommit=True) as database:
        database.execute(sql)


@pytest.mark.parametrize(
    ("sql", "missing"),
    [
        ("SELECT 1", ""),
        # A later version may run `migrate` while this one still serves.
        ("INSERT INTO django_migrations (app, name, applied) VALUES ('oneoff', '9999_later', now())", ""),
        (
            "DELETE FROM django_migrations WHERE app = 'oneoff' AND name >= '0005'",
            f"Migrations are not applied: oneoff.0005_last_end and {LATER_ONES} more. Run `manage.py migrate`.",
        ),
        ("DROP TABLE cache", "The cache table is missing. Run `manage.py createcachetable`."),
        (
            "DROP TABLE django_migrations",
            f"Migrations are not applied: account.0001_initial and {len(readiness.known_migrations()) - 1} more. "
            "Run `manage.py migrate`.",
        ),
    ],
    ids=["nothing", "later", "earlier", "cache", "everything"],
)
def test_what_the_database_lacks_is_found(run, database, collected, sql, missing):
    change(database, sql)

    check = run(database, "manage.py", "check", STATIC_ROOT=collected)
    health = run(database, "-c", HEALTH, STATIC_ROOT=collected)

    assert check.stderr == (f"CommandError: {missing}\n" if missing else "")
    assert check.returncode == (1 if missing else 0)
    assert set(health.stdout.splitlines()) == {"503 not ready" if missing else "200 ok"}
    assert health.stderr.count("Not ready to serve.") == (1 if missing else 0)
    assert missing in health.stderr


def test_static_files_that_are_not_collected_are_found(run, database, tmp_path):
    check = run(database, "manage.py", "check", STATIC_ROOT=str(tmp_path))
    health = run(database, "-c", HEALTH, STATIC_ROOT=str(tmp_path))

    assert (check.returncode, check.stderr) == (
        1,
        "CommandError: Static files are missing or from another version. Run `manage.py collectstatic` and restart.\n",
    )
    assert set(health.stdout.splitlines()) == {"503 not ready"}
    assert health.stderr.count("Not ready to serve. Static files are missing or from another version") == 1


def test_a_database_that_goes_is_logged_once_and_once_more_when_it_goes_again(client, db, monkeypatch, caplog):
    monkeypatch.setattr(views, "health_log", readiness.HealthLog())
    host, port = connection.settings_dict["HOST"], str(free_port())
    for each in ["127.0.0.1", "127.0.0.1", host, "127.0.0.1"]:
        with monkeypatch.context() as elsewhere:
            elsewhere.setitem(connection.settings_dict, "HOST", each)
            if each != host:
                elsewhere.setitem(connection.settings_dict, "PORT", port)
            client.get("/healthz")

    told = [record.getMessage() for record in caplog.records if record.name == "caledee.ops.readiness"]
    assert len(told) == 2
    assert f"port {port} failed: Connection refused" in told[0]


NO_DATABASE = "postgresql://ada:hunter2@127.0.0.1:9/caledee"
COMMANDS = [
    *["audit", "prune", "plan ada@example.com pro", "migrate", "createcachetable", "check", "showmigrations"],
    *["createsuperuser --noinput --email ada@example.com", "backup /nowhere/at/all", "procrastinate worker"],
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_without_a_database_says_so_in_a_sentence(run, command):
    ended = run(NO_DATABASE, "manage.py", *command.split())

    [sentence] = ended.stderr.splitlines()
    assert ended.returncode == 1
    assert sentence.endswith('connection to server at "127.0.0.1", port 9 failed: Connection refused.')
    assert "hunter2" not in ended.stdout + ended.stderr


@pytest.mark.django_db
def test_a_database_that_does_not_exist_is_said_in_a_sentence(django_db_setup):
    run = manage(url_of("nowhere"), "audit")

    [sentence] = run.stderr.splitlines()
    assert run.returncode == 1
    assert sentence.startswith("The database cannot be used: ")
    assert sentence.endswith('database "nowhere" does not exist.')


@pytest.mark.parametrize("command", ["audit", "prune", "plan ada@example.com pro"])
def test_a_database_without_tables_is_said_in_a_sentence(run, django_db_setup, django_db_blocker, command):
    with django_db_blocker.unblock(), own_database("bare", empty=True) as url:
        ended = run(url, "manage.py", *command.split())

    assert (ended.returncode, ended.stderr) == (
        1,
        "The database does not have the tables of this version. Run `manage.py migrate` and "
        "`manage.py createcachetable`.\n",
    )


def test_a_test_email_goes_out_without_a_database(tmp_path):
    run = manage("postgresql://127.0.0.1:9/x", "sendtestemail", "ada@example.com", EMAIL_URL=f"file://{tmp_path}")

    [email] = tmp_path.glob("*.eml")
    assert run.stdout == "Sent a test email from Caledee <caledee@[127.0.0.1]> to ada@example.com.\n"
    assert b"To: ada@example.com" in email.read_bytes()


def test_a_test_email_that_fails_is_said_in_a_sentence(run):
    ended = run(NO_DATABASE, "manage.py", "sendtestemail", "ada@example.com")

    assert (ended.returncode, ended.stderr) == (
        1,
        "CommandError: The test email was not sent: [Errno 111] Connection refused.\n",
    )
