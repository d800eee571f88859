"""Query parameters and headers of requests: which of them, at which addresses, by whom."""

from tests.authority import matrix
from tests.authority.matrix import Arguments

CHOICE = "time_zone time_zone_choice shown_in date month slot"
QUERIES: list[tuple[str, str, Arguments, str]] = [
    ("account_login", "anonymous", lambda _: [], "next"),
    ("account_signup", "anonymous", lambda _: [], "next email"),
    ("account_logout", "himself", lambda _: [], "next"),
    ("account_reauthenticate", "himself", lambda _: [], "next"),
    ("mfa_login_webauthn", "anonymous", lambda _: [], "next"),
    ("scheduling:event_type_page", "anonymous", matrix.event_type_page, CHOICE),
    ("scheduling:booking_reschedule", "anonymous", matrix.booking, CHOICE),
    ("scheduling:booking_reschedule", "anonymous", matrix.one_off_booking, CHOICE),
    ("scheduling:booking", "anonymous", matrix.one_off_booking, "sent"),
    ("oneoff:page", "anonymous", matrix.link, f"{CHOICE} sent"),
    ("oneoff:propose", "anonymous", matrix.link, CHOICE),
    ("time_zones", "anonymous", lambda _: [], "time_zone"),
    ("oneoff:propose_move", "anonymous", matrix.one_off_booking, "time_zone"),
    ("scheduling:seen", "himself", lambda _: [], "event_type at at_date at_clock"),
    ("scheduling:meetings", "owner", lambda _: [], "show invitee page of"),
    ("oneoff:board", "owner", lambda _: [], "of page"),
    ("oneoff:create", "owner", lambda _: [], "organizer duplicate"),
]
# What a browser, a proxy or nobody says in a header.
HEADERS = [
    "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Forwarded", "HX-Boosted", "HX-Current-URL",
    "HX-History-Restore-Request", "HX-Request", "HX-Target", "HX-Trigger", "If-Modified-Since", "If-None-Match",
    "Origin", "Range", "Referer", "Sec-Fetch-Site", "User-Agent", "X-Forwarded-For", "X-Forwarded-Host",
    "X-Forwarded-Proto", "X-HTTP-Method-Override", "X-Original-URL",
]  # fmt: skip
COOKIES = ["sessionid", "csrftoken", "messages", "bookings", "known_browser", "time_zone", "clock"]
