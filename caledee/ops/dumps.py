"""Dump a database to a file and restore it, with PostgreSQL's own programs. No Django; `database` is from DATABASES.

The file is a dump in pg_dump's custom format followed by a checksum, which `pg_restore` ignores: on its own, that
program would accept a truncated file as complete. Passwords are passed in the environment, which only the same user
can read, never on the command line.
"""

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg.conninfo import make_conninfo

from caledee.ops.cluster import EmbeddedError, unpacked_programs
from caledee.ops.database_errors import reason_of

SEAL = b"\ncaledee backup sha256 "
SEAL_SIZE = len(SEAL) + 65
PIECE = 1024 * 1024
OWNED_BY_NOBODY = ["--no-owner", "--no-privileges", "--no-comments"]
TABLES = """
    SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm') AND nspname !~ '^(pg_|information_schema$)'
"""
EMPTY_SCHEMA = """
    DROP SCHEMA public CASCADE;
    CREATE SCHEMA public AUTHORIZATION pg_database_owner;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
"""


class DumpError(Exception):
    """The dump or restore failed and nothing was changed. The text says why."""


def write_dump(database: dict[str, Any], file: Path) -> None:
    """Write a consistent snapshot. The file appears atomically and only its owner can read it.

    Raises DumpError, or OSError if the file cannot be written.
    """
    if file.exists():
        raise _is_there(file)
    program = _program("pg_dump", database)
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}-") as new:  # mode 0600
        _run([program, "--format=custom", "--lock-wait-timeout=60s", *OWNED_BY_NOBODY], database, output=new.fileno())
        new.seek(0)
        seal = _seal(new)
        new.seek(0, os.SEEK_END)
        new.write(seal)
        new.flush()
        os.fsync(new.fileno())
        try:
            # Unlike a rename, a hard link fails if the name was taken in the meantime.
            file.hardlink_to(new.name)
        except FileExistsError:
            raise _is_there(file) from None


def restore_dump(
    database: dict[str, Any], file: Path, *, replace: bool, afterwards: str = "", patience: str = "10s"
) -> None:
    """Restore everything, and run the SQL in `afterwards`, in one transaction.

    The file is verified before the database is touched. A database that is not empty is overwritten only with
    `replace`. Locks of other connections are waited for as long as `patience`. Raises DumpError.
    """
    if not file.is_file():
        raise DumpError(f"There is no file {file}.")
    if not _is_whole(file):
        raise DumpError(f"{file} is not a complete backup: its checksum or format does not match.")
    with tempfile.NamedTemporaryFile() as script:
        command = [_program("pg_restore", database), *OWNED_BY_NOBODY, "--file", script.name, str(file)]
        _run(command)
        with psycopg.connect(make_conninfo(**_login(database)), autocommit=True) as connection:
            [tables] = connection.execute(TABLES).fetchone() or [0]
        if tables and not replace:
            raise DumpError("The database is not empty. Use --replace to delete its contents.")
        before = f"SET lock_timeout = '{patience}';{EMPTY_SCHEMA if replace else ''}"
        command = [
            _program("psql", database),
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--single-transaction",
        ]
        command += ["--output", os.devnull, "--command", before, "--file", script.name]
        _run([*command, *(["--command", afterwards] if afterwards else [])], database)


def _is_there(file: Path) -> DumpError:
    return DumpError(f"{file} already exists and is not overwritten.")


def _seal(content: IO[bytes], size: int | None = None) -> bytes:
    """Return the checksum of the first `size` bytes, or of all that follow."""
    digest = sha256()
    left = size
    while piece := content.read(PIECE if left is None else min(PIECE, left)):
        digest.update(piece)
        left = None if left is None else left - len(piece)
    return SEAL + digest.hexdigest().encode() + b"\n"


def _is_whole(file: Path) -> bool:
    with file.open("rb") as content:
        size = file.stat().st_size - SEAL_SIZE
        return size > 0 and _seal(content, size) == content.read()


def _run(command: list[str], database: dict[str, Any] | None = None, output: int = subprocess.DEVNULL) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if database:
        login = _login(database)
        if password := login.pop("password", ""):
            environment["PGPASSWORD"] = password
        command = [*command, f"--dbname={make_conninfo(**login)}"]
    done = subprocess.run(command, env=environment, stdout=output, stderr=subprocess.PIPE, check=False)  # noqa: S603
    if done.returncode:
        raise DumpError(_complaint(done.stderr.decode(errors="replace")) or f"{command[0]} failed.")


def _complaint(words: str) -> str:
    """Return the first line only: the ones below it quote rows."""
    told = [line for line in words.splitlines() if re.search(r"\berror\b|ERROR|FATAL", line)] or words.splitlines()
    return told[0] if told else ""


def _login(database: dict[str, Any]) -> dict[str, str]:
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    login = {name: str(database[key]) for name, key in names.items() if database[key]}
    return {**login, **database["OPTIONS"]}


def _program(name: str, database: dict[str, Any]) -> str:
    """Return a program of the server's version, or the next later one, from the PATH or the embedded PostgreSQL."""
    try:
        with psycopg.connect(make_conninfo(**_login(database))) as connection:
            server = connection.info.server_version // 10000
    except psycopg.OperationalError as error:
        raise DumpError(f"The database does not respond: {reason_of(error)}.") from error
    found = {_version(path): path for path in reversed(_candidates(name))}
    usable = [version for version in sorted(found) if version >= server]
    if not usable:
        here = f"only {name} {max(found)}" if found else f"no {name}"
        raise DumpError(
            f"The server is PostgreSQL {server}, but this machine has {here}. Install the matching client programs."
        )
    return found[usable[0]]


def _candidates(name: str) -> list[str]:
    candidates = [path] if (path := shutil.which(name)) else []
    with suppress(EmbeddedError, StopIteration):
        candidates.append(str(unpacked_programs() / name))
    return [path for path in candidates if os.access(path, os.X_OK)]


def _version(program: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    return int(number[1]) if (number := re.search(r"\) (\d+)", told)) else 0
