"""Several people of an organization in one meeting: who can be chosen, and the errors for others."""

import pytest

from caledee.accounts.models import Membership, Organization, Role, User
from oneoff.models import OneOffMeeting
from scheduling.models import BusyTime
from tests.factories import book_event_type
from tests.support.pages import read
from tests.support.times import NOW


def not_yours(handle: str) -> dict[str, list[str]]:
    return {"cohosts": [f"You can't add “{handle}”. Choose people in an organization that you administer."]}


@pytest.fixture
def refuse(client, creation):
    """Send the form as `user` and return its errors. Nothing is written, and everything typed is kept."""

    def act(user, **changes):
        client.force_login(user)
        response = client.post("/one-offs/new/", creation(**changes))
        form, page = response.context["form"], read(response)
        assert (response.status_code, OneOffMeeting.objects.count(), BusyTime.objects.count()) == (422, 0, 0)
        assert form["name"].value() == "Interview with Dana"
        assert [time.value for day in response.context["days"] for time in day.times] == creation()["times"]
        for name, errors in form.errors.items():
            assert errors[0] in page.by_id(f"id_{name}_error").text
        return {name: list(errors) for name, errors in form.errors.items()}

    return act


def colleagues(organization: Organization, number: int) -> list[User]:
    people = [
        User.objects.create_user(
            f"colleague{n}@example.com", name=f"Colleague {n}", handle=f"colleague-{n}", time_zone="Europe/London"
        )
        for n in range(number)
    ]
    Membership.objects.bulk_create(Membership(organization=organization, user=person) for person in people)
    return people


@pytest.fixture
def mills(grace, mary):
    """A second organization of Grace and Mary, which Grace also administers."""
    mills = Organization.objects.create(name="Mills", handle="mills")
    Membership.objects.create(organization=mills, user=grace, role=Role.ADMIN)
    Membership.objects.create(organization=mills, user=mary)
    return mills


def test_a_panel_takes_the_time_of_everyone(ada, grace, alan, submit):
    one_off = submit(grace, organizer="ada", cohosts=["ALAN", "grace", "alan"], times=["2026-12-01T10:00"])

    assert (one_off.organizer, one_off.created_by) == (ada, grace)
    assert one_off.people == [ada, alan, grace]
    held = BusyTime.objects.values_list("organizer__handle", "claim", "kind")
    assert sorted(held) == [(handle, one_off.pk, "hold") for handle in ("ada", "alan", "grace")]


def test_the_organizer_among_the_cohosts_is_ignored(ada, grace, submit):
    assert submit(grace, organizer="ada", cohosts=["ada", "grace"]).people == [ada, grace]


@pytest.mark.parametrize(("who", "whom"), [("alan", "ada"), ("mary", "ada"), ("ada", "mary"), ("ada", "nobody")])
def test_other_people_are_rejected_as_cohosts(request, refuse, who, whom):
    people = {name: request.getfixturevalue(name) for name in ("ada", "grace", "alan", "mary")}

    assert refuse(people[who], cohosts=[whom]) == not_yours(whom)


def test_a_member_who_chooses_another_organizer_gets_an_error(refuse, ada, alan):
    assert refuse(alan, organizer="ada") == {"organizer": ["You can't create meetings for them."]}


def test_people_of_two_organizations_cannot_meet(refuse, ada, grace, mary, mills):
    assert refuse(grace, cohosts=["ada", "mary"]) == {
        "cohosts": [
            "These people aren't all in one organization that you administer: "
            "Grace Hopper, Ada Lovelace and Mary Somerville."
        ]
    }
    assert refuse(grace, organizer="mary", cohosts=["ada"])["cohosts"][0].startswith(
        "These people aren't all in one organization"
    )


def test_people_within_each_of_two_organizations_can_meet(ada, grace, mary, mills, submit):
    assert submit(grace, cohosts=["ada"]).people == [grace, ada]
    assert submit(grace, cohosts=["mary"], times=["2026-12-03T10:00"]).people == [grace, mary]


def test_membership_alone_is_not_enough_to_choose_people(refuse, grace, mary, mills):
    grace.memberships.filter(organization=mills).update(role=Role.MEMBER)

    assert refuse(grace, cohosts=["mary"]) == not_yours("mary")


def test_at_most_nine_cohosts_are_accepted(refuse, submit, ada, organization):
    handles = [person.handle for person in colleagues(organization, 10)]

    assert refuse(ada, cohosts=handles) == {"cohosts": ["Choose at most 9 people besides the organizer."]}
    assert len(submit(ada, cohosts=[*handles[:9], "ada", handles[0]]).people) == 10


@pytest.mark.parametrize("handle", ["", " ", "<b>x</b>", "é", "a" * 100_000])
def test_an_invalid_handle_is_rejected(refuse, ada, handle):
    assert refuse(ada, cohosts=[handle]) == not_yours(handle[:40])


def test_a_hundred_strangers_get_one_error(refuse, ada):
    assert refuse(ada, cohosts=[f"somebody-{n}" for n in range(100)]) == not_yours("somebody-0")


def test_a_form_with_five_hundred_cohosts_is_rejected(client, ada, creation):
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation(cohosts=[f"somebody-{n}" for n in range(500)]))

    assert (response.status_code, OneOffMeeting.objects.count()) == (400, 0)


def test_a_cohost_who_left_since_the_page_was_opened_is_rejected(client, refuse, ada, grace):
    client.force_login(ada)
    assert 'value="grace"' in client.get("/one-offs/new/").content.decode()
    grace.memberships.all().delete()

    assert refuse(ada, cohosts=["grace"]) == not_yours("grace")


