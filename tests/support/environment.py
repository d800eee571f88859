"""The environment of the tests. Imported by `conftest.py` before anything else, it sets Django up.

Without a DATABASE_URL they use an embedded PostgreSQL of their own, which the workers of xdist share: they find
its address in the environment. (A plugin by `-p` would be the usual way; `uv run pytest` does not find one in here.)
"""

import atexit
import os
import sys
from pathlib import Path

import django

from caledee.ops import embedded
from caledee.ops.variables import VARIABLES

FOLDER = Path(__file__).resolve().parents[2] / ".caledee" / "tests"
STATIC_ROOT = FOLDER / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)

for name in VARIABLES.keys() - {"DATABASE_URL"}:
    os.environ.pop(name, None)
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "caledee.settings",
    "SECRET_KEY": "only-for-the-tests-which-sign-nothing-that-anybody-else-would-believe",
    "BASE_URL": "http://caledee.test",
    "ALLOWED_HOSTS": "caledee.test,testserver,127.0.0.1,localhost",
    "EMAIL_URL": "smtp://127.0.0.1:9",  # where nobody listens: in tests emails go into an outbox
    "RATE_LIMITS": "off",
    "SIGNUP": "open",
    "STATIC_ROOT": str(STATIC_ROOT),
}
# Containers often set this. Each of a hundred processes would compile everything again, this one its tests as well.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

if not os.environ.get("DATABASE_URL"):
    server = embedded.start(FOLDER / "postgresql", durable=False)
    atexit.register(server.stop)
    os.environ["DATABASE_URL"] = server.url("caledee")

django.setup()
