"""The board, the page of a one-off, withdrawing and deleting."""

from datetime import timedelta

import pytest
import time_machine

from oneoff.models import OneOffMeeting, ProposedTime, SingleUseLink
from scheduling.models import BusyTime


@pytest.fixture
def book(client):
    """Return a function that books a time as Dana through the link."""

    def act(one_off, index=0):
        time = one_off.proposed_times.all()[index]
        data = {"slot": str(time.pk), "name": "Dana", "email": "dana@example.com", "time_zone": "Europe/Paris"}
        response = client.post(one_off.link.get_absolute_url(), data)
        assert response.status_code == 302, response.content.decode()
        one_off.link.refresh_from_db()
        return one_off.link.booking

    return act


def board(client, user) -> dict[str, list[str]]:
    client.force_login(user)
    response = client.get("/one-offs/")
    return {heading: [row.one_off.name for row in rows] for heading, rows, _ in response.context["sections"]}


def test_the_board_sorts_into_waiting_booked_and_ended(client, ada, create, book):
    create(ada, name="Waiting", times=["2026-12-01T09:00"])
    book(create(ada, name="Booked", times=["2026-12-02T09:00"]))
    create(ada, name="Expired", times=["2026-12-03T09:00"], valid_until="2026-11-24T09:00")

    with time_machine.travel("2026-11-24T09:00Z", tick=False):
        assert board(client, ada) == {"Waiting": ["Waiting"], "Booked": ["Booked"], "Ended": ["Expired"]}


def test_across_pages_waiting_meetings_come_first_and_ended_ones_last(client, ada, create, book, monkeypatch):
    monkeypatch.setattr("oneoff.board.views.board.PER_PAGE", 1)
    with time_machine.travel("2026-11-20T08:00Z", tick=False):
        create(ada, name="Waiting", times=["2026-12-01T09:00"])
    with time_machine.travel("2026-11-21T08:00Z", tick=False):
        book(create(ada, name="Booked", times=["2026-12-02T09:00"]))
    with time_machine.travel("2026-11-22T08:00Z", tick=False):
        create(ada, name="Ended", times=["2026-11-22T09:00"])
    client.force_login(ada)

    pages = [client.get("/one-offs/", {"page": number}).context["sections"] for number in (1, 2, 3)]

    assert [[(heading, row.one_off.name) for heading, rows, _ in page for row in rows] for page in pages] == [
        [("Waiting", "Waiting")],
        [("Booked", "Booked")],
        [("Ended", "Ended")],
    ]


def test_a_one_off_whose_times_have_passed_has_ended(client, ada, create):
    create(ada, name="Nobody came", times=["2026-11-24T09:00"])

    with time_machine.travel("2026-11-24T09:00Z", tick=False):
        assert board(client, ada) == {"Waiting": [], "Booked": [], "Ended": ["Nobody came"]}


def test_the_board_of_another_person_shows_nothing_of_it(client, ada, alan, mary, grace, create):
    create(ada, name="Ada's own")
    create(grace, name="For Ada, by Grace", organizer="ada", times=["2026-12-07T09:00"])

    assert sorted(board(client, ada)["Waiting"]) == ["Ada's own", "For Ada, by Grace"]
    assert board(client, grace)["Waiting"] == ["For Ada, by Grace"]
    assert board(client, alan)["Waiting"] == []
    assert board(client, mary)["Waiting"] == []


def test_the_board_shows_who_created_a_one_off_and_for_whom(client, ada, grace, create):
    create(grace, organizer="ada")

    client.force_login(ada)
    assert "Created for you by Grace Hopper" in client.get("/one-offs/").content.decode()
    client.force_login(grace)
    assert "For Ada Lovelace, created by you" in client.get("/one-offs/").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_board_makes_the_same_number_of_queries(client, ada, create, django_assert_num_queries, number):
    for day in range(1, number + 1):
        create(ada, times=[f"2026-12-0{day}T09:00", f"2026-12-0{day}T10:00"])
    client.force_login(ada)

    with django_assert_num_queries(15):
        client.get("/one-offs/")


def test_the_board_shows_a_booking(client, ada, create, book):
    one_off = create(ada)
    book(one_off)
    client.force_login(ada)

    page = client.get("/one-offs/").content.decode()

    assert "Tuesday 1 December 2026, 09:00 to 09:30 (London, GMT)" in page
    assert "Dana, dana@example.com" in page


def test_an_empty_board_shows_how_to_create_one(client, ada):
    client.force_login(ada)

    page = client.get("/one-offs/").content.decode()

    assert "No one-off meetings yet" in page
    assert 'href="/one-offs/new/"' in page


def test_deleting_releases_the_times_and_removes_the_link(client, ada, create):
    one_off = create(ada)
    client.force_login(ada)

    response = client.post(f"/one-offs/{one_off.pk}/delete/")

    assert (response.status_code, response["Location"]) == (302, "/one-offs/")
    assert [model.objects.count() for model in (OneOffMeeting, ProposedTime, SingleUseLink, BusyTime)] == [0, 0, 0, 0]
    assert client.get(one_off.link.get_absolute_url()).status_code == 404


def test_a_booked_one_off_cannot_be_deleted(client, ada, create, book):
    one_off = create(ada)
    booking = book(one_off)
    client.force_login(ada)

    response = client.post(f"/one-offs/{one_off.pk}/delete/")

    assert response.status_code == 409
    assert "is already booked" in response.content.decode()
    assert OneOffMeeting.objects.get() == one_off
    assert list(BusyTime.objects.values_list("claim", flat=True)) == [booking.pk]


