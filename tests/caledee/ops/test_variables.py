"""The list of settings contains exactly those that are read."""

import ast

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from caledee.ops.variables import VARIABLES, misspelled, read, read_choice, read_number, read_switch

READERS = {"read", "read_switch", "read_choice", "read_number"}
SOURCES = sorted(
    path for folder in ("caledee", "scheduling", "oneoff") for path in (settings.BASE_DIR / folder).rglob("*.py")
)
# Other modules that read the environment: to pass it to a process, or for something other than our settings.
OTHERS = {
    "caledee/ops/cluster.py": "XDG_CACHE_HOME",
    "caledee/ops/dumps.py": "what PostgreSQL's programs get",
    "caledee/management/commands/createsuperuser.py": "DJANGO_SUPERUSER_HANDLE, as Django has them",
    "caledee/management/commands/demo.py": "what the demo's processes get",
    "caledee/wsgi.py": "DJANGO_SETTINGS_MODULE",
    "scheduling/calendars/ics/isolated.py": "what the process that reads calendars gets",
}


def nodes_of(path):
    return list(ast.walk(ast.parse(path.read_text())))


def name_of(path):
    return str(path.relative_to(settings.BASE_DIR))


def names_read(path):
    return {
        node.args[0].value
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in READERS
    }


def test_every_setting_is_read_and_nothing_else_is():
    found = {path: names_read(path) for path in SOURCES if path.name in {"settings.py", "gunicorn.py"}}

    # DEMO decides what the others are; what is required is asked for first, by its name in the list.
    assert set().union(*found.values()) == VARIABLES.keys()


def test_the_environment_is_looked_at_in_no_other_place():
    found = {
        name_of(path)
        for path in SOURCES
        if any(isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"} for node in nodes_of(path))
    }

    assert found - {"caledee/ops/variables.py", "caledee/ops/checks.py"} == OTHERS.keys()


def test_an_empty_setting_is_one_that_is_not_made(monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", " ")

    assert read("LOG_FORMAT") == "json"


@pytest.mark.parametrize(
    ("said", "means"), [("1", True), ("on", True), ("TRUE", True), ("yes", True), ("0", False), (" off ", False)]
)
def test_a_switch_is_on_or_off(monkeypatch, said, means):
    monkeypatch.setenv("RATE_LIMITS", said)

    assert read_switch("RATE_LIMITS") is means


def test_what_is_neither_on_nor_off_is_refused(monkeypatch):
    monkeypatch.setenv("RATE_LIMITS", "of")

    with pytest.raises(ImproperlyConfigured, match="RATE_LIMITS must be on or off, not of"):
        read_switch("RATE_LIMITS")


@pytest.mark.parametrize("said", ["-1", "two", "²", "1.5", "11", "9" * 5000])
def test_what_is_no_number_or_too_high_is_refused(monkeypatch, said):
    monkeypatch.setenv("TRUSTED_PROXY_COUNT", said)

    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXY_COUNT must be a number from 0 to 10"):
        read_number("TRUSTED_PROXY_COUNT", 0, 10)


def test_another_choice_is_refused(monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "xml")

    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT must be json or line, not xml"):
        read_choice("LOG_FORMAT", ["json", "line"])


def test_a_misspelled_setting_is_recognised():
    environment = {
        "ALLOWED_HOST": "x",
        "INVITEE_DATA_DAY": "3",
        "TRUST_X_FORWARD_PROTO": "1",
        "PATH": "/bin",
        "LOG_LEVEL": "debug",
        "DATABASE_HOST": "x",
        "EMAIL_URLS": "beside the right one",
        "EMAIL_URL": "console:",
    }

    assert misspelled(environment) == {
        "ALLOWED_HOST": "ALLOWED_HOSTS",
        "INVITEE_DATA_DAY": "INVITEE_DATA_DAYS",
        "TRUST_X_FORWARD_PROTO": "TRUST_X_FORWARDED_PROTO",
    }
