import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Save a fifth of the time: each operation creates models, and the collector would look at all of them again."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class Command(migrate.Command):
    """Django's command, with a limit on how long it waits for locks.

    A change to a table waits until all transactions that use it end, and every new query on the table waits behind
    the change. A slow reader and a patient migration could block all bookings. This migration gives up before the
    requests behind it do (`caledee.ops.patience`).
    """

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-timeout",
            default="2s",
            help="how long a change waits for transactions that use the table; default: 2s",
        )

    def handle(self, *args: Any, lock_timeout: str = "2s", **options: Any) -> None:
        connection = connections[options["database"]]
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [lock_timeout])
        try:
            with rare_garbage_collection():
                super().handle(*args, **options)
        except OperationalError as error:
            if not isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                raise
            raise CommandError(
                f"A table was in use for longer than {lock_timeout}. The last migration listed was rolled back, those "
                "before it were applied. Run `migrate` again."
            ) from error
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
