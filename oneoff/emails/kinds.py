from django.db import models

from caledee.email.kinds import EMAIL_KINDS


@EMAIL_KINDS.add
class OneOffEmail(models.TextChoices):
    CREATED = "created", "invitation email"
    WITHDRAWN = "withdrawn", "notification of the withdrawn time"
    DELETED = "deleted", "notification of the deletion"
    RUNNING_OUT = "running_out", "expiry warning"
    REOPENED = "reopened", "notification of the new link"
    PROPOSED = "proposed", "notification of suggested times"
    ANSWERED = "answered", "answer about suggested times"
