"""Only owners and admins can create for a teammate. Each request checks it."""

from contextlib import contextmanager

import pytest
from django.db import connection

from caledee.account_pages.deletion import close_account
from oneoff.models import OneOffMeeting
from scheduling.models import BusyTime
from tests.oneoff.conftest import NOW


def test_it_is_on_the_teammates_page_and_in_their_time_zone(client, ada, alan, submit):
    one_off = submit(ada, organizer="alan", times=["2026-12-01T09:00"])

    assert (one_off.organizer, one_off.created_by) == (alan, ada)
    assert one_off.link.get_absolute_url().startswith("/alan/o/")
    assert [f"{time.start:%H:%M}" for time in one_off.proposed_times.all()] == ["03:30"]
    assert list(BusyTime.objects.values_list("organizer", flat=True)) == [alan.pk]


def test_the_organizer_can_be_chosen_by_owners_and_admins(client, ada, grace, alan, mary):
    offered = {}
    for user in (ada, grace, alan, mary):
        client.force_login(user)
        offered[user.handle] = [
            handle for handle, _ in client.get("/one-offs/new/").context["form"].fields["organizer"].choices
        ]

    assert offered == {
        "ada": ["ada", "alan", "grace"],
        "grace": ["grace", "ada", "alan"],
        "alan": ["alan"],
        "mary": ["mary"],
    }


@pytest.mark.parametrize(("who", "whom"), [("alan", "ada"), ("mary", "ada"), ("ada", "mary"), ("grace", "mary")])
def test_other_people_are_rejected_as_organizer(client, request, creation, who, whom):
    people = {name: request.getfixturevalue(name) for name in ("ada", "grace", "alan", "mary")}
    client.force_login(people[who])

    response = client.post("/one-offs/new/", creation(organizer=whom))

    assert response.status_code == 422
    assert response.context["form"].errors == {"organizer": ["You can't create meetings for them."]}
    assert OneOffMeeting.objects.count() == 0


def test_changing_the_organizer_changes_zone_and_suggestions_and_keeps_the_rest(client, ada, alan, creation):
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation(create=None, organizer="alan", refresh="1"))

    assert response.context["whose_times"] == "Alan Turing’s times, in Kolkata"
    assert [time.value for day in response.context["days"] for time in day.times] == creation()["times"]
    assert response.context["form"]["name"].value() == "Interview with Dana"
    assert response.context["form"]["organizer"].value() == "alan"


def test_a_teammates_meetings_stay_nameless(client, ada, alan, create, creation):
    create(alan, name="Salary talk", times=["2026-12-01T09:00"])
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation(organizer="alan", times=["2026-12-01T09:00"]))

    assert response.status_code == 409
    day = response.context["days"][0]
    assert [time.error for time in day.times] == ["Alan Turing is busy then."]
    assert list(day.strip.words) == ["Working 09:00 to 17:00", "Busy 09:00 to 09:30"]
    assert "Salary talk" not in response.content.decode()


def test_a_one_off_that_one_created_for_a_teammate_is_named(client, ada, alan, create, creation):
    create(ada, name="Kick-off", organizer="alan", times=["2026-12-01T09:00"])
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation(organizer="alan", times=["2026-12-01T09:00"]))

    assert [time.error for time in response.context["days"][0].times] == ["Already held for Kick-off."]


@pytest.mark.parametrize("steps", [1, 3])
def test_a_step_makes_the_same_number_of_queries(
    client, ada, alan, create, creation, django_assert_num_queries, steps
):
    create(ada, organizer="alan", times=["2026-12-01T09:00", "2026-12-02T09:00", "2026-12-03T09:00"])
    client.force_login(ada)
    times = [f"2026-12-0{day}T10:00" for day in range(1, steps + 1)]

    with django_assert_num_queries(8):
        client.post("/one-offs/new/", creation(create=None, organizer="alan", times=times, refresh="1"))


@pytest.fixture
def close_meanwhile():
    """Close an account after the form was checked, just before the transaction that creates."""

    @contextmanager
    def act(person):
        waiting = [person]

        def execute(execute, sql, *args):
            if waiting and sql.startswith("SAVEPOINT"):
                close_account(waiting.pop(), now=NOW)
            return execute(sql, *args)

        with connection.execute_wrapper(execute):
            yield
        assert not waiting

    return act


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"organizer": "alan"}, {"organizer": ["You can't create meetings for them."]}),
        (
            {"cohosts": ["grace", "alan"]},
            {"cohosts": ["You can't add “alan”. Choose people in an organization that you administer."]},
        ),
    ],
)
def test_a_person_who_leaves_while_the_form_is_sent_is_rejected(
    client, ada, grace, alan, creation, close_meanwhile, fields, errors
):
    client.force_login(ada)

    with close_meanwhile(alan):
        response = client.post("/one-offs/new/", creation(description="About the job.", **fields))

    form = response.context["form"]
    assert (response.status_code, form.errors) == (422, errors)
    assert (form["name"].value(), form["description"].value()) == ("Interview with Dana", "About the job.")
    assert [time.value for day in response.context["days"] for time in day.times] == creation()["times"]
    assert [handle for handle, _ in form.fields["organizer"].choices] == ["ada", "grace"]
    assert (OneOffMeeting.objects.count(), BusyTime.objects.count()) == (0, 0)


def test_a_creator_who_leaves_while_their_form_is_sent_is_signed_out(client, grace, creation, close_meanwhile):
    client.force_login(grace)

    with close_meanwhile(grace):
        response = client.post("/one-offs/new/", creation())

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/one-offs/new/")
    assert client.get("/one-offs/").status_code == 302
    assert (OneOffMeeting.objects.count(), BusyTime.objects.count()) == (0, 0)
