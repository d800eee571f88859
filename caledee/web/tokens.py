import re
import secrets
import string

ALPHABET = string.ascii_letters + string.digits
LENGTH = 24  # of 62 letters: 142 bits
TOKEN = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


def make_token(length: int = LENGTH) -> str:
    """Return an unguessable token for a URL. No hyphens: chat programs cut them off at the end of a link."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def is_token(text: str) -> bool:
    return TOKEN.fullmatch(text) is not None
