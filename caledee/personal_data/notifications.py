"""Background work: erasing the accounts of those who left."""

from django.utils import timezone
from procrastinate.contrib.django import app

from caledee.personal_data.departure import erase_closed_accounts


@app.periodic(cron="*/10 * * * *")
@app.task(name="personal_data.erase_closed", queueing_lock="personal_data.erase_closed")
def erase_closed(timestamp: int) -> None:  # noqa: ARG001
    """Looks again and again instead of being told: no job can be lost, and none can come too early."""
    erase_closed_accounts(now=timezone.now())
