"""The team's page, and what owners do with an organization."""

from datetime import timedelta

import pytest
from django.test import Client

from caledee.accounts.models import Membership, Organization, Role, User
from caledee.accounts.plans import Plan
from caledee.accounts.teams.memberships import change_role
from caledee.email.models import EmailRecord
from tests.factories import make_invitation, make_organization, make_person, roles_in
from tests.support.pages import read
from tests.support.tables import all_rows
from tests.support.times import NOW

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def page_of(organization, rest=""):
    return f"/team/{organization.pk}/{rest}"


def links_on(page):
    return [link["href"] for link in page.one("main").all("a")]


def said_on(response):
    return [str(message) for message in response.context["messages"]]


def names_on(page):
    return [heading.text for heading in page.all("h3", class_="row-title")]


def test_owner_sees_everyone_with_role_zone_page_and_what_can_be_done(browser_of, organization, ada, grace, alan):
    page = read(browser_of(ada).get("/team/"))

    assert names_on(page) == ["Ada Lovelace Owner You", "Grace Hopper Admin", "Alan Turing Member"]
    assert [each in page.text for each in ("London", "New York", "Kolkata")] == [True] * 3
    assert links_on(page) == [
        "/analytical-engines/",
        page_of(organization, "invite/"),
        "/ada/",
        "/one-offs/new/?organizer=ada",
        page_of(organization, f"people/{ada.pk}/"),
        "/grace/",
        "/one-offs/new/?organizer=grace",
        page_of(organization, f"people/{grace.pk}/"),
        "/alan/",
        "/one-offs/new/?organizer=alan",
        page_of(organization, f"people/{alan.pk}/"),
        page_of(organization, "edit/"),
        "/team/new/",
    ]


def test_admin_has_a_say_over_all_but_owners(browser_of, organization, ada, grace, alan):
    page = read(browser_of(grace).get("/team/"))

    assert links_on(page) == [
        "/analytical-engines/",
        page_of(organization, "invite/"),
        "/ada/",
        "/one-offs/new/?organizer=ada",
        "/grace/",
        "/one-offs/new/?organizer=grace",
        page_of(organization, f"people/{grace.pk}/"),
        "/alan/",
        "/one-offs/new/?organizer=alan",
        page_of(organization, f"people/{alan.pk}/"),
        "/team/new/",
    ]


def test_member_sees_who_is_in_and_may_leave(browser_of, organization, ada, grace, alan):
    make_invitation(organization, "dana@example.com", ada)

    page = read(browser_of(alan).get("/team/"))

    assert names_on(page) == ["Ada Lovelace Owner", "Grace Hopper Admin", "Alan Turing Member You"]
    assert links_on(page) == ["/analytical-engines/", "/team/new/"]
    assert [form["action"] for form in page.one("main").all("form")] == [page_of(organization, "leave/")]
    assert [word for word in ("dana@", "ada@example.com", "grace@example.com") if word in page.text] == []


def test_invitations_are_listed_with_how_long_they_are_valid(browser_of, organization, ada, grace, clock):
    make_invitation(organization, "dana@example.com", ada)
    owners = make_invitation(organization, "edsger@example.com", ada, Role.OWNER, now=NOW + timedelta(minutes=1))

    page = read(browser_of(grace).get("/team/"))

    assert names_on(page)[2:] == ["dana@example.com Member", "edsger@example.com Owner"]
    assert "Valid until Monday 30 November 2026, 03:00 (New York) Invited by Ada Lovelace" in page.text
    assert str(owners.pk) not in str([form["action"] for form in page.all("form")])


def test_expired_invitation_says_so_and_can_be_sent_again(browser_of, organization, ada, clock):
    invitation = make_invitation(organization, "dana@example.com", ada)
    clock.move_to(invitation.expires_at)

    page = read(browser_of(ada).get("/team/"))

    assert names_on(page)[1:] == ["dana@example.com Member Expired"]
    assert page_of(organization, f"invitations/{invitation.pk}/resend/") in [
        form["action"] for form in page.all("form")
    ]


@pytest.mark.parametrize("more", [0, 2])
def test_page_takes_six_queries_at_any_length(browser_of, organization, ada, django_assert_num_queries, more):
    for number in range(1 + more):
        person = make_person(f"person-{number}")
        Membership.objects.create(organization=organization, user=person, role=Role.MEMBER)
        make_invitation(organization, f"invited-{number}@example.com", ada)
        make_organization(f"Other {number}", owner=ada)
    browser = browser_of(ada)

    with django_assert_num_queries(6):
        page = read(browser.get(page_of(organization)))

    assert len(names_on(page)) == 1 + 2 * (1 + more)


