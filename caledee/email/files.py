"""Mail into a folder instead of to people: what `EMAIL_URL=file:///folder` means, and what the demo does."""

import email.policy
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """One `.eml` file per message, with the bytes that SMTP would carry. Names sort by time."""

    def __init__(self, *, folder: str, **options: Any) -> None:
        super().__init__(**options)
        self.folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        addressed = [message for message in email_messages if message.recipients()]
        for message in addressed:
            self._write(message.message(policy=email.policy.SMTP).as_bytes())
        return len(addressed)

    def _write(self, content: bytes) -> None:
        """Whole or not at all, and on the disk when it returns: a message said to be sent is there."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(4)}"
        new = self.folder / f".{name}.new"
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.folder / f"{name}.eml")
