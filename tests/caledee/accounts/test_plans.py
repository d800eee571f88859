import pytest

from caledee.accounts.models import Membership, Organization, Role, User
from caledee.accounts.plans import ACTIVE_EVENT_TYPE_LIMITS, Plan


def join(person: User, plan: Plan) -> None:
    organization = Organization.objects.create(
        name="Difference Engines", handle=f"difference-engines-{plan}", plan=plan
    )
    Membership.objects.create(organization=organization, user=person, role=Role.MEMBER)


def test_every_plan_has_its_limit():
    assert ACTIVE_EVENT_TYPE_LIMITS == {Plan.FREE: 1, Plan.PRO: None, Plan.TEAM: None}


@pytest.mark.parametrize(("plan", "limit"), [(Plan.FREE, 1), (Plan.PRO, None), (Plan.TEAM, None)])
def test_a_person_on_their_own_has_the_limit_of_their_plan(mary, plan, limit):
    mary.plan = plan

    assert mary.active_event_type_limit == limit


def test_an_organization_with_a_paid_plan_lifts_the_limit_of_its_members(mary):
    join(mary, Plan.FREE)
    assert mary.active_event_type_limit == 1

    join(mary, Plan.TEAM)
    assert mary.active_event_type_limit is None


def test_an_organization_on_the_free_plan_takes_nothing_away(mary):
    mary.plan = Plan.PRO
    join(mary, Plan.FREE)

    assert mary.active_event_type_limit is None


def test_the_plan_of_an_organization_is_nothing_to_strangers(ada, mary):
    join(ada, Plan.TEAM)

    assert mary.active_event_type_limit == 1


def test_owners_and_admins_organize_for_their_own_people_only(ada, grace, alan, mary):
    join(mary, Plan.TEAM)

    everyone = {"ada": ada, "grace": grace, "alan": alan, "mary": mary}
    organized = {
        name: sorted(User.objects.organized_by(person).values_list("handle", flat=True))
        for name, person in everyone.items()
    }

    assert organized == {
        "ada": ["ada", "alan", "grace"],
        "grace": ["ada", "alan", "grace"],
        "alan": ["alan"],
        "mary": ["mary"],
    }
