"""Pages describe the state of one-off meetings correctly."""

import pytest

from oneoff.board.reopening import reopen
from oneoff.creator.create import withdraw_time
from oneoff.models import OneOffMeeting
from scheduling.bookings.book import cancel
from scheduling.models import Canceller
from tests.factories import book_event_type, book_one_off, make_one_off, time_of
from tests.support.pages import read
from tests.support.times import NOW


def status_of(client, user, one_off) -> str:
    client.force_login(user)
    return client.get(f"/one-offs/{one_off.pk}/").context["row"].status


def heading_of_link(client, link) -> str:
    response = client.get(link.get_absolute_url())
    assert response.status_code == 410
    return read(response).one("h1").text


def test_a_meeting_without_times_is_not_called_expired(client, ada):
    one_off = make_one_off(ada, "09:00", "10:00")
    for clock in ("09:00", "10:00"):
        withdraw_time(time_of(one_off, clock), by=ada, now=NOW)

    assert heading_of_link(client, one_off.link) == "No times are left."
    assert status_of(client, ada, one_off) == "All times withdrawn"


def test_a_meeting_that_nobody_booked_in_time_is_expired(client, ada):
    one_off = make_one_off(ada, "09:00")
    OneOffMeeting.objects.update(valid_until=NOW)

    assert status_of(client, ada, one_off) == "Expired without a booking"


def test_the_old_link_of_a_reopened_meeting_is_not_called_booked(client, ada):
    one_off = make_one_off(ada, "09:00", "10:00")
    old = one_off.link
    booking = book_one_off(one_off, "09:00")
    assert heading_of_link(client, old) == "This meeting is already booked."

    cancel(booking, by=Canceller.ORGANIZER, now=NOW)
    assert heading_of_link(client, old) == "This link is closed."

    reopen(OneOffMeeting.objects.get(), valid_until=None, by=ada, now=NOW)
    assert heading_of_link(client, old) == "This link is closed."


@pytest.mark.parametrize(
    ("booked", "status", "marks"),
    [
        ([], "3 times left", [False, False, False]),
        (["10:00"], "2 times left, 1 taken", [False, True, False]),
        (["09:00", "10:00", "11:00"], "All times are taken", [True, True, True]),
    ],
)
def test_taken_times_are_not_counted_as_left(client, ada, grace, booked, status, marks):
    one_off = make_one_off(ada, "09:00", "10:00", "11:00", cohosts=[grace], hold_times=False)
    for clock in booked:
        book_event_type(ada, clock)

    client.force_login(ada)
    row = client.get(f"/one-offs/{one_off.pk}/").context["row"]
    [(_, [on_board], _), *_] = client.get("/one-offs/").context["sections"]

    assert (row.status, [time.is_taken for time in row.times]) == (status, marks)
    assert on_board.status == status


def test_a_time_at_which_a_cohost_is_busy_is_taken(client, ada, grace):
    one_off = make_one_off(ada, "15:00", "16:00", cohosts=[grace], hold_times=False)
    book_event_type(grace, "15:00")

    assert status_of(client, ada, one_off) == "1 time left, 1 taken"


def test_only_free_times_are_in_the_invitation_text(client, ada):
    one_off = make_one_off(ada, "09:00", "10:00", hold_times=False)
    book_event_type(ada, "10:00")
    client.force_login(ada)

    invitation = client.get(f"/one-offs/{one_off.pk}/").context["invitation"]

    assert "09:00 to 09:30" in invitation
    assert "10:00 to 10:30" not in invitation


def test_the_creator_only_counts_times_that_can_be_offered(client, ada, creation):
    make_one_off(ada, "09:00", name="Board call")
    client.force_login(ada)
    sent = creation(times=["2026-12-01T09:00", "2026-12-01T11:00"], create=None)

    page = client.post("/one-offs/new/", sent | {"step": "1"})

    assert [chip.text for chip in read(page).all("span", class_="chip")] == ["Will be held"]
    assert page.context["summary"] == "1 time on 1 day, London, to be held until booked"


def test_a_meeting_that_takes_the_time_of_both_is_named_once(client, ada, grace, creation):
    make_one_off(ada, "15:00", cohosts=[grace], name="Board call")
    client.force_login(grace)

    page = client.post("/one-offs/new/", creation(organizer="ada", cohosts=["grace"], times=["2026-12-01T15:00"]))

    assert [time.error for time in page.context["days"][0].times] == ["Already held for Board call."]


def test_dialogs_name_what_they_delete_or_withdraw(client, ada):
    one_off = make_one_off(ada, "09:00", "10:00", name="Interview with Dana")
    client.force_login(ada)

    page = read(client.get(f"/one-offs/{one_off.pk}/"))
    asked = [(dialog.one("h2").text, dialog.one("p").text) for dialog in page.all("div", class_="confirm")]

    day = "Tuesday 1 December 2026"
    assert asked == [
        (
            "Delete “Interview with Dana”?",
            "The link stops working immediately, and 2 held times will be released.",
        ),
        (
            f"Withdraw “{day}, 09:00 to 09:30 (London, GMT)”?",
            "It will be removed from the link and released for other meetings.",
        ),
        (
            f"Withdraw “{day}, 10:00 to 10:30 (London, GMT)”?",
            "It will be removed from the link and released for other meetings.",
        ),
    ]


def test_messages_do_not_mention_releases_without_holds(client, ada):
    one_off = make_one_off(ada, "09:00", hold_times=False)
    client.force_login(ada)

    page = read(client.get(f"/one-offs/{one_off.pk}/"))
    deleted = client.post(f"/one-offs/{one_off.pk}/delete/", follow=True)

    assert [dialog.one("p").text for dialog in page.all("div", class_="confirm")] == [
        "The link stops working immediately.",
        "It will be removed from the link.",
    ]
    assert [str(message) for message in deleted.context["messages"]] == ["“Interview” has been deleted."]


def test_a_link_to_a_removed_time_shows_its_day(client, ada):
    book_event_type(ada, "10:00")

    page = client.get("/ada/intro/", {"slot": "2026-12-01T10:00:00Z"})

    assert page.context["problem"] == "That time is no longer free. Choose another."
    assert [day.heading for day in page.context["days"]] == ["Tuesday 1 December 2026"]
