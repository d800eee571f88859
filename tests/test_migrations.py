"""Changes to the schema keep the data, and the site keeps running."""

import json
import time
from threading import Event, Thread

import psycopg
import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.fields import NOT_PROVIDED

from tests.support.serving import Serving, own_database

APPS = ["accounts", "email", "scheduling", "calendars", "oneoff"]
# The last migrations before there were running installations: these and earlier ones are exempt.
LANDED = {"accounts": 6, "email": 0, "scheduling": 6, "calendars": 0, "oneoff": 4}
# Tables that grow with every booking: an index on them takes long to build and must not block requests.
GROWING = {"booking", "busytime", "mailrecord", "activity"}
# What is known to be quick or harmless all the same, with the reason.
ACCEPTED = {
    ("accounts", "0010_pending_email"): "the table keeps its name",
    ("email", "0003_email_record"): "the table keeps its name",
}


def risks_of(migration: migrations.Migration, before: ProjectState) -> list[str]:
    """Return what would break running code, or lock a table for long."""
    state, new = before.clone(), set()
    found = []
    for operation in migration.operations:
        if isinstance(operation, migrations.CreateModel):
            new.add(operation.name_lower)
        elif getattr(operation, "model_name_lower", "") not in new:
            found += [
                f"{type(operation).__name__}: {risk}" for risk in risks_in(operation, state, migration.app_label)
            ]
        operation.state_forwards(migration.app_label, state)
    kinds = {isinstance(operation, migrations.RunPython | migrations.RunSQL) for operation in migration.operations}
    if kinds == {True, False} and migration.atomic:
        found.append("rows are changed while the tables that were changed before are locked")
    return found


def risks_in(operation: Operation, state: ProjectState, app: str) -> list[str]:
    match operation:
        case migrations.RemoveField() | migrations.RenameField() | migrations.RenameModel() | migrations.DeleteModel():
            return ["code that still runs asks for the old name"]
        case migrations.AddField(field=models.ManyToManyField()):
            return []
        case migrations.AddField(field=field) if not field.null and field.db_default is NOT_PROVIDED:
            return ["code that still runs inserts rows without it: give it a db_default"]
        case migrations.AlterField(model_name_lower=model, name=name, field=field):
            old = state.models[app, model].fields[name]
            if old.null and not field.null:
                return ["every row is looked at, and code that still runs may insert NULL"]
            if type(old) is not type(field) or (old.max_length or 0) > (field.max_length or 0):
                return ["every row is written anew"]
        case migrations.AddIndex(model_name_lower=model) if model in GROWING and not isinstance(
            operation, AddIndexConcurrently
        ):
            return ["nobody can book meanwhile: use AddIndexConcurrently, in a migration that is not atomic"]
    return []


def test_every_migration_since_leaves_the_running_site_alone():
    loader = MigrationLoader(None)
    later = [key for key in sorted(loader.disk_migrations) if key[0] in APPS and int(key[1][:4]) > LANDED[key[0]]]

    found = {
        key: risks
        for key in later
        if (risks := risks_of(loader.disk_migrations[key], loader.project_state(key, at_end=False)))
    }

    assert {key: risks for key, risks in found.items() if key not in ACCEPTED} == {}
    assert set(ACCEPTED) <= set(found)


STATE = MigrationLoader(None).project_state()
TEXT = models.CharField(max_length=10)


@pytest.mark.parametrize(
    "operations",
    [
        [migrations.AddField("booking", "colour", models.CharField(max_length=9, default="red"))],
        [migrations.RemoveField("booking", "notes")],
        [migrations.RenameField("booking", "notes", "remarks")],
        [migrations.AlterField("booking", "cancelled_at", models.DateTimeField())],
        [migrations.AlterField("booking", "invitee_name", models.CharField(max_length=5))],
        [migrations.AlterField("booking", "sequence", models.BigIntegerField())],
        [migrations.AddIndex("booking", models.Index(fields=["notes"], name="by_notes"))],
        [
            migrations.AddField("booking", "colour", models.CharField(max_length=9, null=True)),
            migrations.RunPython(migrations.RunPython.noop),
        ],
    ],
    ids=lambda operations: type(operations[0]).__name__,
)
def test_a_change_that_is_in_the_way_is_recognised(operations):
    migration = migrations.Migration("test", "scheduling")
    migration.operations = operations

    assert len(risks_of(migration, STATE)) == 1


@pytest.mark.parametrize(
    "operations",
    [
        [migrations.AddField("booking", "colour", models.CharField(max_length=9, null=True))],
        [migrations.AddField("booking", "colour", models.CharField(max_length=9, db_default="red"))],
        [migrations.AddIndex("eventtype", models.Index(fields=["slug"], name="by_slug"))],
        [AddIndexConcurrently("booking", models.Index(fields=["notes"], name="by_notes"))],
        [
            migrations.CreateModel("colour", [("id", models.BigAutoField(primary_key=True))]),
            migrations.AddField("colour", "name", TEXT),
        ],
    ],
    ids=lambda operations: type(operations[0]).__name__,
)
def test_a_change_that_blocks_no_one_is_accepted(operations):
    migration = migrations.Migration("test", "scheduling")
    migration.operations = operations

    assert risks_of(migration, STATE) == []


@pytest.mark.django_db
def test_a_migration_gives_up_where_someone_uses_the_table_and_lets_the_others_go_on(django_db_setup):
    with own_database("migrating") as url:
        serving = Serving(url)
        over, waited = Event(), []
        with psycopg.connect(url) as slow:
            slow.execute("SELECT count(*) FROM scheduling_booking")
            reader = Thread(target=read_on, args=(url, over, waited))
            reader.start()
            failed = serving.python("manage.py", "migrate", "scheduling", "0005", "--lock-timeout", "500ms")
            over.set()
            reader.join(10)
        undone = rows(url, "SELECT count(*) FROM django_migrations WHERE app = 'scheduling' AND name LIKE '0006%'")
        said = serving.said
        serving.stop()

    assert failed == 1
    assert "A table was in use for longer than 500ms." in said
    assert undone == [(1,)]
    assert 0.3 < max(waited) < 2


