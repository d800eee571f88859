"""Row 7: time to start: imports, checks, the first page, the demo."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from tests.bench.client import Client
from tests.bench.data import SMALL
from tests.bench.house import CHECKOUT, FIRST_PORT, FOLDER, UNWANTED, House, end
from tests.bench.pages import event_type_address
from tests.bench.table import Row, Table

WEB_APP = "import caledee.wsgi; from django.urls import get_resolver; get_resolver().url_patterns"
BARE_DJANGO = """
from django.conf import settings
settings.configure(
    INSTALLED_APPS=[f"django.contrib.{name}" for name in ["auth", "contenttypes", "messages", "sessions", "postgres"]],
    ROOT_URLCONF="django.contrib.auth.urls",
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql"}},
)
from django.core.wsgi import get_wsgi_application; get_wsgi_application()
from django.urls import get_resolver; get_resolver().url_patterns
"""


def measure(table: Table, house: House, *, quick: bool) -> None:
    times = 3 if quick else 7
    environment = house.environment(SMALL.database, FIRST_PORT, DJANGO_SETTINGS_MODULE="caledee.settings")
    ours, floor = [], []
    for turn in range(times):
        pair = [(ours, WEB_APP), (floor, BARE_DJANGO)]
        for into, code in pair if turn % 2 else reversed(pair):
            into.append(_run([sys.executable, "-c", code], environment))
    imported, bare = statistics.median(ours), statistics.median(floor)
    words = (f"{imported:.2f} s", f"{bare:.2f} s")
    table.add(
        Row(
            "7",
            "import of the web app, all addresses",
            *words,
            imported / bare,
            "under 1.5 s",
            imported < 1.5,
            {"ours": ours, "floor": floor},
        )
    )
    checks = statistics.median(_run([sys.executable, "manage.py", "check"], environment) for _ in range(times))
    table.add(Row("7", "manage.py check", f"{checks:.2f} s"))
    began = time.monotonic()
    with house.web(SMALL.database) as port:
        started = time.monotonic() - began
        first = Client(port).get(event_type_address("busy-hundred"))
        second = Client(port).get(event_type_address("busy-hundred"))
    assert (first.status, second.status) == (200, 200)
    words = (
        f"{started:.2f} s until it answers, then {first.seconds * 1000:.0f} ms; the next"
        f" {second.seconds * 1000:.0f} ms",
        "",
    )
    table.add(Row("7", "first page after gunicorn's start", *words))
    _measure_demo(table)


def _measure_demo(table: Table) -> None:
    """Measure one start that creates the data, and one with the data in place."""
    took = 0.0
    command = [sys.executable, "manage.py", "demo", "--port", str(FIRST_PORT + 95), "--data-dir", str(FOLDER / "demo")]
    without = UNWANTED | {
        "DATABASE_URL",
        "SECRET_KEY",
        "BASE_URL",
        "EMAIL_URL",
        "STATIC_ROOT",
        "DJANGO_SETTINGS_MODULE",
    }
    environment = {name: value for name, value in os.environ.items() if name not in without}
    for _ in range(2):
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        assert any(line.startswith("Caledee is ready") for line in process.stdout), "the demo did not start"
        took = time.monotonic() - began
        end(process)
        process.stdout.close()
    table.add(Row("7", "the demo is ready, warm", f"{took:.1f} s"))


def _run(command: Sequence[str], environment: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began
