"""Who may do what: every address of the site, asked by everyone. An address without a row here fails the test.

Everything asked for is Alan's: he is a member, Ada the owner and Grace an admin of his organization, Mary belongs to
none, and Charles is an admin of another one. A cell is the answer's status; where it is a redirect to sign-in, `in`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from caledee.accounts.models import Invitation, Role, User
from caledee.email.models import EmailRecord, EmailRole, Undelivered
from oneoff.models import OneOffMeeting
from oneoff.proposals.propose import Wish, propose
from scheduling.bookings.book import cancel
from scheduling.models import Booking, CalendarFeed, Canceller
from tests.caledee.accounts.signin.soft_key import SoftKey
from tests.factories import (
    ADA,
    ALAN,
    GRACE,
    MARY,
    Organizer,
    book_event_type,
    book_one_off,
    make_one_off,
    make_organization,
    make_organizer,
    offer_of,
    on_tuesday,
    time_of,
)
from tests.scheduling.views.typed import typed
from tests.support.times import NOW

WHO = ("anonymous", "stranger", "himself", "admin", "owner", "other admin")
# Of other people's making: the admin site has rights of its own, and files are no secret.
OPTIONS = '{"publicKey": {"user": {"id": ""}, "challenge": ""}}'
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


def moved_to_now(booking: Booking) -> Booking:
    """Let the meeting start a moment ago, because a meeting that has begun can't be booked."""
    Booking.objects.filter(pk=booking.pk).update(start=NOW - timedelta(minutes=10))
    return booking


CHARLES = Organizer("Charles Babbage", "charles", "Europe/London", Role.ADMIN)


def make_people() -> dict[str, User | None]:
    """Return the people by WHO: those of the demo, and an admin of another organization."""
    organization = make_organization("Analytical Engines")
    ada, grace, alan, mary = [make_organizer(each, organization) for each in (ADA, GRACE, ALAN, MARY)]
    charles = make_organizer(CHARLES, make_organization("Difference Engines"))
    return dict(zip(WHO, [None, mary, alan, grace, ada, charles], strict=True))


def make_things(people: dict[str, User | None]) -> Things:
    """Create what the rows ask for: everything is Alan's except the organization and its invitation."""
    mary, alan, ada = people["stranger"], people["himself"], people["owner"]
    organization = ada.memberships.get().organization
    one_off = make_one_off(alan, "09:00", "11:00", created_by=ada)
    booking = book_event_type(alan, "10:00")
    EmailRecord.objects.filter(subject=booking.pk).update(failed_at=NOW, reason=Undelivered.ADDRESS)
    booked = make_one_off(alan, "13:00", "14:00", name="Booked")
    cancelled, begun = make_one_off(alan, "15:00", name="Cancelled"), make_one_off(alan, "16:00", name="Begun")
    cancel(book_one_off(cancelled, "15:00"), by=Canceller.INVITEE, now=NOW)
    wish = Wish("Dana Scott", "dana@example.com", "Europe/Paris", [on_tuesday("18:00")])
    return {
        "alan": alan,
        "organization": organization,
        "invitation": Invitation.objects.create(
            organization=organization, email=mary.email, invited_by=ada, created_at=NOW
        ),
        "feed": CalendarFeed.objects.create(user=alan, created_at=NOW, changed_at=NOW),
        "passkey": Authenticator.objects.create(
            user=alan, type=Authenticator.Type.WEBAUTHN, data={"name": "Key", "credential": SoftKey().create(OPTIONS)}
        ),
        "event_type": alan.event_types.get(),
        "booking": booking,
        "undelivered": EmailRecord.objects.get(subject=booking.pk, role=EmailRole.INVITEE),
        "one_off": OneOffMeeting.objects.get(pk=one_off.pk),
        "time": time_of(one_off, "09:00"),
        "booked": booked,
        "one_off_booking": book_one_off(booked, "13:00"),
        "cancelled": cancelled,
        "proposal": propose(offer_of(one_off).link, wish, now=NOW),
        "begun": moved_to_now(book_event_type(alan, "08:30")),
        "one_off_begun": moved_to_now(book_one_off(begun, "16:00")),
    }


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
