"""System check for environment variables that have no effect."""

import os
from typing import Any

from django.core import checks

from caledee.ops.variables import misspelled


@checks.register()
def check_misspelled_settings(**_: Any) -> list[checks.CheckMessage]:
    return [
        checks.Warning(f"{name} in the environment is not a setting. Did you mean {meant}?", id="caledee.W001")
        for name, meant in misspelled(os.environ).items()
    ]
