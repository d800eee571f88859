"""The event types of an organization: who can create and change them, and what is refused."""

import pytest

from caledee.accounts.models import Membership, Organization, Role, User
from caledee.accounts.plans import Plan
from scheduling.availability.hosts import hosts_of
from scheduling.models import EventType, EventTypeKind
from tests.factories import make_collective, make_round_robin
from tests.support.pages import read
from tests.support.tables import all_rows
from tests.support.times import NOW

LIST = "/event-types/"
COLLECTIVE = "/event-types/new/collective/"
ROUND_ROBIN = "/event-types/new/round-robin/"


def typed(**changes):
    """Return what the form sends, with these changes. None leaves a field out."""
    fields = {
        "name": "Panel interview",
        "slug": "",
        "hosts": ["ada", "grace"],
        "organizer": "",
        "duration": "45",
        "location_kind": "video",
        "location": "https://meet.example.com/panel",
        "description": "We all meet you.",
        "before_buffer": "5",
        "after_buffer": "10",
        "minimum_notice": "120",
        "booking_window": "30",
        "start_increment": "15",
    }
    return {key: value for key, value in (fields | changes).items() if value is not None}


def path_of(event_type, action=""):
    return f"/event-types/{event_type.pk}/{action}"


def choices_on(response, field):
    return [value for value, _ in response.context["form"].fields[field].choices]


def sections_on(response):
    return [
        (each.name, [(row.name, row.kind, row.hosts) for row in each.rows]) for each in response.context["sections"]
    ]


@pytest.fixture
def difference(ada):
    """Another organization on the same plan, Difference Engines, with Ada as owner and no one else from the first."""
    made = Organization.objects.create(name="Difference Engines", handle="difference-engines", plan=Plan.TEAM)
    Membership.objects.create(organization=made, user=ada, role=Role.OWNER)
    return made


@pytest.fixture
def joseph(difference):
    """A member of Difference Engines only."""
    user = User.objects.create_user(
        "joseph@example.com", "x", name="Joseph Clement", handle="joseph", time_zone="Europe/London"
    )
    Membership.objects.create(organization=difference, user=user, role=Role.MEMBER)
    return user


def test_admins_of_an_organization_are_offered_the_kinds_for_teams(browser_of, ada, grace, alan, mary):
    ways = {
        user.handle: [way.title for way in browser_of(user).get(LIST).context["ways_to_create"]]
        for user in (ada, grace, alan, mary)
    }

    everything = ["One-on-one", "One-off meeting", "Collective", "Round-robin"]
    assert ways == {"ada": everything, "grace": everything, "alan": everything[:2], "mary": everything[:2]}


def test_form_offers_the_members_with_their_zones(browser_of, organization, ada, grace, alan, mary):
    User.objects.filter(pk=grace.pk).update(is_active=False)

    page = browser_of(ada).get(COLLECTIVE)

    assert choices_on(page, "hosts") == ["ada", "alan"]
    assert "Alan Turing (Kolkata)" in page.content.decode()
    assert choices_on(page, "organizer") == ["", "ada", "alan"]
    assert "organization" not in page.context["form"].fields
    assert "organizer" not in browser_of(ada).get(ROUND_ROBIN).context["form"].fields


@pytest.mark.parametrize(
    ("organizer", "expected"), [("", ["ada", "alan", "grace"]), ("grace", ["grace", "ada", "alan"])]
)
def test_creating_a_collective_writes_the_hosts_its_organizer_first(
    browser_of, organization, ada, grace, alan, organizer, expected
):
    data = typed(hosts=["grace", "ada", "alan"], organizer=organizer)

    response = browser_of(grace).post(COLLECTIVE, data)

    made = EventType.objects.get(slug="panel-interview")
    assert (response.status_code, response["Location"]) == (302, LIST)
    assert (made.kind, made.organization, made.organizer) == (EventTypeKind.COLLECTIVE, organization, None)
    assert [host.handle for host in hosts_of(made)] == expected


def test_creating_a_round_robin_writes_the_hosts_by_name(browser_of, organization, ada, grace, alan):
    browser_of(ada).post(ROUND_ROBIN, typed(hosts=["grace", "alan", "alan"], organizer="grace"))

    made = EventType.objects.get(slug="panel-interview")
    assert (made.kind, [host.handle for host in hosts_of(made)]) == (EventTypeKind.ROUND_ROBIN, ["alan", "grace"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hosts": []}, "hosts"),
        ({"hosts": None}, "hosts"),
        ({"hosts": ["ada", "mary"]}, "hosts"),
        ({"hosts": ["joseph"]}, "hosts"),
        ({"hosts": ["nobody-at-all"]}, "hosts"),
        ({"hosts": ["ada\0"]}, "hosts"),
        ({"hosts": [f"host-{n}" for n in range(100)]}, "hosts"),
        ({"organizer": "mary"}, "organizer"),
        ({"organizer": "alan"}, "organizer"),
        ({"organization": "nowhere"}, "organization"),
        ({"slug": "team"}, "slug"),
        ({"name": ""}, "name"),
        ({"duration": "0"}, "duration"),
    ],
)
def test_a_wrong_field_is_said_beside_it_and_nothing_is_lost(
    browser_of, organization, ada, grace, alan, mary, difference, joseph, changes, field
):
    make_collective(organization, ada)
    data = typed(organization="analytical-engines") | {k: v for k, v in changes.items() if v is not None}
    if changes.get("hosts", "") is None:
        del data["hosts"]
    browser, before = browser_of(ada), all_rows()

    response = browser.post(COLLECTIVE, data)

    form = response.context["form"]
    kept = {name: form[name].value() for name in data if name != "hosts"}
    assert (response.status_code, list(form.errors)) == (422, [field])
    assert kept == {name: value for name, value in data.items() if name != "hosts"}
    assert form["hosts"].value() == data.get("hosts", [])
    assert all_rows() == before


