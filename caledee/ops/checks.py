"""What Django's system checks find besides its own: settings that are there and do nothing."""

import os
from typing import Any

from django.core import checks

from caledee.ops.variables import misspelled


@checks.register()
def settings_are_spelled_right(**_: Any) -> list[checks.CheckMessage]:
    return [
        checks.Warning(f"{name} in the environment is not a setting. Did you mean {meant}?", id="caledee.W001")
        for name, meant in misspelled(os.environ).items()
    ]
