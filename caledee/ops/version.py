"""The version of Caledee, as `pyproject.toml` says it: Caledee runs from its checkout, without being installed."""

import tomllib
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@cache
def version() -> str:
    with PROJECT.open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
