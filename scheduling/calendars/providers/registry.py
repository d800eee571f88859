"""Which provider reads which kind of connection."""

from collections.abc import Mapping

from scheduling.calendars.models import ConnectionKind
from scheduling.calendars.providers.caldav import CalDav
from scheduling.calendars.providers.feed import Feed
from scheduling.calendars.providers.protocol import Provider

PROVIDERS: Mapping[str, Provider] = {ConnectionKind.FEED: Feed(), ConnectionKind.CALDAV: CalDav()}


def provider_of(kind: str) -> Provider:
    return PROVIDERS[ConnectionKind(kind)]
