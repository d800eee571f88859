"""What a new person does first, as far as it concerns the person."""

from datetime import datetime

from caledee.accounts.models import User


def change_time_zone(user: User, time_zone: str) -> None:
    """Show the person's times in another zone from now on. Moments that are offered or booked stay what they were."""
    user.time_zone = time_zone
    user.save(update_fields=["time_zone"])


def finish_first_steps(user: User, *, now: datetime) -> None:
    """Offer the first steps no more, whether they were done or skipped. Once finished, they stay so since then."""
    User.objects.filter(pk=user.pk, started_at=None).update(started_at=now)
