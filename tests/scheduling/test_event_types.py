"""What is refused when an event type is saved, past what its form has checked."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from scheduling.event_types import AddressTaken, change_event_type, create_event_type
from scheduling.models import EventType
from tests.factories import make_round_robin
from tests.support.tables import all_rows
from tests.support.times import NOW


def lesson_of(organizer, **fields):
    settings = {"name": "Lesson", "slug": "lesson", "duration": timedelta(minutes=30)}
    return EventType(organizer=organizer, **settings | fields)


def assert_refused(error, act, match=None):
    before = all_rows()
    with pytest.raises(error, match=match):
        act()
    assert all_rows() == before


def test_an_address_that_another_of_the_same_organizer_has_is_refused_by_name(ada, grace):
    create_event_type(lesson_of(grace), now=NOW)
    lesson = create_event_type(lesson_of(ada), now=NOW)
    lesson.slug = "intro"

    assert_refused(AddressTaken, lambda: create_event_type(lesson_of(ada), now=NOW))
    assert_refused(AddressTaken, lambda: change_event_type(lesson, active=True, now=NOW))


def test_an_address_that_another_of_the_same_organization_has_is_refused_by_name(organization, ada):
    make_round_robin(organization, ada)

    assert_refused(AddressTaken, lambda: make_round_robin(organization, ada))


def test_what_the_database_refuses_for_another_reason_is_no_taken_address(ada):
    endless = lesson_of(ada, duration=timedelta(days=2))

    assert_refused(IntegrityError, lambda: create_event_type(endless, now=NOW), match="duration")


def test_durations_are_whole_minutes(ada):
    with pytest.raises(ValidationError) as caught:
        lesson_of(ada, duration=timedelta(minutes=30, seconds=1), created_at=NOW).full_clean()

    assert caught.value.message_dict == {"duration": ["Use whole minutes."]}