def test_several_organizations_are_tabs_each_with_its_own_people(browser_of, organization, ada, alan, mary):
    other = make_organization("Other Engines", owner=alan, member=ada)

    first, second = (read(browser_of(ada).get(address)) for address in ("/team/", page_of(other)))

    tabs = first.one("nav", aria_label="Your organizations").all("a")
    assert [(tab.text, tab["href"]) for tab in tabs] == [
        ("Analytical Engines", page_of(organization)),
        ("Other Engines", page_of(other)),
    ]
    assert names_on(second) == ["Alan Turing Owner", "Ada Lovelace Member You"]
    assert page_of(other, "invite/") not in links_on(second)


def test_without_an_organization_the_page_says_what_a_team_is_for(browser_of, ada):
    Membership.objects.all().delete()

    page = read(browser_of(ada).get("/team/"))

    assert "A team is for people who schedule for each other" in page.text
    assert [link.text for link in page.one("main").all("a")] == ["Create an organization"]


def test_without_the_plan_the_page_says_that_none_can_be_created(browser_of, mary):
    browser = browser_of(mary)

    shown, refused = browser.get("/team/new/"), browser.post("/team/new/", {"name": "Mine"})

    assert links_on(read(browser.get("/team/"))) == []
    assert (shown.status_code, refused.status_code) == (200, 422)
    assert "Creating an organization requires the Team plan" in read(refused).text
    assert Organization.objects.count() == 1


def test_creating_makes_one_owner_and_leads_there(browser_of, ada):
    response = browser_of(ada).post("/team/new/", {"name": " Difference  Engines ", "handle": ""}, follow=True)

    made = Organization.objects.get(handle="difference-engines")
    assert response.redirect_chain == [(page_of(made), 302)]
    assert (made.name, roles_in(made)) == ("Difference Engines", {"ada": "owner"})
    assert said_on(response) == ["“Difference Engines” was created with you as its owner. Now invite your team."]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Engines\u202egnp", "Enginesgnp"),
        ("Engines\x00\x1b[31m gnp", "Engines [31m gnp"),
        ("Engines\r\nBcc: gnp", "Engines Bcc: gnp"),
    ],
)
def test_control_characters_and_overrides_are_no_part_of_a_name(browser_of, ada, typed, name):
    browser_of(ada).post("/team/new/", {"name": typed, "handle": "gnp-engines"})

    assert Organization.objects.get(handle="gnp-engines").name == name


@pytest.mark.parametrize("name", ["", "   ", "\u202e\u200f", "\u200b\u200b", "...", "x" * 10_000])
def test_a_name_that_is_none_is_refused_and_kept(browser_of, ada, name):
    browser = browser_of(ada)
    stored = all_rows()

    response = browser.post("/team/new/", {"name": name, "handle": "new-engines"})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["name"]
    assert response.context["form"]["handle"].value() == "new-engines"
    assert all_rows() == stored


@pytest.mark.parametrize(
    "handle",
    [
        "grace",
        "GRACE",
        "analytical-engines",
        "ana1ytica1-engines",
        "team",
        "adm1n",
        "l0gin",
        "a b",
        "x",
        "é" * 5,
        "a" * 41,
    ],
)
def test_a_handle_that_is_taken_looks_taken_or_is_reserved_is_refused(browser_of, ada, grace, handle):
    response = browser_of(ada).post("/team/new/", {"name": "Engines", "handle": handle})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["handle"]
    assert response.context["form"]["name"].value() == "Engines"
    assert Organization.objects.count() == 1


def test_renaming_changes_name_and_address(browser_of, organization, ada):
    browser = browser_of(ada)
    form = browser.get(page_of(organization, "edit/")).context["form"]

    response = browser.post(page_of(organization, "edit/"), {"name": "Engines", "handle": "Engines"})

    organization.refresh_from_db()
    assert [form[name].value() for name in ("name", "handle")] == ["Analytical Engines", "analytical-engines"]
    assert (response.status_code, response["Location"]) == (302, page_of(organization))
    assert (organization.name, organization.handle) == ("Engines", "engines")


def test_keeping_the_handle_is_no_clash_with_itself(browser_of, organization, ada):
    data = {"name": "Engines", "handle": "analytical-engines"}

    assert browser_of(ada).post(page_of(organization, "edit/"), data).status_code == 302
    assert Organization.objects.get().name == "Engines"


