"""Assign handles. People and organizations share one namespace, and former handles stay reserved for a while.

Everything that assigns a handle does so in a transaction under the lock of `lock_handles`: no database constraint
spans two tables.
"""

from datetime import datetime
from enum import StrEnum

from django.db import connection
from django.db.models import CharField, F, Func, QuerySet, Value
from django.db.models.functions import Replace

from caledee.accounts.handles.names import propose_handle, skeleton_of
from caledee.accounts.models import HANDLE_RESTS, FormerHandle, Organization, User

LOCK = 0x68616E64  # arbitrary, but never changed

Bearer = User | Organization


class Obstacle(StrEnum):
    """Why a handle is not available, as an error message."""

    TAKEN = "This address is already taken. Choose another."
    LOOKS_TAKEN = "Too similar to an existing address (0/o and 1/l look alike). Choose another."
    RESTING = "This address was recently used by someone else. Choose another."


class HandleTaken(Exception):
    """The handle, or one that looks the same, belongs to someone else or did until recently."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.name)
        self.obstacle = obstacle


def lock_handles() -> None:
    """Lock the assignment of handles until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def find_obstacle(handle: str, *, bearer: Bearer | None = None, now: datetime) -> Obstacle | None:
    """Return why the handle is not available to `bearer`, or None if it is.

    Reads without a lock. `take_handle` checks again.
    """
    skeleton = skeleton_of(handle)
    people: QuerySet[User] = User.objects.all()
    organizations: QuerySet[Organization] = Organization.objects.all()
    former = FormerHandle.objects.filter(left_at__gt=now - HANDLE_RESTS)
    if isinstance(bearer, User):
        people = people.exclude(pk=bearer.pk)
        former = former.exclude(user=bearer, user__isnull=False)
    elif isinstance(bearer, Organization):
        organizations = organizations.exclude(pk=bearer.pk)
        former = former.exclude(organization=bearer, organization__isnull=False)
    alike = [rows.alias(skeleton=_skeleton()).filter(skeleton=skeleton) for rows in (people, organizations)]
    borne = {found for rows in alike for found in rows.values_list("handle", flat=True)}
    if borne:
        return Obstacle.TAKEN if handle in borne else Obstacle.LOOKS_TAKEN
    rests = former.alias(skeleton=_skeleton()).filter(skeleton=skeleton).exists()
    return Obstacle.RESTING if rests else None


def take_handle(bearer: Bearer, handle: str, *, now: datetime) -> None:
    """Assign `handle` to a saved bearer, and reserve the old one.

    Needs a transaction. Locks the handles. Raises HandleTaken without changing anything.
    """
    lock_handles()
    old = _handle_of(bearer)
    if old == handle:
        return
    if obstacle := find_obstacle(handle, bearer=bearer, now=now):
        raise HandleTaken(obstacle)
    FormerHandle.objects.filter(handle=handle).delete()
    remember_handle(bearer, old, now=now)
    bearer.handle = handle
    bearer.save(update_fields=["handle"])


def remember_handle(bearer: Bearer, handle: str, *, now: datetime) -> None:
    """Reserve a former handle and redirect it to the bearer."""
    person, organization = (bearer, None) if isinstance(bearer, User) else (None, bearer)
    FormerHandle.objects.update_or_create(
        handle=handle, defaults={"user": person, "organization": organization, "left_at": now}
    )


def free_handle(name: str) -> str:
    """Return a handle for this name that is neither taken nor reserved, and does not look like one. Needs the lock."""
    beginning = skeleton_of(propose_handle(name, taken=frozenset()).removesuffix("-2"))
    rows = (User.objects.all(), Organization.objects.all(), FormerHandle.objects.all())
    similar = (each.alias(skeleton=_skeleton()).filter(skeleton__startswith=beginning) for each in rows)
    return propose_handle(name, taken={handle for each in similar for handle in each.values_list("handle", flat=True)})


def present_handle(handle: str) -> str | None:
    """Return the current handle of the former bearer. None if there is none, it was reassigned, or they left."""
    former = FormerHandle.objects.select_related("user", "organization").filter(handle=handle).first()
    bearer = (former.user or former.organization) if former else None
    if bearer is None or (isinstance(bearer, User) and not bearer.is_active):
        return None
    return bearer.handle if bearer.handle != handle else None


def _handle_of(bearer: Bearer) -> str:
    """Return the stored handle: the instance may have an unsaved one."""
    rows: QuerySet[User] | QuerySet[Organization] = (
        User.objects.all() if isinstance(bearer, User) else Organization.objects.all()
    )
    return rows.values_list("handle", flat=True).get(pk=bearer.pk)


def _skeleton() -> Func:
    """Return `skeleton_of` as an SQL expression."""
    return Replace(Replace(F("handle"), Value("0"), Value("o")), Value("1"), Value("l"), output_field=CharField())
