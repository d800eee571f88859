"""Run a worker's jobs for waiting emails in the process of the test."""

import asyncio

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob


def work():
    """Run all jobs that are due."""

    async def run():
        async with app.open_async():
            await app.run_worker_async(queues=["mail"], wait=False, listen_notify=False, install_signal_handlers=False)

    with app.replace_connector(app.connector.get_worker_connector()):
        asyncio.run(run())


def make_due():
    """Pretend that the time for another attempt has come."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE queue_name = 'mail'")


def email_jobs():
    return ProcrastinateJob.objects.filter(queue_name="mail").order_by("id")
