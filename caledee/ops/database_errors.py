"""Describe database errors in one sentence for people at a terminal. No Django here."""

import psycopg
from psycopg import errors

MISSING_TABLES = (
    "The database does not have the tables of this version. Run `manage.py migrate` and `manage.py createcachetable`."
)
# Errors whose text names tables, roles and extensions, but never user input.
REFUSALS = (
    psycopg.OperationalError,
    errors.InsufficientPrivilege,
    errors.FeatureNotSupported,
    errors.ReadOnlySqlTransaction,
)


def describe_trouble(error: BaseException | None) -> str:
    """Return the database problem that led to `error`, or an empty text if there was none."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if isinstance(error, errors.UndefinedTable | errors.UndefinedColumn):
            return MISSING_TABLES
        if isinstance(error, REFUSALS):
            return f"The database cannot be used: {reason_of(error)}."
        seen.append(error)
        error = error.__cause__ or error.__context__
    return ""


def reason_of(error: psycopg.Error) -> str:
    """Return the one informative line of the driver's message about a failed connection."""
    text = error.diag.message_primary or str(error)
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "failed: " in line and not line.startswith("Multiple ")] or lines
    line = telling[0] if telling else type(error).__name__
    return line.removeprefix("- ").removeprefix("connection failed: ").replace("FATAL: ", "").rstrip(".")