def test_five_hundred_hosts_are_more_than_any_form_has(browser_of, organization, ada):
    browser, before = browser_of(ada), all_rows()

    answer = browser.post(COLLECTIVE, typed(hosts=[f"host-{n}" for n in range(500)]))

    assert answer.status_code == 400
    assert all_rows() == before


def test_more_than_twenty_hosts_are_refused(browser_of, organization, ada):
    for number in range(21):
        user = User.objects.create_user(
            f"host{number}@example.com", "x", name=f"Host {number}", handle=f"host-{number}", time_zone="Europe/London"
        )
        Membership.objects.create(organization=organization, user=user)
    handles = [f"host-{number}" for number in range(21)]
    browser = browser_of(ada)

    refused = browser.post(ROUND_ROBIN, typed(hosts=handles))
    accepted = browser.post(ROUND_ROBIN, typed(hosts=handles[1:]))

    assert refused.context["form"].errors == {"hosts": ["Choose at most 20 hosts."]}
    assert (refused.status_code, accepted.status_code) == (422, 302)
    assert len(hosts_of(EventType.objects.get(slug="panel-interview"))) == 20


def test_person_and_organization_may_use_one_address(browser_of, organization, ada, grace):
    assert browser_of(ada).post(COLLECTIVE, typed(slug="intro")).status_code == 302
    assert {each.owner for each in EventType.objects.filter(slug="intro")} == {organization, ada, grace}


def test_others_than_admins_of_a_team_plan_create_none(browser_of, organization, ada, alan, mary):
    for user in (alan, mary):
        assert browser_of(user).get(COLLECTIVE).status_code == 404
        assert browser_of(user).post(ROUND_ROBIN, typed(hosts=[user.handle])).status_code == 404
    organization.plan = Plan.PRO
    organization.save()
    assert browser_of(ada).post(COLLECTIVE, typed(hosts=["ada"])).status_code == 404
    assert not EventType.objects.filter(organization__isnull=False).exists()


def test_members_hosts_and_strangers_change_nothing(browser_of, organization, ada, alan, mary):
    event_type = make_collective(organization, ada, alan)
    before = all_rows()["scheduling.EventType"], all_rows()["scheduling.EventTypeHost"]

    for user in (alan, mary):
        browser = browser_of(user)
        answers = [browser.get(path_of(event_type)), browser.post(path_of(event_type), typed(hosts=["alan"]))]
        answers += [browser.post(path_of(event_type, action), {}) for action in ("switch/", "delete/")]
        assert [answer.status_code for answer in answers] == [404] * 4
    assert (all_rows()["scheduling.EventType"], all_rows()["scheduling.EventTypeHost"]) == before


def test_role_is_read_at_each_request(browser_of, organization, ada, grace):
    event_type = make_collective(organization, ada)
    browser = browser_of(grace)
    assert browser.get(path_of(event_type)).status_code == 200

    grace.memberships.update(role=Role.MEMBER)

    assert browser.get(path_of(event_type)).status_code == 404
    assert browser.post(path_of(event_type, "delete/")).status_code == 404


def test_edit_shows_the_hosts_and_writes_others_but_never_another_kind(browser_of, organization, ada, grace, alan):
    event_type = make_collective(organization, grace, ada)
    browser = browser_of(ada)

    form = browser.get(path_of(event_type)).context["form"]
    assert (form["hosts"].value(), form["organizer"].value()) == (["grace", "ada"], "grace")
    answer = browser.post(
        path_of(event_type),
        typed(hosts=["alan", "grace"], organizer="grace", kind="round_robin", organization="x") | {"slug": "team"},
    )

    assert list(answer.context["form"].errors) == ["organization"]
    assert (
        browser.post(
            path_of(event_type), typed(hosts=["alan", "grace"], organizer="grace", kind="round_robin", slug="team")
        ).status_code
        == 302
    )
    event_type.refresh_from_db()
    assert (event_type.kind, event_type.name) == (EventTypeKind.COLLECTIVE, "Panel interview")
    assert hosts_of(event_type) == [grace, alan]


def test_host_who_leaves_between_page_and_submit_is_refused(browser_of, organization, ada, grace):
    event_type = make_collective(organization, ada, grace)
    browser = browser_of(ada)
    browser.get(path_of(event_type))
    grace.memberships.all().delete()

    answer = browser.post(path_of(event_type), typed(slug="team"))

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"hosts": ["Choose hosts from the members of Analytical Engines."]}
    assert browser.get(path_of(event_type)).context["form"]["hosts"].value() == ["ada"]


