"""Email written to a folder: for `EMAIL_URL=file:///folder` and for the demo."""

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
    """Write one `.eml` file per message, with the bytes that SMTP would carry. File names sort by time."""

    def __init__(self, *, folder: str, **options: Any) -> None:
        super().__init__(**options)
        self.folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        addressed = [message for message in email_messages if message.recipients()]
        for message in addressed:
            self._write(message.message(policy=email.policy.SMTP).as_bytes())
        return len(addressed)

    def _write(self, content: bytes) -> None:
        """Write atomically and sync to disk: a message reported as sent must exist."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(4)}"
        new = self.folder / f".{name}.new"
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.folder / f"{name}.eml")
