"""What the domain refuses when an invitee suggests times, and that nothing is written then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from oneoff.proposals.propose import Wish, propose
from scheduling.rules import Reason, Refusal, Refused
from tests.factories import DANA, make_one_off, offer_of, on_tuesday
from tests.support.tables import all_rows
from tests.support.times import NOW

DAY = timedelta(days=1)
NINE = on_tuesday("09:00")
WISH = Wish(DANA.name, DANA.email, DANA.time_zone, [NINE])
FORM = {"name": DANA.name, "email": DANA.email, "time_zone": DANA.time_zone, "times": ["2026-12-01T10:00"]}


@pytest.fixture
def link(ada):
    return offer_of(make_one_off(ada, "15:00")).link


def refusals_of(link, wish) -> list[Refusal]:
    before = all_rows()
    with pytest.raises(Refused) as caught:
        propose(link, wish, now=NOW)
    assert all_rows() == before
    return caught.value.refusals


@pytest.mark.parametrize(
    ("start", "typed", "reason", "sentence"),
    [
        (NOW, "2026-11-23T09:00", Reason.PAST, "This time is in the past."),
        (NOW - DAY, "2026-11-22T09:00", Reason.PAST, "This time is in the past."),
        (NOW + 367 * DAY, "2027-11-25T09:00", Reason.TOO_FAR, "Choose a time within the next 366 days."),
        (datetime.max.replace(tzinfo=UTC), None, Reason.TOO_FAR, "Choose a time within the next 366 days."),
    ],
)
def test_a_start_that_breaks_a_rule_is_named_and_the_form_says_the_same(client, link, start, typed, reason, sentence):
    assert refusals_of(link, replace(WISH, starts=[NINE, start])) == [Refusal("times", reason, sentence, start)]

    if typed is not None:
        before = all_rows()
        with time_machine.travel(NOW, tick=False):
            response = client.post(f"{link.get_absolute_url()}propose/", FORM | {"times": [typed]})
        form = response.context["form"]
        assert (response.status_code, [(time.text, time.error) for time in form.typed]) == (422, [(typed, sentence)])
        assert all_rows() == before


def test_one_to_three_distinct_times_are_suggested(link):
    four = [NINE + n * DAY for n in range(4)]

    assert refusals_of(link, replace(WISH, starts=[])) == [
        Refusal("times", Reason.REQUIRED, "Enter at least one time that suits you.")
    ]
    assert refusals_of(link, replace(WISH, starts=four)) == [
        Refusal("times", Reason.TOO_MANY, "Enter at most 3 times.")
    ]
    assert refusals_of(link, replace(WISH, starts=[NINE, NINE])) == [
        Refusal("times", Reason.REPEATED, "This time is listed twice.", NINE)
    ]
    assert [time.start for time in propose(link, replace(WISH, starts=four[:3]), now=NOW).times.all()] == four[:3]


@pytest.mark.parametrize(
    ("field", "value", "reason", "sentence"),
    [
        ("name", " ", Reason.REQUIRED, "Enter your name."),
        ("name", "x" * 101, Reason.TOO_LONG, "Ensure this value has at most 100 characters (it has 101)."),
        ("email", "dana", Reason.INVALID, "Enter a full email address, such as dana@example.com."),
        ("time_zone", "Mars/Olympus", Reason.INVALID, "Choose a time zone."),
        ("location", "x" * 301, Reason.TOO_LONG, "Ensure this value has at most 300 characters (it has 301)."),
        ("note", "x" * 1001, Reason.TOO_LONG, "Ensure this value has at most 1000 characters (it has 1001)."),
    ],
)
def test_a_value_of_the_invitee_that_breaks_a_rule_is_named(link, field, value, reason, sentence):
    assert refusals_of(link, replace(WISH, **{field: value})) == [Refusal(field, reason, sentence)]
