import uuid
from datetime import datetime

from django.db import models


class PendingEmail(models.Model):
    """The facts of an account email until it is sent.

    The queue stores and logs the arguments of its jobs, which must not contain a code. So the job only has this row's
    id.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    recipient = models.EmailField(max_length=254)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    useful_until = models.DateTimeField(null=True)

    class Meta:
        # The table's name from before the model was renamed: the previous release, which may still be running, uses
        # it.
        db_table = "accounts_pendingmail"

    def __str__(self) -> str:
        return self.kind

    def is_useful(self, now: datetime) -> bool:
        """Return whether the email still makes sense: an expired code would only confuse."""
        return self.useful_until is None or now < self.useful_until
