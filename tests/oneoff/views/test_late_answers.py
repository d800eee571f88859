"""What is asked, accepted, declined or reopened when it is too late, too often or wrong, and what is said then."""

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


def test_a_time_that_is_past_is_not_accepted(client, ada, one_off):
    client.post(f"{offer_of(one_off).link.get_absolute_url()}propose/", asking())
    proposal = CounterProposal.objects.get()

    with time_machine.travel(proposal.times.first().start, tick=False):
        response = accept_first(ada, proposal)

    assert (response.status_code, Booking.objects.count()) == (409, 0)
    assert "This time is past." in problem_on(response)
    assert CounterProposal.objects.get().answer == ""


def test_a_wish_to_move_what_is_cancelled_is_not_accepted(client, ada, booking):
    client.post(f"/bookings/{booking.token}/propose/", {"times": ["2026-12-08T10:00"]})
    cancel(booking, by=Canceller.INVITEE, now=NOW)

    response = accept_first(ada, CounterProposal.objects.get())

    assert response.status_code == 409
    assert "The meeting that it was for is cancelled, has begun, or was booked otherwise." in problem_on(response)
    assert Booking.objects.get().period == half_hour("10:00")


def test_what_is_accepted_can_be_declined_no_more(client, ada, one_off):
    client.post(f"{offer_of(one_off).link.get_absolute_url()}propose/", asking())
    proposal = CounterProposal.objects.get()
    assert accept_first(ada, proposal).status_code == 302

    response = browser_of(ada).post(proposal_address(proposal, "decline"), {"note": "No."})

    assert response.status_code == 409
    assert "It is answered already: accepted." in problem_on(response)
    assert (CounterProposal.objects.get().answer, Booking.objects.confirmed().count()) == ("accepted", 1)


def test_a_wrong_wish_to_move_is_said_with_everything_kept(client, booking):
    response = client.post(f"/bookings/{booking.token}/propose/", {"times": ["tea"], "note": "I fly on Monday."})

    page = read(response)
    assert (response.status_code, CounterProposal.objects.count()) == (422, 0)
    assert list(response.context["form"].errors) == ["times"]
    assert page.all("input", name="times_date")[0]["value"] == "tea"
    assert page.one("textarea", name="note").text == "I fly on Monday."


def test_too_many_wishes_to_move_are_refused_with_everything_kept(client, booking):
    def ask(note):
        return client.post(f"/bookings/{booking.token}/propose/", {"times": ["2026-12-08T10:00"], "note": note})

    assert [ask(f"Note {n}").status_code for n in range(3)] == [302] * 3
    response = ask("One more")

    assert (response.status_code, CounterProposal.objects.count()) == (409, 3)
    assert read(response).one("textarea", name="note").text == "One more"
    assert "can't be sent more times for this meeting now. Nothing you typed was sent." in problem_on(response)


def test_reopening_proposes_the_validity_that_it_had_and_takes_another(ada):
    one_off = make_one_off(ada, "09:00", "10:00", valid_until=on_tuesday("08:00"))
    cancel(book_one_off(one_off, "10:00"), by=Canceller.INVITEE, now=NOW)
    browser, address = browser_of(ada), f"/one-offs/{one_off.pk}/reopen/"
    page = read(browser.get(address))
    typed = [page.one("input", name=f"valid_until_{part}")["value"] for part in ("date", "clock")]
    assert typed == ["2026-12-01", "08:00"]

    response = browser.post(address, {"valid_until": "2026-11-30T18:00"})

    assert (response.status_code, response["Location"]) == (302, f"/one-offs/{one_off.pk}/")
    assert f"{OneOffMeeting.objects.get().valid_until:%d %H:%M}" == "30 18:00"


def test_the_board_says_what_became_of_a_meeting_that_is_over(ada, one_off, booking):
    browser = browser_of(ada)
    with time_machine.travel(booking.end, tick=False):
        said = [str(browser.get("/one-offs/").context["sections"][-1][1][0].status)]
        browser.post(f"/meetings/{booking.pk}/no-show/", {"no_show": "on"})
        said.append(str(browser.get("/one-offs/").context["sections"][-1][1][0].status))

    assert said == ["Took place", "No-show"]
