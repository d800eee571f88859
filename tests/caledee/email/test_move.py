"""Moving the records of emails from `scheduling` keeps the rows of their table."""

import json

import pytest

from tests.support.serving import Serving, own_database

FROM_SCHEDULING = """
import json
from datetime import UTC, datetime
import django; django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

before = [("accounts", "0007_handle_indexes"), ("scheduling", "0007_limits_and_forgetting")]
MigrationExecutor(connection).migrate(before)
apps = MigrationExecutor(connection).loader.project_state(before).apps
at = datetime(2026, 11, 25, 9, tzinfo=UTC)
ada = apps.get_model("accounts.User").objects.create(email="ada@example.com", handle="ada", time_zone="Europe/London")
made = apps.get_model("scheduling.MailRecord").objects.create(
    subject=ada.pk, name="Intro", organizer=ada, kind="confirmed", role="invitee", address="dana@example.com",
    message_id="<1@x>", queued_at=at, attempts=2, failed_at=at, reason="impossible",
)
call_command("migrate", verbosity=0)
from caledee.email.models import EmailRecord
kept = EmailRecord.objects.values_list(
    "address", "organizer__handle", "attempts", "reason", "task", "job", "trouble", "fault", "unanswered"
).get(pk=made.pk)
with connection.cursor() as cursor:
    # As a web process does that still runs the code from before.
    cursor.execute(
        "INSERT INTO scheduling_mailrecord (id, subject, name, organizer_id, kind, role, address, message_id, "
        "queued_at, attempts, reason) SELECT gen_random_uuid(), subject, name, organizer_id, kind, role, address, "
        "'<2@x>', queued_at, 0, '' FROM scheduling_mailrecord"
    )
print("TOLD", json.dumps([kept, EmailRecord.objects.count()]))
"""


@pytest.mark.django_db
def test_records_of_scheduling_are_kept_and_code_from_before_still_writes_them(django_db_setup):
    with own_database("moving", empty=True) as url:
        serving = Serving(url)
        done = serving.python("-c", FROM_SCHEDULING, timeout=120)
        said = serving.said
        serving.stop()

    assert done == 0, said
    assert json.loads(said.rpartition("TOLD ")[2]) == [
        ["dana@example.com", "ada", 2, "impossible", "", None, "", "", 0],
        2,
    ]
