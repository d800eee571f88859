"""What an installation needs before it can serve, for `manage.py check` and `/healthz`."""

import logging
from functools import cache
from pathlib import Path
from pkgutil import iter_modules

import psycopg
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.db import connection

logger = logging.getLogger(__name__)

PATIENCE = 2  # seconds

Migration = tuple[str, str]
Connection = psycopg.Connection[tuple[object, ...]]


class HealthLog:
    """Log a problem once per process, not with each health check."""

    def __init__(self) -> None:
        self._told: list[str] = []

    def report(self, problems: list[str]) -> None:
        if problems and problems != self._told:
            logger.error("Not ready to serve. %s", " ".join(problems))
        self._told = problems


def problems() -> list[str]:
    """Return a sentence for each problem. Raises psycopg.Error if the database does not respond."""
    with _connect() as own:
        found = [_unapplied_migrations(own), _missing_cache_table(own), uncollected_files()]
    return [problem for problem in found if problem]


def load_requirements() -> None:
    """Read this version's files now: a later version can replace them while the process runs."""
    known_migrations()
    uncollected_files()


@cache
def known_migrations() -> frozenset[Migration]:
    """Return this version's migrations by file name: importing them would take a tenth of a second."""
    return frozenset(
        (app.label, module.name)
        for app in apps.get_app_configs()
        for module in iter_modules([str(Path(app.path) / "migrations")])
        if not module.ispkg and not module.name.startswith(("_", "~"))
    )


def _connect() -> Connection:
    """Open a connection with a timeout of two seconds: an existing one blocks longer if the server is gone."""
    parameters = connection.get_connection_params() | {"connect_timeout": PATIENCE, "autocommit": True}
    return psycopg.connect(**parameters)


def _unapplied_migrations(own: Connection) -> str:
    """Ignore migrations of a later version: it can run `migrate` while this one still serves."""
    applied: set[object] = set()
    if _exists(own, "django_migrations"):
        applied = set(own.execute("SELECT app, name FROM django_migrations"))
    missing = sorted(".".join(key) for key in known_migrations() - applied)
    if not missing:
        return ""
    others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return f"Migrations are not applied: {missing[0]}{others}. Run `manage.py migrate`."


def _missing_cache_table(own: Connection) -> str:
    table = str(settings.CACHES["default"]["LOCATION"])
    return "" if _exists(own, table) else "The cache table is missing. Run `manage.py createcachetable`."


def _exists(own: Connection, table: str) -> bool:
    row = own.execute("SELECT to_regclass(%s) IS NOT NULL", [connection.ops.quote_name(table)]).fetchone()
    return row == (True,)


@cache
def uncollected_files() -> str:
    """Check the manifest that this process has loaded: it is read only once, at the start."""
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return ""
    ignored = apps.get_app_config("staticfiles").ignore_patterns
    files = {Path(path).as_posix() for finder in get_finders() for path, _ in finder.list(ignored)}
    if files <= staticfiles_storage.hashed_files.keys():
        return ""
    return "Static files are missing or from another version. Run `manage.py collectstatic` and restart."