def test_a_creator_who_lost_the_role_since_the_page_was_opened_is_rejected(client, refuse, ada, grace):
    client.force_login(grace)
    assert 'value="ada"' in client.get("/one-offs/new/").content.decode()
    grace.memberships.update(role=Role.MEMBER)

    assert refuse(grace, cohosts=["ada"]) == not_yours("ada")


def test_a_person_with_a_deactivated_account_is_rejected(refuse, ada, grace):
    User.objects.filter(pk=grace.pk).update(is_active=False)

    assert refuse(ada, cohosts=["grace"]) == not_yours("grace")


def test_only_people_who_administer_others_see_the_cohosts(client, ada, grace, alan):
    shown = {}
    for user in (ada, alan):
        client.force_login(user)
        page = read(client.get("/one-offs/new/"))
        shown[user.handle] = [
            box["value"] for box in page.all("input", name="cohosts") if "disabled" not in box.attributes
        ]

    assert shown == {"ada": ["alan", "grace"], "alan": []}
    client.force_login(ada)
    group = read(client.get("/one-offs/new/")).by_id("id_cohosts")
    assert (group.tag, group.one("legend").text) == ("fieldset", "Other hosts")
    assert "Grace Hopper, New York" in group.text


def test_conflicts_are_listed_by_person(client, ada, grace, alan, create, creation):
    create(alan, name="Salary talk", times=["2026-12-01T15:30"])
    book_event_type(ada, "10:00", now=NOW)
    client.force_login(ada)

    response = client.post(
        "/one-offs/new/",
        creation(cohosts=["grace", "alan"], times=["2026-12-01T10:00", "2026-12-01T09:45", "2026-12-01T14:00"]),
    )

    assert response.status_code == 409
    day = response.context["days"][0]
    assert [(time.value[-5:], time.error) for time in day.times] == [
        ("09:45", "Already booked: Intro call. Alan Turing is busy then."),
        ("10:00", "Already booked: Intro call. Alan Turing is busy then."),
        ("14:00", ""),
    ]
    assert [(other.name, list(other.strip.words)) for other in day.others] == [
        ("Alan Turing", ["Working 03:30 to 11:30", "Busy 10:00 to 10:30"]),
        ("Grace Hopper", ["Working 14:00 to 22:00"]),
    ]
    assert "Salary talk" not in response.content.decode()
    assert OneOffMeeting.objects.count() == 1


def press(client, creation, **buttons):
    return client.post("/one-offs/new/", creation(create=None, **buttons))


def proposed(response) -> list[tuple[str, str]]:
    return [(time.value, time.remark) for day in response.context["days"] for time in day.times]


def test_the_first_time_of_a_day_is_when_everyone_works_and_is_free(client, ada, grace, creation):
    book_event_type(grace, "14:00", now=NOW)
    client.force_login(ada)

    response = press(client, creation, times=None, cohosts=["grace"], toggle_day="2026-12-01")

    assert proposed(response) == [("2026-12-01T14:30", "")]


def test_without_common_hours_the_organizers_count_and_others_are_named(client, ada, grace, alan, creation):
    client.force_login(ada)

    response = press(client, creation, times=None, cohosts=["grace", "alan"], toggle_day="2026-12-01")

    assert proposed(response) == [("2026-12-01T09:00", "Outside working hours for Grace Hopper.")]


def test_the_remark_names_people_outside_their_working_hours(client, ada, grace, creation):
    client.force_login(ada)

    response = press(
        client,
        creation,
        cohosts=["grace"],
        times=["2026-12-01T13:00", "2026-12-01T15:00", "2026-12-01T18:00", "2026-12-01T23:00"],
        refresh="1",
    )

    assert [remark for _, remark in proposed(response)] == [
        "Outside working hours for Grace Hopper.",
        "",
        "Outside working hours for you.",
        "Outside everyone’s working hours.",
    ]


def test_steps_keep_the_chosen_people(client, ada, grace, alan, creation):
    client.force_login(ada)

    response = press(client, creation, cohosts=["grace", "alan"], add_time="2026-12-01")

    form = response.context["form"]
    assert (form["cohosts"].value(), form.errors) == (["grace", "alan"], {})
    assert response.context["whose_times"] == (
        "Your times, in London, when Alan Turing and Grace Hopper are free, too"
    )


def test_duplicating_copies_the_cohosts(client, ada, grace, alan, create):
    one_off = create(ada, cohosts=["grace", "alan"])
    client.force_login(ada)

    form = client.get(f"/one-offs/new/?duplicate={one_off.pk}").context["form"]

    assert [person.handle for person in form.chosen_people] == ["ada", "alan", "grace"]


@pytest.mark.parametrize("number", [1, 3])
def test_the_creator_makes_the_same_number_of_queries(
    client, ada, organization, create, creation, django_assert_num_queries, number
):
    handles = [person.handle for person in colleagues(organization, number)]
    create(ada, cohosts=handles, times=[f"2026-12-01T{hour:02}:00" for hour in range(9, 9 + number)])
    client.force_login(ada)

    with django_assert_num_queries(6):
        client.get("/one-offs/new/")
    with django_assert_num_queries(8):
        press(client, creation, cohosts=handles, refresh="1")


@pytest.mark.parametrize("number", [1, 3])
def test_the_invitees_page_makes_at_most_five_queries(
    client, ada, organization, create, django_assert_num_queries, number
):
    handles = [person.handle for person in colleagues(organization, number)]
    one_off = create(ada, cohosts=handles)

    with django_assert_num_queries(5):
        page = client.get(one_off.link.get_absolute_url())

    names = ["Ada Lovelace", *(f"Colleague {n}" for n in range(number))]
    assert all(name in page.content.decode() for name in names)
