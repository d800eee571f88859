"""Owners and admins create for a teammate; nobody else does, at any request."""

import pytest

from oneoff.models import OneOffMeeting
from scheduling.models import BusyTime


def test_it_lives_on_the_teammates_page_and_in_their_zone(client, ada, alan, create):
    one_off = create(ada, organizer="alan", times=["2026-12-01T09:00"])

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
def test_nobody_else_is_taken_as_organizer(client, request, creation, who, whom):
    people = {name: request.getfixturevalue(name) for name in ("ada", "grace", "alan", "mary")}
    client.force_login(people[who])

    response = client.post("/one-offs/new/", creation(organizer=whom))

    assert response.status_code == 422
    assert response.context["form"].errors == {"organizer": ["You can't create meetings for them."]}
    assert OneOffMeeting.objects.count() == 0


def test_changing_the_organizer_changes_zone_and_suggestions_and_keeps_the_rest(client, ada, alan, creation):
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation(create=None, organizer="alan", refresh="1"))

    assert response.context["zone"] == "Asia/Kolkata"
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


def test_what_one_made_for_a_teammate_oneself_has_its_name(client, ada, alan, create, creation):
    create(ada, name="Kick-off", organizer="alan", times=["2026-12-01T09:00"])
    client.force_login(ada)

    response = client.post("/one-offs/new/", creation(organizer="alan", times=["2026-12-01T09:00"]))

    assert [time.error for time in response.context["days"][0].times] == ["Already held for Kick-off."]


@pytest.mark.parametrize("steps", [1, 3])
def test_a_step_asks_the_same_number_of_queries(client, ada, alan, create, creation, django_assert_num_queries, steps):
    create(ada, organizer="alan", times=["2026-12-01T09:00", "2026-12-02T09:00", "2026-12-03T09:00"])
    client.force_login(ada)
    times = [f"2026-12-0{day}T10:00" for day in range(1, steps + 1)]

    with django_assert_num_queries(8):
        client.post("/one-offs/new/", creation(create=None, organizer="alan", times=times, refresh="1"))
