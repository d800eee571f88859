"""What invitees typed is deleted from every table. Later meetings and what organizers wrote stay."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from caledee.accounts.models import Invitation, User
from caledee.email.models import EmailRecord
from caledee.upkeep.anonymize import BATCH, Anonymized, anonymize_meetings, count_anonymizable
from caledee.upkeep.tasks import prune
from oneoff.models import CounterProposal, OneOffMeeting
from oneoff.offer import MoveOffer
from oneoff.proposals.propose import Wish, decline, propose
from scheduling.bookings.book import book, cancel
from scheduling.bookings.offers import EventTypeOffer, Invitee
from scheduling.feeds.addresses import open_feed
from scheduling.models import Activity, Booking, Canceller, EventType
from scheduling.tasks import send_confirmation
from tests.factories import book_event_type, book_one_off, make_one_off, on_tuesday
from tests.support.pages import read
from tests.support.tables import all_rows
from tests.support.times import NOW

SECRET = "Xanthippe"
ZONE = "America/Argentina/Ushuaia"
XANTHIPPE = Invitee(name=f"{SECRET} A", email="xanthippe@example.com", time_zone=ZONE, notes=f"Call me {SECRET}")
LATER = on_tuesday("12:00") + timedelta(days=40)
DAYS = 30


def places_of(*needles: str) -> set[str]:
    """Return every column of every table that contains one of these, in any form."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'bytea', 'USER-DEFINED')"
        )
        columns = cursor.fetchall()
        found = set()
        for table, column in columns:
            cursor.execute(
                f'SELECT 1 FROM "{table}" WHERE "{column}"::text ILIKE ANY(%s) LIMIT 1',
                [[f"%{needle}%" for needle in needles]],
            )
            if cursor.fetchone():
                found.add(f"{table}.{column}")
    return found


def wish(**fields):
    typed = {"name": XANTHIPPE.name, "email": XANTHIPPE.email, "time_zone": ZONE, "starts": [on_tuesday("16:30")]}
    return Wish(**typed | {"note": f"{SECRET} can then"} | fields)


@pytest.fixture
def old(ada, grace):
    """Create everything that an invitee can leave behind, all on 1 December 2026."""
    EventType.objects.filter(organizer=ada).update(location_kind="ask_invitee", location="")
    asked = Invitee(name=XANTHIPPE.name, email=XANTHIPPE.email, time_zone=ZONE, location=f"{SECRET} Street 1")
    book_event_type(ada, "09:00", asked)
    cancel(book_event_type(ada, "10:00", asked), by=Canceller.INVITEE, reason=f"{SECRET} is ill", now=NOW)
    cancel(book_event_type(grace, "15:00", XANTHIPPE), by=Canceller.ORGANIZER, reason=f"Sorry, {SECRET}", now=NOW)
    booked = make_one_off(ada, "11:00", "11:30", invitee_name=XANTHIPPE.name, invitee_email=XANTHIPPE.email)
    propose(booked.link, wish(), now=NOW)
    booking = book_one_off(booked, "11:00", XANTHIPPE)
    link = MoveOffer(OneOffMeeting.objects.get(pk=booked.pk).link, moved=booking).link
    propose(link, wish(note=f"{SECRET} moves"), booking=booking, now=NOW)
    unbooked = make_one_off(ada, "13:00", invitee_name=XANTHIPPE.name, invitee_email=XANTHIPPE.email)
    decline(propose(unbooked.link, wish(), now=NOW), f"No, {SECRET}", by=ada, now=NOW)
    Invitation.objects.create(
        organization=ada.organizations.get(), email=XANTHIPPE.email, created_at=NOW, withdrawn_at=on_tuesday("12:00")
    )
    return booking


