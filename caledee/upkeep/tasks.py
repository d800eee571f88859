"""Background work: erasing the accounts of those who left, and what is older than it is to be kept."""

import logging

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.account_pages.deletion import erase_closed_accounts
from caledee.upkeep.anonymize import forget_invitees
from caledee.upkeep.cleanup import clear_away

logger = logging.getLogger(__name__)


@app.periodic(cron="*/10 * * * *")
@app.task(name="personal_data.erase_closed", queueing_lock="personal_data.erase_closed")
def erase_closed(timestamp: int) -> None:  # noqa: ARG001
    """Looks again and again instead of being told: no job can be lost, and none can come too early."""
    erase_closed_accounts(now=timezone.now())


@app.periodic(cron="47 2 * * *")
@app.task(name="personal_data.prune", queueing_lock="personal_data.prune")
def prune(timestamp: int) -> None:  # noqa: ARG001
    """As `manage.py prune`, each night. What invitees typed is kept unless the installation says for how long."""
    now = timezone.now()
    if settings.INVITEE_DATA_DAYS is not None:
        done = forget_invitees(days=settings.INVITEE_DATA_DAYS, now=now)
        if done.meetings:
            logger.info("The invitees of %s meetings are forgotten", done.meetings)
    clear_away(now=now)
