"""Which characters of a typed text can be seen, and which of them are kept."""

import unicodedata

# These turn the direction of the text around them, or mark the beginning of a file. In a name they are useless and can
# deceive. The marks that affect only themselves belong to Hebrew and Arabic, and are kept.
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
