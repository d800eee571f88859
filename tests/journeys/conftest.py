"""Journeys use the real `manage.py demo` in a process of its own, over HTTP, in a real browser.

They never use the ORM in this process: Playwright's event loop is running in it. Only the start of the demo does.
"""

import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from caledee.management.commands.demo import DATABASE
from caledee.ops import embedded
from caledee.ops.cluster import make_folder
from tests.conftest import NO_BROWSER, find_browser
from tests.journeys.newcomers import create_newcomers
from tests.journeys.steps import SESSIONS
from tests.support.database import connected_to, restore_migrated_database
from tests.support.demo_process import DemoProcess, remove_server

BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


# The console also reports as errors: a page that answers 4xx on purpose, and an htmx request, such as a search for
# time zones, that the browser aborts because the user leaves the page. One that fails logs "htmx:sendError" as well.
HARMLESS = ["Failed to load resource", "htmx:sendAbort", "htmx:afterRequest"]


@dataclass(frozen=True)
class DemoServer:
    url: str
    mail_dir: Path
    database_url: str


def browser_path() -> str:
    if path := find_browser():
        return path
    pytest.fail(NO_BROWSER)


@pytest.fixture(scope="package")
def browser(demo_server):
    """Prefer the headless shell: it renders the same pages in two thirds of the time.

    It starts after the demo, whose people are created with the ORM, which an event loop in this process would prevent.
    """
    path = shutil.which("chromium-headless-shell") or browser_path()
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS) as browser,
    ):
        yield browser


@pytest.fixture(scope="package")
def demo_server(tmp_path_factory, django_db_blocker):
    folder = tmp_path_factory.mktemp("journeys") / "data"
    with django_db_blocker.unblock():
        create_tables(folder)
    (folder / "static").mkdir()
    (folder / "static" / "axe.js").write_text(AXE_SCRIPT)
    # Calendars of the tests are on this machine.
    with DemoProcess(folder, CALENDAR_ALLOWED_NETWORKS="127.0.0.0/8") as demo:
        demo.wait_until_ready()
        with django_db_blocker.unblock(), connected_to(demo.database_url):
            create_newcomers()
        yield DemoServer(url=demo.url, mail_dir=demo.folder / "mail", database_url=demo.database_url)
        SESSIONS.clear()
        assert demo.stop() == 0
    remove_server(demo.folder / "postgresql")


def create_tables(folder: Path) -> None:
    """Spare the demo its migrations, which take more CPU time than all else that it does to start."""
    make_folder(folder)
    server = embedded.start(folder / "postgresql", durable=False)
    try:
        server.create_database(DATABASE)
        restore_migrated_database(server.url(DATABASE), folder.with_name("backup"))
    finally:
        server.stop()


@pytest.fixture(scope="package")
def base_url(demo_server):
    """Let `page.goto("/event-types/")` open the demo."""
    return demo_server.url


@pytest.fixture(scope="package")
def unused(demo_server) -> dict[tuple[str, bool], list[BrowserContext]]:
    """Contexts of earlier journeys, by time zone and JavaScript. They have the static files in their cache."""
    return defaultdict(list)


@pytest.fixture
def page(browser: Browser, base_url):
    """A page in a browser without cookies."""
    with browser.new_context(base_url=base_url) as context:
        yield context.new_page()


@pytest.fixture
def visit(browser: Browser, base_url, unused):
    """A browser for one person, in a time zone; any error on its console fails the test."""
    contexts, errors = [], []

    def new_context(time_zone: str, javascript: bool) -> BrowserContext:
        return browser.new_context(
            base_url=base_url,
            timezone_id=time_zone,
            locale="en-GB",
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )

    def act(time_zone: str, *, javascript: bool = True) -> Page:
        kind = (time_zone, javascript)
        context = unused[kind].pop() if unused[kind] else new_context(*kind)
        contexts.append((kind, context))
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield act
    for kind, context in contexts:
        for page in context.pages:
            page.close()
        context.clear_cookies()  # Caledee stores nothing else in browsers
        unused[kind].append(context)
    assert [error for error in errors if not any(harmless in error for harmless in HARMLESS)] == []
