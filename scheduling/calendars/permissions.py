"""Who can see and change connected calendars: only the person they belong to, whatever their role elsewhere."""

from uuid import UUID

from django.http import Http404

from caledee.accounts.models import User
from scheduling.calendars.models import Connection


def find_connection(user: User, key: UUID) -> Connection:
    """Return a connection of the user. Raises Http404 for all others."""
    connection = Connection.objects.filter(person=user, pk=key).select_related("person").first()
    if connection is None:
        raise Http404
    return connection
