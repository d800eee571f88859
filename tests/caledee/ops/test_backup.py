"""What `backup` writes and `restore` restores, with databases like those of an installation."""

import os
import re
import stat
from threading import Event, Thread

import psycopg
import pytest

from caledee.management.commands.restore import DROP_EMAILS
from caledee.ops.dumps import DumpError, restore_dump, write_dump
from caledee.ops.environment import parse_database_url
from tests.support.serving import Serving, own_database

pytestmark = pytest.mark.django_db

FILL = """
import django; django.setup()
from datetime import UTC, datetime, timedelta
from django.utils import timezone
from caledee.accounts.models import User
from caledee.demo.people import create_demo_people
from caledee.timekeeping.periods import Period
from scheduling.bookings.book import book, cancel
from scheduling.models import Canceller
from scheduling.bookings.offers import EventTypeOffer, Invitee
from oneoff.models import OneOffMeeting
from tests.factories import make_one_off, book_one_off
from tests.support.times import NOW
create_demo_people()
ada, grace = User.objects.get(handle="ada"), User.objects.get(handle="grace")
offer = EventTypeOffer(ada.event_types.get())
dana = Invitee(name="Dana", email="dana@example.com", time_zone="Europe/London", notes="")
make_one_off(ada, "15:00", "16:00", cohosts=[grace])
booked = book_one_off(make_one_off(ada, "10:00", "11:00"), "10:00", dana)
cancelled = book_one_off(make_one_off(grace, "12:00"), "12:00", dana)
cancel(cancelled, by=Canceller.INVITEE, reason="ill", now=NOW)
"""
BOOK = """
import django; django.setup()
from caledee.accounts.models import User
from scheduling.bookings.book import book
from scheduling.bookings.offers import EventTypeOffer, Invitee
from tests.support.times import NOW
dana = Invitee(name="Eve", email="eve@example.com", time_zone="Europe/London", notes="")
offer = EventTypeOffer(User.objects.get(handle="mary").event_types.get())
print("BOOKED", book(offer, offer.slot(SLOT), dana, now=NOW).pk)
"""


@pytest.fixture(scope="module")
def full(django_db_setup, django_db_blocker):
    """An installation with people, bookings, holds and waiting emails."""
    with django_db_blocker.unblock(), own_database("full") as url:
        serving = Serving(url)
        filled = serving.run("-c", FILL)
        assert filled.returncode == 0, filled.stderr
        yield serving
        serving.stop()


@pytest.fixture
def empty(full):
    with own_database("empty", empty=True) as url:
        serving = Serving(url)
        yield serving
        serving.stop()


@pytest.fixture(scope="module")
def file(full, tmp_path_factory):
    file = tmp_path_factory.mktemp("backups") / "of today.dump"
    backup = full.run("manage.py", "backup", str(file))
    assert backup.returncode == 0, backup.stderr
    return file


def database(serving):
    return parse_database_url(serving.database_url)


