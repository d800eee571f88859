"""The first steps of a new user, as stored on the user."""

from datetime import datetime

from caledee.accounts.models import User


def change_time_zone(user: User, time_zone: str) -> None:
    """Change the time zone that times are shown in. Offered and booked moments stay the same."""
    user.time_zone = time_zone
    user.save(update_fields=["time_zone"])


def finish_first_steps(user: User, *, now: datetime) -> None:
    """Stop offering the first steps, whether done or skipped. Keeps an earlier time of finishing."""
    User.objects.filter(pk=user.pk, started_at=None).update(started_at=now)
