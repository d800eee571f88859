"""What is mailed about one-off meetings themselves; a booking's mails are in scheduling.notifications."""

from oneoff.models import OneOffMeeting


def announce_one_off(one_off: OneOffMeeting) -> None:
    """Queue the mail that tells a teammate of the one-off meeting made for them."""
