"""What the domain refuses when a one-off meeting is created, and that nothing is written then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from caledee.accounts.models import Membership, Organization, Role, User
from oneoff.creator.create import Details, create_one_off
from scheduling.rules import Reason, Refusal, Refused
from tests.factories import make_one_off, on_tuesday
from tests.support.tables import all_rows
from tests.support.times import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
INTERVIEW = Details(name="Interview", duration=30 * MINUTE, location_kind="video")
FORM = {"name": "Interview", "duration": "30", "location_kind": "video", "times": ["2026-12-01T09:00"]}
NINE = on_tuesday("09:00")
PAST, TOO_FAR = "This time is in the past.", "Choose a time within the next 366 days."


def refusals_of(details=INTERVIEW, starts=(NINE,), *, organizer, cohosts=(), created_by=None) -> list[Refusal]:
    before = all_rows()
    with pytest.raises(Refused) as caught:
        create_one_off(
            details, starts, organizer=organizer, cohosts=cohosts, created_by=created_by or organizer, now=NOW
        )
    assert all_rows() == before
    return caught.value.refusals


def too_long(most: int) -> str:
    return f"Ensure this value has at most {most} characters (it has {most + 1})."


# Each with what a form has to send to say the same.
BAD_DETAILS = [
    ("name", "", "", Reason.REQUIRED, "Enter a name."),
    ("name", "\u200b", "\u200b", Reason.REQUIRED, "Enter a name."),
    ("name", "x" * 101, "x" * 101, Reason.TOO_LONG, too_long(100)),
    ("duration", 4 * MINUTE, "4", Reason.TOO_SMALL, "At least 5 minutes."),
    ("duration", 721 * MINUTE, "721", Reason.TOO_LARGE, "At most 720 minutes."),
    ("duration", timedelta.max, "9" * 30, Reason.TOO_LARGE, "At most 720 minutes."),
    ("location", "nonsense here", "nonsense here", Reason.INVALID,
     "Enter the link to the video call, such as https://meet.example.com/ada."),
    ("description", "x" * 2001, "x" * 2001, Reason.TOO_LONG, too_long(2000)),
    ("invitee_name", "x" * 101, "x" * 101, Reason.TOO_LONG, too_long(100)),
    ("invitee_email", "dana", "dana", Reason.INVALID, "Enter a full email address, such as dana@example.com."),
    ("invitee_email", "ſ@example.com", "ſ@example.com", Reason.INVALID,
     "Enter a full email address, such as dana@example.com."),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "sent", "reason", "sentence"), BAD_DETAILS)
def test_a_detail_that_breaks_a_rule_is_named_and_nothing_is_written(ada, field, value, sent, reason, sentence):
    bad = replace(INTERVIEW, **{field: value})

    assert refusals_of(bad, organizer=ada) == [Refusal(field, reason, sentence)]


@pytest.mark.parametrize(("field", "value", "sent", "reason", "sentence"), BAD_DETAILS)
def test_a_form_says_the_same_beside_the_field_and_keeps_what_was_typed(
    client, ada, field, value, sent, reason, sentence
):
    client.force_login(ada)
    before = all_rows()

    with time_machine.travel(NOW, tick=False):
        response = client.post("/one-offs/new/", FORM | {field: sent})

    form = response.context["form"]
    assert (response.status_code, form.errors) == (422, {field: [sentence]})
    assert form[field].value() == sent
    assert all_rows() == before


def test_durations_are_whole_minutes_and_locations_of_a_known_kind(ada):
    bad = replace(INTERVIEW, duration=30 * MINUTE + timedelta(seconds=1), location_kind="moon")

    assert refusals_of(bad, organizer=ada) == [
        Refusal("duration", Reason.NOT_WHOLE, "Use whole minutes."),
        Refusal("location_kind", Reason.INVALID, "Choose where you will meet."),
    ]


def test_a_location_is_stored_as_forms_clean_it(ada):
    details = replace(INTERVIEW, location_kind="phone", location="+442079460018")

    assert create_one_off(details, [NINE], organizer=ada, created_by=ada, now=NOW).location == "+44 20 7946 0018"


@pytest.mark.parametrize(
    ("valid_until", "sent", "reason", "sentence"),
    [
        (NOW, "2026-11-23T08:00", Reason.PAST, "Choose a time in the future."),
        (datetime(2101, 1, 1, tzinfo=UTC), None, Reason.TOO_FAR, "Choose a time before 2101."),
        (datetime.max.replace(tzinfo=UTC), None, Reason.TOO_FAR, "Choose a time before 2101."),
    ],
)
def test_a_link_is_valid_until_a_moment_in_the_future(client, ada, valid_until, sent, reason, sentence):
    bad = replace(INTERVIEW, valid_until=valid_until)

    assert refusals_of(bad, organizer=ada) == [Refusal("valid_until", reason, sentence, valid_until)]
    if sent is not None:
        client.force_login(ada)
        with time_machine.travel(NOW, tick=False):
            response = client.post("/one-offs/new/", FORM | {"valid_until": sent})
        assert (response.status_code, response.context["form"].errors) == (422, {"valid_until": [sentence]})


@pytest.mark.parametrize(
    ("start", "reason", "sentence"),
    [
        (NOW, Reason.PAST, PAST),
        (NOW - DAY, Reason.PAST, PAST),
        (datetime.min.replace(tzinfo=UTC), Reason.PAST, PAST),
        (NOW + 366 * DAY + timedelta.resolution, Reason.TOO_FAR, TOO_FAR),
        (datetime.max.replace(tzinfo=UTC), Reason.TOO_FAR, TOO_FAR),
    ],
)
def test_starts_are_in_the_future_and_not_too_far(ada, start, reason, sentence):
    assert refusals_of(starts=[NINE, start], organizer=ada) == [Refusal("times", reason, sentence, start)]


def test_the_last_moment_that_can_be_proposed_is_366_days_ahead(ada):
    last = NOW + 366 * DAY

    one_off = create_one_off(INTERVIEW, [last], organizer=ada, created_by=ada, now=NOW)

    assert [time.start for time in one_off.proposed_times.all()] == [last]


def test_each_start_that_is_wrong_is_named(ada):
    again = NINE.astimezone(UTC)

    assert refusals_of(starts=[NOW, NINE, again, again], organizer=ada) == [
        Refusal("times", Reason.REPEATED, "This time is listed twice.", NINE),
        Refusal("times", Reason.REPEATED, "This time is listed twice.", NINE),
        Refusal("times", Reason.PAST, PAST, NOW),
    ]


def test_one_to_a_hundred_times_are_proposed(ada):
    starts = [NINE + n * MINUTE for n in range(101)]

    assert refusals_of(starts=[], organizer=ada) == [
        Refusal("times", Reason.REQUIRED, "Pick at least one day and time.")
    ]
    assert refusals_of(starts=starts, organizer=ada) == [
        Refusal("times", Reason.TOO_MANY, "Propose at most 100 times.")
    ]
    assert create_one_off(INTERVIEW, starts[1:], organizer=ada, created_by=ada, now=NOW).proposed_times.count() == 100


def test_all_that_is_wrong_is_said_at_once(ada):
    bad = replace(INTERVIEW, name="", duration=MINUTE, valid_until=NOW)

    found = refusals_of(bad, [NOW], organizer=ada)

    assert [(refusal.field, refusal.reason) for refusal in found] == [
        ("name", "required"),
        ("duration", "too_small"),
        ("valid_until", "past"),
        ("times", "past"),
    ]


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_admins_of_an_organization_create_for_its_members(organization, ada, grace, alan, role):
    Membership.objects.filter(user=grace).update(role=role)

    assert make_one_off(alan, "09:00", cohosts=[ada, grace], created_by=grace).people == [alan, ada, grace]


def test_nobody_creates_for_people_outside_their_organizations(organization, ada, alan, mary):
    stranger = Refusal("organizer", Reason.NOT_ALLOWED, "You can't create meetings for them.", "mary")

    assert refusals_of(organizer=mary, created_by=ada) == [stranger]
    assert refusals_of(organizer=ada, cohosts=[mary, alan]) == [
        Refusal(
            "cohosts",
            Reason.NOT_ALLOWED,
            "You can't add “mary”. Choose people in an organization that you administer.",
            "mary",
        )
    ]


def test_a_member_creates_for_nobody_else(organization, ada, alan):
    assert [(found.field, found.reason, found.item) for found in refusals_of(organizer=ada, created_by=alan)] == [
        ("organizer", "not_allowed", "ada")
    ]
    assert [(found.field, found.reason, found.item) for found in refusals_of(organizer=alan, cohosts=[ada])] == [
        ("cohosts", "not_allowed", "ada")
    ]


def test_people_of_two_organizations_do_not_meet(organization, ada, grace, mary):
    mills = Organization.objects.create(name="Mills", handle="mills")
    Membership.objects.create(organization=mills, user=grace, role=Role.ADMIN)
    Membership.objects.create(organization=mills, user=mary)

    sentence = "These people aren't all in one organization that you administer: Ada Lovelace and Mary Somerville."
    assert refusals_of(organizer=ada, cohosts=[mary], created_by=grace) == [
        Refusal("cohosts", Reason.NOT_ALLOWED, sentence)
    ]


def test_cohosts_are_nine_at_most_and_each_is_there_once(organization, ada, grace):
    others = [
        User.objects.create_user(f"{n}@example.com", name=f"Host {n}", handle=f"host-{n}", time_zone="Europe/London")
        for n in range(10)
    ]
    Membership.objects.bulk_create(Membership(organization=organization, user=each) for each in others)

    assert refusals_of(organizer=ada, cohosts=others) == [
        Refusal("cohosts", Reason.TOO_MANY, "Choose at most 9 people besides the organizer.")
    ]
    sentence = "Add each person once, and not the organizer."
    assert refusals_of(organizer=ada, cohosts=[grace, ada, grace]) == [
        Refusal("cohosts", Reason.REPEATED, sentence, "ada"),
        Refusal("cohosts", Reason.REPEATED, sentence, "grace"),
    ]
    assert len(make_one_off(ada, "09:00", cohosts=others[:9]).people) == 10
