"""What invitees type in the tests."""

NINE = "2026-12-01T09:00:00Z"
TEN = "2026-12-01T10:00:00Z"


def typed(slot: str = TEN, **fields: str) -> dict[str, str]:
    """Return a valid booking form, with these changes."""
    return {
        "slot": slot,
        "name": "Dana Scott",
        "email": "dana@example.com",
        "time_zone": "Europe/Paris",
        "notes": "About lattices.",
    } | fields
