"""What a request must not change: by GET, without a CSRF token, or another person's data."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, resolve, reverse

from oneoff.models import OneOffMeeting
from scheduling.models import EventType
from tests.authority.matrix import ROWS, WHO, creation
from tests.authority.things import CALENDAR
from tests.authority.world import undone
from tests.caledee.accounts.steps import show_who_one_is
from tests.factories import make_one_off
from tests.hostile.forms import FORMS
from tests.scheduling.views.typed import typed
from tests.support.browsers import Browser
from tests.support.calendars import make_calendar
from tests.support.tables import digests

pytestmark = pytest.mark.django_db

# Being signed in, and what allauth keeps of a visit, are not what a page says or does.
KEPT_OF_A_VISIT = {"sessions.Session"}
FORGOTTEN = [r'nonce="[^"]*"', r'name="csrfmiddlewaretoken" value="[^"]*"', r"'nonce-[^']*'"]


def browser_of(world, who: str, *, checks: bool = False) -> Client:
    client = Browser(enforce_csrf_checks=checks)
    if world.people[who] is not None:
        client.force_login(world.people[who])
        if not checks:
            show_who_one_is(client, world.people[who])
    return client


@pytest.mark.parametrize(("who", "but"), [("anonymous", ""), ("himself", "anonymous"), ("owner", "himself")])
def test_looking_changes_nothing_at_any_address(world, who, but):
    """Ask as each visitor who sees a page that earlier ones did not see."""
    with undone():
        client, changed = browser_of(world, who), []
        before = digests(but=KEPT_OF_A_VISIT)
        for row in ROWS:
            cells = dict(zip(WHO, row.cells.split(), strict=True))
            if row.method == "POST" and who != "himself":
                continue
            if but and cells[but] == cells[who] == "200":
                continue
            address = reverse(row.name, args=row.arguments(world.things))
            for method in ["get", "head", "options"]:
                assert getattr(client, method)(address).status_code < 500
            if digests(but=KEPT_OF_A_VISIT) != before:
                changed.append(row.id)
                before = digests(but=KEPT_OF_A_VISIT)

    assert changed == []


# Anyone may send these, with no cookie and no token: the address, or what is typed, is all there is to them.
PUBLIC = {
    "oneoff:opened", "oneoff:page", "oneoff:propose", "oneoff:propose_move",
    "scheduling:booking_cancel", "scheduling:booking_reschedule", "scheduling:event_type_page", "choose_clock",
}  # fmt: skip
FROM_ELSEWHERE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://evil.caledee.test"},
]


def test_every_form_needs_its_secret(world):
    """Check signed-out visitors as well: an unrequested sign-in is a change, too."""
    answers = {}
    for name in sorted({row.name for row in FORMS} - PUBLIC):
        row = next(row for row in FORMS if row.name == name)
        who = row.who if row.who in world.people else "himself"
        with undone():
            client = browser_of(world, who, checks=True)
            before = digests(but=KEPT_OF_A_VISIT)
            address = reverse(name, args=row.arguments(world.things))
            for headers in [{}, *FROM_ELSEWHERE, {"Referer": "https://evil.example/"}]:
                response = client.post(address, row.valid(world.things), headers=headers)
                once_more = "This form has expired" in response.text or "Sign in to continue" in response.text
                answers.setdefault((response.status_code, once_more), set()).add(name)
                assert once_more == (headers == {}), (name, headers)
            assert digests(but=KEPT_OF_A_VISIT) == before, name

    assert set(answers) == {(403, True), (403, False)}


def test_forms_of_strangers_need_none_but_are_not_taken_from_another_site(world):
    rows, refused, taken = [row for row in ROWS if row.method == "POST" and row.name in PUBLIC], set(), {}
    for row in rows:
        address = reverse(row.name, args=row.arguments(world.things))
        for who in ("anonymous", "himself"):
            with undone():
                client = browser_of(world, who, checks=True)
                before = digests(but=KEPT_OF_A_VISIT)
                for headers in FROM_ELSEWHERE:
                    response = client.post(address, row.sent(world.things), headers=headers)
                    refused.add((response.status_code, "This form was sent from another site" in response.text))
                assert digests(but=KEPT_OF_A_VISIT) == before, row.name
                taken[row.name, who] = str(client.post(address, row.sent(world.things)).status_code)
                assert "csrftoken" not in client.cookies or who == "himself"

    assert refused == {(403, True)}
    assert taken == {
        (row.name, who): dict(zip(WHO, row.cells.split(), strict=True))[who]
        for row in rows
        for who in ("anonymous", "himself")
    }
    assert {row.name for row in rows} == PUBLIC


def test_no_other_view_does_without_the_secret(world):
    """Calendar apps only read a feed, which refuses other methods."""
    views = {row.name: resolve(reverse(row.name, args=row.arguments(world.things))).func for row in ROWS}

    exempt = {name for name, view in views.items() if getattr(view, "csrf_exempt", False)}
    assert exempt == PUBLIC | {"oneoff:calendar_feed"}


def body_of(response) -> bytes:
    """Return the body without the requested address and what differs from page to page."""
    text = response.text.replace(response.wsgi_request.path, "PATH")
    for pattern in FORGOTTEN:
        text = re.sub(pattern, "", text)
    return text.encode()


def test_unknown_deleted_and_foreign_are_the_same_answer(world):
    """The responses have the same bytes after the same work: the time they take reveals nothing."""
    with undone():
        deleted = make_one_off(world.people["himself"], "18:00")
        deleted_type = EventType.objects.create(
            organizer=world.people["himself"],
            name="Gone",
            slug="gone",
            duration=deleted.duration,
            created_at=deleted.created_at,
        )
        gone, gone_type = deleted.pk, deleted_type.pk
        OneOffMeeting.objects.filter(pk=gone).delete()
        deleted_type.delete()
        stranger, differing = browser_of(world, "stranger"), []
        for row in ROWS:
            arguments = row.arguments(world.things)
            if not arguments or row.cells.split()[1] != "404" or row.name.startswith("mfa"):
                continue
            answers = set()
            for last in [arguments, [uuid4() for _ in arguments], [gone, *arguments[1:]], [gone_type, *arguments[1:]]]:
                try:
                    address = reverse(row.name, args=last)
                except NoReverseMatch:
                    continue
                method = getattr(stranger, row.method.lower())
                response = method(address, row.sent(world.things) if row.method == "POST" else None)
                random = {"Content-Security-Policy", "X-Request-ID"}
                headers = {name: value for name, value in response.headers.items() if name not in random}
                answers.add((response.status_code, body_of(response), str(headers)))
            if len(answers) != 1:
                differing.append((row.id, [status for status, *_ in answers]))

    assert differing == []


def test_unknown_and_foreign_cost_the_same_questions(world):
    differing = []
    with undone():
        stranger = browser_of(world, "stranger")
        for row in ROWS:
            arguments = row.arguments(world.things)
            if not arguments or row.cells.split()[1] != "404" or row.name.startswith("mfa"):
                continue
            asked = []
            for last in [arguments, [uuid4() for _ in arguments]]:
                with CaptureQueriesContext(
                    connection,
                ) as queries:
                    getattr(stranger, row.method.lower())(reverse(row.name, args=last))
                asked.append([re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries])
            if asked[0] != asked[1]:
                differing.append((row.id, [len(each) for each in asked]))

    assert differing == []


@pytest.fixture
def foreign(world):
    """What Charles may ask for, and what in it is not his: he is an admin, of another organization."""
    charles, things = world.people["other admin"], world.things
    with undone():
        own, team = make_one_off(charles, "09:00"), charles.memberships.get().organization.pk
        time, proposal = things["time"].pk, things["proposal"]
        hosted = {"name": "x", "duration": "30", "location_kind": "ask_invitee", "hosts": ["alan"]}
        passkey = [things["passkey"].pk]
        calendars = make_calendar(charles).connection
        yield [
            ("a time", reverse("oneoff:withdraw", args=[own.pk]), {"time": time}, 404),
            (
                "a proposal to accept",
                reverse("oneoff:accept", args=[own.pk, proposal.pk]),
                {"time": proposal.times.get().pk},
                404,
            ),
            ("a proposal to decline", reverse("oneoff:decline", args=[own.pk, proposal.pk]), {}, 404),
            ("a member", reverse("team:teammate", args=[team, things["alan"].pk]), {"role": "admin"}, 404),
            ("a member to remove", reverse("team:remove", args=[team, things["alan"].pk]), {}, 404),
            ("an invitation", reverse("team:withdraw", args=[team, things["invitation"].pk]), {}, 404),
            ("a cohost", reverse("oneoff:create"), creation(organizer="charles", cohosts=["alan"]), 422),
            ("an organizer", reverse("oneoff:create"), creation(organizer="alan"), 422),
            ("one to be like", f"{reverse('oneoff:create')}?duplicate={things['one_off'].pk}", None, 404),
            ("hosts", reverse("scheduling:event_type_create_collective"), hosted, 422),
            (
                "an organization",
                reverse("scheduling:event_type_create_collective"),
                hosted | {"hosts": ["charles"], "organization": "analytical-engines"},
                422,
            ),
            ("a slot", own.link.get_absolute_url(), typed(str(time)), 409),
            ("a slot that is none", own.link.get_absolute_url(), typed(str(uuid4())), 409),
            ("a passkey", reverse("mfa_edit_webauthn", args=passkey), {"name": "Mine"}, 404),
            ("a passkey to remove", reverse("mfa_remove_webauthn", args=passkey), {}, 404),
            ("a calendar", reverse("calendars:choose", args=[calendars.pk]), {"counts": str(CALENDAR)}, 422),
            ("a mail", reverse("scheduling:mail_understood", args=[things["undelivered"].pk]), {}, 404),
        ]


def test_foreign_data_is_not_named_either(world, foreign):
    client, answers = browser_of(world, "other admin"), {}
    before = digests(but=KEPT_OF_A_VISIT)
    for what, address, fields, _ in foreign:
        response = client.get(address) if fields is None else client.post(address, fields)
        answers[what] = response.status_code
        assert digests(but=KEPT_OF_A_VISIT) == before, what

    assert answers == {what: status for what, _, _, status in foreign}
