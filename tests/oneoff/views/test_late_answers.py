"""Suggesting, accepting, declining and reopening too late, too often or with errors."""

import pytest
import time_machine

from oneoff.models import CounterProposal, OneOffMeeting
from scheduling.bookings.book import cancel
from scheduling.models import Booking, Canceller
from tests.factories import book_one_off, half_hour, make_one_off, offer_of, on_tuesday
from tests.oneoff.views.test_life import asking, browser_of, proposal_address
from tests.support.pages import read
from tests.support.times import NOW


@pytest.fixture
def one_off(ada):
    return make_one_off(ada, "09:00", "10:00")


@pytest.fixture
def booking(one_off):
    return book_one_off(one_off, "10:00")


def problem_on(response) -> str:
    return read(response).by_id("main").text


def accept_first(user, proposal):
    time = {"time": str(proposal.times.first().pk)}
    return browser_of(user).post(proposal_address(proposal, "accept"), time)


def test_a_time_in_the_past_cannot_be_accepted(client, ada, one_off):
    client.post(f"{offer_of(one_off).link.get_absolute_url()}propose/", asking())
    proposal = CounterProposal.objects.get()

    with time_machine.travel(proposal.times.first().start, tick=False):
        response = accept_first(ada, proposal)

    assert (response.status_code, Booking.objects.count()) == (409, 0)
    assert "This time is in the past." in problem_on(response)
    assert CounterProposal.objects.get().answer == ""


def test_a_move_of_a_cancelled_meeting_cannot_be_accepted(client, ada, booking):
    client.post(f"/bookings/{booking.token}/propose/", {"times": ["2026-12-08T10:00"]})
    cancel(booking, by=Canceller.INVITEE, now=NOW)

    response = accept_first(ada, CounterProposal.objects.get())

    assert response.status_code == 409
    assert "The meeting was cancelled, has started, or was booked at another time." in problem_on(response)
    assert Booking.objects.get().period == half_hour("10:00")


def test_an_accepted_suggestion_can_no_longer_be_declined(client, ada, one_off):
    client.post(f"{offer_of(one_off).link.get_absolute_url()}propose/", asking())
    proposal = CounterProposal.objects.get()
    assert accept_first(ada, proposal).status_code == 302

    response = browser_of(ada).post(proposal_address(proposal, "decline"), {"note": "No."})

    assert response.status_code == 409
    assert "This suggestion was already accepted." in problem_on(response)
    assert (CounterProposal.objects.get().answer, Booking.objects.confirmed().count()) == ("accepted", 1)


def test_an_invalid_move_shows_errors_and_keeps_everything_typed(client, booking):
    response = client.post(f"/bookings/{booking.token}/propose/", {"times": ["tea"], "note": "I fly on Monday."})

    page = read(response)
    assert (response.status_code, CounterProposal.objects.count()) == (422, 0)
    assert list(response.context["form"].errors) == ["times"]
    assert page.all("input", name="times_date")[0]["value"] == "tea"
    assert page.one("textarea", name="note").text == "I fly on Monday."


def test_too_many_moves_are_rejected_and_everything_typed_is_kept(client, booking):
    def ask(note):
        return client.post(f"/bookings/{booking.token}/propose/", {"times": ["2026-12-08T10:00"], "note": note})

    assert [ask(f"Note {n}").status_code for n in range(3)] == [302] * 3
    response = ask("One more")

    assert (response.status_code, CounterProposal.objects.count()) == (409, 3)
    assert read(response).one("textarea", name="note").text == "One more"
    assert "more times for this meeting now. Nothing was sent." in problem_on(response)


def test_reopening_suggests_the_previous_expiry_and_accepts_another(ada):
    one_off = make_one_off(ada, "09:00", "10:00", valid_until=on_tuesday("08:00"))
    cancel(book_one_off(one_off, "10:00"), by=Canceller.INVITEE, now=NOW)
    browser, address = browser_of(ada), f"/one-offs/{one_off.pk}/reopen/"
    page = read(browser.get(address))
    typed = [page.one("input", name=f"valid_until_{part}")["value"] for part in ("date", "clock")]
    assert typed == ["2026-12-01", "08:00"]

    response = browser.post(address, {"valid_until": "2026-11-30T18:00"})

    assert (response.status_code, response["Location"]) == (302, f"/one-offs/{one_off.pk}/")
    assert f"{OneOffMeeting.objects.get().valid_until:%d %H:%M}" == "30 18:00"


def test_the_board_shows_the_outcome_of_past_meetings(ada, one_off, booking):
    browser = browser_of(ada)
    with time_machine.travel(booking.end, tick=False):
        said = [str(browser.get("/one-offs/").context["sections"][-1][1][0].status)]
        browser.post(f"/meetings/{booking.pk}/no-show/", {"no_show": "on"})
        said.append(str(browser.get("/one-offs/").context["sections"][-1][1][0].status))

    assert said == ["Took place", "No-show"]
