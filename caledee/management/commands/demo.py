import errno
import http.client
import json
import os
import secrets
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from caledee.demo.people import PASSWORD, PEOPLE
from caledee.demo.supervisor import Keeper, Part, Service, end_leftovers, last_lines, stop_all
from caledee.ops import embedded
from caledee.ops.cluster import make_folder
from caledee.ops.processes import FileLock, Interrupted, InUse, Signals, process_name

DATABASE = "caledee"
LONGEST_START = 60  # seconds
# Variables of the caller that would change how these processes behave.
FOREIGN_VARIABLES = ("PG", "GUNICORN_", "PROCRASTINATE_", "WORKER_", "DJANGO_", "WEB_CONCURRENCY")


class Command(BaseCommand):
    help = "Serve Caledee on this machine with its own PostgreSQL and a few people to sign in as."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="default: 8000")
        parser.add_argument(
            "--data-dir",
            type=Path,
            default=settings.BASE_DIR / ".caledee",
            help="where all data is stored; default: .caledee/ in the checkout",
        )

    def handle(self, *args: Any, port: int, data_dir: Path, **options: Any) -> None:
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup ignores it
            numbers.append(signal.SIGHUP)
        demo = Demo(port, data_dir.resolve(), Signals(*numbers), sys.stdout)
        try:
            demo.run()
        except Interrupted:
            pass
        except (DemoError, embedded.EmbeddedError, psycopg.Error) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The demo can't use {data_dir}: {error}") from error
        finally:
            demo.stop()


class DemoError(Exception):
    """The demo can't start. The text says why."""


