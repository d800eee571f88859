"""What the domain refuses when an event type is created or changed, and that nothing is written then."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from caledee.accounts.models import Membership
from scheduling.event_type_rules import EventTypeDetails, details_of
from scheduling.event_types import AddressTaken, change_event_type, create_event_type
from scheduling.models import EventType, EventTypeKind
from scheduling.rules import Reason, Refusal, Refused
from tests.factories import make_round_robin
from tests.support.tables import all_rows
from tests.support.times import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LESSON = EventTypeDetails(name="Lesson", slug="lesson", duration=30 * MINUTE)
FORM = {"name": "Lesson", "slug": "lesson", "duration": "30", "location_kind": "video"}


def assert_refused(error, act):
    before = all_rows()
    with pytest.raises(error) as caught:
        act()
    assert all_rows() == before
    return caught.value


def test_an_event_type_has_its_details_and_its_owner(ada):
    details = EventTypeDetails(
        name="Chess",
        slug="chess",
        duration=45 * MINUTE,
        location_kind="phone",
        location="+442079460018",
        description="Bring a board.",
        before_buffer=5 * MINUTE,
        after_buffer=10 * MINUTE,
        minimum_notice=60 * MINUTE,
        booking_window=30 * DAY,
        start_increment=15 * MINUTE,
        daily_limit=3,
        invitee_limit=1,
    )

    made = create_event_type(details, owner=ada, now=NOW)

    made.refresh_from_db()
    assert details_of(made) == replace(details, location="+44 20 7946 0018")
    assert (made.owner, made.kind, made.position, made.created_at, made.paused_at) == (ada, "one_on_one", 1, NOW, None)


def test_changing_keeps_what_is_not_among_the_details(ada):
    lesson = create_event_type(LESSON, owner=ada, active=False, now=NOW)

    change_event_type(lesson, replace(LESSON, name="Class", slug="class"), active=True, now=NOW + DAY)

    changed = EventType.objects.get(pk=lesson.pk)
    assert details_of(changed) == replace(LESSON, name="Class", slug="class")
    assert (changed.owner, changed.position, changed.created_at, changed.paused_at) == (ada, 1, NOW, None)


def test_an_address_that_another_of_the_same_organizer_has_is_refused_by_name(ada, grace):
    create_event_type(LESSON, owner=grace, now=NOW)
    lesson = create_event_type(LESSON, owner=ada, now=NOW)

    assert_refused(AddressTaken, lambda: create_event_type(LESSON, owner=ada, now=NOW))
    taken = replace(LESSON, slug="intro")
    assert_refused(AddressTaken, lambda: change_event_type(lesson, taken, active=True, now=NOW))


def test_an_address_that_another_of_the_same_organization_has_is_refused_by_name(organization, ada):
    make_round_robin(organization, ada)

    assert_refused(AddressTaken, lambda: make_round_robin(organization, ada))


def too_long(most: int) -> str:
    return f"Ensure this value has at most {most} characters (it has {most + 1})."


# Each with what a form has to send to say the same.
BAD_VALUES = [
    ("name", "", "", Reason.REQUIRED, "Enter a name."),
    ("name", "\u200b\u2800", "\u200b\u2800", Reason.REQUIRED, "Enter a name."),
    ("name", "x" * 101, "x" * 101, Reason.TOO_LONG, too_long(100)),
    ("slug", "Not An Address", "Not An Address", Reason.INVALID, "Use a to z, digits and single hyphens."),
    ("slug", "x" * 61, "x" * 61, Reason.TOO_LONG, too_long(60)),
    ("duration", 4 * MINUTE, "4", Reason.TOO_SMALL, "At least 5 minutes."),
    ("duration", -MINUTE, "-1", Reason.TOO_SMALL, "At least 5 minutes."),
    ("duration", 721 * MINUTE, "721", Reason.TOO_LARGE, "At most 720 minutes."),
    ("duration", timedelta.max, "9" * 30, Reason.TOO_LARGE, "At most 720 minutes."),
    ("location_kind", "moon", None, Reason.INVALID, "Choose where you will meet."),
    ("location", "nonsense here", "nonsense here", Reason.INVALID,
     "Enter the link to the video call, such as https://meet.example.com/ada."),
    ("description", "x" * 2001, "x" * 2001, Reason.TOO_LONG, too_long(2000)),
    ("before_buffer", -MINUTE, "-1", Reason.TOO_SMALL, "At least 0 minutes."),
    ("after_buffer", 721 * MINUTE, "721", Reason.TOO_LARGE, "At most 720 minutes."),
    ("minimum_notice", 60 * DAY + MINUTE, "86401", Reason.TOO_LARGE, "At most 86400 minutes."),
    ("booking_window", timedelta(0), "0", Reason.TOO_SMALL, "At least 1 day."),
    ("booking_window", 367 * DAY, "367", Reason.TOO_LARGE, "At most 366 days."),
    ("start_increment", 4 * MINUTE, "4", Reason.TOO_SMALL, "At least 5 minutes."),
    ("daily_limit", 0, "0", Reason.TOO_SMALL, "Ensure this value is greater than or equal to 1."),
    ("daily_limit", 101, "101", Reason.TOO_LARGE, "Ensure this value is less than or equal to 100."),
    ("invitee_limit", 0, "0", Reason.TOO_SMALL, "Ensure this value is greater than or equal to 1."),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "sent", "reason", "sentence"), BAD_VALUES)
def test_a_value_that_breaks_a_rule_is_named_and_nothing_is_written(ada, field, value, sent, reason, sentence):
    lesson = create_event_type(LESSON, owner=ada, now=NOW)
    bad = replace(LESSON, slug="other") if field != "slug" else LESSON
    bad = replace(bad, **{field: value})

    for act in (
        lambda: create_event_type(bad, owner=ada, now=NOW),
        lambda: change_event_type(lesson, bad, active=True, now=NOW),
    ):
        assert assert_refused(Refused, act).refusals == [Refusal(field, reason, sentence)]


@pytest.mark.parametrize(
    ("field", "value", "sent", "reason", "sentence"), [row for row in BAD_VALUES if row[2] is not None]
)
def test_a_form_says_the_same_beside_the_field_and_keeps_what_was_typed(
    client, ada, field, value, sent, reason, sentence
):
    client.force_login(ada)
    before = all_rows()

    response = client.post("/event-types/new/", FORM | {field: sent})

    form = response.context["form"]
    assert (response.status_code, form.errors) == (422, {field: [sentence]})
    assert form[field].value() == sent
    assert all_rows() == before


def test_durations_are_whole_minutes_and_booking_windows_whole_days(ada):
    uneven = replace(LESSON, duration=30 * MINUTE + timedelta(seconds=1), booking_window=DAY + MINUTE)

    refused = assert_refused(Refused, lambda: create_event_type(uneven, owner=ada, now=NOW))

    assert refused.refusals == [
        Refusal("duration", Reason.NOT_WHOLE, "Use whole minutes."),
        Refusal("booking_window", Reason.NOT_WHOLE, "Use whole days."),
    ]
    with pytest.raises(ValidationError) as caught:
        EventType(organizer=ada, name="Lesson", slug="lesson", duration=uneven.duration, created_at=NOW).full_clean()
    assert caught.value.message_dict == {"duration": ["Use whole minutes."]}


def test_all_that_is_wrong_is_said_at_once(ada):
    bad = EventTypeDetails(
        name="", slug="", duration=timedelta(0), location_kind="phone", location="12", daily_limit=0
    )

    refused = assert_refused(Refused, lambda: create_event_type(bad, owner=ada, now=NOW))

    assert [(refusal.field, refusal.reason) for refusal in refused.refusals] == [
        ("name", "required"),
        ("duration", "too_small"),
        ("location", "invalid"),
        ("slug", "required"),
        ("daily_limit", "too_small"),
    ]


def test_hosts_belong_to_the_organization_each_once(organization, ada, alan, mary):
    Membership.objects.filter(user=alan).delete()

    def create(*hosts):
        kind = EventTypeKind.COLLECTIVE
        return create_event_type(LESSON, owner=organization, kind=kind, hosts=hosts, now=NOW)

    refused = assert_refused(Refused, lambda: create(ada, mary, ada, alan))
    none = assert_refused(Refused, create)

    outside = "Choose hosts from the members of Analytical Engines."
    assert refused.refusals == [
        Refusal("hosts", Reason.REPEATED, "Choose each host once.", "ada"),
        Refusal("hosts", Reason.NOT_ALLOWED, outside, "mary"),
        Refusal("hosts", Reason.NOT_ALLOWED, outside, "alan"),
    ]
    assert none.refusals == [Refusal("hosts", Reason.REQUIRED, "Choose at least one host.")]
    assert create(ada).hosts.get() == ada
