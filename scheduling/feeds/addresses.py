"""Open, renew and close a person's calendar feed. Its secret URL is its only protection."""

from collections.abc import Iterable
from datetime import datetime

from caledee.accounts.models import User
from caledee.web.tokens import make_token
from scheduling.models import CalendarFeed


def find_feed(token: str) -> CalendarFeed | None:
    """Return the feed with this token, or None if it is unknown, replaced, or its person is disabled."""
    return CalendarFeed.objects.select_related("user").filter(token=token, user__is_active=True).first()


def feed_of(user: User) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(user=user).first()


def open_feed(user: User, *, now: datetime) -> CalendarFeed:
    """Return the person's feed, and create it if necessary."""
    feed, _ = CalendarFeed.objects.get_or_create(user=user, defaults={"created_at": now, "changed_at": now})
    return feed


def renew_feed(user: User, *, now: datetime) -> CalendarFeed | None:
    """Replace the feed's token, so the old URL stops working. Returns None if the feed was closed."""
    CalendarFeed.objects.filter(user=user).update(token=make_token(), created_at=now, changed_at=now)
    return feed_of(user)


def close_feed(user: User) -> None:
    """Delete the feed if there is one."""
    CalendarFeed.objects.filter(user=user).delete()


def note_change(people: Iterable[User], *, now: datetime) -> None:
    """Store the time of a change that the feeds' own entries do not show, such as a deletion or an entry that is back
    with its old timestamps.
    """
    CalendarFeed.objects.filter(user__in=list(people)).update(changed_at=now)
