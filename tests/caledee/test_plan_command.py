"""`manage.py plan`, as an operator types it."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from caledee.accounts.models import Membership, Organization, Role, User
from caledee.accounts.plans import Plan
from scheduling.models import EventType
from tests.factories import make_round_robin
from tests.support.tables import all_rows
from tests.support.times import NOW


def run(holder, plan):
    out = StringIO()
    call_command("plan", holder, plan, stdout=out)
    return out.getvalue().splitlines()


def refusal(holder, plan):
    stored = all_rows()
    with pytest.raises(CommandError) as raised:
        run(holder, plan)
    assert all_rows() == stored
    return str(raised.value)


def add(organizer, name):
    return EventType.objects.create(
        organizer=organizer,
        name=name,
        slug=name.lower(),
        duration=timedelta(minutes=30),
        created_at=NOW + timedelta(days=400 + organizer.event_types.count()),
    )


def test_a_person_gets_a_plan_by_email_in_any_case(mary):
    assert run("MARY@example.com", "pro") == ["mary@example.com is now on the Pro plan (was Free)."]

    mary.refresh_from_db()
    assert mary.plan == Plan.PRO


def test_what_is_paused_and_what_resumes_is_said(mary):
    User.objects.update(plan=Plan.PRO)
    add(mary, "Lesson")
    add(mary, "Walk")

    smaller, larger = run("mary@example.com", "free"), run("mary@example.com", "team")

    assert smaller == [
        "mary@example.com is now on the Free plan (was Pro).",
        "Paused:",
        "  Lesson of mary@example.com",
        "  Walk of mary@example.com",
    ]
    assert larger == [
        "mary@example.com is now on the Team plan (was Free).",
        "Resumed:",
        "  Lesson of mary@example.com",
        "  Walk of mary@example.com",
    ]


def test_saying_the_same_again_changes_nothing(mary):
    stored = all_rows()

    assert run("mary@example.com", "free") == ["mary@example.com is already on the Free plan. Nothing was changed."]
    assert all_rows() == stored


def test_a_personal_plan_that_an_organization_makes_up_for_pauses_nothing(ada):
    add(ada, "Lesson")

    assert run("ada@example.com", "free") == ["ada@example.com is now on the Free plan (was Team)."]


@pytest.mark.parametrize("named", ["analytical-engines", "Analytical-Engines", "analytical engines"])
def test_an_organization_is_found_by_handle_or_name_and_concerns_its_people_alone(ada, alan, mary, named):
    User.objects.update(plan=Plan.FREE)
    for person in (ada, alan, mary):
        add(person, "Lesson")

    assert run(named, "free") == [
        "Analytical Engines (analytical-engines) is now on the Free plan (was Team).",
        "Paused:",
        "  Lesson of ada@example.com",
        "  Lesson of alan@example.com",
    ]


def test_what_an_organization_has_for_its_team_is_said_too(ada, organization):
    make_round_robin(organization, ada, name="Support call")

    assert run("analytical-engines", "pro")[1:] == [
        "Paused:",
        "  Support call of Analytical Engines (analytical-engines)",
    ]
    assert run("analytical-engines", "team")[1:] == [
        "Resumed:",
        "  Support call of Analytical Engines (analytical-engines)",
    ]


def test_of_several_organizations_of_one_name_the_handle_says_which(ada, organization):
    other = Organization.objects.create(name="Analytical Engines", handle="engines", plan=Plan.PRO)
    Membership.objects.create(organization=other, user=ada, role=Role.OWNER)

    assert refusal("Analytical Engines", "free") == (
        "Several organizations are called “Analytical Engines”. Use a handle instead: analytical-engines, engines."
    )


def test_unknown_people_and_plans_are_reported(mary):
    assert refusal("nobody@example.com", "free") == (
        "No person has the email “nobody@example.com”, and no organization has this handle or name."
    )
    assert refusal("mary@example.com", "gold") == "“gold” isn't a plan. Plans are free, pro, team."
