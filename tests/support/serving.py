"""Caledee as it runs in production, on a database of its own: gunicorn and a worker as processes, over HTTP."""

import http.client
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from caledee.demo.people import create_demo_people
from tests.support.demo_process import CHECKOUT, free_port, wait_until
from tests.support.forking import Forking


def url_of(database: str) -> str:
    """Return a DATABASE_URL on the server of the tests."""
    found = connection.settings_dict
    user, password, options = (
        quote(found["USER"], safe=""),
        quote(found["PASSWORD"], safe=""),
        urlencode(found["OPTIONS"]),
    )
    name = quote(found["HOST"], safe=":,[]")  # a socket's folder, too
    host = f"{name}:{found['PORT']}" if found["PORT"] else name
    login = f"{user}:{password}" if password else user
    return f"postgresql://{login}@{host}/{database}?{options}"


@contextmanager
def own_database(suffix: str, *, empty: bool = False) -> Iterator[str]:
    """Yield the address of a new database, migrated or empty. The connection to the tests' own is closed."""
    template = connection.settings_dict["NAME"]
    name = f"{template}_{suffix}"
    connection.close()
    with psycopg.connect(url_of("postgres"), autocommit=True) as admin:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        admin.execute(drop)
        source = sql.Identifier("template1" if empty else template)
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), source))
        try:
            yield url_of(name)
        finally:
            admin.execute(drop)


def connect_to(database: str) -> None:
    """Point Django's connection to another database of the same server."""
    connection.close()
    connection.settings_dict["NAME"] = database


@contextmanager
def connected_to(url: str) -> Iterator[None]:
    """Let this process, which has loaded Caledee already, use another database of the same server."""
    own = connection.settings_dict["NAME"]
    connect_to(conninfo_to_dict(url)["dbname"])
    try:
        yield
    finally:
        connect_to(own)


class Serving:
    """One installation. `said` is everything that its processes have written."""

    def __init__(self, database_url: str, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url
        self.output = tempfile.TemporaryFile()  # noqa: SIM115
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.support.served_settings",
            "PYTHONPATH": str(CHECKOUT),
            "DATABASE_URL": database_url,
            "BASE_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.commands: Forking | None = None
        self.stack = ExitStack()

    def python(self, *words: str, timeout: float = 180) -> int:
        return self._start(*words).wait(timeout)

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Like `python`, for several commands, which share the start of Django."""
        if not self.commands:
            folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
            self.commands = self.stack.enter_context(Forking(folder, self.environment))
        return self.commands.run(*command)

    def make_people(self) -> None:
        """Create the people of the demo from this process, which has loaded Caledee already."""
        with connected_to(self.database_url):
            create_demo_people()

    def start(self, *options: str) -> None:
        self.process = self._start(
            *["-m", "gunicorn", "--config", "caledee/deploy/gunicorn.py", "--bind", f"127.0.0.1:{self.port}"],
            *[*options, "caledee.wsgi"],
        )
        wait_until(lambda: self.healthz() is not None, seconds=90, what="an answer")

    def _start(self, *words: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=CHECKOUT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    def healthz(self) -> tuple[int, dict[str, str], bytes] | None:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request("GET", "/healthz")
            answer = line.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        except OSError:
            return None
        finally:
            line.close()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(45)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.stack.close()
        self.output.close()

    @property
    def said(self) -> str:
        return os.pread(self.output.fileno(), 10_000_000, 0).decode()


class Visitor:
    """A browser for one person, without JavaScript: keeps cookies, and sends forms with their token."""

    def __init__(self, serving: Serving) -> None:
        self.url = serving.url
        self.cookies = CookieJar()
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str, **headers: str) -> tuple[int, str, str]:
        """Return status, final address, and page."""
        return self._ask(urllib.request.Request(self.url + path, headers=headers))

    def post(self, path: str, form: dict[str, object], page: str | None = None) -> tuple[int, str, str]:
        """Send the form of this address, or of another page."""
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(page or path)[2])
        token = {"csrfmiddlewaretoken": found[1]} if found else {}
        data = urlencode(form | token, doseq=True).encode()
        return self._ask(urllib.request.Request(self.url + path, data, {"Referer": self.url + path}))

    def sign_in(self, email: str) -> None:
        _, where, _ = self.post("/accounts/login/", {"login": email, "password": "caledee-demo"})
        assert where == f"{self.url}/event-types/"

    def _ask(self, request: urllib.request.Request) -> tuple[int, str, str]:
        try:
            with self.browser.open(request, timeout=20) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.url or "", error.read().decode()
