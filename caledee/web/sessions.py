"""Sessions in the database (the SESSION_ENGINE)."""

import re

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

# As created by `SessionBase`. Octal escapes in a quoted cookie can contain NUL, which PostgreSQL refuses.
WELL_FORMED_KEY = re.compile(r"[0-9a-z]{32}", re.ASCII)


class SessionStore(DatabaseStore):
    """Treat a malformed key as missing, without querying the database."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key if WELL_FORMED_KEY.fullmatch(session_key or "") else None)
