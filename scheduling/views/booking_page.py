"""The booking page, which is the same for everything that can be booked."""

from dataclasses import replace
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect

from caledee.limits.counting import LimitReached, seconds_to_wait
from caledee.limits.rates import booking_on
from caledee.locations import LocationKind
from caledee.timekeeping.wording import say_day, say_duration
from caledee.web.browsers import zone_of_browser
from caledee.web.http import retry_after
from scheduling.bookings.book import Sender, book, booked_before
from scheduling.bookings.checking import WAIT_FOR_CALENDARS, CalendarsUnavailable, check_calendars
from scheduling.bookings.choices import PageQuery, Slot
from scheduling.bookings.offers import InviteeLimitReached, Offer, OfferClosed, SlotTaken
from scheduling.forms.bookings import BookingForm
from scheduling.models import Booking
from scheduling.pages.slots import slot_days
from scheduling.rooms import promises_link
from scheduling.views.bookings import remember_booking, remembered_bookings
from scheduling.views.times_page import Context, TimesPage, address_of

TAKEN = "That time is no longer free. Your details are still here; choose another time and confirm."
NOT_OFFERED = "That time is no longer free. Choose another."
CHOOSE = "Choose one of the times."
UNCHECKED = (
    "{} can’t be checked at the moment, so nothing is booked yet. Your details are still here; try again in a minute."
)
NOT_YET_BOOKED = "Nothing is booked yet. Your details are still here; confirm again in {}."
PLACE_ICONS: dict[str, str] = {
    LocationKind.VIDEO: "video",
    LocationKind.PHONE: "phone",
    LocationKind.ADDRESS: "map-pin",
    LocationKind.ASK_INVITEE: "map-pin",
}


