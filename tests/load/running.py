"""A demo under load, and its checks afterwards."""

import email
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from threading import Event

import psycopg

from caledee.demo.people import PASSWORD
from caledee.ops import embedded
from tests.load.browser import Browser
from tests.load.clients import Client
from tests.load.proxies import before_database, before_web
from tests.load.truth import Truth, find_all
from tests.load.world import World
from tests.support.demo_process import CHECKOUT, DemoProcess, free_port, remove_server, wait_until
from tests.support.forking import Forking

CLIENTS = 16
LONGEST_START = 180  # seconds, on a busy machine

# More people than the demo has, and event types of the organization; on their own database, by the code of the demo.
MORE_PEOPLE = """
from caledee.accounts.models import Organization, Role, User
from caledee.demo.people import Person, create_person
from scheduling.models import EventType
from tests.factories import make_collective, make_round_robin

ours = Organization.objects.get()
barbara = create_person(Person("Barbara Liskov", "barbara", "Europe/London", Role.MEMBER), ours)
edsger = create_person(Person("Edsger Dijkstra", "edsger", "Europe/Amsterdam", Role.MEMBER), ours)
ada, grace = User.objects.get(handle="ada"), User.objects.get(handle="grace")
make_collective(ours, ada, grace, slug="all")
make_round_robin(ours, ada, grace, barbara, slug="turns")
EventType.objects.update(location="https://meet.example.com/x")
"""


