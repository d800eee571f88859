"""Row 9: the task worker and a mail server on the loopback: from a booking's commit to its emails taken."""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from scheduling.tasks import queue_reminders
from tests.bench.booking import bookers, free_slots
from tests.bench.data import SMALL
from tests.bench.house import House
from tests.bench.table import Figures, Row, Table, ms, say

REMINDERS = 10_000
CLOCKS = (570, 870, 930)
QUEUE_UP = """
INSERT INTO scheduling_booking (id, token, name, description, start, "end", location_kind, location, invitee_name,
    invitee_email, invitee_time_zone, notes, created_at, cancelled_by, cancel_reason, uid, sequence, organizer_id,
    event_type_id, updated_at)
SELECT bench_id('due ' || n), md5('due ' || n), 'Intro call', '', now() + interval '23 hours 50 minutes',
    now() + interval '24 hours 20 minutes', 'video', 'https://meet.example.com/due', 'Edsger Dijkstra',
    'due-' || n || '@bench.example.com', 'Europe/London', '', now() - interval '9 days', '', '',
    bench_id('due ' || n)::text, 0, person.id, NULL, now() - interval '9 days'
FROM generate_series(1, %s) n JOIN accounts_user person ON handle = 'person-' || (1 + n %% 100)
"""
# Emails have the same names in each run, and one that is recorded is not queued again.
FORGET_QUEUED = """
DELETE FROM scheduling_mailrecord WHERE subject IN (SELECT bench_id('due ' || n) FROM generate_series(1, %s) n)
"""
DROP_WAITING = "DELETE FROM procrastinate_jobs WHERE status = 'todo'"


class MailServer:
    """Takes every email at once and remembers when it came to whom."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = {}
        self.arrived = threading.Condition()
        self.count = 0

    async def handle_DATA(self, server: SMTP, session: object, envelope: object) -> str:  # noqa: N802
        with self.arrived:
            for address in envelope.rcpt_tos:  # type: ignore[attr-defined]
                self.taken[address] = time.time()
            self.count += 1
            self.arrived.notify_all()
        return "250 OK"

    def wait_for(self, address: str, seconds: float) -> float | None:
        with self.arrived:
            self.arrived.wait_for(lambda: address in self.taken, seconds)
            return self.taken.get(address)

    @contextmanager
    def running(self) -> Iterator[int]:
        controller = Controller(self, hostname="127.0.0.1", port=8397)
        controller.start()
        try:
            yield 8397
        finally:
            controller.stop()


def measure(table: Table, house: House, *, quick: bool) -> None:
    server = MailServer()
    with house.connect(SMALL.database) as connection:
        connection.execute(DROP_WAITING)  # the emails of all that was booked for the rows before
    with (
        server.running() as smtp_port,
        house.web(SMALL.database) as port,
        house.worker(SMALL.database, smtp_port=smtp_port),
    ):
        book = _Booker(house, port, server)
        book.latency(60)  # until the worker is up
        idle = [book.latency(10) for _ in range(10 if quick else 60)]
        figures = Figures.of(idle)
        table.add(
            Row(
                "9",
                "from commit to sent, idle",
                say(figures),
                "",
                None,
                "median under 100 ms",
                figures.median < 100,
                vars(figures),
            )
        )
        _measure_reminders(table, house, server, book, 1000 if quick else REMINDERS, seconds=15 if quick else 45)


class _Booker:
    """Books meetings, and waits for the invitee's email."""

    def __init__(self, house: House, port: int, server: MailServer) -> None:
        self.server = server
        self.works = iter(
            [
                work
                for work in bookers(port, [f"person-{n}" for n in range(60, 70)], partial(free_slots, CLOCKS))
                for _ in range(30)
            ]
        )
        self.connection = house.connect(SMALL.database)

    def latency(self, seconds: float) -> float:
        """Return the milliseconds since the response to the booking, which follows its commit."""
        answer = next(self.works)()
        assert answer.status == 302, answer.status
        committed = time.time()  # or a few milliseconds ago
        found = self.connection.execute(
            "SELECT invitee_email FROM scheduling_booking WHERE token = %s",
            [answer.headers["location"].split("/")[2]],
        ).fetchone()
        assert found
        taken = self.server.wait_for(str(found[0]), seconds)
        assert taken is not None, f"no email within {seconds} s"
        return max(taken - committed, 0) * 1000


def _measure_reminders(
    table: Table, house: House, server: MailServer, book: _Booker, count: int, *, seconds: int
) -> None:
    """Many reminders due at once. They are queued as every minute does it; then it is watched for a while, or until
    all are out, how fast they go and how long a confirmation takes meanwhile."""
    with house.connect(SMALL.database) as connection:
        connection.execute(FORGET_QUEUED, [count // 2])
        connection.execute(QUEUE_UP, [count // 2])
        began = time.monotonic()
        queue_reminders(0)
        queueing = time.monotonic() - began
        waiting = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"
        first, started = connection.execute(waiting).fetchone()[0], time.monotonic()  # type: ignore[index]
        assert first > count / 2, f"only {first} reminders wait"
        meanwhile, before = [], server.count
        while time.monotonic() - started < seconds and connection.execute(waiting).fetchone()[0]:  # type: ignore[index]
            meanwhile.append(book.latency(60))
            time.sleep(0.5)
        rate = (server.count - before) / (time.monotonic() - started)
        left = connection.execute(waiting).fetchone()[0]  # type: ignore[index]
        connection.execute(DROP_WAITING)
        connection.execute("DELETE FROM scheduling_booking WHERE invitee_email LIKE 'due-%'")
    figures = Figures.of(meanwhile)
    table.add(
        Row(
            "9",
            f"emails, {first:,} reminders waiting",
            f"{rate:.0f}/s, {count - left:,} out in {seconds} s, queued in {queueing:.1f} s",
        )
    )
    what = f"from commit to sent, while {count:,} reminders drain"
    words = f"{say(figures)}, {ms(max(meanwhile))} ms at most"
    idle_and_one = max(meanwhile) < 1000
    table.add(Row("9", what, words, "", None, "delayed by no more than 1 s", idle_and_one, vars(figures)))
    assert statistics.median(meanwhile) > 0
