from django.urls import path

from scheduling.views import availability, bookings, event_types, meetings, no_show, public, reschedule, start

app_name = "scheduling"
urlpatterns = [
    path("event-types/", event_types.event_types, name="event_types"),
    path("event-types/new/", event_types.create, name="event_type_create"),
    path("event-types/<uuid:key>/", event_types.edit, name="event_type_edit"),
    path("event-types/<uuid:key>/switch/", event_types.switch, name="event_type_switch"),
    path("event-types/<uuid:key>/delete/", event_types.delete, name="event_type_delete"),
    path("start/", start.hours, name="start"),
    path("start/event-type/", start.event_type, name="start_event_type"),
    path("start/link/", start.link, name="start_link"),
    path("start/finish/", start.finish, name="start_finish"),
    path("availability/", availability.availability, name="availability"),
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/<uuid:key>/cancel/", meetings.cancel_meeting, name="meeting_cancel"),
    path("meetings/<uuid:key>/no-show/", no_show.meeting_no_show, name="meeting_no_show"),
    path("meetings/<uuid:key>/calendar.ics", meetings.meeting_calendar, name="meeting_calendar"),
    path("bookings/<token:token>/", bookings.booking, name="booking"),
    path("bookings/<token:token>/cancel/", bookings.cancel_booking, name="booking_cancel"),
    path("bookings/<token:token>/reschedule/", reschedule.reschedule_booking, name="booking_reschedule"),
    path("bookings/<token:token>/calendar.ics", bookings.calendar, name="booking_calendar"),
    path("<handle:handle>/", public.public_page, name="public_page"),
    path("<handle:handle>/<slug:slug>/", public.event_type_page, name="event_type_page"),
]
