"""What owners and admins can see and do with one-offs of their organization, and what cohosts can see."""

import pytest
import time_machine

from caledee.accounts.models import Role
from oneoff.models import OneOffMeeting
from scheduling.models import Booking, BusyTime
from tests.factories import book_event_type
from tests.support.pages import read
from tests.support.times import NOW


@pytest.fixture
def book(client):
    """Return a function that books the first time as Dana through the link."""

    def act(one_off):
        data = {"slot": str(one_off.proposed_times.first().pk), "name": "Dana", "email": "dana@example.com"}
        client.logout()
        assert client.post(one_off.link.get_absolute_url(), data).status_code == 302
        one_off.link.refresh_from_db()
        return one_off.link.booking

    return act


def names_on(client, user, query=""):
    client.force_login(user)
    response = client.get(f"/one-offs/{query}")
    return sorted(row.one_off.name for _, rows, _ in response.context["sections"] for row in rows)


def history(client, user, one_off):
    client.force_login(user)
    return [(line.what, line.who) for line in client.get(f"/one-offs/{one_off.pk}/").context["history"]]


def test_the_team_is_for_owners_and_admins(client, ada, grace, alan, mary, create):
    create(ada, name="Of Ada")
    create(alan, name="Of Alan")
    create(mary, name="Of Mary")

    assert names_on(client, grace) == []
    assert names_on(client, grace, "?of=team") == ["Of Ada", "Of Alan"]
    assert names_on(client, grace, "?of=ALAN") == ["Of Alan"]
    assert names_on(client, alan, "?of=team") == ["Of Alan"]
    assert names_on(client, alan, "?of=ada") == ["Of Alan"]
    assert 'aria-label="Whose one-off meetings"' not in client.get("/one-offs/").content.decode()


@pytest.mark.parametrize("of", ["mary", "nobody", "%00", "x" * 500])
def test_one_offs_of_others_are_not_found(client, ada, grace, mary, create, of):
    create(mary, name="Of Mary")
    client.force_login(grace)

    assert client.get(f"/one-offs/?of={of}").status_code == 404


def test_a_removed_admin_loses_access_immediately(client, ada, grace, create):
    one_off = create(ada, name="Of Ada")
    grace.memberships.update(role=Role.MEMBER)

    assert names_on(client, grace, "?of=team") == []
    assert client.get(f"/one-offs/{one_off.pk}/cancel/").status_code == 404


def test_people_who_leave_keep_their_one_offs_and_admins_no_longer_see_them(client, ada, grace, alan, create):
    one_off = create(grace, organizer="alan")
    alan.memberships.all().delete()

    assert names_on(client, grace) == names_on(client, grace, "?of=team") == []
    assert client.post(f"/one-offs/{one_off.pk}/delete/").status_code == 404
    assert names_on(client, alan) == ["Interview with Dana"]


@pytest.mark.parametrize("number", [1, 3])
def test_the_teams_board_makes_the_same_number_of_queries(
    client, ada, grace, alan, create, django_assert_num_queries, number
):
    for day in range(1, number + 1):
        create(ada, cohosts=["alan", "grace"][:day], times=[f"2026-12-0{day}T09:00"])
    client.force_login(grace)

    with django_assert_num_queries(14):
        client.get("/one-offs/?of=team")


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_a_one_off_makes_the_same_number_of_queries(
    client, ada, grace, alan, create, django_assert_num_queries, number
):
    one_off = create(
        ada, cohosts=["alan", "grace"][:number], times=[f"2026-12-0{day}T09:00" for day in range(1, number + 1)]
    )
    client.force_login(grace)

    with django_assert_num_queries(12):
        client.get(f"/one-offs/{one_off.pk}/")


