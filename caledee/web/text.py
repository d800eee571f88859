"""Filter characters of typed text, and detect invisible text."""

import unicodedata

# Characters that reverse the direction of surrounding text, and the byte order mark: useless in a name, and deceptive.
# Marks that affect only themselves are part of Hebrew and Arabic and stay.
DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
UNSEEN_CATEGORIES = {"Cc", "Cf", "Mn", "Me", "Zl", "Zp", "Zs"}
UNSEEN_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def remove_controls(text: str, *, keep: str) -> str:
    """Replace control characters and line breaks, except those in `keep`, by spaces; drop direction controls."""
    return "".join(
        character if character in keep or unicodedata.category(character) not in {"Cc", "Zl", "Zp"} else " "
        for character in text
        if character not in DIRECTION_CONTROLS
    )


def can_be_seen(text: str) -> bool:
    """Return whether any character of the text is visible."""
    return any(
        unicodedata.category(character) not in UNSEEN_CATEGORIES and character not in UNSEEN_LETTERS
        for character in text
    )
