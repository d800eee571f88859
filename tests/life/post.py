"""A real mail server and a real worker, which can be killed at a chosen moment."""

import email
import email.policy
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection

from scheduling.tasks import retry_stalled_jobs
from tests.support.demo_process import free_port

# The moments in the handing over of an email. At `DATA` it is not taken yet, at `taken` it is, and the worker does not
# know; at `QUIT` the worker has marked it.
RECIPIENT, DATA, TAKEN, QUIT = "recipient", "data", "taken", "quit"


def name_of(message: EmailMessage) -> str:
    """Return the Message-ID without the space of a folded line."""
    return message["Message-ID"].strip()


class MailServer:
    """Accepts every email on a port of its own. At `deadly`, once, it calls `kill` before it responds."""

    def __init__(self) -> None:
        self.emails: list[EmailMessage] = []
        self.deadly = ""
        self.kill: Callable[[], None] = lambda: None
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> "MailServer":
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self._killed_at(RECIPIENT):
            return "451 Nobody is there any more"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self._killed_at(DATA):
            return "451 Nobody is there any more"
        self._killed_at(TAKEN)
        self.emails.append(email.message_from_bytes(envelope.original_content, policy=email.policy.default))
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802
        self._killed_at(QUIT)
        return "221 Bye"

    def _killed_at(self, moment: str) -> bool:
        if moment != self.deadly:
            return False
        self.deadly = ""
        self.kill()
        return True


class Worker:
    """`manage.py procrastinate worker` on the database of the tests. It is killed when the context ends."""

    def __init__(self, server: MailServer) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "procrastinate", "worker", "--concurrency", "1"],
            cwd=settings.BASE_DIR,
            env=os.environ
            | {"DATABASE_URL": database_url(), "EMAIL_URL": f"smtp://127.0.0.1:{server.port}?timeout=10"},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        server.kill = self.kill

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def wait_until_dead(self) -> None:
        self.process.wait(60)


def database_url() -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def notice_the_dead() -> None:
    """Run the periodic task that finds a worker after half a minute of silence."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = NOW() - '1 hour'::interval")
    retry_stalled_jobs.defer(timestamp=0)
