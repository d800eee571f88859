"""Radicale and Xandikos as processes, each in an environment of its own: their dependencies aren't Caledee's."""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from scheduling.calendars.providers.protocol import Account
from tests.support.demo_process import free_port, wait_until

PINS = Path(__file__).parent
# These servers flush each object to the disk, which takes most of the time unless the disk is in memory.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
# A fresh machine first downloads the server.
STARTING_SECONDS = 180

RADICALE = """
[auth]
type = htpasswd
htpasswd_filename = {folder}/passwords
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/data
[web]
type = none
"""
MAKE_CALENDAR = """<?xml version="1.0"?>
<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:displayname>{}</D:displayname>
<C:supported-calendar-component-set><C:comp name="{}"/></C:supported-calendar-component-set>
</D:prop></D:set></C:mkcalendar>"""


class CalendarServer:
    """A running server with one account. `home` is the path of its calendars."""

    def __init__(self, origin: str, *, home: str, username: str = "", password: str = "", address: str = "") -> None:
        self.origin = origin
        self.home = home
        self.account = Account(origin + (address or "/"), username, password)
        self._connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=60)

    def request(self, method: str, path: str, body: str = "", **headers: str) -> int:
        """Send one request as a calendar app does, and return the status."""
        login = b64encode(f"{self.account.username}:{self.account.password}".encode()).decode()
        self._connection.request(method, path, body.encode(), {"Authorization": f"Basic {login}"} | headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def make_calendar(self, path: str, name: str, *, component: str = "VEVENT") -> str:
        """Create a calendar and return its address."""
        body = MAKE_CALENDAR.format(escape(name), component)
        headers = {"Content-Type": "application/xml; charset=utf-8"}
        assert self.request("MKCALENDAR", f"{self.home}{path}/", body, **headers) == 201
        return f"{self.origin}{self.home}{path}/"

    def put(self, calendar: str, uid: str, text: str) -> None:
        """Store an object under its UID, whether or not it exists."""
        path = f"{urlsplit(calendar).path}{uid}.ics"
        assert self.request("PUT", path, text, **{"Content-Type": "text/calendar; charset=utf-8"}) in {200, 201, 204}

    def delete(self, calendar: str, uid: str = "") -> None:
        """Delete an object, or the whole calendar."""
        path = urlsplit(calendar).path + (f"{uid}.ics" if uid else "")
        assert self.request("DELETE", path) in {200, 204}

    def close(self) -> None:
        self._connection.close()


class Radicale(CalendarServer):
    def put_all(self, calendar: str, texts: Mapping[str, str]) -> None:
        """Replace what is in a calendar at once: this server takes a file of several events at its address."""
        events = "".join(re.findall(r"BEGIN:VEVENT.*?END:VEVENT\r\n", "".join(texts.values()), re.DOTALL))
        text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//EN\r\n{events}END:VCALENDAR\r\n"
        headers = {"Content-Type": "text/calendar; charset=utf-8"}
        assert self.request("PUT", urlsplit(calendar).path, text, **headers) == 201


class Xandikos(CalendarServer):
    folder = Path()

    def put_all(self, calendar: str, texts: Mapping[str, str]) -> None:
        """Add to a calendar at once: this server keeps each one in a Git repository."""
        repository = self.folder / urlsplit(calendar).path.removeprefix("/dav/")
        for uid, text in texts.items():
            (repository / f"{uid}.ics").write_text(text, newline="")
        author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        for command in (["add", "--all"], [*author, "commit", "--quiet", "--message", "Add events"]):
            subprocess.run(["git", "-C", str(repository), *command], check=True)


@contextmanager
def radicale() -> Iterator[Radicale]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        Path(folder, "passwords").write_text("ada@example.org:analytical engine\n")
        Path(folder, "config").write_text(RADICALE.format(folder=folder))
        port = free_port()
        options = ["--config", f"{folder}/config", "--server-hosts", f"127.0.0.1:{port}"]
        server = Radicale(
            f"http://127.0.0.1:{port}",
            home="/ada%40example.org/",
            username="ada@example.org",
            password="analytical engine",
        )
        with running("radicale", options, port):
            assert server.request("MKCOL", server.home) in {201, 405, 409}
            yield server
            server.close()


@contextmanager
def xandikos() -> Iterator[Xandikos]:
    """Start it below a prefix. It checks passwords only over TLS, so here it has none."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        port = free_port()
        options = [
            *["serve", "--no-detect-systemd", "--autocreate", "--directory", f"{folder}/data"],
            *["--state-dir", f"{folder}/state", "--listen-address", "127.0.0.1", "--port", str(port)],
            *["--route-prefix", "/dav", "--current-user-principal", "/user/"],
        ]
        server = Xandikos(f"http://127.0.0.1:{port}", home="/dav/user/calendars/", address="/dav/")
        server.folder = Path(folder, "data")
        with running("xandikos", options, port):
            yield server
            server.close()


@contextmanager
def running(name: str, options: list[str], port: int) -> Iterator[None]:
    """Run the module of this name from the package index until the block ends."""
    output = tempfile.TemporaryFile()  # noqa: SIM115
    process = subprocess.Popen(
        [*in_own_environment(name), "-m", name, *options],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        wait_until(lambda: process.poll() is not None or answers(port), STARTING_SECONDS, what=f"{name} to answer")
        assert process.poll() is None, os.pread(output.fileno(), 10_000, 0).decode()
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        output.close()


def in_own_environment(name: str) -> list[str]:
    """Return the command for a Python that has the releases pinned for this server."""
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "uv isn't installed"
    return [
        *[uv, "run", "--quiet", "--no-project", "--isolated", "--python", sys.executable],
        *["--with-requirements", str(PINS / f"{name}.txt"), "python"],
    ]


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("OPTIONS", "/")
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True