def test_both_can_withdraw_and_delete_and_history_shows_who_did(client, ada, alan, create):
    one_off = create(ada, organizer="alan")
    first, second, _ = one_off.proposed_times.all()
    for user, time in ((ada, first), (alan, second)):
        client.force_login(user)
        client.post(f"/one-offs/{one_off.pk}/withdraw/", {"time": str(time.pk)})

    assert history(client, alan, one_off) == [
        ("Created", "Ada Lovelace"),
        ("Time withdrawn", "Ada Lovelace"),
        ("Time withdrawn", "you"),
    ]
    [_, line, _] = client.get(f"/one-offs/{one_off.pk}/").context["history"]
    assert line.details == "Tuesday 1 December 2026, 09:00 to 09:30 (Kolkata, IST)"
    assert line.when == "Monday 23 November 2026, 13:30 IST"

    client.post(f"/one-offs/{one_off.pk}/delete/")

    deleted = "Interview with Dana – deleted by {}, Monday 23 November 2026, {}"
    assert deleted.format("you", "13:30 IST") in read(client.get("/one-offs/")).text
    client.force_login(ada)
    assert deleted.format("Alan Turing", "08:00 GMT") in read(client.get("/one-offs/")).text


def test_a_deletion_is_only_shown_to_both_of_them(client, ada, grace, alan, mary, create):
    one_off = create(ada, organizer="alan")
    client.force_login(ada)
    client.post(f"/one-offs/{one_off.pk}/delete/")

    shown = {}
    for user in (ada, alan, grace, mary):
        client.force_login(user)
        shown[user.handle] = [(line.name, line.who) for line in client.get("/one-offs/").context["deletions"]]
    assert shown == {
        "ada": [("Interview with Dana", "you")],
        "alan": [("Interview with Dana", "Ada Lovelace")],
        "grace": [],
        "mary": [],
    }


def test_deletions_are_shown_for_a_while_and_not_too_many(client, ada, alan, create):
    client.force_login(ada)
    for n in range(12):
        one_off = create(ada, organizer="alan", name=f"Talk {n}")
        client.post(f"/one-offs/{one_off.pk}/delete/")

    lines = client.get("/one-offs/").context["deletions"]
    assert [line.name for line in lines] == [f"Talk {n}" for n in range(11, 1, -1)]
    with time_machine.travel("2026-12-07T08:00Z", tick=False):
        client.force_login(ada)
        assert client.get("/one-offs/").context["deletions"] == []


def test_a_creator_who_lost_the_role_does_not_see_the_deletion(client, ada, grace, create):
    one_off = create(grace, organizer="ada")
    grace.memberships.update(role=Role.MEMBER)
    client.force_login(ada)
    client.post(f"/one-offs/{one_off.pk}/delete/")

    client.force_login(grace)
    assert client.get("/one-offs/").context["deletions"] == []


def test_an_admin_cancels_a_teammates_booking_with_a_reason(client, ada, grace, create, book):
    one_off = create(ada)
    booking = book(one_off)
    client.force_login(grace)
    page = read(client.get(f"/one-offs/{one_off.pk}/"))
    assert page.one("a", href=f"/one-offs/{one_off.pk}/cancel/").text == "Cancel meeting"
    assert booking.token not in client.get(f"/one-offs/{one_off.pk}/").content.decode()
    assert read(client.get(f"/one-offs/{one_off.pk}/cancel/")).one("h1").text == "Cancel “Interview with Dana”?"

    response = client.post(f"/one-offs/{one_off.pk}/cancel/", {"reason": "Ada is ill."})

    assert (response.status_code, response["Location"]) == (302, f"/one-offs/{one_off.pk}/")
    booking.refresh_from_db()
    assert (booking.cancelled_by, booking.cancel_reason) == ("organizer", "Ada is ill.")
    assert BusyTime.objects.count() == 0
    assert history(client, ada, one_off) == [
        ("Created", "you"),
        ("Booked", "Dana"),
        ("Cancelled", "Grace Hopper"),
    ]


def test_a_reason_that_is_too_long_is_rejected_and_kept(client, ada, create, book):
    one_off = create(ada)
    book(one_off)
    client.force_login(ada)

    response = client.post(f"/one-offs/{one_off.pk}/cancel/", {"reason": "x" * 1001})

    assert response.status_code == 422
    assert response.context["form"]["reason"].value() == "x" * 1001
    assert Booking.objects.get().cancelled_at is None


