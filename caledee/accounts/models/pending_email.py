import uuid
from datetime import datetime

from django.db import models


class PendingEmail(models.Model):
    """An email about an account until it is sent.

    The queue keeps and logs its jobs with their arguments. A code must be in neither, so the job names this row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    recipient = models.EmailField(max_length=254)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    useful_until = models.DateTimeField(null=True)

    class Meta:
        # The table's name from before the model was renamed: a release that is still running uses it.
        db_table = "accounts_pendingmail"

    def __str__(self) -> str:
        return self.kind

    def is_useful(self, now: datetime) -> bool:
        """Whether sending it still helps: a code that has expired would only mislead."""
        return self.useful_until is None or now < self.useful_until