def test_the_address_of_a_fresh_room_is_deleted_and_a_link_for_all_meetings_stays(browser_of, ada):
    ada.room_template = "https://meet.example.org/{random}"
    ada.save()
    in_a_room = book_one_off(make_one_off(ada, "09:00", location="", room_kind="template"), "09:00")
    by_link = book_one_off(make_one_off(ada, "10:00"), "10:00")
    room = in_a_room.location.rpartition("/")[2]
    assert places_of(room) == {"scheduling_booking.location"}

    anonymize_meetings(days=DAYS, now=LATER)

    assert places_of(room) == set()
    by_link.refresh_from_db()
    assert by_link.location == "https://meet.example.com/interview"
    page = read(browser_of(ada).get(f"/meetings/{in_a_room.pk}/"))
    assert "Where Video call" in page.text
    assert "will send the link" not in page.text


@pytest.fixture
def ahead(ada):
    """Create a meeting of another invitee on a later day."""
    offer = EventTypeOffer(ada.event_types.get(slug="intro"))
    slot = offer.slot((on_tuesday("10:00") + timedelta(days=28)).isoformat())
    yorick = Invitee(name="Yorick", email="yorick@example.com", time_zone=ZONE, location="Elsinore", notes="Alas")
    return book(offer, slot, yorick, now=NOW)


def test_nothing_the_invitee_typed_is_left_in_any_table(old, ahead):
    assert {"scheduling_booking.invitee_name", "scheduling_activity.by_name", "scheduling_mailrecord.address"} < (
        places_of(SECRET)
    )

    anonymize_meetings(days=DAYS, now=LATER)

    assert places_of(SECRET) == set()
    assert Booking.objects.filter(invitee_time_zone=ZONE).count() == 1
    assert not CounterProposal.objects.exists()


def test_numbers_and_times_of_meetings_stay(old, ahead, ada):
    before = list(
        Booking.objects.order_by("pk").values("pk", "organizer", "event_type", "name", "start", "end", "cancelled_at")
    )
    history = Activity.objects.count()

    anonymize_meetings(days=DAYS, now=LATER)

    after = list(
        Booking.objects.order_by("pk").values("pk", "organizer", "event_type", "name", "start", "end", "cancelled_at")
    )
    assert after == before
    assert Activity.objects.count() == history


def test_more_recent_meetings_are_unchanged(old, ahead):
    def rows():
        return [
            list(model.objects.filter(**of).order_by("pk").values())
            for model, of in [
                (Booking, {"pk": ahead.pk}),
                (Activity, {"subject": ahead.pk}),
                (EmailRecord, {"subject": ahead.pk}),
            ]
        ]

    before = rows()
    everything = all_rows()
    anonymize_meetings(days=DAYS, now=on_tuesday("09:30") + timedelta(days=DAYS))
    assert all_rows() == everything

    anonymize_meetings(days=DAYS, now=LATER)

    assert rows() == before


def test_a_dry_run_counts_what_is_then_changed_and_a_second_run_changes_nothing(old, ahead):
    stored = all_rows()
    counted = count_anonymizable(days=DAYS, now=LATER)
    assert all_rows() == stored

    done = anonymize_meetings(days=DAYS, now=LATER, batch=2)
    after = all_rows()
    again = anonymize_meetings(days=DAYS, now=LATER + timedelta(hours=1))

    assert counted == done
    assert (done.meetings, done.one_offs, done.proposals, done.invitations) == (4, 2, 3, 1)
    assert again == count_anonymizable(days=DAYS, now=LATER) == Anonymized()
    assert all_rows() == after
    assert BATCH > 1


def test_a_one_off_with_an_upcoming_time_keeps_its_invitee(ada):
    one_off = make_one_off(ada, "13:00", invitee_name=XANTHIPPE.name, invitee_email=XANTHIPPE.email)
    propose(one_off.link, wish(starts=[on_tuesday("16:30") + timedelta(days=60)]), now=NOW)

    assert anonymize_meetings(days=DAYS, now=LATER) == Anonymized()
    assert OneOffMeeting.objects.get().invitee_name == XANTHIPPE.name


