"""System checks for the settings of limits."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004 (Django's name)

UNKNOWN_PROXY = "{} implies a proxy, but TRUSTED_PROXY_COUNT is 0: limits count all clients as one network."


def check_proxies(app_configs: Any, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Warn about missing proxy settings. Caledee itself speaks plain http, so https implies a proxy."""
    if settings.DEMO or settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return []
    signs = [("An https BASE_URL", settings.SERVED_OVER_HTTPS)]
    signs += [("TRUST_X_FORWARDED_PROTO", bool(settings.SECURE_PROXY_SSL_HEADER))]
    hint = "Set TRUSTED_PROXY_COUNT to the number of your proxies that add to X-Forwarded-For, usually 1."
    found: list[CheckMessage] = [
        Warning(UNKNOWN_PROXY.format(sign), hint=hint, id="caledee.limits.W001") for sign, is_set in signs if is_set
    ]
    return found[:1]
