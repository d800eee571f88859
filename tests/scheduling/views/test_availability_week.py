"""The next seven days, as the availability page shows them."""

from datetime import timedelta
from uuid import uuid4

from django.db import transaction

from oneoff.creator.create import Details, create_one_off
from scheduling.availability.ledger import Claimed, claim
from scheduling.models import BusyKind
from tests.factories import book_intro
from tests.support.times import NOW, between

PAGE = "/availability/"


def hold(user, start, end, lapses_at=None):
    """Hold a period without a one-off meeting."""
    period = between(start, end)
    with transaction.atomic():
        claimed = Claimed(period, lapses_at=lapses_at or period.start)
        claim(uuid4(), BusyKind.HOLD, [user], [claimed], now=NOW - timedelta(days=1))


def test_week_shows_a_one_offs_hold_but_not_its_name(browser_of, ada):
    clock = between("2026-11-26 10:00", "2026-11-26 10:30")
    details = Details("Interview with Dana", clock.duration, "video")
    create_one_off(details, [clock.start], organizer=ada, created_by=ada, now=NOW)

    response = browser_of(ada).get(PAGE)

    thursday = response.context["week"][3]
    assert list(thursday.strip.words) == ["Working 09:00 to 17:00", "Held 10:00 to 10:30"]
    assert "Interview with Dana" not in response.content.decode()


def test_week_shows_hours_bookings_by_name_and_holds_without(browser_of, ada, grace):
    book_intro(ada, "2026-11-24 09:00")
    hold(ada, "2026-11-28 23:00", "2026-11-29 01:00")
    hold(ada, "2026-11-25 10:00", "2026-11-25 11:00", lapses_at=NOW)
    hold(grace, "2026-11-26 10:00", "2026-11-26 11:00")

    response = browser_of(ada).get(PAGE)

    words = {day.heading: list(day.strip.words) for day in response.context["week"]}
    assert words == {
        "Monday 23 November 2026": ["Working 09:00 to 17:00"],
        "Tuesday 24 November 2026": ["Working 09:00 to 17:00", "Booked 09:00 to 09:30: Intro call"],
        "Wednesday 25 November 2026": ["Working 09:00 to 17:00"],
        "Thursday 26 November 2026": ["Working 09:00 to 17:00"],
        "Friday 27 November 2026": ["Working 09:00 to 17:00"],
        "Saturday 28 November 2026": ["Closed", "Held 23:00 to midnight"],
        "Sunday 29 November 2026": ["Closed", "Held 00:00 to 01:00"],
    }
    assert response.content.decode().count('class="strip-held"') == 2