def test_history_of_deleted_meetings_is_anonymized_too(ada):
    one_off = make_one_off(ada, "13:00")
    propose(one_off.link, wish(), now=NOW)
    OneOffMeeting.objects.all().delete()
    assert places_of(SECRET) == {"scheduling_activity.by_name"}

    anonymize_meetings(days=DAYS, now=LATER)

    assert places_of(SECRET) == set()


def test_pages_mention_the_deletion_and_the_invitees_page_is_gone(old, client, ada, browser_of):
    link = OneOffMeeting.objects.get(current_link__booking=old)
    assert client.get(f"/bookings/{old.token}/").status_code == 200
    anonymize_meetings(days=DAYS, now=LATER)

    with time_machine.travel(LATER, tick=False):
        browser = browser_of(ada)
        texts = [
            read(browser.get(address)).text
            for address in ["/meetings/?show=past", f"/meetings/{old.pk}/", f"/one-offs/{link.pk}/"]
        ]
        exported = browser.get("/settings/data/caledee.json").json()
        file = b"".join(browser.get("/settings/data/meetings.ics").streaming_content).decode()
        gone = [
            client.get(f"/bookings/{old.token}/{page}").status_code
            for page in ["", "cancel/", "reschedule/", "propose/", "calendar.ics"]
        ]
        closed = client.get(link.link.get_absolute_url())
        calendar = browser.get(f"/meetings/{old.pk}/calendar.ics")

    assert ["Deleted 40 days after the meeting" in text for text in texts] == [True] * 3
    assert all(SECRET not in text for text in [*texts, str(exported), file, calendar.text, closed.text])
    assert {(each["invitee_name"], each["forgotten_at"] is None) for each in exported["meetings"]} == {("", False)}
    assert (gone, closed.status_code, calendar.status_code) == ([404] * 5, 410, 200)


def test_the_feed_shows_a_change(ada, client, ahead):
    feed = open_feed(ada, now=NOW)
    later = ahead.end + timedelta(days=DAYS + 1)
    with time_machine.travel(later, tick=False):
        before = client.get(feed.get_absolute_url())
        anonymize_meetings(days=DAYS, now=later)
        after = client.get(feed.get_absolute_url(), headers={"If-None-Match": before["ETag"]})

    assert ("Yorick" in before.text, after.status_code, "Yorick" in after.text) == (True, 200, False)
    assert "deleted 31 days after the meeting" in after.text.replace("\r\n ", "")


def test_an_email_that_is_too_late_is_not_sent(old, mailoutbox):
    anonymize_meetings(days=DAYS, now=LATER)

    send_confirmation(str(old.pk), 0, "invitee")

    assert mailoutbox == []


def run(**options):
    out = StringIO()
    call_command("prune", stdout=out, **options)
    return dict(line.split(": ") for line in out.getvalue().splitlines() if ": " in line)


@time_machine.travel(LATER, tick=False)
def test_the_command_only_anonymizes_after_a_set_number_of_days(old, settings):
    stored = all_rows()
    assert "Meetings anonymized" not in run()
    assert run(days=DAYS, dry_run=True)["Meetings anonymized"] == "4"
    assert all_rows()["scheduling.Booking"] == stored["scheduling.Booking"]
    for days in (0, -1, 10**9):
        with pytest.raises(CommandError):
            run(days=days)

    settings.INVITEE_DATA_DAYS = DAYS

    assert run()["Meetings anonymized"] == "4"
    assert places_of(SECRET) == set()


@time_machine.travel(LATER, tick=False)
@pytest.mark.parametrize(("days", "left"), [(None, 4), (DAYS, 0)])
def test_the_nightly_job_follows_the_setting(old, settings, days, left):
    settings.INVITEE_DATA_DAYS = days

    prune(0)

    assert Booking.objects.filter(invitee_name=XANTHIPPE.name).count() == left
    assert User.objects.count() == 2
