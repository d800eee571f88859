import uuid
from datetime import datetime

from django.db import models


class PendingMail(models.Model):
    """A mail about somebody's account until it has gone out.

    The queue's jobs are logged and kept with all they are given; a code must be in neither, so a job names this row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    recipient = models.EmailField(max_length=254)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    useful_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.kind

    def is_useful(self, now: datetime) -> bool:
        """Whether sending it still helps: a code that has expired would only mislead."""
        return self.useful_until is None or now < self.useful_until
