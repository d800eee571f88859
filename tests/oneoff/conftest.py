from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from caledee.accounts.models import User
from caledee.timekeeping.zones import moment_at
from oneoff.creator.create import Details, create_one_off
from oneoff.models import OneOffMeeting
from tests.support.browsers import browser_of

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # a Monday, 08:00 in London
TIMES = ["2026-12-01T09:00", "2026-12-01T10:00", "2026-12-02T14:00"]


@pytest.fixture(autouse=True)
def now():
    """Freeze the clock on a Monday morning."""
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def creation():
    """Return what the creator's form sends, with these changes. None leaves a field out."""

    def data(**changes):
        fields = {
            "name": "Interview with Dana",
            "duration": "30",
            "location_kind": "video",
            "location": "https://meet.example.com/ada",
            "times": TIMES,
            "hold_times": "on",
            "create": "1",
        }
        return {key: value for key, value in (fields | changes).items() if value is not None}

    return data


@pytest.fixture
def submit(creation):
    """Return a function that creates a one-off meeting through the form."""

    def act(user, **changes):
        response = browser_of(user).post("/one-offs/new/", creation(**changes))
        assert response.status_code == 302, response.content.decode()
        return as_on_the_board(response["Location"].strip("/").split("/")[-1])

    return act


@pytest.fixture
def create(db):
    """Create the same meeting without the form. People are handles; times are in the organizer's time zone."""

    def act(
        user,
        *,
        organizer=None,
        cohosts=(),
        times=TIMES,
        name="Interview with Dana",
        duration="30",
        valid_until=None,
        **details,
    ):
        for_whom = User.objects.get(handle=organizer) if organizer else user
        starts = [moment_at(datetime.fromisoformat(text), for_whom.zone) for text in times]
        described = {"location_kind": "video", "location": "https://meet.example.com/ada"} | details
        until = moment_at(datetime.fromisoformat(valid_until), for_whom.zone) if valid_until else None
        length = timedelta(minutes=int(duration))
        one_off = create_one_off(
            Details(name=name, duration=length, valid_until=until, **described),
            starts,
            organizer=for_whom,
            cohosts=[User.objects.get(handle=handle) for handle in cohosts],
            created_by=user,
            now=timezone.now(),
        )
        return as_on_the_board(one_off.pk)

    return act


def as_on_the_board(pk):
    return OneOffMeeting.objects.for_board().get(pk=pk)
