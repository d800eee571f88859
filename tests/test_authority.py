"""Who may do what: every address of the site, asked by everybody. An address without a row here fails the test.

Everything asked for is Alan's: he is a member, Ada the owner and Grace an admin of his organization, Mary belongs to
none, and Charles is an admin of another one. A cell is the answer's status; where it is a redirect to sign-in, `in`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from caledee.accounts.models import Membership, Organization, Role, User
from caledee.accounts.plans import Plan
from oneoff.counter_proposals import Wish, propose
from oneoff.models import OneOffMeeting
from scheduling.booking import cancel
from scheduling.models import Booking, Canceller
from tests.oneoff.making import book_event_type, book_one_off, make_one_off, offer_of, on_tuesday, time_of
from tests.scheduling.views.typed import typed
from tests.times import NOW

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


def proposal(things: Things) -> list[Any]:
    return [things["one_off"].pk, things["proposal"].pk]


def link(things: Things) -> list[Any]:
    return ["alan", things["one_off"].link.token]


def meeting(things: Things) -> list[Any]:
    return [things["booking"].pk]


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
    get("account_login", "         200 302 302 302 302 302"),
    get("account_signup", "        200 302 302 302 302 302"),
    get("account_logout", "        302 200 200 200 200 200"),
    post("account_logout", "       302 302 302 302 302 302"),
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
    get("scheduling:availability", "   in 200 200 200 200 200"),
    get("scheduling:meetings", "       in 200 200 200 200 200"),
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
    post("oneoff:meeting_no_show", "   in 404 302 302 302 404", one_off_begun),
    get("oneoff:booking", "               200 200 200 200 200 200", one_off_booking),
    get("oneoff:booking_reschedule", "    200 200 200 200 200 200", one_off_booking),
    post(
        "oneoff:booking_reschedule",
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
    """As if it had begun a moment ago: nothing that has begun can be booked."""
    Booking.objects.filter(pk=booking.pk).update(start=NOW - timedelta(minutes=10))
    return booking


@pytest.fixture
def people(ada, grace, alan, mary) -> dict[str, User | None]:
    charles = User.objects.create_user(
        "charles@example.com", name="Charles Babbage", handle="charles", time_zone="Europe/London", started_at=NOW
    )
    engines = Organization.objects.create(name="Difference Engines", handle="difference-engines", plan=Plan.TEAM)
    Membership.objects.create(organization=engines, user=charles, role=Role.ADMIN)
    return dict(zip(WHO, [None, mary, alan, grace, ada, charles], strict=True))


@pytest.fixture
def things(ada, alan) -> Things:
    one_off = make_one_off(alan, "09:00", "11:00", created_by=ada)
    booked = make_one_off(alan, "13:00", "14:00", name="Booked")
    cancelled, begun = make_one_off(alan, "15:00", name="Cancelled"), make_one_off(alan, "16:00", name="Begun")
    cancel(book_one_off(cancelled, "15:00"), by=Canceller.INVITEE, now=NOW)
    wish = Wish("Dana Scott", "dana@example.com", "Europe/Paris", [on_tuesday("18:00")])
    return {
        "event_type": alan.event_types.get(),
        "booking": book_event_type(alan, "10:00"),
        "one_off": OneOffMeeting.objects.get(pk=one_off.pk),
        "time": time_of(one_off, "09:00"),
        "booked": booked,
        "one_off_booking": book_one_off(booked, "13:00"),
        "cancelled": cancelled,
        "proposal": propose(offer_of(one_off).link, wish, now=NOW),
        "begun": moved_to_now(book_event_type(alan, "08:30")),
        "one_off_begun": moved_to_now(book_one_off(begun, "16:00")),
    }


@pytest.fixture
def time_stands_still():
    with time_machine.travel(NOW, tick=False):
        yield


def names_of(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names_of(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}"


def test_every_address_has_a_row():
    ours = {name for name in names_of(get_resolver().url_patterns) if not name.startswith(NOT_OURS)}

    assert {row.name for row in ROWS} == ours


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_everybody_is_answered_as_they_should_be(people, things, row, time_stands_still):
    answers = [ask(row, people[who], things) for who in WHO]

    assert dict(zip(WHO, answers, strict=True)) == dict(zip(WHO, row.cells.split(), strict=True))


def ask(row: Row, user: User | None, things: Things) -> str:
    """The answer, after which everything is as it was before."""
    browser = Client()
    if user is not None:
        browser.force_login(user)
    address = reverse(row.name, args=row.arguments(things))
    with transaction.atomic():
        response = browser.get(address) if row.method == "GET" else browser.post(address, row.sent(things))
        transaction.set_rollback(True)
    if response.status_code == 302 and response["Location"].startswith("/accounts/login/"):
        return "in"
    return str(response.status_code)