def test_a_meeting_that_has_started_cannot_be_cancelled(client, ada, create, book):
    one_off = create(ada)
    booking = book(one_off)

    with time_machine.travel(booking.start, tick=False):
        client.force_login(ada)
        response = client.post(f"/one-offs/{one_off.pk}/cancel/", {"reason": ""})

    assert response.status_code == 409
    assert "This meeting has already started" in response.content.decode()
    assert Booking.objects.get().cancelled_at is None


def test_an_unbooked_one_off_cannot_be_cancelled(client, ada, create):
    one_off = create(ada)
    client.force_login(ada)

    assert client.post(f"/one-offs/{one_off.pk}/cancel/").status_code == 404


def test_a_colleagues_other_bookings_stay_private(client, ada, grace):
    booking = book_event_type(ada, "10:00", now=NOW)
    client.force_login(grace)

    for address in (f"/meetings/{booking.pk}/cancel/", f"/meetings/{booking.pk}/calendar.ics"):
        assert client.get(address).status_code == 404
    assert client.post(f"/meetings/{booking.pk}/cancel/").status_code == 404
    assert names_on(client, grace, "?of=team") == []


def test_a_cohost_can_see_it_but_not_change_it(client, ada, grace, alan, create):
    one_off = create(grace, organizer="ada", cohosts=["alan"])
    time = one_off.proposed_times.first()
    client.force_login(alan)

    board, detail = client.get("/one-offs/"), client.get(f"/one-offs/{one_off.pk}/")

    assert "For Ada Lovelace, created by Grace Hopper" in board.content.decode()
    assert "With you" in board.content.decode()
    assert [line.who for line in detail.context["history"]] == ["Grace Hopper"]
    for response in (board, detail):
        page = read(response)
        words = [each.text for each in page if each.tag in {"button", "a"}]
        assert not {"Delete", "Withdraw", "Duplicate", "Cancel meeting"} & set(words)
        assert one_off.link.token not in response.content.decode()
    assert client.post(f"/one-offs/{one_off.pk}/delete/").status_code == 404
    assert client.post(f"/one-offs/{one_off.pk}/withdraw/", {"time": str(time.pk)}).status_code == 404
    assert client.get(f"/one-offs/new/?duplicate={one_off.pk}").status_code == 404
    assert (OneOffMeeting.objects.count(), one_off.proposed_times.count()) == (1, 3)


def test_a_cohost_sees_the_booking_but_cannot_cancel_it(client, ada, alan, create, book):
    one_off = create(ada, cohosts=["alan"])
    booking = book(one_off)
    client.force_login(alan)

    page = client.get("/meetings/").content.decode()

    assert "with you and Ada Lovelace" in page
    assert booking.token not in page
    assert "Cancel meeting" not in page
    assert client.get(f"/meetings/{booking.pk}/calendar.ics").status_code == 200
    assert client.post(f"/meetings/{booking.pk}/cancel/").status_code == 404
    assert client.post(f"/one-offs/{one_off.pk}/cancel/").status_code == 404
    assert Booking.objects.get().cancelled_at is None


def test_the_invitee_sees_everyone_before_and_after_booking(client, ada, grace, alan, create, book):
    one_off = create(ada, cohosts=["alan", "grace"])
    names = "Ada Lovelace, Alan Turing and Grace Hopper"

    assert names in client.get(one_off.link.get_absolute_url()).content.decode()
    assert names in client.get(book(one_off).get_absolute_url()).content.decode()


def test_history_keeps_the_name_of_a_deleted_account(client, ada, grace, alan, create):
    one_off = create(grace, organizer="ada", cohosts=["grace", "alan"])
    grace.delete()

    assert history(client, ada, one_off) == [("Created", "Grace Hopper")]
    assert [person.handle for person in OneOffMeeting.objects.get().people] == ["ada", "alan"]


def test_openings_by_attendees_are_not_counted(client, ada, alan, create):
    one_off = create(ada, cohosts=["alan"])
    address = f"{one_off.link.get_absolute_url()}opened/"
    client.force_login(alan)
    client.post(address)
    assert history(client, ada, one_off) == [("Created", "you")]

    client.logout()
    client.post(address)
    client.post(address)

    assert history(client, ada, one_off) == [("Created", "you"), ("Link opened for the first time", "")]
