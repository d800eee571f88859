from django.urls import path

from scheduling.views import bookings, public

app_name = "scheduling"
urlpatterns = [
    path("bookings/<token:token>/", bookings.booking, name="booking"),
    path("bookings/<token:token>/cancel/", bookings.cancel_booking, name="booking_cancel"),
    path("bookings/<token:token>/calendar.ics", bookings.calendar, name="booking_calendar"),
    path("<handle:handle>/", public.public_page, name="public_page"),
    path("<handle:handle>/<slug:slug>/", public.event_type_page, name="event_type_page"),
]
