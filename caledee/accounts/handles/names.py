"""Handles: the names in URLs of booking pages."""

import re

from django.core.exceptions import ValidationError
from django.utils.text import slugify

HANDLE = re.compile(r"[a-z0-9-]{3,40}")

# The first part of all current and future URLs of Caledee itself. A test compares it with the URL patterns.
RESERVED_HANDLES = frozenset(
    {
        "about",
        "account",
        "accounts",
        "activity",
        "admin",
        "administrator",
        "api",
        "app",
        "apps",
        "assets",
        "auth",
        "availability",
        "billing",
        "blog",
        "booking",
        "bookings",
        "caledee",
        "calendar",
        "calendars",
        "contact",
        "contacts",
        "dashboard",
        "demo",
        "docs",
        "event-types",
        "events",
        "favicon",
        "feed",
        "feeds",
        "healthz",
        "help",
        "home",
        "htmx",
        "invitation",
        "invitations",
        "invite",
        "legal",
        "login",
        "logout",
        "mail",
        "media",
        "meeting",
        "meetings",
        "new",
        "null",
        "one-off",
        "one-offs",
        "oneoff",
        "org",
        "organization",
        "organizations",
        "plan",
        "plans",
        "polls",
        "pricing",
        "privacy",
        "profile",
        "robots",
        "root",
        "schedule",
        "security",
        "session",
        "settings",
        "signin",
        "signout",
        "signup",
        "sitemap",
        "start",
        "static",
        "status",
        "support",
        "system",
        "team",
        "teams",
        "terms",
        "time-zones",
        "undefined",
        "user",
        "users",
        "webhook",
        "webhooks",
        "well-known",
        "www",
    }
)


def validate_handle(handle: str) -> None:
    if not HANDLE.fullmatch(handle):
        raise ValidationError("Use 3 to 40 characters: letters a to z, digits and hyphens.", code="invalid_handle")
    if {handle, skeleton_of(handle), skeleton_of(handle.replace("1", "i"))} & RESERVED_HANDLES:
        raise ValidationError("This name is reserved. Choose another.", code="reserved_handle")


def skeleton_of(handle: str) -> str:
    """Return the handle with look-alike digits as letters: handles with the same skeleton look the same."""
    return handle.replace("0", "o").replace("1", "l")


def propose_handle(name: str, *, taken: "frozenset[str] | set[str]") -> str:
    """Return a free, valid handle for a name: `ada-lovelace`, then `ada-lovelace-2` and so on."""
    base = slugify(name).replace("_", "-").strip("-")[:34].strip("-")
    if len(base) < 3:
        base = f"{base}-meets".strip("-")
    unavailable = {skeleton_of(handle) for handle in RESERVED_HANDLES | taken}
    candidates = (base, *(f"{base}-{n}" for n in range(2, 10_000)))
    return next(candidate for candidate in candidates if skeleton_of(candidate) not in unavailable)
