"""Delete accounts that weren't confirmed within a week of signing up. Their handles are available immediately.

An account stays if anything but signing up happened to it: it was confirmed or used, an admin created or changed it,
it has permissions, or any other row refers to it. Its handle doesn't redirect, because its page was never public.
"""

from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from caledee.accounts.models import User
from caledee.email.models import EmailRecord

KEPT_UNCONFIRMED = timedelta(days=7)
# Signing up alone creates these rows: the email address, and the record of the email with the code.
SIGNING_UP_LEAVES = {(EmailAddress, "user"), (EmailRecord, "person")}


def unconfirmed_accounts(*, now: datetime) -> QuerySet[User]:
    addresses = EmailAddress.objects.values("user")
    # Accounts that an admin or a command created have no EmailAddress before the first sign-in.
    signed_up = Q(pk__in=addresses) & ~Q(pk__in=addresses.filter(verified=True))
    never_in = Q(last_login=None, started_at=None, closed_at=None, is_staff=False, is_superuser=False)
    nothing = Q(groups=None, user_permissions=None)
    touched = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User))
    by_admins = Exists(touched.filter(object_id=Cast(OuterRef("pk"), TextField())))
    for relation in User._meta.related_objects:
        if (relation.related_model, relation.field.name) not in SIGNING_UP_LEAVES:
            nothing &= Q(**{relation.name: None})
    return User.objects.filter(signed_up, never_in, nothing, ~by_admins, date_joined__lt=now - KEPT_UNCONFIRMED)


def delete_unconfirmed(*, now: datetime) -> int:
    keys = list(unconfirmed_accounts(now=now).values_list("pk", flat=True))
    return sum(_delete(key, now) for key in keys)


@transaction.atomic
def _delete(key: UUID, now: datetime) -> bool:
    """Lock the account and check again, because it may just have been confirmed."""
    locked = User.objects.select_for_update().filter(pk=key).first()
    if locked is None or not unconfirmed_accounts(now=now).filter(pk=key).exists():
        return False
    locked.delete()
    return True
