"""Who may do what: every address of the site, asked by everyone. An address without a row here fails the test.

Everything asked for is Alan's: he is a member, Ada the owner and Grace an admin of his organization, Mary belongs to
none, and Charles is an admin of another one. A cell is the answer's status; where it is a redirect to sign-in, `in`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.factories import time_of
from tests.scheduling.views.typed import typed

WHO = ("anonymous", "stranger", "himself", "admin", "owner", "other admin")
# Of other people's making: the admin site has rights of its own, and files are no secret.
NOT_OURS = ("admin:", "static")

Things = dict[str, Any]
Arguments = Callable[[Things], list[Any]]


@dataclass(frozen=True)
class Row:
    """One address and method, with what each of WHO is answered."""

    name: str
    method: str
    cells: str
    arguments: Arguments = lambda _: []
    sent: Callable[[Things], dict[str, Any]] = field(default=lambda _: {})

    @property
    def id(self) -> str:
        return f"{self.method} {self.name}"


def get(name: str, cells: str, arguments: Arguments = lambda _: []) -> Row:
    return Row(name, "GET", cells, arguments)


def post(
    name: str, cells: str, arguments: Arguments = lambda _: [], sent: Callable[[Things], dict[str, Any]] = lambda _: {}
) -> Row:
    return Row(name, "POST", cells, arguments, sent)


def event_type(things: Things) -> list[Any]:
    return [things["event_type"].pk]


def one_off(things: Things) -> list[Any]:
    return [things["one_off"].pk]


def booked(things: Things) -> list[Any]:
    return [things["booked"].pk]


def cancelled(things: Things) -> list[Any]:
    return [things["cancelled"].pk]


def connection(things: Things) -> list[Any]:
    return [things["connection"].pk]


def proposal(things: Things) -> list[Any]:
    return [things["one_off"].pk, things["proposal"].pk]


def passkey(things: Things) -> list[Any]:
    return [things["passkey"].pk]


def organization(things: Things) -> list[Any]:
    return [things["organization"].pk]


def teammate(things: Things) -> list[Any]:
    return [things["organization"].pk, things["alan"].pk]


def invitation(things: Things) -> list[Any]:
    return [things["organization"].pk, things["invitation"].pk]


def invitation_link(things: Things) -> list[Any]:
    return [things["invitation"].token]


def invitation_form(_: Things) -> dict[str, Any]:
    return {"email": "somebody@example.com", "role": "member"}


def rename(_: Things) -> dict[str, Any]:
    return {"name": "Engines", "handle": "engines"}


def feed(things: Things) -> list[Any]:
    return [things["feed"].token]


def link(things: Things) -> list[Any]:
    return ["alan", things["one_off"].link.token]


def meeting(things: Things) -> list[Any]:
    return [things["booking"].pk]


def undelivered(things: Things) -> list[Any]:
    return [things["undelivered"].pk]


def booking(things: Things) -> list[Any]:
    return [things["booking"].token]


def begun(things: Things) -> list[Any]:
    return [things["begun"].pk]


def one_off_begun(things: Things) -> list[Any]:
    return [things["one_off_begun"].pk]


def one_off_booking(things: Things) -> list[Any]:
    return [things["one_off_booking"].token]


def page(_: Things) -> list[Any]:
    return ["alan"]


def event_type_page(_: Things) -> list[Any]:
    return ["alan", "intro"]


#                             anonymous stranger himself admin owner other-admin
ROWS = [
    get("welcome", "               200 302 302 302 302 302"),
    get("healthz", "               200 200 200 200 200 200"),
    get("time_zones", "            200 200 200 200 200 200"),
    post("choose_clock", "         302 302 302 302 302 302", sent=lambda _: {"clock": "12", "back": "/"}),
    get("robots", "                200 200 200 200 200 200"),
    get("account_login", "         200 302 302 302 302 302"),
    get("account_signup", "        200 302 302 302 302 302"),
    get("account_logout", "        302 200 200 200 200 200"),
    post("account_logout", "       302 302 302 302 302 302"),
    post("account_start_again", "      302 302 302 302 302 302"),
    get("account_email_verification_sent", "in 302 302 302 302 302"),
    get("account_inactive", "          200 200 200 200 200 200"),
    get("account_security", "           in 200 200 200 200 200"),
    get("account_email", "              in 302 302 302 302 302"),
    get("account_change_password", "in 200 302 200 200 200"),
    get("account_set_password", "       in 302 302 302 302 302"),
    get("account_reset_password", "    200 200 200 200 200 200"),
    get("account_confirm_password_reset_code", "302 302 302 302 302 302"),
    get("account_complete_password_reset", "    302 302 302 302 302 302"),
    get("account_reauthenticate", "in 200 302 200 200 200"),
    get("mfa_login_webauthn", "        200 302 302 302 302 302"),
    get("mfa_authenticate", "in 302 302 302 302 302"),
    get("mfa_reauthenticate", "         in 302 302 302 302 302"),
    get("mfa_reauthenticate_webauthn", "in 302 200 302 302 302"),
    get("mfa_index", "                  in 302 302 302 302 302"),
    get("mfa_activate_totp", "          in 302 302 302 302 302"),
    get("mfa_deactivate_totp", "        in 404 404 404 404 404"),
    get("mfa_view_recovery_codes", "    in 302 302 302 302 302"),
    get("mfa_generate_recovery_codes", "in 302 302 302 302 302"),
    get("mfa_download_recovery_codes", "in 302 302 302 302 302"),
    get("mfa_list_webauthn", "          in 302 302 302 302 302"),
    get("mfa_add_webauthn", "           in 302 302 302 302 302"),
    get("mfa_edit_webauthn", "in 302 302 302 302 302", passkey),
    get("mfa_remove_webauthn", "in 302 302 302 302 302", passkey),
    get("account_pages:settings", "     in 200 200 200 200 200"),
    get("account_pages:data", "         in 200 200 200 200 200"),
    get("account_pages:data_file", "    in 200 200 200 200 200"),
    get("account_pages:meetings_file", "in 404 200 404 404 404"),
    get("account_pages:delete", "       in 200 302 200 200 200"),
    get("team:team", "in 200 200 200 200 200"),
    get("team:create", "                in 200 200 200 200 200"),
    get("team:organization", "          in 404 200 200 200 404", organization),
    get("team:edit", "                  in 404 403 403 200 404", organization),
    post(
        "team:edit", "                 in 404 403 403 302 404", organization, lambda _: {"name": "A", "handle": "abc"}
    ),
    post("team:delete", "               in 404 403 403 302 404", organization),
    post("team:leave", "                in 404 302 302 409 404", organization),
    get("team:teammate", "              in 404 403 200 200 404", teammate),
    post("team:teammate", "             in 404 403 302 302 404", teammate, lambda _: {"role": "admin"}),
    post("team:remove", "               in 404 403 302 302 404", teammate),
    post("team:transfer", "             in 404 403 403 302 404", teammate),
    get("team:invite", "                in 404 403 200 200 404", organization),
    post("team:invite", "               in 404 403 302 302 404", organization, invitation_form),
    post("team:resend", "               in 404 403 302 302 404", invitation),
    post("team:withdraw", "             in 404 403 302 302 404", invitation),
    get("team:invitation", "           200 200 200 200 200 200", invitation_link),
    post("team:invitation", "           in 302 403 403 403 403", invitation_link),
    get("scheduling:start", "          in 302 302 302 302 302"),
    get("scheduling:start_event_type", "in 302 302 302 302 302"),
    get("scheduling:start_link", "     in 302 302 302 302 302"),
    post("scheduling:start_finish", "  in 302 302 302 302 302"),
    get("scheduling:event_types", "    in 200 200 200 200 200"),
    get("scheduling:event_type_create", "in 200 200 200 200 200"),
    get("scheduling:event_type_edit", "  in 404 200 404 404 404", event_type),
    post("scheduling:event_type_edit", " in 404 422 404 404 404", event_type),
    post("scheduling:event_type_switch", "in 404 302 404 404 404", event_type),
    post("scheduling:event_type_delete", "in 404 302 404 404 404", event_type),
    post("scheduling:event_type_move", "  in 404 302 404 404 404", event_type, lambda _: {"direction": "up"}),
    get("scheduling:event_type_create_collective", " in 404 404 200 200 200"),
    get("scheduling:event_type_create_round_robin", "in 404 404 200 200 200"),
    get("scheduling:calendar_feed", "  in 200 200 200 200 200"),
    post("scheduling:calendar_feed_start", "in 302 302 302 302 302"),
    post("scheduling:calendar_feed_renew", "in 302 302 302 302 302"),
    post("scheduling:calendar_feed_stop", " in 302 302 302 302 302"),
    get("oneoff:calendar_feed", "         200 200 200 200 200 200", feed),
    get("calendars:calendars", "          in 200 200 200 200 200"),
    get("calendars:add_feed", "           in 200 200 200 200 200"),
    post("calendars:add_feed", "          in 302 302 302 302 302", sent=lambda _: {"address": NEW_FEED}),
    get("calendars:add_caldav", "         in 200 200 200 200 200"),
    post("calendars:add_caldav", "        in 302 302 302 302 302", sent=lambda _: new_account()),
    get("calendars:connection", "         in 404 200 404 404 404", connection),
    post("calendars:choose", "            in 404 302 404 404 404", connection, lambda _: {"counts": "on"}),
    post("calendars:refresh", "           in 404 302 404 404 404", connection),
    post("calendars:search", "            in 404 302 404 404 404", connection),
    get("calendars:reconnect", "          in 404 200 404 404 404", connection),
    post("calendars:reconnect", "         in 404 302 404 404 404", connection, lambda _: new_account()),
    post("calendars:disconnect", "        in 404 302 404 404 404", connection),
    get("scheduling:seen", "              in 200 200 200 200 200"),
    get("scheduling:availability", "   in 200 200 200 200 200"),
    get("scheduling:meetings", "       in 200 200 200 200 200"),
    get("scheduling:meeting", "        in 404 200 404 404 404", meeting),
    post("scheduling:mail_understood", "in 404 302 404 404 404", undelivered),
    get("scheduling:reminders", "      in 200 200 200 200 200"),
    post("scheduling:reminders", "     in 302 302 302 302 302"),
    get("scheduling:video_calls", "    in 200 200 200 200 200"),
    post("scheduling:video_calls", "   in 302 302 302 302 302", sent=lambda _: {"rooms": "link"}),
    get("scheduling:meeting_cancel", " in 404 200 404 404 404", meeting),
    post("scheduling:meeting_cancel", "in 404 302 404 404 404", meeting),
    get("scheduling:meeting_calendar", "in 404 200 404 404 404", meeting),
    post("scheduling:meeting_no_show", "  in 404 302 404 404 404", begun),
    get("scheduling:booking", "           200 200 200 200 200 200", booking),
    get("scheduling:booking_cancel", "    200 200 200 200 200 200", booking),
    post("scheduling:booking_cancel", "   302 302 302 302 302 302", booking),
    get("scheduling:booking_reschedule", "200 200 200 200 200 200", booking),
    post(
        "scheduling:booking_reschedule",
        "  302 302 302 302 302 302",
        booking,
        lambda _: {"slot": "2026-12-01T08:00:00Z"},
    ),
    get("scheduling:booking_calendar", "  200 200 200 200 200 200", booking),
    get("scheduling:public_page", "       200 200 200 200 200 200", page),
    get("scheduling:event_type_page", "   200 200 200 200 200 200", event_type_page),
    post(
        "scheduling:event_type_page",
        "  302 302 302 302 302 302",
        event_type_page,
        lambda _: typed("2026-12-01T08:00:00Z"),
    ),
    get("oneoff:board", "              in 200 200 200 200 200"),
    get("oneoff:create", "             in 200 200 200 200 200"),
    post("oneoff:create", "            in 422 302 302 302 422", sent=lambda _: creation(organizer="alan")),
    get("oneoff:detail", "             in 404 200 200 200 404", one_off),
    post("oneoff:withdraw", "          in 404 302 302 302 404", one_off, lambda things: {"time": things["time"].pk}),
    post("oneoff:offer", "             in 404 302 302 302 404", one_off, lambda things: {"time": things["time"].pk}),
    post("oneoff:delete", "            in 404 302 302 302 404", one_off),
    get("oneoff:cancel", "             in 404 200 200 200 404", booked),
    post("oneoff:cancel", "            in 404 302 302 302 404", booked),
    get("oneoff:reopen", "             in 404 200 200 200 404", cancelled),
    post("oneoff:reopen", "            in 404 302 302 302 404", cancelled),
    post(
        "oneoff:accept",
        "                                  in 404 302 302 302 404",
        proposal,
        lambda things: {"time": things["proposal"].times.get().pk},
    ),
    get("oneoff:decline", "            in 404 200 200 200 404", proposal),
    post("oneoff:decline", "           in 404 302 302 302 404", proposal),
    post("scheduling:meeting_no_show", "  in 404 302 302 302 404", one_off_begun),
    get("scheduling:booking", "           200 200 200 200 200 200", one_off_booking),
    get("scheduling:booking_reschedule", "200 200 200 200 200 200", one_off_booking),
    post(
        "scheduling:booking_reschedule",
        "  302 302 302 302 302 302",
        one_off_booking,
        lambda things: {"slot": time_of(things["booked"], "14:00").pk},
    ),
    get("oneoff:propose_move", "          200 200 200 200 200 200", one_off_booking),
    post("oneoff:propose_move", "         302 302 302 302 302 302", one_off_booking, lambda _: asking()),
    get("oneoff:propose", "               200 200 200 200 200 200", link),
    post("oneoff:propose", "              302 302 302 302 302 302", link, lambda _: asking()),
    get("oneoff:page", "                  200 200 200 200 200 200", link),
    post("oneoff:page", "                 302 302 302 302 302 302", link, lambda things: typed(things["time"].pk)),
    post("oneoff:opened", "               204 204 204 204 204 204", link),
]


NEW_FEED = "https://calendars.example.net/private.ics"


def new_account() -> dict[str, Any]:
    return {"address": "https://dav.example.net/", "username": "dana", "password": "s3cret"}


def creation(**fields: str) -> dict[str, Any]:
    return {
        "name": "Interview",
        "duration": "30",
        "location_kind": "video",
        "times": ["2026-12-03T09:00"],
        "hold_times": "on",
        "create": "1",
    } | fields


def asking() -> dict[str, Any]:
    return {"times": ["2026-12-08T10:00"], "name": "Dana Scott", "email": "dana@example.com"}


def names_of(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names_of(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}"


def our_addresses() -> set[str]:
    """Return the names of all addresses of the site."""
    return {name for name in names_of(get_resolver().url_patterns) if not name.startswith(NOT_OURS)}


def ask(row: Row, browser: Client, things: Things) -> str:
    """Return the response, and undo what the request changed."""
    address = reverse(row.name, args=row.arguments(things))
    with transaction.atomic():
        response = browser.get(address) if row.method == "GET" else browser.post(address, row.sent(things))
        transaction.set_rollback(True)
    if response.status_code == 302 and response["Location"].startswith("/accounts/login/"):
        return "in"
    return str(response.status_code)
