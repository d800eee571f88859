import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q

from caledee.email.failures import Fault
from caledee.email.kinds import email_kinds


class EmailRole(models.TextChoices):
    """The recipient's role in the meeting, the organization or the account."""

    INVITEE = "invitee", "invitee"
    ORGANIZER = "organizer", "organizer"
    COHOST = "cohost", "cohost"
    PARTY = "party", "other party"
    INVITED = "invited", "invited person"
    MEMBER = "member", "member"
    OWNER = "owner", "owner of the account"


class Undelivered(models.TextChoices):
    """Why an email could not be delivered, as the end of a sentence. Only the first three concern the recipient."""

    ADDRESS = "address", "the mail server refused the address"
    MAIL = "mail", "the mail server refused the email"
    IMPOSSIBLE = "impossible", "the address cannot receive email"
    GIVEN_UP = "given_up", "no mail server accepted it within three days"
    REFUSED_US = "refused_us", "the mail server does not accept emails from this site"
    UNANSWERED = "unanswered", "the mail server did not confirm it, so it may have arrived"


class EmailRecordQuerySet(models.QuerySet["EmailRecord"]):
    def waiting(self) -> "EmailRecordQuerySet":
        return self.filter(sent_at=None, failed_at=None, dropped_at=None)

    def done(self) -> "EmailRecordQuerySet":
        return self.filter(Q(sent_at__isnull=False) | Q(failed_at__isnull=False) | Q(dropped_at__isnull=False))

    def undelivered(self, organizer: AbstractBaseUser) -> "EmailRecordQuerySet":
        """Return undelivered emails that the organizer has not dismissed, latest first."""
        return self.filter(organizer_id=organizer.pk, failed_at__isnull=False, understood_at=None).order_by(
            "-failed_at", "pk"
        )


class EmailRecord(models.Model):
    """One email to one person, written in the transaction that queues it.

    `subject` is the id of what the email is about, which may be deleted by now, and `name` its name at that time.
    `organizer` is the host of the meeting, if there is one, and `person` the recipient, if they have an account. An
    email is sent (accepted by a mail server), failed, or dropped: because it became irrelevant, or because strangers
    had used up the allowance of the mailbox (`over_limit`). Otherwise it is waiting. Records contain no content, codes
    or tokens.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.UUIDField(db_index=True)
    name = models.CharField(max_length=100)
    organizer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="email_records"
    )
    kind = models.CharField(max_length=20, choices=email_kinds)
    role = models.CharField(max_length=10, choices=EmailRole)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="emails"
    )
    address = models.EmailField(max_length=254)
    # The Message-ID identifies duplicates and keeps an email from being queued twice.
    message_id = models.CharField(max_length=400, unique=True)
    queued_at = models.DateTimeField()
    # The task's name and arguments, to queue it again.
    task = models.CharField(max_length=100, blank=True, default="", db_default="")
    job = models.JSONField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    # The last attempt: its time, its error (codes without the server's text), and who can fix it.
    tried_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=100, blank=True, default="", db_default="")
    fault = models.CharField(max_length=10, choices=Fault, blank=True, default="", db_default="")
    # How often the full email was sent without a confirmation. Each can have produced a copy.
    unanswered = models.PositiveIntegerField(default=0, db_default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=10, choices=Undelivered, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    over_limit = models.BooleanField(default=False, db_default=False)
    # When it was counted in the allowance of the mailbox (`caledee.email.allowance`).
    counted_at = models.DateTimeField(null=True, blank=True)
    # When an operator resent it after it had failed.
    resent_at = models.DateTimeField(null=True, blank=True)
    # When the organizer dismissed the notice that it could not be delivered.
    understood_at = models.DateTimeField(null=True, blank=True)

    objects = EmailRecordQuerySet.as_manager()

    class Meta:
        # The model used to belong to `scheduling`.
        db_table = "scheduling_mailrecord"
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

    def wait_again(self, *, now: datetime) -> None:
        """Put the email back in the waiting state, without its earlier errors."""
        self.failed_at, self.reason, self.understood_at = None, "", None
        self.attempts, self.tried_at, self.trouble, self.fault = 0, None, "", ""
        self.resent_at = now
