"""Deleting an account: what the page announces, and what happens immediately."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.account_pages.deletion import Consequences, close_account, consequences_for
from caledee.account_pages.settings import save_settings
from caledee.account_pages.settings_form import Settings
from caledee.accounts.models import FormerHandle, Membership, Organization, Role, User
from oneoff.models import OneOffMeeting
from scheduling.availability import ledger as busy
from scheduling.bookings.cancellations import say_cancel_reason
from scheduling.calendars.models import Connection, OutsideBusy
from scheduling.models import Booking, BusyKind
from tests.factories import PASSWORD, book_event_type, book_one_off, half_hour, ledger, make_one_off, offered
from tests.support.calendars import make_calendar
from tests.support.pages import read
from tests.support.tables import all_rows
from tests.support.times import NOW, at

DELETE = "/settings/delete/"
PAST = at("2026-11-20 10:00")


def cohost(one_off, person):
    """Add a cohost and hold the times for them too."""
    one_off.cohosts.add(person)
    claimed = [busy.Claimed(time.period, lapses_at=time.start) for time in one_off.proposed_times.all()]
    busy.claim(one_off.pk, BusyKind.HOLD, [person], claimed, now=NOW)


def cohost_booking(booking, person):
    booking.cohosts.add(person)
    busy.claim(booking.pk, BusyKind.BOOKING, [person], [busy.Claimed(booking.period)], now=NOW)


def errors_of(response):
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


def recipients():
    rows = ProcrastinateJob.objects.filter(task_name="scheduling.mail_cancellation").values_list("args", flat=True)
    return sorted((args["booking_id"], args["recipient"]) for args in rows)


def test_the_page_says_what_will_happen(browser_of, mary):
    book_event_type(mary, "20:00")
    book_one_off(make_one_off(mary, "21:00"), "21:00")
    make_one_off(mary, "22:00", "22:30")
    alone = Organization.objects.create(name="Somerville & Daughters", handle="somerville")
    Membership.objects.create(organization=alone, user=mary, role=Role.OWNER)
    browser = browser_of(mary)
    before = all_rows()

    page = read(browser.get(DELETE))

    assert [each.text for each in page.one("ul", class_="points").all("li")] == [
        "2 upcoming meetings will be cancelled, and everyone invited will be notified by email.",
        "1 open one-off link will close, and all held times will be released.",
        "1 event type and your booking page will be deleted.",
        "The organization Somerville & Daughters has no other member and will also be deleted.",
        "You will be signed out everywhere. No one else can use your address, mary, for 90 days. You can sign"
        " up again with the same email address.",
    ]
    assert all_rows() == before


def test_consequences_only_count_open_links_and_upcoming_meetings(ada, grace, alan):
    book_event_type(alan, "10:00")
    cohost_booking(book_event_type(ada, "11:00"), alan)
    make_one_off(grace, "12:00")

    assert consequences_for(alan, now=NOW) == Consequences(
        meetings=1, cohosted=1, one_offs=0, event_types=1, deleted=[], left=["Analytical Engines"], orphaned=[]
    )


def test_the_account_is_closed_immediately(browser_of, mary):
    browser, elsewhere = browser_of(mary), browser_of(mary)

    response = browser.post(DELETE, {"password": PASSWORD}, follow=True)

    assert response.redirect_chain == [("/", 302)]
    assert "Your account has been deleted." in read(response).by_id("messages").text
    assert "_auth_user_id" not in browser.session
    assert elsewhere.get("/settings/")["Location"] == "/accounts/login/?next=/settings/"
    mary.refresh_from_db()
    assert (mary.is_active, mary.closed_at, mary.closed_email, mary.has_usable_password()) == (
        False,
        NOW,
        "mary@example.com",
        False,
    )
    assert not EmailAddress.objects.exists()
    assert [browser.get(address).status_code for address in ("/mary/", "/mary/intro/", f"/{mary.handle}/")] == [
        404
    ] * 3
    assert FormerHandle.objects.get(handle="mary").left_at == NOW


def test_signing_in_fails_like_for_an_unknown_person(client, mary):
    close_account(mary, now=NOW)
    closed = User.objects.get()

    answers = [
        client.post("/accounts/login/", {"login": login, "password": PASSWORD})
        for login in ("mary@example.com", "nobody@example.com", closed.email)
    ]

    assert [(answer.status_code, errors_of(answer)) for answer in answers] == [
        (422, {"__all__": ["Incorrect email or password. Try again."]})
    ] * 3


def test_the_person_can_sign_up_again_but_not_with_the_old_handle(client, mary):
    close_account(mary, now=NOW)

    client.post(
        reverse("account_signup"),
        {
            "name": "Mary",
            "email": "mary@example.com",
            "time_zone": "Pacific/Auckland",
            "password1": "mechanism-of-the-heavens",
        },
    )

    assert User.objects.get(email="mary@example.com").handle == "mary-2"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"password": "wrong"}, "Incorrect password. Try again."),
        ({"password": ""}, "Enter your password."),
        ({}, "Enter your password."),
        ({"password": PASSWORD + "\x00"}, "Null characters are not allowed."),
        ({"password": "x" * 10_000}, "Incorrect password."),
        ({"confirmation": "delete"}, "Enter your password."),
        ({"password": f" {PASSWORD} "}, "Incorrect password. Try again."),
    ],
)
def test_without_the_password_nothing_changes(browser_of, mary, data, message):
    booking = book_event_type(mary, "20:00")
    browser = browser_of(mary)
    browser.get(DELETE)
    before = all_rows()

    response = browser.post(DELETE, data)

    assert (response.status_code, errors_of(response)) == (422, {"password": [message]})
    assert all_rows() == before
    assert data.get("password") in {None, ""} or f'value="{data["password"]}"' not in response.text
    assert not booking.is_cancelled


def test_password_guesses_are_limited(browser_of, mary, settings):
    settings.RATE_LIMITS = True
    browser = browser_of(mary)
    browser.post(DELETE, {"password": "guess"})

    answers = [browser.post(DELETE, {"password": f"guess {n}"}) for n in range(5)]

    assert [each.status_code for each in answers] == [422] * 4 + [429]
    assert answers[-1]["Retry-After"] == "300"
    assert errors_of(answers[-1]) == {"password": ["Too many attempts. Try again in 5 minutes."]}
    assert User.objects.get().is_active


@pytest.mark.parametrize(("word", "status"), [("delete", 302), (" Delete ", 302), ("deleted", 422), ("", 422)])
def test_a_person_without_a_password_types_a_word(browser_of, mary, word, status):
    mary.set_unusable_password()
    mary.save()

    response = browser_of(mary).post(DELETE, {"confirmation": word})

    assert response.status_code == status
    assert User.objects.get().is_active == (status == 422)


def test_upcoming_meetings_are_cancelled_and_past_ones_stay(browser_of, mary):
    past = book_event_type(mary, "20:00")
    Booking.objects.filter(pk=past.pk).update(start=PAST, end=at("2026-11-20 10:30"))
    coming = book_event_type(mary, "21:00")
    one_off = make_one_off(mary, "22:00")
    booked = book_one_off(one_off, "22:00")

    browser_of(mary).post(DELETE, {"password": PASSWORD})

    cancelled = {booking.pk: booking for booking in Booking.objects.exclude(cancelled_at=None)}
    assert {key: (each.cancel_reason, say_cancel_reason(each)) for key, each in cancelled.items()} == dict.fromkeys(
        [coming.pk, booked.pk], ("", "Mary Somerville closed their account.")
    )
    assert set(Booking.objects.exclude(cancelled_at=None).values_list("cancelled_by", flat=True)) == {"organizer"}
    assert recipients() == sorted(
        (str(each.pk), side) for each in (coming, booked) for side in ("invitee", "organizer")
    )
    assert ledger() == []


def test_open_links_are_deleted_and_their_holds_released_for_cohosts_too(browser_of, client, ada, grace, mary):
    one_off = make_one_off(mary, "09:00", "10:00")
    cohost(one_off, grace)
    booked = make_one_off(mary, "22:00", name="Secret talk")
    book_one_off(booked, "22:00")

    browser_of(mary).post(DELETE, {"password": PASSWORD})

    assert list(OneOffMeeting.objects.all()) == [booked]
    assert ledger() == []
    for link in (one_off.link, booked.link):
        for handle in ("mary", User.objects.get(pk=mary.pk).handle):
            response = client.get(f"/{handle}/o/{link.token}/")
            assert (response.status_code, response["Referrer-Policy"]) == (404, "no-referrer")
            assert "Mary" not in response.text
            assert client.post(f"/{handle}/o/{link.token}/", {"slot": "x"}).status_code == 404


def test_meetings_of_others_continue_without_the_cohost(browser_of, ada, grace):
    booking = book_event_type(ada, "10:00")
    cohost_booking(booking, grace)
    one_off = make_one_off(ada, "11:00")
    cohost(one_off, grace)

    browser_of(grace).post(DELETE, {"password": PASSWORD})

    booking.refresh_from_db()
    assert (booking.is_cancelled, booking.people, one_off.people) == (False, [ada], [ada])
    assert ledger() == [
        ("ada", booking.pk, "booking", half_hour("10:00")),
        ("ada", one_off.pk, "hold", half_hour("11:00")),
    ]
    assert offered(one_off) == [half_hour("11:00")]
    assert recipients() == []


def test_a_teammate_keeps_one_offs_made_for_them(browser_of, ada, grace, alan):
    one_off = make_one_off(alan, "09:00", created_by=grace)

    browser_of(grace).post(DELETE, {"password": PASSWORD})

    assert offered(one_off) == [half_hour("09:00")]
    assert [each.user for each in Membership.objects.order_by("user__handle")] == [ada, alan]


def test_the_only_owner_has_to_appoint_another_one_first(browser_of, ada, grace):
    book_event_type(ada, "10:00")
    make_one_off(ada, "11:00")
    browser = browser_of(ada)
    browser.get(DELETE)
    before = all_rows()

    response = browser.post(DELETE, {"password": PASSWORD})

    assert response.status_code == 409
    assert "You are the only owner of Analytical Engines, which has other members." in read(response).text
    assert all_rows() == before
    grace.memberships.update(role=Role.OWNER)
    assert browser.post(DELETE, {"password": PASSWORD}).status_code == 302


def test_an_organization_without_other_members_is_deleted_and_its_handle_reserved(browser_of, ada):
    browser_of(ada).post(DELETE, {"password": PASSWORD})

    assert not Organization.objects.exists()
    assert dict(FormerHandle.objects.values_list("handle", "organization")) == {
        "ada": None,
        "analytical-engines": None,
    }


def test_one_of_several_owners_just_leaves(browser_of, ada, grace):
    grace.memberships.update(role=Role.OWNER)

    browser_of(ada).post(DELETE, {"password": PASSWORD})

    assert [(each.user, each.role) for each in Membership.objects.all()] == [(grace, "owner")]


def test_deleting_twice_is_like_deleting_once(browser_of, mary):
    book_event_type(mary, "20:00")
    browser = browser_of(mary)

    answers = [browser.post(DELETE, {"password": PASSWORD})["Location"] for _ in range(2)]
    close_account(mary, now=NOW)

    assert answers == ["/", "/accounts/login/?next=/settings/delete/"]
    assert (len(recipients()), FormerHandle.objects.count()) == (2, 1)


def test_settings_sent_while_the_account_closes_change_nothing(mary):
    close_account(mary, now=NOW)
    before = all_rows()

    save_settings(mary, Settings("Mary", "mary", "UTC", "12", 6, "dark"), move_hours=True, now=NOW)

    assert all_rows() == before


def test_connected_calendars_are_gone_at_once(mary, grace):
    make_calendar(mary, half_hour("10:00"))
    other = make_calendar(grace, half_hour("10:00"))

    close_account(mary, now=NOW)

    assert list(Connection.objects.all()) == [other.connection]
    assert list(OutsideBusy.objects.values_list("person", flat=True)) == [grace.pk]
