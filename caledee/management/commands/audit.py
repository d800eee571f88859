from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from caledee.accounts import audit as accounts_audit
from caledee.email.models import EmailRecord
from caledee.ops.audit import Check
from oneoff.audit import emails as one_off_email_audit
from oneoff.audit import meetings as one_off_audit
from oneoff.models import OneOffMeeting
from scheduling import audit as scheduling_audit
from scheduling.calendars import audit as calendars_audit
from scheduling.models import Booking, BusyTime

CHECKS: list[Check] = [
    *scheduling_audit.CHECKS,
    *calendars_audit.CHECKS,
    *one_off_audit.CHECKS,
    *one_off_email_audit.CHECKS,
    *accounts_audit.CHECKS,
]


class Command(BaseCommand):
    help = (
        "Check that bookings, busy times, links, holds and emails are consistent. Only reads, and can run while the "
        "site is in use. Problems are listed with the IDs of their rows, and the exit code is 1."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # The first query fixes the snapshot for all others. Everything in it was written before `now`.
            checked = self._describe_checks()
            found = self._report(timezone.now())
        if found:
            raise CommandError(f"{found} problems found: {checked}.")
        self.stdout.write(f"No problems found: {checked}.")

    def _describe_checks(self) -> str:
        return (
            f"{len(CHECKS)} checks of {BusyTime.objects.count()} busy times, {Booking.objects.count()} bookings, "
            f"{OneOffMeeting.objects.count()} one-off meetings and {EmailRecord.objects.count()} emails"
        )

    def _report(self, now: datetime) -> int:
        found = 0
        for check in CHECKS:
            for finding in check.findings(now=now):
                found += 1
                self.stdout.write(finding)
        return found