class BookingPage(TimesPage):
    """Shows the times of an offer, then the details form for one of them, and books it.

    If a booking fails, the page shows the form again with everything typed, and with other times if the chosen time
    is taken.
    """

    template = "bookings/page.html"

    def respond(self) -> HttpResponse:
        """Show the page, or book. Raises OfferClosed."""
        return self.submit() if self.request.method == "POST" else self.show()

    # GET: the times, or the form for one of them

    def show(self) -> HttpResponse:
        self.require_alive()
        slot = self.asked_slot
        if slot is not None and self.is_open(slot):
            form = BookingForm(offer=self.offer, initial={"slot": slot.value, "time_zone": self.query.zone.key})
            return self.details(form, slot, self.query)
        query = self.query
        if slot is not None and query.day is None:
            # The time of this link is taken: show the other times on its day.
            query = replace(query, day=self.day_of(slot, query.zone))
        return self.choice(query, problem=NOT_OFFERED if self.asked.slot_value else "")

    @property
    def default_zone(self) -> ZoneInfo:
        return self.known_zone or self.offer.zone

    @cached_property
    def known_zone(self) -> ZoneInfo | None:
        return zone_of_browser(self.request)

    # POST: the form, sent

    @cached_property
    def form(self) -> BookingForm:
        """The form as it was sent, validated."""
        form = BookingForm(self.request.POST, offer=self.offer)
        form.is_valid()
        return form

    @cached_property
    def sent_slot(self) -> Slot | None:
        return self.offer.slot(self.form.cleaned_data.get("slot", ""))

    @property
    def sent_query(self) -> PageQuery:
        return PageQuery(ZoneInfo(self.form.cleaned_data.get("time_zone") or self.offer.zone.key))

    def submit(self) -> HttpResponse:
        if wait := seconds_to_wait(*booking_on(self.request, self.offer.key), now=self.now):
            return self.refuse(LimitReached(wait))
        try:
            booking = self.book()
        except LimitReached as reached:
            return self.refuse(reached)
        except CalendarsUnavailable:
            return self.ask_to_wait()
        if booking is not None:
            return remember_booking(self.request, redirect(booking), booking)
        self.require_alive()
        slot = self.sent_slot
        if slot is not None and self.form.errors and self.is_open(slot):
            return self.details(self.form, slot, self.sent_query, status=422)
        return self.choose_again()

    def book(self) -> Booking | None:
        """Book, or return None with the form saying why if another time would not help.

        Raises LimitReached or CalendarsUnavailable.
        """
        form, slot = self.form, self.sent_slot
        if form.errors or slot is None:
            return None
        sender = Sender(form.cleaned_data["nonce"], remembered_bookings(self.request))
        try:
            check_calendars(self.offer, slot, now=self.now)
            with transaction.atomic():
                self.count_newcomer(form.cleaned_data["email"])
                return book(self.offer, slot, form.invitee(), sender=sender, now=self.now)
        except CalendarsUnavailable:
            # Who sends the same form again still gets the booking that it made.
            if earlier := booked_before(self.offer, slot, form.invitee(), sender, self.now):
                return earlier
            raise
        except SlotTaken:
            return None
        except InviteeLimitReached as reached:
            form.add_error("email", reached.sentence)
            return None

    def choose_again(self) -> HttpResponse:
        """Show the form with the times that are left, because its time was taken or isn't one of the offer."""
        form, slot, query = self.form, self.sent_slot, self.sent_query
        was_offered = slot is not None or self.offer.could_be_slot(form.cleaned_data.get("slot", ""))
        if not was_offered and "slot" not in form.errors:
            form.add_error("slot", CHOOSE)
        if slot is not None:
            query = replace(query, day=self.day_of(slot, query.zone), or_later=True)
        status = 422 if form.errors else 409
        return self.times_left(query, problem=TAKEN if was_offered else "", status=status)

    def refuse(self, reached: LimitReached) -> HttpResponse:
        return retry_after(self.form_again(reached.say(NOT_YET_BOOKED)), reached.wait)

    def ask_to_wait(self) -> HttpResponse:
        """Say that a connected calendar can't be checked, which may be over soon."""
        response = self.form_again(UNCHECKED.format(self.say_whose_calendar()))
        return retry_after(response, WAIT_FOR_CALENDARS, status=503)

    def form_again(self, problem: str) -> HttpResponse:
        """Show the form with its time, without checking that it is free, or with the times to choose from."""
        self.require_alive()
        if self.sent_slot is not None:
            return self.details(self.form, self.sent_slot, self.sent_query, problem=problem)
        return self.times_left(self.sent_query, problem=problem)

    # What the page shows

    def details(
        self, form: BookingForm, slot: Slot, query: PageQuery, *, problem: str = "", status: int = 200
    ) -> HttpResponse:
        """Show the form for one chosen time."""
        organizer = self.offer.organizer
        chosen = self.chosen(slot, query, organizer.zone if organizer else query.zone)
        return self.render(query, chosen | {"form": form, "problem": problem}, status=status)

    def times_left(self, query: PageQuery, *, problem: str, status: int = 200) -> HttpResponse:
        """Show the form with the times that are left, as radio buttons."""
        times = self.find_times(query)
        moved = query.day and times.day and query.day != times.day
        context: Context = {
            "form": self.form,
            "days": slot_days(times.slots, query.zone),
            "nothing_left_on": say_day(query.day) if query.day and moved else "",
            "way_back": address_of(time_zone=query.zone.key),
            "problem": problem,
        }
        return self.render(query, context, status=status)

    def render(self, query: PageQuery, context: Context, *, status: int = 200) -> HttpResponse:
        offer = self.offer
        page: Context = {
            "title": f"{offer.name} with {offer.with_whom}" if offer.is_public else "Choose a time",
            "duration": say_duration(offer.duration),
            "place": _say_place(offer),
            "link_follows": promises_link(offer, [offer.organizer] if offer.organizer else offer.people),
            "place_icon": PLACE_ICONS[offer.location_kind],
        }
        if self.request.method != "POST":
            page["guess_zone"] = not self.asked.zone_asked
            page["zone_is_unsure"] = not (self.asked.zone_asked or self.known_zone)
        return super().render(query, page | context, status=status)

    def require_alive(self) -> None:
        """Raise OfferClosed if nothing can be booked any more: a form is then not worth showing."""
        if not self.offer.is_alive(now=self.now):
            raise OfferClosed


def _say_place(offer: Offer) -> str:
    """Say where to meet without phone numbers and links, which come with the confirmation."""
    match offer.location_kind:
        case LocationKind.VIDEO:
            return "Video call"
        case LocationKind.PHONE:
            return "Phone call"
        case LocationKind.ADDRESS:
            return offer.location
    return "You say where"
