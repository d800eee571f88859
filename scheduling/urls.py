from django.urls import path

from scheduling.models import EventTypeKind
from scheduling.views import (
    availability,
    bookings,
    event_types,
    feeds,
    meetings,
    public,
    reminders,
    reschedule,
    start,
    undelivered,
)

app_name = "scheduling"
urlpatterns = [
    path("event-types/", event_types.event_types, name="event_types"),
    path("event-types/new/", event_types.create, name="event_type_create"),
    path(
        "event-types/new/collective/",
        event_types.create_for_team,
        {"kind": EventTypeKind.COLLECTIVE},
        name="event_type_create_collective",
    ),
    path(
        "event-types/new/round-robin/",
        event_types.create_for_team,
        {"kind": EventTypeKind.ROUND_ROBIN},
        name="event_type_create_round_robin",
    ),
    path("event-types/<uuid:key>/", event_types.edit, name="event_type_edit"),
    path("event-types/<uuid:key>/switch/", event_types.switch, name="event_type_switch"),
    path("event-types/<uuid:key>/move/", event_types.move, name="event_type_move"),
    path("event-types/<uuid:key>/delete/", event_types.delete, name="event_type_delete"),
    path("start/", start.hours, name="start"),
    path("start/event-type/", start.event_type, name="start_event_type"),
    path("start/link/", start.link, name="start_link"),
    path("start/finish/", start.finish, name="start_finish"),
    path("availability/", availability.availability, name="availability"),
    path("settings/calendar-feed/", feeds.calendar_feed, name="calendar_feed"),
    path("settings/calendar-feed/start/", feeds.start, name="calendar_feed_start"),
    path("settings/calendar-feed/renew/", feeds.renew, name="calendar_feed_renew"),
    path("settings/calendar-feed/stop/", feeds.stop, name="calendar_feed_stop"),
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/undelivered/<uuid:key>/", undelivered.understood, name="mail_understood"),
    path("meetings/<uuid:key>/", meetings.meeting, name="meeting"),
    path("meetings/<uuid:key>/cancel/", meetings.cancel_meeting, name="meeting_cancel"),
    path("meetings/<uuid:key>/calendar.ics", meetings.meeting_calendar, name="meeting_calendar"),
    path("settings/reminders/", reminders.reminders, name="reminders"),
    path("bookings/<token:token>/", bookings.booking, name="booking"),
    path("bookings/<token:token>/cancel/", bookings.cancel_booking, name="booking_cancel"),
    path("bookings/<token:token>/reschedule/", reschedule.reschedule_booking, name="booking_reschedule"),
    path("bookings/<token:token>/calendar.ics", bookings.calendar, name="booking_calendar"),
    path("<handle:handle>/", public.public_page, name="public_page"),
    path("<handle:handle>/<slug:slug>/", public.event_type_page, name="event_type_page"),
]
