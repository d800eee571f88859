"""Values in signed cookies."""

import zlib

from django.core import signing

UNREADABLE = (signing.BadSignature, ValueError, RecursionError, zlib.error)


def read_signed_list(value: str, *, salt: str, max_age: int) -> list[str]:
    """Return the strings in a value from `signing.dumps`, or none if its signature, age or type is wrong."""
    try:
        found = signing.loads(value, salt=salt, max_age=max_age)
    except UNREADABLE:
        return []
    return found if isinstance(found, list) and all(isinstance(each, str) for each in found) else []
