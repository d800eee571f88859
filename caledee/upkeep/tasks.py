"""Background tasks: erase closed accounts and delete old data."""

import logging

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.account_pages.deletion import erase_closed_accounts
from caledee.upkeep.anonymize import anonymize_meetings
from caledee.upkeep.cleanup import delete_old_data

logger = logging.getLogger(__name__)


@app.periodic(cron="*/10 * * * *")
@app.task(name="personal_data.erase_closed", queueing_lock="personal_data.erase_closed")
def erase_closed(timestamp: int) -> None:  # noqa: ARG001
    """Erase closed accounts. Polling can't lose a job or run too early."""
    erase_closed_accounts(now=timezone.now())


@app.periodic(cron="47 2 * * *")
@app.task(name="personal_data.prune", queueing_lock="personal_data.prune")
def prune(timestamp: int) -> None:  # noqa: ARG001
    """Delete old data each night, like `manage.py prune`."""
    now = timezone.now()
    if settings.INVITEE_DATA_DAYS is not None:
        done = anonymize_meetings(days=settings.INVITEE_DATA_DAYS, now=now)
        if done.meetings:
            logger.info("Deleted the invitees' data of %s meetings", done.meetings)
    delete_old_data(now=now)