class Demo:
    def __init__(self, port: int, folder: Path, signals: Signals, out: TextIO) -> None:
        self.port = port
        self.folder = folder
        self.signals = signals
        self.out = out
        self.url = f"http://127.0.0.1:{port}"
        self.logs = folder / "logs"
        self.records = folder / "run"
        self.note = folder / "demo.json"  # its address, until it starts to stop
        self.has_folder = False
        self.services: list[Service] = []
        self.server: embedded.Server | None = None
        self.parent = os.getppid()
        self.under_uv = process_name(self.parent) == "uv"

    def run(self) -> None:
        """Run until a signal raises Interrupted."""
        self._take_folder()
        with self._reserved_port() as listener:
            self._start_server()
            environment = self._environment()
            self._prepare(environment)
            web, worker = self._web(environment, listener), self._worker(environment)
            for service in (web, worker):
                service.start()
            self._wait_until_ready(web, worker)
            self._welcome()
            self._keep_running(web, worker)

    def stop(self) -> None:
        """Stop everything within five seconds."""
        if self.has_folder:
            self.note.unlink(missing_ok=True)
        stop_all(self.services, timeout=2)
        if self.server:
            self.server.stop(timeout=1.5)

    def _take_folder(self) -> None:
        make_folder(self.folder)
        for folder in (self.logs, self.records, self.folder / "mail"):
            make_private_folder(folder)
        self.lock = FileLock(self.folder / "demo.lock")
        deadline = time.monotonic() + 6
        while True:
            try:
                self.lock.take()
                break
            except InUse:  # by a running demo, or briefly by one that is stopping
                if self.note.exists() or time.monotonic() > deadline:
                    raise DemoError(f"{self.folder} is in use by another demo{_address_in(self.note)}.") from None
            self.pause(0.1)
        self.note.write_text(json.dumps({"url": f"{self.url}/"}))
        self.has_folder = True

    def _reserved_port(self) -> socket.socket:
        """Bind the port without listening, so connections are refused until the site is ready."""
        waits = end_leftovers(self.records, self.pause)
        deadline = time.monotonic() + (5 if waits else 0)
        while True:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", self.port))
                # With SO_REUSEADDR on, another program could take the port while nobody listens.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
                return listener
            except (OSError, OverflowError) as error:
                listener.close()
                if time.monotonic() >= deadline:
                    raise DemoError(_why_not(self.port, error)) from error
            self.pause(0.1)

    def _start_server(self) -> None:
        self.server = embedded.start(
            self.folder / "postgresql", die_with_starter=True, log=self.logs / "postgresql.log", pause=self.pause
        )
        self.server.create_database(DATABASE)

    def _environment(self) -> dict[str, str]:
        assert self.server
        own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_VARIABLES)}
        return own | {
            "DJANGO_SETTINGS_MODULE": "caledee.settings",
            "DEMO": "1",
            "DATABASE_URL": self.server.url(DATABASE),
            "SECRET_KEY": secret_key(self.folder / "secret_key"),
            "BASE_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
            "EMAIL_URL": f"file://{quote(str(self.folder / 'mail'))}",
            "STATIC_ROOT": str(self.folder / "static"),
            "LOG_FORMAT": "line",
            "PYTHONUNBUFFERED": "1",
        }

    def _prepare(self, environment: dict[str, str]) -> None:
        preparation = self._service("prepare", [sys.executable, "manage.py", "prepare_demo"], environment)
        preparation.start()
        while preparation.is_running():
            self.pause(0.02)
        if preparation.kill() != 0:
            raise DemoError(f"Preparing the database failed. End of {preparation.log}:\n{_end_of(preparation)}")

    def _web(self, environment: dict[str, str], listener: socket.socket) -> Service:
        command = [sys.executable, "-m", "gunicorn", "caledee.wsgi:application", "--bind", f"fd://{listener.fileno()}"]
        options = "--config caledee/deploy/gunicorn.py --preload --graceful-timeout 1"
        return self._service("web", [*command, *options.split()], environment, (listener.fileno(),))

    def _worker(self, environment: dict[str, str]) -> Service:
        command = "manage.py procrastinate worker --concurrency 4 --shutdown-graceful-timeout 1"
        return self._service("worker", [sys.executable, *command.split()], environment)

    def _service(
        self, name: str, command: list[str], environment: dict[str, str], pass_fds: tuple[int, ...] = ()
    ) -> Service:
        service = Service(
            name,
            command,
            environment,
            folder=settings.BASE_DIR,
            log=self.logs / f"{name}.log",
            record=self.records / f"{name}.json",
            pass_fds=pass_fds,
        )
        self.services.append(service)
        return service

    def _wait_until_ready(self, *services: Service) -> None:
        deadline = time.monotonic() + LONGEST_START
        while not answers(self.port):
            for service in services:
                if not service.is_running():
                    raise DemoError(f"The {service.name} process stopped. End of {service.log}:\n{_end_of(service)}")
            if time.monotonic() > deadline:
                raise DemoError(f"The site doesn't respond. End of {services[0].log}:\n{_end_of(services[0])}")
            self.pause(0.05)

    def _welcome(self) -> None:
        people = ", ".join(person.email for person in PEOPLE)
        print(f"Caledee is ready at {self.url}/", file=self.out)
        print(f"Sign in as {people}; the password is {PASSWORD}", file=self.out)
        print(
            f"Emails: {self.url}/demo/mail/   Data: {self.folder}   Press Ctrl-C to stop.", file=self.out, flush=True
        )

    def _keep_running(self, *services: Service) -> None:
        assert self.server
        parts: list[Part] = [self.server, *services]
        keepers = [Keeper(part, tell) for part in parts]
        while True:
            for keeper in keepers:
                keeper.look(time.monotonic())
            self.pause(0.2)

    def pause(self, seconds: float) -> None:
        """Sleep. Raise Interrupted after a signal, or when the `uv run` that waits for this process was killed."""
        if self.under_uv and os.getppid() != self.parent:
            raise Interrupted
        self.signals.pause(seconds)


def tell(line: str) -> None:
    with suppress(OSError):  # the terminal may be gone
        print(line, file=sys.stderr, flush=True)


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def make_private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)


def secret_key(file: Path) -> str:
    """Return the stored random key. It never changes, so people stay signed in after a restart."""
    if not file.exists():
        new = file.with_suffix(".new")
        new.unlink(missing_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
            output.write(secrets.token_urlsafe(50))
        new.replace(file)
    return file.read_text()


def _why_not(port: int, error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"Port {port} requires root. Choose another one with --port, such as --port 8000."
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use by another program. Stop that program, or choose another port with --port."
    return f"Port {port} can't be used: {error}"


def _address_in(note: Path) -> str:
    try:
        return f" at {json.loads(note.read_text())['url']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _end_of(service: Service) -> str:
    return last_lines(service.log)