def execute(serving, *queries):
    """Return the rows of the last statement."""
    with psycopg.connect(serving.database_url, autocommit=True) as connection:
        for query in queries:
            cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def everything(serving):
    """Return every row of every table, and every constraint of the database."""
    names = [name for (name,) in execute(serving, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    rows = {name: sorted(map(str, execute(serving, f'SELECT t FROM "{name}" t'))) for name in sorted(names)}
    rules = execute(
        serving,
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    )
    others = [
        execute(serving, query)
        for query in [
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2",
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
            "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1",
        ]
    ]
    # PostgreSQL writes down a rule that it reads a second time with its casts and brackets in other places.
    return rows, *([[without_casts(value) for value in row] for row in table] for table in [rules, *others])


def without_casts(value):
    return re.sub(r"::(text|character varying)(\[\])?|[()]", "", value) if isinstance(value, str) else value


def test_what_was_backed_up_is_restored_to_the_last_row_and_rule_and_can_be_booked(full, file, empty):
    restored = empty.run("manage.py", "restore", str(file))
    assert restored.returncode == 0, restored.stderr

    before, after = everything(full), everything(empty)
    assert after == before
    assert all(before[0][name] for name in ["scheduling_booking", "scheduling_busytime", "scheduling_mailrecord"])
    assert any("EXCLUDE USING gist" in definition for _, _, definition in after[1])
    waiting = re.search(r"(\d+) emails were waiting", restored.stdout + restored.stderr)
    assert int(waiting[1]) == len(before[0]["scheduling_mailrecord"])
    booked = empty.run("-c", BOOK.replace("SLOT", '"2026-12-01T00:00:00Z"'))
    assert (booked.returncode, "BOOKED" in booked.stdout) == (0, True), booked.stderr


def test_the_file_is_for_its_owner_and_is_never_overwritten(full, file):
    before = file.read_bytes()

    with pytest.raises(DumpError, match="already exists"):
        write_dump(database(full), file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (file.read_bytes(), os.listdir(file.parent)) == (before, [file.name])


def test_a_backup_that_fails_leaves_no_file(full, tmp_path):
    with pytest.raises(DumpError, match="does not respond"):
        write_dump(database(full) | {"NAME": "nothing-of-this-name"}, tmp_path / "new.dump")

    assert os.listdir(tmp_path) == []


def test_a_database_that_is_not_empty_is_replaced_only_on_request(full, file, empty):
    execute(empty, "CREATE TABLE later AS SELECT 1 AS one")

    with pytest.raises(DumpError, match="is not empty"):
        restore_dump(database(empty), file, replace=False)
    assert list(everything(empty)[0]) == ["later"]

    restore_dump(database(empty), file, replace=True)
    assert everything(empty) == everything(full)


def test_a_restore_that_fails_at_its_very_end_changes_nothing(file, empty):
    execute(empty, "CREATE TABLE kept AS SELECT 1 AS one")

    with pytest.raises(DumpError, match="division by zero"):
        restore_dump(database(empty), file, replace=True, afterwards="SELECT 1 / 0")

    assert everything(empty)[0] == {"kept": ["('(1)',)"]}


@pytest.mark.parametrize("length", [0, 5, 5_000, -20, -87])
def test_a_file_that_is_not_whole_changes_nothing(file, empty, tmp_path, length):
    broken = tmp_path / "broken.dump"
    whole = file.read_bytes()
    broken.write_bytes(whole[:length] if length else whole.replace(b"\x00", b"\x01", 1))
    execute(empty, "CREATE TABLE kept AS SELECT 1 AS one")

    with pytest.raises(DumpError, match="is not a complete backup"):
        restore_dump(database(empty), broken, replace=True)

    assert everything(empty)[0] == {"kept": ["('(1)',)"]}


def test_a_database_that_is_in_use_is_not_waited_for_without_end(file, empty):
    execute(empty, "CREATE TABLE kept AS SELECT 1 AS one")
    with psycopg.connect(empty.database_url) as reader:
        reader.execute("SELECT * FROM kept")
        with pytest.raises(DumpError, match="lock timeout"):
            restore_dump(database(empty), file, replace=True, patience="300ms")

    assert everything(empty)[0] == {"kept": ["('(1)',)"]}


def test_waiting_emails_are_dropped_on_request(file, empty):
    restore_dump(database(empty), file, replace=False, afterwards=DROP_EMAILS)

    emails = "SELECT count(*) FILTER (WHERE dropped_at IS NULL), count(*) > 0 FROM scheduling_mailrecord"
    assert execute(empty, emails) == [(0, True)]


def test_a_program_older_than_the_server_is_refused(full, tmp_path, monkeypatch):
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("caledee.ops.dumps.unpacked_programs", lambda: tmp_path / "nothing")

    with pytest.raises(DumpError, match=r"this machine has only pg_dump 9\. Install the matching client programs"):
        write_dump(database(full), tmp_path / "new.dump")


def test_a_backup_made_during_writes_is_of_one_moment(full, empty, tmp_path):
    """A writer keeps two tables in step, each change in a transaction; the backup has them in step, too."""
    over, written = Event(), Event()

    def write():
        with psycopg.connect(full.database_url, autocommit=True) as connection:
            while not over.is_set():
                with connection.transaction():
                    connection.execute("INSERT INTO steps VALUES (1)")
                    connection.execute("INSERT INTO other_steps VALUES (1)")
                written.set()

    execute(full, "CREATE TABLE steps (one int)", "CREATE TABLE other_steps (one int)")
    writer = Thread(target=write)
    writer.start()
    try:
        assert written.wait(10)
        write_dump(database(full), tmp_path / "during.dump")
    finally:
        over.set()
        writer.join(10)
        execute(full, "DROP TABLE steps, other_steps")
    restore_dump(database(empty), tmp_path / "during.dump", replace=False)

    count = "SELECT (SELECT count(*) FROM steps), (SELECT count(*) FROM other_steps)"
    [(steps, other_steps)] = execute(empty, count)
    assert steps == other_steps > 0