def read_on(url, over, waited):
    with psycopg.connect(url, autocommit=True) as connection:
        while not over.is_set():
            began = time.monotonic()
            connection.execute("SELECT count(*) FROM scheduling_booking")
            waited.append(time.monotonic() - began)
            time.sleep(0.01)


def rows(url, query):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchall()


# From the first schema, with rows of every kind that it knew, to the last; told as what is left of them.
FROM_THE_FIRST = """
import json
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
import django; django.setup()
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

first = [("accounts", "0001_initial"), ("scheduling", "0001_initial"), ("oneoff", "0001_initial")]
MigrationExecutor(connection).migrate(first)
apps = MigrationExecutor(connection).loader.project_state(first).apps
at, half = datetime(2026, 12, 1, 9, tzinfo=UTC), timedelta(minutes=30)
later = at + 4 * half

def make(model, **values):
    return apps.get_model(model).objects.create(**values)

ada, dora = (
    make("accounts.User", email=f"{handle}@example.com", handle=handle, name=handle.title(), time_zone="Europe/London")
    for handle in ("ada", "dora")
)
engines = make("accounts.Organization", name="Engines")
make("accounts.Membership", organization=engines, user=ada, role="owner")
make("accounts.Membership", organization=engines, user=dora, role="member")
schedule = make("scheduling.Schedule", organizer=ada, time_zone="Europe/London")
make("scheduling.WeeklyHours", schedule=schedule, weekday=1, start=time(9), end=time(17))
make("scheduling.DateOverride", schedule=schedule, date=date(2026, 12, 24))
meeting = dict(name="Intro", duration=half, location_kind="phone", location="+44 20 7946 0000", created_at=at)
intro = make("scheduling.EventType", organizer=ada, slug="intro", **meeting)
made = dict(name="Intro", location_kind="phone", location="+44 20 7946 0000", invitee_name="Dana",
            invitee_email="dana@example.com", invitee_time_zone="Asia/Kolkata", notes="hello", created_at=at)
booked = make("scheduling.Booking", organizer=ada, event_type=intro, start=at, end=at + half, uid="1", token="1",
              **made)
one_off = make("oneoff.OneOffMeeting", organizer=ada, created_by=dora, **meeting)
times = [make("oneoff.ProposedTime", one_off=one_off, start=each, end=each + half) for each in (later, later + half)]
make("oneoff.SingleUseLink", one_off=one_off, token="open")
past = make("oneoff.OneOffMeeting", organizer=ada, created_by=ada, **meeting)
gone = make("scheduling.Booking", organizer=ada, start=later, end=later + half, uid="2", token="b2", cancelled_at=at,
            cancelled_by="invitee", cancel_reason="ill", sequence=1, **made)
make("oneoff.SingleUseLink", one_off=past, token="closed", closed_at=at, booking=gone)
busy = [(booked, "booking", at)] + [(one_off, "hold", each.start) for each in times]
for claim, kind, start in busy:
    lapse = start if kind == "hold" else None
    make("scheduling.BusyTime", organizer=ada, claim=claim.pk, kind=kind, start=start, end=start + half,
         lapses_at=lapse)
labels = [f"{model._meta.app_label}.{model._meta.model_name}" for app in ("accounts", "scheduling", "oneoff")
          for model in apps.get_app_config(app).get_models()]
before = {label: {str(row["pk"]): row for row in apps.get_model(label).objects.values("pk", *[
    field.attname for field in apps.get_model(label)._meta.concrete_fields])} for label in labels}

call_command("migrate", verbosity=0)
from django.apps import apps as today
from oneoff.models import OneOffMeeting
lost = []
for label, rows in before.items():
    left = {str(row.pk): row for row in today.get_model(label).objects.all()}
    for key, row in rows.items():
        lost += [f"{label}.{name}" for name, value in row.items()
                 if key not in left or getattr(left[key], name, value) != value]
ends = sorted(str(meeting.last_end) for meeting in OneOffMeeting.objects.all())
links = {meeting.current_link.token for meeting in OneOffMeeting.objects.select_related("current_link")}
handles = [organization.handle for organization in today.get_model("accounts.organization").objects.all()]
count = sum(map(len, before.values()))
# Its rows are of a day to come, but older than the tables that came later.
connection.cursor().execute("UPDATE django_migrations SET applied = '2027-01-01'")
try:
    call_command("audit", stdout=(audit := StringIO()))
except CommandError:
    pass
print("TOLD", json.dumps({"rows": count, "lost": lost, "links": sorted(links), "handles": handles,
                          "ends": ends, "audit": [line.partition(":")[0] for line in audit.getvalue().splitlines()]}))
"""


@pytest.mark.long
@pytest.mark.django_db
def test_everything_of_the_first_schema_is_kept_by_all_migrations_since(django_db_setup):
    with own_database("aging", empty=True) as url:
        serving = Serving(url)
        done = serving.python("-c", FROM_THE_FIRST, timeout=120)
        said = serving.said
        serving.stop()

    assert done == 0, said
    told = json.loads(said.rpartition("TOLD ")[2])
    # Of the meeting that is not known to have had any times, nobody knows when the last of them ends.
    ends = ["2026-12-01 12:00:00+00:00", "None"]
    assert told == {
        "rows": 20,
        "lost": [],
        "links": ["closed", "open"],
        "handles": ["engines"],
        "ends": ends,
        "audit": ["No problems found"],
    }
