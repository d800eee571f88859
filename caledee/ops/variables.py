"""All settings that an installation can make in its environment.

To add one, add a row here and read it with a function below. Tests compare the rows with `caledee/deploy/README.md`,
`compose.yaml`, the Dockerfile and the code. No Django settings here: the configuration of gunicorn reads from it too.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from django.core.exceptions import ImproperlyConfigured

ON, OFF = {"1", "on", "true", "yes"}, {"0", "off", "false", "no"}
ALIKE = 0.8  # of 1: similarity above which a name counts as misspelled


@dataclass(frozen=True, slots=True)
class Variable:
    """`default` applies if the variable is unset or empty. `demo` is what `manage.py demo` uses for a required one."""

    name: str
    default: str = ""
    required: bool = False
    demo: str = ""


VARIABLES = {
    variable.name: variable
    for variable in (
        Variable("DATABASE_URL", required=True, demo="postgresql://localhost/caledee"),
        Variable("SECRET_KEY", required=True, demo="only-for-the-demo-command-itself-its-servers-get-a-random-one"),
        Variable("BASE_URL", required=True, demo="http://127.0.0.1:8000"),
        Variable("ALLOWED_HOSTS"),
        Variable("EMAIL_URL", "smtp://localhost:25"),
        Variable("DEFAULT_FROM_EMAIL"),
        Variable("TRUST_X_FORWARDED_PROTO", "off"),
        Variable("TRUSTED_PROXY_COUNT", "0"),
        Variable("SIGNUP", "invited", demo="open"),
        Variable("SIGNUP_DOMAINS"),
        Variable("STATIC_ROOT"),
        Variable("DEFAULT_PLAN", "team"),
        Variable("RATE_LIMITS", "on"),
        Variable("INVITEE_DATA_DAYS"),
        Variable("CALENDAR_KEYS"),
        Variable("CALENDAR_ALLOWED_NETWORKS"),
        Variable("CALENDAR_REFRESH_SECONDS", "300"),
        Variable("CALENDAR_STALE_SECONDS", "3600"),
        Variable("WEB_CONCURRENCY", "2"),
        Variable("LOG_FORMAT", "json"),
        Variable("DEMO", "off"),
    )
}


def read(name: str) -> str:
    """Return the value from the environment, or the default. Raises KeyError for an unknown name."""
    variable = VARIABLES[name]
    said = os.environ.get(name, "")
    if said.strip():
        return said
    return variable.demo if variable.demo and read_switch("DEMO") else variable.default


def read_switch(name: str) -> bool:
    said = read(name).strip().lower()
    if said not in ON | OFF:
        raise ImproperlyConfigured(f"{name} must be on or off, not {said}.")
    return said in ON


def read_choice(name: str, choices: Iterable[str]) -> str:
    said, known = read(name).strip(), list(choices)
    if said not in known:
        raise ImproperlyConfigured(f"{name} must be {', '.join(known[:-1])} or {known[-1]}, not {said}.")
    return said


def read_number(name: str, least: int, most: int) -> int:
    said = read(name).strip()
    if not (said.isascii() and said.isdecimal() and len(said) <= len(str(most)) and least <= int(said) <= most):
        raise ImproperlyConfigured(f"{name} must be a number from {least} to {most}, not {said}.")
    return int(said)


def missing() -> list[str]:
    """Return the names of required settings that are not set."""
    return [variable.name for variable in VARIABLES.values() if variable.required and not read(variable.name)]


def misspelled(environment: Mapping[str, str]) -> dict[str, str]:
    """Return misspelled names, each with the setting that was probably meant."""
    found = {name: get_close_matches(name, VARIABLES, n=1, cutoff=ALIKE) for name in environment.keys() - VARIABLES}
    return {name: close[0] for name, close in sorted(found.items()) if close and close[0] not in environment}
