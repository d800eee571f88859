#!/usr/bin/env python
import atexit
import gc
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from caledee.ops.database_errors import describe_trouble
from caledee.ops.version import version


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caledee.settings")
    if sys.argv[1:] in (["version"], ["--version"]):  # Django would print its own
        print(f"Caledee {version()}")  # noqa: T201
        return
    # Otherwise, each command would look for garbage among all modules once more when it ends.
    atexit.register(gc.freeze)
    if sys.argv[1:2] == ["demo"]:
        os.environ.setdefault("DEMO", "1")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Caledee cannot start: {error}")
    except Exception as error:
        trouble = describe_trouble(error)
        if not trouble or "--traceback" in sys.argv:
            raise
        sys.exit(trouble)


if __name__ == "__main__":
    main()
