"""The names of rows in lists contain nothing that opens a link or a page."""

from datetime import timedelta

from caledee.email.models import EmailRecord
from oneoff.models import CounterTime, SingleUseLink
from oneoff.proposals.propose import Wish, propose
from scheduling.feeds.addresses import open_feed
from scheduling.models import Activity, CalendarFeed, DateOverride, EventTypeHost
from tests.factories import DANA, book_one_off, make_collective, make_one_off, offer_of, on_tuesday, time_of
from tests.support.times import NOW


def test_rows_are_named_without_their_tokens(ada, organization):
    one_off = make_one_off(ada, "09:00", "10:00")
    proposal = propose(
        offer_of(one_off).link, Wish(DANA.name, DANA.email, DANA.time_zone, [on_tuesday("14:00")]), now=NOW
    )
    open_feed(ada, now=NOW)
    make_collective(organization, ada)
    christmas = (on_tuesday("00:00") + timedelta(days=24)).date()
    closed = DateOverride.objects.create(schedule=ada.schedule, date=christmas)
    names = [str(one_off), str(offer_of(one_off).link), str(proposal), str(CounterTime.objects.get())]
    proposed = str(time_of(one_off, "09:00"))
    book_one_off(one_off, "09:00")
    names += [str(SingleUseLink.objects.get()), str(EventTypeHost.objects.get()), str(CalendarFeed.objects.get())]
    names += [str(Activity.objects.first()), str(EmailRecord.objects.get(kind="confirmed", role="invitee"))]

    assert names == [
        "Interview",
        "open link",
        "Interview: times suggested by Dana Scott",
        "2026-12-01 14:00:00+00:00 - 2026-12-01 14:30:00+00:00",
        "closed link",
        "Ada Lovelace for Team call",
        "calendar feed of Ada Lovelace",
        "Interview: Created",
        "confirmation to the invitee",
    ]
    assert (proposed, str(closed)) == ("2026-12-01 09:00:00+00:00 - 2026-12-01 09:30:00+00:00", "2026-12-25: closed")
