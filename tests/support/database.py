"""The database of a test process: a copy of one that is already migrated.

Migrations take several seconds, a copy takes a moment. The migrated database stays on the server of the tests until a
migration changes, so most runs have nothing to migrate.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import django
import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from caledee.ops.dumps import restore_dump, write_dump
from caledee.ops.environment import parse_database_url
from tests.support.serving import connect_to, url_of

PREFIX = "migrated_for_tests_"
# The tests' clocks show November 2026. An audit expects a record of everything that is younger than its table.
BEFORE_ALL_TESTS = "UPDATE django_migrations SET applied = '2026-01-01'"


def create_migrated_database(name: str) -> None:
    """Connect Django to a new database with all tables."""
    with _on_server() as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])  # the other processes need it as well
        server.execute(_drop(name))
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(copy.format(sql.Identifier(name), sql.Identifier(_template(server))))
    connect_to(name)


def drop_database(name: str) -> None:
    connection.close()
    with _on_server() as server:
        server.execute(_drop(name))


def restore_migrated_database(url: str, backup: Path) -> None:
    """Restore all tables into an empty database of any server, through a new backup file."""
    name = connection.settings_dict["NAME"]
    with _on_server() as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])  # nobody may copy it meanwhile
        write_dump(parse_database_url(url_of(_template(server))), backup)
    connect_to(name)
    restore_dump(parse_database_url(url), backup, replace=False)


@contextmanager
def connected_to(url: str) -> Iterator[None]:
    """Connect Django to a database of any server."""
    own = connection.settings_dict
    connection.close()
    connection.settings_dict = own | parse_database_url(url)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = own


def _on_server() -> psycopg.Connection:
    return psycopg.connect(url_of("postgres"), autocommit=True)


def _drop(name: str) -> sql.Composed:
    return sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))


def _template(server: psycopg.Connection) -> str:
    """Return the name of the migrated database. Make it, and drop older ones, if a migration has changed."""
    wanted, unfinished = PREFIX + _digest(), f"{PREFIX}unfinished"
    rows = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]).fetchall()
    found = {name for (name,) in rows}
    if wanted not in found:
        for name in found:
            server.execute(_drop(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
        connect_to(unfinished)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(BEFORE_ALL_TESTS)
        connection.close()
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        server.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(wanted)))
    return wanted


def _digest() -> str:
    """Return a name for everything that `migrate` makes: tables, content types and permissions."""
    digest = sha256(django.get_version().encode())
    for app in apps.get_app_configs():
        for file in sorted(Path(app.path).glob("migrations/*.py")):
            digest.update(f"{app.label}.{file.name}".encode() + file.read_bytes())
    for model in apps.get_models():
        meta = model._meta
        digest.update(repr((meta.label, meta.verbose_name, meta.default_permissions, meta.permissions)).encode())
    return digest.hexdigest()[:16]