@pytest.mark.parametrize(("who", "status"), [("grace", 403), ("alan", 403), ("mallory", 404)])
def test_only_owners_get_to_rename_and_delete(browser_of, organization, ada, grace, alan, who, status):
    mallory = make_person("mallory")
    make_organization("Other Engines", owner=mallory)
    browser = browser_of({"grace": grace, "alan": alan, "mallory": mallory}[who])

    answers = [
        browser.get(page_of(organization, "edit/")),
        browser.post(page_of(organization, "edit/"), {"name": "Mine", "handle": "mine-all"}),
        browser.post(page_of(organization, "delete/")),
    ]

    assert [answer.status_code for answer in answers] == [status] * 3
    assert sorted(Organization.objects.values_list("name", flat=True)) == ["Analytical Engines", "Other Engines"]


def test_strangers_find_nothing_whether_it_is_there_or_not(browser_of, organization, ada, mary):
    browser = browser_of(mary)

    for key in (organization.pk, UNKNOWN):
        assert browser.get(f"/team/{key}/").status_code == 404
        assert browser.get(f"/team/{key}/invite/").status_code == 404
        assert browser.get(f"/team/{key}/people/{ada.pk}/").status_code == 404
        assert browser.post(f"/team/{key}/leave/").status_code == 404


def test_owner_deletes_it(browser_of, organization, ada, alan):
    response = browser_of(ada).post(page_of(organization, "delete/"), follow=True)

    assert response.redirect_chain == [("/team/", 302)]
    assert said_on(response) == ["“Analytical Engines” was deleted. All members keep their meetings."]
    assert (Organization.objects.count(), User.objects.count(), alan.event_types.count()) == (0, 2, 1)


def test_member_leaves(browser_of, organization, ada, alan):
    response = browser_of(alan).post(page_of(organization, "leave/"), follow=True)

    assert response.redirect_chain == [("/team/", 302)]
    assert said_on(response) == ["You have left “Analytical Engines”. You keep your meetings and event types."]
    assert roles_in(organization) == {"ada": "owner"}


def test_last_owner_cannot_leave_and_is_told_why(browser_of, organization, ada, grace):
    response = browser_of(ada).post(page_of(organization, "leave/"))

    assert response.status_code == 409
    assert "You are the only owner of “Analytical Engines”, and an organization must have one." in read(response).text
    assert roles_in(organization) == {"ada": "owner", "grace": "admin"}


def test_role_lost_a_moment_ago_counts_at_once(browser_of, organization, ada, grace):
    browser = browser_of(grace)
    assert browser.get(page_of(organization, "invite/")).status_code == 200

    change_role(organization, grace, Role.MEMBER, by=ada, now=NOW)

    assert browser.get(page_of(organization, "invite/")).status_code == 403


def test_organization_without_the_plan_team_says_that_nobody_can_be_invited(browser_of, organization, ada, alan):
    Organization.objects.update(plan=Plan.PRO)

    page = read(browser_of(ada).get("/team/"))

    assert names_on(page) == ["Ada Lovelace Owner You", "Alan Turing Member"]
    assert page_of(organization, "invite/") not in links_on(page)
    assert "Inviting people requires the Team plan, and this organization has the Pro plan." in page.text


@pytest.mark.parametrize("step", ["delete/", "leave/"])
def test_what_acts_is_posted_with_a_token(organization, ada, step):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)

    assert browser.get(page_of(organization, step)).status_code == 405
    assert browser.post(page_of(organization, step)).status_code == 403
    assert roles_in(organization) == {"ada": "owner"}


def test_signed_out_person_is_asked_to_sign_in(client, organization):
    for address in ("/team/", "/team/new/", page_of(organization), page_of(organization, "invite/")):
        assert client.get(address)["Location"] == f"/accounts/login/?next={address}"


def test_the_inviter_reads_that_an_invitation_could_not_be_delivered(browser_of, organization, ada, alan):
    invitation = make_invitation(organization, "emmy@example.com", ada)
    make_invitation(organization, "erna@example.com", ada)
    EmailRecord.objects.filter(subject=invitation.pk).update(failed_at=NOW, reason="address")
    words = "This invitation could not be delivered: the mail server refused the address."

    pages = {
        person: browser_of(person).get(f"/team/{organization.pk}/").content.decode().count(words)
        for person in (ada, alan)
    }

    assert pages == {ada: 1, alan: 0}
