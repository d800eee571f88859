from django.contrib.postgres.fields import ArrayField
from django.db import models


class Tally(models.Model):
    """A count of limited attempts until `ends_at`. `key` is a hash and reveals neither people nor links."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at}"


class MailboxTally(models.Model):
    """When strangers caused emails to a mailbox, until `ends_at`. `key` is a hash and reveals no address."""

    key = models.CharField(max_length=64, primary_key=True)
    moments = ArrayField(models.DateTimeField())
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "mailbox tallies"

    def __str__(self) -> str:
        return f"{len(self.moments)} until {self.ends_at}"
