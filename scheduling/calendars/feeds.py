"""The life of a person's calendar feed: opened, given a new address, closed. Its address is all that guards it."""

from collections.abc import Iterable
from datetime import datetime

from caledee.accounts.models import User
from caledee.web.tokens import make_token
from scheduling.models import CalendarFeed


def find_feed(token: str) -> CalendarFeed | None:
    """The feed at this address. None for an unknown or former one, or one of a person who is barred."""
    return CalendarFeed.objects.select_related("user").filter(token=token, user__is_active=True).first()


def feed_of(user: User) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(user=user).first()


def open_feed(user: User, *, now: datetime) -> CalendarFeed:
    """The person's feed, made if there is none: opening it twice is opening it once."""
    feed, _ = CalendarFeed.objects.get_or_create(user=user, defaults={"created_at": now, "changed_at": now})
    return feed


def renew_feed(user: User, *, now: datetime) -> CalendarFeed | None:
    """Give the feed a new address; the old one opens nothing any more. A feed that was closed stays closed."""
    CalendarFeed.objects.filter(user=user).update(token=make_token(), created_at=now, changed_at=now)
    return feed_of(user)


def close_feed(user: User) -> None:
    """Closing what is closed changes nothing."""
    CalendarFeed.objects.filter(user=user).delete()


def note_change(people: Iterable[User], *, now: datetime) -> None:
    """Remember that something changed in these people's feeds which can't tell it itself: it is gone, or is back and
    says when it was made."""
    CalendarFeed.objects.filter(user__in=list(people)).update(changed_at=now)
