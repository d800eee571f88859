"""The records of emails come here from `scheduling`. Their table stays where it is, and as it is."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("scheduling", "0011_mail_places"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="MailRecord",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                        ),
                        ("subject", models.UUIDField(db_index=True)),
                        ("name", models.CharField(max_length=100)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("confirmed", "confirmation"),
                                    ("moved", "news of the new time"),
                                    ("cancelled", "cancellation"),
                                    ("reminder", "reminder"),
                                    ("created", "news of this one-off meeting"),
                                    ("withdrawn", "news of a withdrawn time"),
                                    ("deleted", "news that it was deleted"),
                                    ("running_out", "word that it is about to run out"),
                                    ("reopened", "news of the new link"),
                                    ("proposed", "news of other times asked for"),
                                    ("answered", "answer about other times"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("invitee", "invitee"),
                                    ("organizer", "organizer"),
                                    ("cohost", "cohost"),
                                    ("party", "other party"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("address", models.EmailField(max_length=254)),
                        ("message_id", models.CharField(max_length=400, unique=True)),
                        ("queued_at", models.DateTimeField()),
                        ("attempts", models.PositiveIntegerField(default=0)),
                        ("sent_at", models.DateTimeField(blank=True, null=True)),
                        ("failed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("address", "the mail server refused the address"),
                                    ("mail", "the mail server refused the mail"),
                                    ("impossible", "no mail can be sent to such an address"),
                                    ("given_up", "no mail server took it within three days"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("dropped_at", models.DateTimeField(blank=True, null=True)),
                        ("over_limit", models.BooleanField(db_default=False, default=False)),
                        ("counted_at", models.DateTimeField(blank=True, null=True)),
                        ("understood_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "organizer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="mail_records",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="mails",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "scheduling_mailrecord",
                        "ordering": ["queued_at", "message_id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("failed_at__isnull", False), ("understood_at", None)),
                                fields=["organizer", "-failed_at"],
                                name="mail_record_undelivered",
                            ),
                            models.Index(
                                condition=models.Q(("dropped_at", None), ("failed_at", None), ("sent_at", None)),
                                fields=["queued_at"],
                                name="mail_record_waiting",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("failed_at", None), ("sent_at", None)),
                                    models.Q(("dropped_at", None), ("failed_at", None)),
                                    models.Q(("dropped_at", None), ("sent_at", None)),
                                    _connector="OR",
                                ),
                                name="mail_record_one_outcome",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("failed_at", None), ("reason", "")),
                                    models.Q(("failed_at__isnull", False), models.Q(("reason", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="mail_record_failed_for_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("over_limit", False), ("dropped_at__isnull", False), _connector="OR"
                                ),
                                name="mail_record_over_limit_is_dropped",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
