"""Which provider reads which kind of connection."""

from collections.abc import Mapping

from scheduling.calendars.models import ConnectionKind
from scheduling.calendars.providers.protocol import Provider

PROVIDERS: Mapping[str, Provider] = {}


def provider_of(kind: str) -> Provider:
    return PROVIDERS[ConnectionKind(kind)]
