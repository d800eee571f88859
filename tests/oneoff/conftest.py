from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from oneoff.models import OneOffMeeting

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # a Monday, 08:00 in London


@pytest.fixture(autouse=True)
def now():
    """The clock stands still, on a Monday morning."""
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def creation():
    """What the creator's form sends, with these fields changed or, where None, left out."""

    def data(**changes):
        fields = {
            "name": "Interview with Dana",
            "duration": "30",
            "location_kind": "video",
            "location": "https://meet.example.com/ada",
            "times": ["2026-12-01T09:00", "2026-12-01T10:00", "2026-12-02T14:00"],
            "hold_times": "on",
            "create": "1",
        }
        return {key: value for key, value in (fields | changes).items() if value is not None}

    return data


@pytest.fixture
def create(creation):
    """Create a one-off meeting through the form, as `user`, and return it."""

    def act(user, **changes):
        browser = Client()
        browser.force_login(user)
        response = browser.post("/one-offs/new/", creation(**changes))
        assert response.status_code == 302, response.content.decode()
        return OneOffMeeting.objects.for_board().get(pk=response["Location"].strip("/").split("/")[-1])

    return act