def test_a_one_off_that_took_place_can_be_deleted_and_its_booking_stays(client, ada, create, book):
    one_off = create(ada)
    booking = book(one_off)

    with time_machine.travel(booking.end, tick=False):
        client.force_login(ada)
        assert client.post(f"/one-offs/{one_off.pk}/delete/").status_code == 302

    assert OneOffMeeting.objects.count() == 0
    assert list(BusyTime.objects.values_list("claim", flat=True)) == [booking.pk]


def test_withdrawing_releases_one_time(client, ada, create):
    one_off = create(ada)
    first, second, third = one_off.proposed_times.all()
    client.force_login(ada)

    response = client.post(f"/one-offs/{one_off.pk}/withdraw/", {"time": str(second.pk)})

    assert (response.status_code, response["Location"]) == (302, f"/one-offs/{one_off.pk}/")
    assert list(one_off.proposed_times.values_list("pk", flat=True)) == [first.pk, third.pk]
    assert list(BusyTime.objects.order_by("start").values_list("start", flat=True)) == [first.start, third.start]


def test_a_booked_one_off_keeps_its_times(client, ada, create, book):
    one_off = create(ada)
    book(one_off)
    time = one_off.proposed_times.all()[1]
    client.force_login(ada)

    response = client.post(f"/one-offs/{one_off.pk}/withdraw/", {"time": str(time.pk)})

    assert response.status_code == 409
    assert one_off.proposed_times.count() == 3


@pytest.mark.parametrize("time", ["", "x", "2026-12-01T09:00", "00000000-0000-4000-8000-000000000000"])
def test_withdrawing_an_unknown_time_is_not_found(client, ada, create, time):
    one_off = create(ada)
    client.force_login(ada)

    assert client.post(f"/one-offs/{one_off.pk}/withdraw/", {"time": time}).status_code == 404
    assert one_off.proposed_times.count() == 3


def test_a_time_of_another_one_off_is_not_found(client, ada, create):
    one_off, other = create(ada), create(ada, times=["2026-12-08T09:00"])
    client.force_login(ada)

    response = client.post(f"/one-offs/{one_off.pk}/withdraw/", {"time": str(other.proposed_times.get().pk)})

    assert response.status_code == 404
    assert other.proposed_times.count() == 1


@pytest.mark.parametrize("address", ["", "delete/", "withdraw/"])
def test_strangers_and_members_find_nothing(client, ada, alan, mary, create, address):
    one_off = create(ada)
    time = one_off.proposed_times.all()[0]
    for user in (alan, mary):
        client.force_login(user)
        send = client.post if address else client.get
        response = send(f"/one-offs/{one_off.pk}/{address}", {"time": str(time.pk)})
        assert response.status_code == 404
        assert "Interview with Dana" not in response.content.decode()
    assert one_off.proposed_times.count() == 3


def test_an_admin_who_lost_the_role_loses_the_access(client, ada, grace, create):
    one_off = create(grace, organizer="ada")
    grace.memberships.update(role="member")
    client.force_login(grace)

    assert client.get(f"/one-offs/{one_off.pk}/").status_code == 404
    assert client.post(f"/one-offs/{one_off.pk}/delete/").status_code == 404
    assert board(client, grace)["Waiting"] == []
    assert board(client, ada)["Waiting"] == ["Interview with Dana"]


@pytest.mark.parametrize("address", ["delete/", "withdraw/"])
def test_get_requests_never_delete(client, ada, create, address):
    one_off = create(ada)
    client.force_login(ada)

    assert client.get(f"/one-offs/{one_off.pk}/{address}").status_code == 405
    assert one_off.proposed_times.count() == 3


def test_the_invitation_text_has_a_link_for_each_time(client, ada, create):
    one_off = create(ada, times=["2026-12-01T09:00", "2026-12-02T14:00"])
    client.force_login(ada)
    link = f"http://caledee.test/ada/o/{one_off.link.token}/"
    first, second = one_off.proposed_times.all()

    text = client.get(f"/one-offs/{one_off.pk}/").context["invitation"]

    assert text.splitlines() == [
        "Interview with Dana (30 minutes)",
        "",
        "Pick the time that suits you (times in London):",
        "",
        "Tuesday 1 December 2026",
        f"- 09:00 to 09:30 (London, GMT): {link}?slot={first.pk}",
        "Wednesday 2 December 2026",
        f"- 14:00 to 14:30 (London, GMT): {link}?slot={second.pk}",
        "",
        f"All times: {link}",
    ]


def test_a_cancelled_booking_leaves_the_link_closed_and_the_one_off_ended(client, ada, create, book, now):
    one_off = create(ada)
    booking = book(one_off)
    client.force_login(ada)

    client.post(f"/meetings/{booking.pk}/cancel/", {"reason": "Ill"})

    assert board(client, ada) == {"Waiting": [], "Booked": [], "Ended": ["Interview with Dana"]}
    assert BusyTime.objects.count() == 0
    assert client.get(one_off.link.get_absolute_url()).status_code == 410
    assert client.post(f"/one-offs/{one_off.pk}/delete/").status_code == 302


def test_opening_is_recorded_once_and_not_for_the_organizer(client, ada, create, now):
    one_off = create(ada)
    address = f"{one_off.link.get_absolute_url()}opened/"

    client.force_login(ada)
    client.post(address)
    one_off.link.refresh_from_db()
    assert one_off.link.opened_at is None

    client.logout()
    client.post(address)
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        client.post(address)
    one_off.link.refresh_from_db()
    assert one_off.link.opened_at == now
