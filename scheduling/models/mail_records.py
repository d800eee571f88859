import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from caledee.accounts.models import User


class MailKind(models.TextChoices):
    """What a mail tells. The label is what it is called in a sentence, after "the"."""

    CONFIRMED = "confirmed", "confirmation"
    MOVED = "moved", "news of the new time"
    CANCELLED = "cancelled", "cancellation"
    REMINDER = "reminder", "reminder"
    CREATED = "created", "news of this one-off meeting"
    WITHDRAWN = "withdrawn", "news of a withdrawn time"
    DELETED = "deleted", "news that it was deleted"
    RUNNING_OUT = "running_out", "word that it is about to run out"
    REOPENED = "reopened", "news of the new link"
    PROPOSED = "proposed", "news of other times asked for"
    ANSWERED = "answered", "answer about other times"


class MailRole(models.TextChoices):
    """What the recipient is to the meeting."""

    INVITEE = "invitee", "invitee"
    ORGANIZER = "organizer", "organizer"
    COHOST = "cohost", "cohost"
    PARTY = "party", "other party"


class Undelivered(models.TextChoices):
    """Why a mail will never arrive, as the end of a sentence."""

    ADDRESS = "address", "the mail server refused the address"
    MAIL = "mail", "the mail server refused the mail"
    IMPOSSIBLE = "impossible", "no mail can be sent to such an address"
    GIVEN_UP = "given_up", "no mail server took it within three days"


class MailRecordQuerySet(models.QuerySet["MailRecord"]):
    def waiting(self) -> "MailRecordQuerySet":
        return self.filter(sent_at=None, failed_at=None, dropped_at=None)

    def undelivered(self, organizer: User) -> "MailRecordQuerySet":
        """What `organizer` has not put away yet of what could not be delivered, the latest first."""
        return self.filter(organizer=organizer, failed_at__isnull=False, understood_at=None).order_by(
            "-failed_at", "pk"
        )


class MailRecord(models.Model):
    """One mail about a booking or a one-off meeting to one person, written in the transaction that queues it.

    `subject` is the id of what it is about, which may be gone by now; `name` is what that was called; `organizer` is
    whose meeting it is; `person` is the recipient where that is one of ours. The mail is sent (a mail server took it),
    has failed for good, or was dropped: because there was nothing to tell any more, or because strangers had caused as
    many emails to that mailbox as they may (`over_limit`). Else it waits.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.UUIDField(db_index=True)
    name = models.CharField(max_length=100)
    organizer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_records")
    kind = models.CharField(max_length=20, choices=MailKind)
    role = models.CharField(max_length=10, choices=MailRole)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="mails"
    )
    address = models.EmailField(max_length=254)
    # The mail's own: by it whoever gets a mail twice can tell, and no mail is queued twice.
    message_id = models.CharField(max_length=400, unique=True)
    queued_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=10, choices=Undelivered, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    over_limit = models.BooleanField(default=False, db_default=False)
    # When it took its place in the tally of its mailbox (`scheduling.mail_places`).
    counted_at = models.DateTimeField(null=True, blank=True)
    # When the organizer, told that it could not be delivered, put that away.
    understood_at = models.DateTimeField(null=True, blank=True)

    objects = MailRecordQuerySet.as_manager()

    class Meta:
        ordering = ["queued_at", "message_id"]
        indexes = [
            models.Index(
                fields=["organizer", "-failed_at"],
                condition=Q(failed_at__isnull=False, understood_at=None),
                name="mail_record_undelivered",
            ),
            models.Index(
                fields=["queued_at"],
                condition=Q(sent_at=None, failed_at=None, dropped_at=None),
                name="mail_record_waiting",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(failed_at=None, sent_at=None)
                | Q(failed_at=None, dropped_at=None)
                | Q(sent_at=None, dropped_at=None),
                name="mail_record_one_outcome",
            ),
            models.CheckConstraint(
                condition=Q(failed_at=None, reason="") | Q(failed_at__isnull=False) & ~Q(reason=""),
                name="mail_record_failed_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(over_limit=False) | Q(dropped_at__isnull=False), name="mail_record_over_limit_is_dropped"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to the {self.get_role_display()}"

    @property
    def is_done(self) -> bool:
        return not (self.sent_at is None and self.failed_at is None and self.dropped_at is None)

    def fail(self, reason: Undelivered, *, now: datetime) -> None:
        self.failed_at, self.reason = now, reason
