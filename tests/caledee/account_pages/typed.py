"""What people type on the settings page."""

from caledee.accounts.models import User


def typed(person: User, **fields: object) -> dict[str, object]:
    """Return the current settings with these changes. None leaves a field out."""
    names = ["name", "handle", "time_zone", "clock", "week_start", "color_scheme"]
    data = {name: getattr(person, name) for name in names} | {"move_hours": "on"} | fields
    return {name: value for name, value in data.items() if value is not None}
