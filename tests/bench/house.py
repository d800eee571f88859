"""The embedded PostgreSQL with its databases, and the servers in front of it."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import psycopg

from caledee.ops import embedded
from tests.bench.client import Client

CHECKOUT = Path(__file__).resolve().parent.parent.parent
GUNICORN = "caledee/deploy/gunicorn.py"
FOLDER = CHECKOUT / ".caledee" / "bench"
# The last would have each process compile everything anew, which no installation does.
UNWANTED = {"DEMO", "WEB_CONCURRENCY", "PYTHONDONTWRITEBYTECODE"}
FIRST_PORT = int(os.environ.get("BENCH_PORT", "8300"))


class House:
    """One PostgreSQL for the duration of the benchmark. Its data stay for the next."""

    def __init__(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        self.server = embedded.start(FOLDER / "postgresql")
        self.ports = iter(range(FIRST_PORT, FIRST_PORT + 90))

    def close(self) -> None:
        self.server.stop()

    def environment(self, database: str, port: int, **more: str) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name not in UNWANTED} | {
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
            "DATABASE_URL": self.server.url(database),
            "SECRET_KEY": "only-for-the-benchmark-whose-servers-listen-on-the-loopback-alone",
            "BASE_URL": f"http://127.0.0.1:{port}",
            "EMAIL_URL": "smtp://127.0.0.1:9",
            "RATE_LIMITS": "off",
            "STATIC_ROOT": str(FOLDER / "static"),
            **more,
        }

    def manage(self, database: str, *words: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=CHECKOUT,
            env=self.environment(database, FIRST_PORT),
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(self.server.url(database), autocommit=True)

    def prepare_static(self) -> None:
        """Collect the static files if anything has changed."""
        manifest = FOLDER / "static" / "staticfiles.json"
        newest = max(file.stat().st_mtime for file in (CHECKOUT / "static").rglob("*") if file.is_file())
        if not manifest.exists() or manifest.stat().st_mtime < newest:
            self.manage("postgres", "collectstatic", "--noinput", "--clear")

    @contextmanager
    def web(self, database: str, *, workers: int = 1, threads: int = 4) -> Iterator[int]:
        """Start gunicorn as `caledee/deploy/README.md` does, with so many workers. Yield its port when it answers."""
        port = next(self.ports)
        options = f"--workers {workers} --threads {threads} --bind 127.0.0.1:{port}"
        command = [sys.executable, "-m", "gunicorn", "--config", GUNICORN, *options.split(), "caledee.wsgi"]
        with (FOLDER / "web.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=CHECKOUT, env=self.environment(database, port), stdout=log, stderr=log
            )
        try:
            wait_for(port, process)
            yield port
        finally:
            end(process)

    @contextmanager
    def worker(self, database: str, *, smtp_port: int) -> "Iterator[subprocess.Popen[bytes]]":
        environment = self.environment(database, FIRST_PORT, EMAIL_URL=f"smtp://127.0.0.1:{smtp_port}")
        command = [sys.executable, "manage.py", "procrastinate", "worker", "--concurrency", "4"]
        with (FOLDER / "worker.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            end(process)


def wait_for(port: int, process: "subprocess.Popen[bytes]", seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if Client(port).get("/healthz").status == 200:
                return
        except OSError:
            pass
        assert process.poll() is None, f"the server on port {port} has stopped: see {FOLDER / 'web.log'}"
        assert time.monotonic() < deadline, f"the server on port {port} does not answer"
        time.sleep(0.01)


def end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(8)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def machine(house: House) -> dict[str, str]:
    model = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    memory = next((line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), "0")
    with house.connect("postgres") as connection:
        postgres = str(connection.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]
        settings = [
            f"{name}={connection.execute(f'SHOW {name}').fetchone()[0]}"  # type: ignore[index]
            for name in ("shared_buffers", "fsync", "synchronous_commit")
        ]
    return {
        "machine": f"{os.cpu_count()} cores, {model}, {int(memory) / 1e6:.0f} GB, {platform.system()}",
        "versions": f"CPython {platform.python_version()}, Django {version('django')}, PostgreSQL {postgres}, "
        f"psycopg {version('psycopg')}, gunicorn {version('gunicorn')}",
        "PostgreSQL": f"embedded, on the same machine, {', '.join(settings)}",
        "at": time.strftime("%-d %B %Y"),
    }


def _lines(file: str) -> list[str]:
    path = Path(file)
    return path.read_text().splitlines() if path.exists() else []
