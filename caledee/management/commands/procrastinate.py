from typing import Any

from procrastinate import cli
from procrastinate.contrib.django.management.commands import procrastinate as theirs

from caledee.ops.worker import watched_worker


class Command(theirs.Command):
    """procrastinate's command, with a worker that stops in time (see caledee/ops/worker.py)."""

    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("func") is cli.worker_:
            options["func"] = watched_worker
        super().handle(*args, **options)