def test_switching_and_deleting(browser_of, organization, ada):
    event_type = make_round_robin(organization, ada)
    browser = browser_of(ada)

    browser.post(path_of(event_type, "switch/"), {})
    event_type.refresh_from_db()
    assert event_type.paused_at == NOW
    browser.post(path_of(event_type, "switch/"), {"active": "on"})
    event_type.refresh_from_db()
    assert event_type.is_active
    browser.post(path_of(event_type, "delete/"))
    assert not EventType.objects.filter(pk=event_type.pk).exists()


def test_two_organizations_of_one_person_never_mix(browser_of, organization, ada, grace, difference, joseph):
    browser = browser_of(ada)

    first = browser.get(COLLECTIVE)
    other = browser.post(
        COLLECTIVE, typed(organization="difference-engines", hosts=["ada", "grace"]) | {"show_people": "yes"}
    )
    mixed = browser.post(COLLECTIVE, typed(organization="difference-engines", hosts=["ada", "grace"]))
    made = browser.post(COLLECTIVE, typed(organization="difference-engines", hosts=["ada", "joseph"]))

    assert choices_on(first, "organization") == ["analytical-engines", "difference-engines"]
    assert (choices_on(first, "hosts"), choices_on(other, "hosts")) == (["ada", "grace"], ["ada", "joseph"])
    assert (other.status_code, other.context["form"]["name"].value()) == (200, "Panel interview")
    assert mixed.context["form"].errors == {"hosts": ["Choose hosts from the members of Difference Engines."]}
    assert made.status_code == 302
    event_type = EventType.objects.get(slug="panel-interview")
    assert (event_type.organization, hosts_of(event_type)) == (difference, [ada, joseph])
    assert browser_of(grace).get(path_of(event_type)).status_code == 404
    assert sections_on(browser_of(grace).get(LIST)) == []


def test_list_has_a_section_for_each_organization(browser_of, organization, ada, grace, alan, mary, difference):
    make_collective(organization, ada, alan, name="Panel", slug="panel")
    make_round_robin(organization, ada, grace, name="Support", slug="support")
    make_round_robin(difference, ada, name="Sales", slug="sales")
    panel = ("Panel", "Collective", "Ada Lovelace and Alan Turing")
    support = ("Support", "Round-robin", "One of Ada Lovelace and Grace Hopper")

    shown = {user.handle: sections_on(browser_of(user).get(LIST)) for user in (ada, grace, alan, mary)}

    assert shown == {
        "ada": [
            ("Analytical Engines", [panel, support]),
            ("Difference Engines", [("Sales", "Round-robin", "Ada Lovelace")]),
        ],
        "grace": [("Analytical Engines", [panel, support])],
        "alan": [("Analytical Engines", [panel])],
        "mary": [],
    }


def test_host_who_is_no_admin_sees_it_without_the_means_to_change_it(browser_of, organization, ada, alan):
    event_type = make_collective(organization, ada, alan)

    page = read(browser_of(alan).get(LIST))

    (section,) = [each for each in page.all("section") if each.all("h2") and each.one("h2").text == organization.name]
    assert section.all("form") == []
    assert [link["href"] for link in section.all("a")] == ["/analytical-engines/", "/analytical-engines/team/"]
    assert [badge.text for badge in section.all("span", class_="badge")] == ["Host"]
    assert path_of(event_type) not in browser_of(alan).get(LIST).content.decode()


def test_list_says_what_pauses_an_event_type(browser_of, organization, ada, grace):
    make_collective(organization, grace)
    grace.memberships.all().delete()
    without_host = browser_of(ada).get(LIST)
    organization.plan = Plan.PRO
    organization.save()
    without_plan = browser_of(ada).get(LIST)

    assert "It has no hosts left, so it can&#x27;t be booked." in without_host.content.decode()
    assert "Paused." not in without_host.content.decode()
    assert "require the Team plan, which Analytical Engines doesn't have" in without_plan.content.decode().replace(
        "&#x27;", "'"
    )
    assert [row.can_be_booked for each in without_plan.context["sections"] for row in each.rows] == [False]


@pytest.mark.parametrize("number", [1, 3])
def test_list_makes_seven_queries_however_many_the_organization_has(
    browser_of, organization, ada, grace, django_assert_num_queries, number
):
    for n in range(number):
        make_collective(organization, ada, grace, slug=f"team-{n}")
    browser = browser_of(ada)

    with django_assert_num_queries(7):
        assert len(sections_on(browser.get(LIST))[0][1]) == number


def test_event_types_of_organizations_count_for_no_persons_plan(browser_of, organization, mary):
    Membership.objects.create(organization=organization, user=mary, role=Role.ADMIN)
    browser_of(mary).post(ROUND_ROBIN, typed(hosts=["mary"]))
    Organization.objects.update(plan=Plan.FREE)

    page = browser_of(mary).get(LIST)

    assert (page.context["used"], page.context["limit"]) == (1, 1)
