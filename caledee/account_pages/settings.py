from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from caledee.account_pages.settings_form import Settings
from caledee.accounts.handles.register import take_handle
from caledee.accounts.models import User
from scheduling.availability.ledger import lock_organizers
from scheduling.availability.schedules import move_schedules
from scheduling.feeds.addresses import note_change


def save_settings(person: User, settings: Settings, *, move_hours: bool, now: datetime) -> None:
    """Save all settings or none. `move_hours` shifts the working hours to the new time zone.

    Locks the person, then the handles. Does nothing if the account was closed in the meantime. Raises HandleTaken.
    """
    with transaction.atomic():
        fresh = next(iter(lock_organizers([person])), None)
        if fresh is None or not fresh.is_active:
            return
        if move_hours:
            move_schedules(fresh, old=fresh.time_zone, new=settings.time_zone)
        take_handle(fresh, settings.handle, now=now)
        values = asdict(settings)
        for name, value in values.items():
            setattr(fresh, name, value)
        fresh.save(update_fields=values.keys())
        note_change([fresh], now=now)
