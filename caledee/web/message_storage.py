"""Store messages for the next page (MESSAGE_STORAGE): in a cookie, or in the session if they are long."""

import zlib

from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage

UNREADABLE = (TypeError, ValueError, LookupError, RecursionError, zlib.error)


class WellFormedCookieStorage(CookieStorage):
    """Treat a signed cookie with unexpected content like one with a wrong signature."""

    def _decode(self, data: str | None) -> list[object] | None:
        try:
            found = super()._decode(data)  # type: ignore[misc]
        except UNREADABLE:
            found = None
        if isinstance(found, list) and all(isinstance(each, Message) or each == self.not_finished for each in found):
            return found
        self.used = bool(data)
        return None


class MessageStorage(FallbackStorage):
    storage_classes = (WellFormedCookieStorage, SessionStorage)
