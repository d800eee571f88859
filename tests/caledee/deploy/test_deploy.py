"""The files in `caledee/deploy/` match the program: commands, settings and options exist."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands, load_command_class
from gunicorn.app.wsgiapp import WSGIApplication
from gunicorn.config import Config

from caledee.deploy.worker import BufferingWorker
from caledee.ops.variables import VARIABLES

DEPLOY = settings.BASE_DIR / "caledee" / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
README = (DEPLOY / "README.md").read_text()
ROWS = dict(re.findall(r"^\| `(\w+)` \|.*?(?:\| ([^|]*) )?\|$", README, re.M))
# The image has its own folder, and the demo is started by its command.
NOT_IN_COMPOSE = {"STATIC_ROOT", "DEMO"}
OF_PYTHON_AND_SYSTEMD = {"PATH", "PYTHONUNBUFFERED", "XDG_CACHE_HOME"}


def lines_of(unit: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit.read_text(), re.M)


def commands() -> list[list[str]]:
    """Split each command line of the units, the compose file, the Dockerfile and the README into words."""
    lines = [line for unit in SERVICES for key in ("ExecStart", "ExecStartPre") for line in lines_of(unit, key)]
    lines += re.findall(r"^RUN (.*manage\.py.*)$", (DEPLOY / "Dockerfile").read_text(), re.M)
    lines += [
        shlex.join(yaml.safe_load(line))
        for line in re.findall(r"^CMD (.*)$", (DEPLOY / "Dockerfile").read_text(), re.M)
    ]
    lines += [shlex.join(service["command"]) for service in COMPOSE["services"].values() if "command" in service]
    lines += re.findall(r"^uv run --no-dev (.*)$", README, re.M)
    # A line for a shell is one word. Each command in it counts as a line.
    parts = [part for line in lines for part in re.split(r"&&|;", line.replace("sh -c", "").replace("'", " "))]
    return [words for part in parts if (words := shlex.split(part))]


def test_every_command_exists_with_these_options():
    found = [words[words.index("manage.py") + 1 :] for words in commands() if "manage.py" in words]

    assert {name for name, *_ in found} >= {"migrate", "createcachetable", "collectstatic", "procrastinate", "backup"}
    for name, *options in found:
        command = load_command_class(get_commands()[name], name)
        command.create_parser("manage.py", name).parse_args(options)


def test_gunicorn_understands_every_command_line(monkeypatch):
    found = [words for words in commands() if any(Path(word).name == "gunicorn" for word in words)]

    assert len(found) == 3
    for words in found:
        monkeypatch.setattr(sys, "argv", words)
        start = next(index for index, word in enumerate(words) if Path(word).name == "gunicorn")
        parsed = Config().parser().parse_args(words[start + 1 :])
        assert (parsed.args, parsed.config) == (["caledee.wsgi"], "caledee/deploy/gunicorn.py")
        given = {name for name, value in vars(parsed).items() if value is not None}
        assert given <= {"args", "config", "bind"}  # all else is said by the configuration


def test_gunicorn_keeps_addresses_out_of_its_log_and_stops_gracefully(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["gunicorn", "--config", str(DEPLOY / "gunicorn.py"), "caledee.wsgi"])

    config = WSGIApplication().cfg

    assert (config.worker_class, config.workers, config.threads) == (BufferingWorker, 2, 4)
    assert (config.accesslog, config.logger_class.access.__qualname__) == (None, "Logger.access")
    assert config.graceful_timeout < min(
        int(seconds) for unit in UNITS for seconds in lines_of(unit, "TimeoutStopSec")
    )
    assert config.graceful_timeout < int(COMPOSE["services"]["web"]["stop_grace_period"].removesuffix("s"))


@pytest.mark.parametrize("service", ["prepare", "web", "worker"])
def test_the_compose_file_passes_every_setting_on(service):
    given = COMPOSE["services"][service]["environment"]

    assert set(given) == VARIABLES.keys() - NOT_IN_COMPOSE
    passed = {name: text for name, text in given.items() if name != "DATABASE_URL"}
    needed = {name for name, variable in VARIABLES.items() if variable.required} | {"EMAIL_URL"}
    assert passed == {name: f"${{{name}{':?' if name in needed else ':-'}}}" for name in passed}


def test_the_settings_in_units_and_dockerfile_exist():
    told = [line for unit in UNITS for line in lines_of(unit, "Environment")]
    told += re.findall(r"^(?:ENV|RUN) ((?:\w+=\S+ ?)+)", (DEPLOY / "Dockerfile").read_text(), re.M)
    names = {name for line in told for name in re.findall(r"(?:^| )(\w+)=", line)}

    assert names - VARIABLES.keys() - OF_PYTHON_AND_SYSTEMD == set()
    assert all(lines_of(unit, "EnvironmentFile") == ["/etc/caledee.env"] for unit in SERVICES)


def test_the_document_names_every_setting_and_its_default():
    named = {name: default.strip("`") for name, default in ROWS.items()}

    assert named.keys() == VARIABLES.keys() - {"DEMO"}
    fixed = {name: variable.default for name, variable in VARIABLES.items() if variable.default and name in named}
    assert {name: named[name] for name in fixed} == fixed


def test_versions_match_the_document():
    python = re.search(r"^FROM python:3\.(\d+)", (DEPLOY / "Dockerfile").read_text(), re.M)
    postgresql = COMPOSE["services"]["database"]["image"].removeprefix("postgres:")
    needs = re.search(r"Python 3\.(\d+) or later and PostgreSQL (\d+) or later", README)

    assert int(python[1]) >= int(needs[1])
    assert int(postgresql) >= int(needs[2])


def test_files_that_the_dockerfile_copies_exist():
    copied = re.findall(r"^COPY (.*) \S+$", (DEPLOY / "Dockerfile").read_text(), re.M)

    paths = [settings.BASE_DIR / name for line in copied for name in line.split()]
    assert {path.name for path in paths} >= {"caledee", "scheduling", "oneoff", "templates", "static", "manage.py"}
    assert all(path.exists() for path in paths)


def test_only_the_proxy_can_be_reached_from_outside():
    assert COMPOSE["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert {name for name, service in COMPOSE["services"].items() if "ports" in service} == {"web"}
    [line] = lines_of(DEPLOY / "systemd" / "caledee-web.service", "ExecStart")
    assert "--bind 127.0.0.1:8000" in line


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd on this machine")
def test_systemd_finds_no_errors_in_the_units(tmp_path):
    """Check the units with programs of this machine in place of those of an installation."""
    for unit in UNITS:
        text = re.sub(r"/opt/caledee/\.venv/bin/\w+", sys.executable, unit.read_text())
        (tmp_path / unit.name).write_text(text)

    run = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *tmp_path.iterdir()], capture_output=True, text=True, check=False
    )

    about_ours = [line for line in run.stderr.splitlines() if "caledee" in line]
    assert (run.returncode, about_ours) == (0, [])