class Rig:
    """A demo, clients that use it, and optionally a process that kills parts of it meanwhile."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.world = World()
        self.random = Random(seed)
        self.blows: Counter[str] = Counter()
        self.demo = DemoProcess(folder)
        self.already: set[str] = set()
        self.ports = [self.demo.port]
        self.stack = ExitStack()

    def __enter__(self) -> "Rig":
        try:
            self.demo.wait_until_ready(LONGEST_START)
            environment = os.environ | {"DATABASE_URL": self.demo.database_url}
            self.commands = self.stack.enter_context(Forking(self.folder, environment))
            self.run("-c", MORE_PEOPLE)
            self.already = find_all(self.demo.database_url)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()
        self.demo.__exit__()
        remove_server(self.folder / "postgresql")

    def run(self, *command: str) -> str:
        """Run `manage.py` with words, or `-c` with a script, on the demo's database."""
        done = self.commands.run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def restart(self, *, killed: bool) -> None:
        """Restart everything at the same address: gracefully, or after a kill -9 of the demo command."""
        self.blows["killed whole" if killed else "restarted whole"] += 1
        if killed:
            self.demo.process.kill()
            self.demo.process.wait()
        else:
            self.demo.stop()
        self.demo.__exit__()
        self.demo = DemoProcess(self.folder, self.demo.port)
        self.demo.wait_until_ready(LONGEST_START)

    @contextmanager
    def load(self, *, days: int):
        """Keep clients at work while the block runs. They complete their current operation when it ends."""
        stop = Event()
        clients = [
            Client(number, self.seed, self.world, lambda: self.random.choice(self.ports), stop, days)
            for number in range(CLIENTS)
        ]
        self.sign_in(clients)
        for client in clients:
            client.start()
        try:
            yield
        finally:
            stop.set()
            for client in clients:
                client.join(90)
        assert not any(client.is_alive() for client in clients), "some still wait for an answer"
        if errors := [client.error for client in clients if client.error]:
            raise ExceptionGroup("a client did not understand an answer", errors)

    def sign_in(self, clients: list[Client]) -> None:
        """Sign in two people through the form. Eight browsers of each share a session."""
        for email_address in {client.email for client in clients}:
            browser = Browser(self.demo.port)
            browser.sign_in(email_address, PASSWORD)
            for client in clients:
                if client.email == email_address:
                    client.ours = replace(browser, cookies=dict(browser.cookies))

    @contextmanager
    def cuts(self):
        """Half of the requests by way of a proxy that cuts their connections, a third of them to a second web server,
        whose connections to PostgreSQL are cut."""
        with ExitStack() as stack:
            behind = embedded.Server(self.folder / "postgresql").cluster.socket_folder
            folder = Path(f"/tmp/caledee-load-{os.getpid()}-{self.seed}")
            folder.mkdir(mode=0o700)
            stack.callback(folder.rmdir)
            stack.callback((folder / ".s.PGSQL.5432").unlink)
            database = stack.enter_context(before_database(folder, behind, self.seed))
            second = stack.enter_context(second_web_server(self.demo, folder))
            web = stack.enter_context(before_web(self.demo.port, self.seed))
            self.ports = [self.demo.port, web.listener.getsockname()[1], second]
            try:
                yield
            finally:
                self.ports = [self.demo.port]
                self.blows += Counter({f"request {name}": number for name, number in web.cuts.items()})
                self.blows += Counter({f"commit {name}": number for name, number in database.cuts.items()})

    def wait_for_operations(self, number: int, seconds: float) -> None:
        """Wait for so many more operations, or so long: their speed depends on the machine."""
        goal, end = self.world.answered + number, time.monotonic() + seconds
        while self.world.answered < goal and time.monotonic() < end:
            time.sleep(0.1)

    def recover(self) -> None:
        wait_until(self.demo.answers, 60, what="the site answers again")

    def audit(self) -> str:
        """Run the audit command and compare the responses with the database. Fail on any finding."""
        said = self.run("manage.py", "audit")
        lies = Truth(self.demo.database_url, self.world, self.already).lies()
        assert not lies, "\n".join(lies)
        return said

    def wait_for_emails(self, seconds: float) -> None:
        """Wait for all emails. Those of a killed worker come at the next full minute after half a minute's silence."""
        wait_until(
            lambda: (
                not self.ask(
                    "SELECT 1 FROM scheduling_mailrecord WHERE sent_at IS NULL "
                    "AND failed_at IS NULL AND dropped_at IS NULL LIMIT 1"
                )
            ),
            seconds,
            what="emails",
        )

    def ask(self, query: str) -> list[tuple]:
        with psycopg.connect(self.demo.database_url) as connection:
            return connection.execute(query).fetchall()

    def emails(self) -> Counter[str]:
        """Return the Message-IDs of sent emails, and how often each was sent."""
        found: Counter[str] = Counter()
        for file in (self.folder / "mail").glob("*.eml"):
            with file.open("rb") as content:
                found[email.message_from_binary_file(content)["Message-ID"].strip()] += 1
        return found

    def summary(self, *more: object) -> str:
        lines = [f"seed {self.seed}: {self.world.answers.total()} operations, kills and cuts {dict(self.blows)}"]
        kinds = sorted({kind for kind, _ in self.world.answers})
        for kind in kinds:
            counts = {outcome: n for (each, outcome), n in sorted(self.world.answers.items()) if each == kind}
            lines.append(f"  {kind}: {counts}")
        return "\n".join([*lines, *map(str, more)])


@contextmanager
def second_web_server(demo: DemoProcess, socket_folder: Path):
    """Start one with the same database and secret that is neither killed nor restarted."""
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://caledee@/caledee?host={socket_folder}",
        "SECRET_KEY": (demo.folder / "secret_key").read_text(),
        "BASE_URL": demo.url,
        "ALLOWED_HOSTS": "127.0.0.1",
        "STATIC_ROOT": str(demo.folder / "static"),
        "DEMO": "1",
    }
    command = f"-m gunicorn --config caledee/deploy/gunicorn.py caledee.wsgi --workers 1 --bind 127.0.0.1:{port}"
    log = (demo.folder / "second.log").open("ab")
    server = subprocess.Popen(
        [sys.executable, *command.split()],
        cwd=CHECKOUT,
        env=environment,
        stdout=log,
        stderr=log,
    )
    try:
        wait_until(lambda: _is_listening(port), 30, what="the second web server")
        yield port
    finally:
        server.terminate()
        server.wait(10)
        log.close()


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
