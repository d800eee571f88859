"""The real settings, with the floors' addresses added and a recorder innermost. For the benchmark only."""

from caledee.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.urls"
MIDDLEWARE += ["tests.bench.floors.Recorder"]  # noqa: F405
