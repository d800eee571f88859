"""Fixtures and hooks for all tests, with the people first."""

from tests.support import environment  # noqa: F401, I001 # sets Django up: before all that follows

import gc
import os
import shutil
from functools import cache
from pathlib import Path

import pytest
from django.db import connection
from django.test import TransactionTestCase, override_settings
from hypothesis import settings as hypothesis_settings

from caledee.ops import readiness
from tests.support import browsers
from tests.support.database import create_migrated_database, drop_database
from tests.support.emptying import empty_database
from tests.factories import ADA, ALAN, GRACE, MARY, make_organization, make_organizer

JOURNEYS = Path(__file__).parent / "journeys"
LONGEST_FILES = [
    *["journeys/test_team.py", "load/test_load.py", "journeys/test_one_off.py", "journeys/test_life.py"],
    *["journeys/test_accounts.py", "journeys/test_settings.py", "journeys/test_policy.py", "journeys/test_panel.py"],
    *["journeys/test_cookies.py", "journeys/test_team_event_types.py", "journeys/test_reading.py"],
    *["journeys/test_accessibility.py", "journeys/test_wire.py", "journeys/test_bodies.py"],
    *["test_demo.py", "ops/test_worker.py", "test_unavailable.py", "test_real_servers.py"],
    *["test_readiness.py", "test_slow_clients.py", "test_serving.py", "test_backup.py", "test_one_meeting.py"],
    *["test_served_logs.py", "test_embedded.py", "test_supervisor.py", "hostile/test_forms.py"],
    *["authority/test_matrix.py", "hostile/test_completeness.py", "hostile/test_text.py"],
]

# No deadline for one example: this machine may be busy. With CI=true the examples are the same each time.
hypothesis_settings.register_profile("caledee", deadline=None, derandomize=os.environ.get("CI") == "true")
hypothesis_settings.load_profile("caledee")

BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
NO_BROWSER = "no Chromium on this machine: `apt-get install chromium` gets one, and this test runs"


@pytest.fixture(scope="session", autouse=True)
def quick_settings():
    """Use a quick hasher, and static files without a manifest, which would require `collectstatic`."""
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES={"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    ):
        # Modules of the tests may have loaded the web app before, whose storage had a manifest.
        readiness.uncollected_files.cache_clear()
        yield


@pytest.fixture(scope="session", autouse=True)
def delete_instead_of_flush():
    """Delete the rows after a test that commits. Django would truncate all tables, which is far slower."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty_database())
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker):
    name = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
    with django_db_blocker.unblock():
        create_migrated_database(name)
    yield
    drop_database(name)


@pytest.fixture
def organization(db):
    """Analytical Engines, on the Team plan, with those of Ada, Grace and Alan that a test asks for."""
    return make_organization("Analytical Engines")


@pytest.fixture
def ada(organization):
    """Owner, Europe/London."""
    return make_organizer(ADA, organization)


@pytest.fixture
def grace(organization):
    """Admin, America/New_York."""
    return make_organizer(GRACE, organization)


@pytest.fixture
def alan(organization):
    """Member, Asia/Kolkata."""
    return make_organizer(ALAN, organization)


@pytest.fixture
def mary(organization):
    """In no organization, on the Free plan, Pacific/Auckland."""
    return make_organizer(MARY, organization)


@pytest.fixture
def client():
    return browsers.Browser()


@pytest.fixture
def browser_of():
    """Return a function that gives a browser in which a person is signed in."""
    return browsers.browser_of


def find_browser() -> str | None:
    """Find a browser on this machine or among those that Playwright has downloaded."""
    found = [path for name in BROWSERS if (path := shutil.which(name))]
    fetched = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found += sorted(map(str, fetched.glob("chromium-*/chrome-linux*/chrome")), reverse=True)
    return next(iter(found), None)


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers(config):
    """Use a process per core, and one more with journeys, which often wait. A single file starts faster with none."""
    cores = yield
    paths = [config.invocation_params.dir / argument.partition("::")[0] for argument in config.args]
    if len(paths) == 1 and paths[0].is_file():
        return 0
    return cores + any(JOURNEYS.is_relative_to(path) for path in paths)


def pytest_collection_modifyitems(items):
    """Start the longest files first, or the last process would finish long after the others."""
    items.sort(key=lambda item: start_order(item.path))
    if not find_browser() and os.environ.get("CI") != "true":
        for item in items:
            if item.path.is_relative_to(JOURNEYS):
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


@cache
def start_order(path: Path) -> int:
    names = ["/".join(path.parts[-length:]) for length in (1, 2)]
    return next((number for number, name in enumerate(LONGEST_FILES) if name in names), len(LONGEST_FILES))


def pytest_collection_finish():
    """Django, the tests and their modules stay until the end: the garbage collector leaves them alone, and looks at
    the rest less often. That saves a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20)
