from datetime import timedelta

from django.db import models

from caledee.accounts.models.organizations import Organization
from caledee.accounts.models.users import User

HANDLE_RESTS = timedelta(days=90)


class FormerHandle(models.Model):
    """A former handle. Its URLs redirect to its bearer's current one until it is reassigned.

    It is reserved for HANDLE_RESTS, even after its bearer is deleted.
    """

    handle = models.CharField(max_length=40, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="former_handles")
    organization = models.ForeignKey(Organization, on_delete=models.SET_NULL, null=True, related_name="former_handles")
    left_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user=None) | models.Q(organization=None), name="former_handle_of_one"
            ),
        ]

    def __str__(self) -> str:
        return self.handle
