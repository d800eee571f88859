"""The forms of event types, meetings, availability and one-offs."""

from oneoff.creator import forms as oneoff
from oneoff.proposals import forms
from scheduling.forms import availability, bookings, event_types, reminders, start, video_calls
from scheduling.forms import team_event_types as team_event_type_forms
from tests.authority import matrix
from tests.factories import time_of
from tests.hostile.rows import FormRow, sent
from tests.scheduling.views.typed import typed

EVENT_TYPE = {
    "name": "Chess", "slug": "chess", "duration": "30", "location_kind": "address", "location": "Room 1",
    "description": "Bring a board.", "before_buffer": "0", "after_buffer": "5", "minimum_notice": "60",
    "booking_window": "30", "start_increment": "30", "daily_limit": "8", "invitee_limit": "2", "active": "on",
}  # fmt: skip
HOSTED = EVENT_TYPE | {"hosts": ["alan", "grace"], "organizer": "grace", "organization": "analytical-engines"}
HOURS = {
    "time_zone": "Asia/Kolkata", "monday-start": "09:00", "monday-end": "17:00", "sunday-start": "10:00",
    "sunday-end": "12:00", "dates": "2026-12-24 open0", "open0-date": "2026-12-28", "open0-start": "10:00",
    "open0-end": "11:00",
}  # fmt: skip
FIRST_HOURS = {"time_zone": "Europe/Paris", "weekdays": ["1", "2"], "start": "09:00", "end": "17:00"}
TEAM_FORMS = (team_event_type_forms.TeamEventTypeForm,)
INVITEE = bookings.InviteeFieldsMixin

MEETING_FORMS = [
    FormRow("scheduling:start", "newcomer", (start.FirstHoursForm,), "time_zone_choice", lambda _: FIRST_HOURS),
    FormRow("scheduling:start_event_type", "newcomer", (event_types.EventTypeForm,), "", lambda _: EVENT_TYPE),
    FormRow("scheduling:start_finish", "newcomer", (), "one_off"),
    FormRow("scheduling:event_type_create", "himself", (event_types.EventTypeForm,), "", lambda _: EVENT_TYPE),
    FormRow("scheduling:event_type_create_collective", "owner", TEAM_FORMS, "show_people", lambda _: HOSTED),
    FormRow(
        "scheduling:event_type_create_round_robin",
        "owner",
        TEAM_FORMS,
        "show_people",
        lambda _: HOSTED,
        without="organizer",
    ),
    FormRow(
        "scheduling:event_type_edit",
        "himself",
        (event_types.EventTypeForm,),
        "",
        lambda _: EVENT_TYPE,
        matrix.event_type,
    ),
    FormRow(
        "scheduling:event_type_switch", "himself", (event_types.SwitchForm,), "", sent(active="on"), matrix.event_type
    ),
    FormRow(
        "scheduling:event_type_move", "himself", (event_types.MoveForm,), "", sent(direction="up"), matrix.event_type
    ),
    FormRow("scheduling:event_type_delete", "himself", arguments=matrix.event_type),
    FormRow("scheduling:calendar_feed_start", "owner"),
    FormRow("scheduling:calendar_feed_renew", "himself"),
    FormRow("scheduling:calendar_feed_stop", "himself"),
    FormRow(
        "scheduling:availability",
        "himself",
        (availability.ScheduleForm,),
        "time_zone_choice monday-start sunday-end open0-date open0-start open0-end dates step",
        lambda _: HOURS,
    ),
    FormRow("scheduling:mail_understood", "himself", (), "next", arguments=matrix.undelivered),
    FormRow("scheduling:reminders", "himself", (reminders.ReminderForm,), "", sent(own_reminders=["60"])),
    FormRow(
        "scheduling:video_calls",
        "himself",
        (video_calls.VideoCallsForm,),
        "",
        sent(rooms="fresh", template="https://meet.example.org/{random}"),
    ),
    FormRow("scheduling:meeting_cancel", "himself", (bookings.CancelForm,), "", sent(reason="Ill."), matrix.meeting),
    FormRow("scheduling:meeting_no_show", "himself", (bookings.NoShowForm,), "", sent(no_show="on"), matrix.begun),
    FormRow("scheduling:booking_cancel", "anonymous", (bookings.CancelForm,), "", sent(reason="Ill."), matrix.booking),
    FormRow(
        "scheduling:booking_reschedule",
        "anonymous",
        (bookings.RescheduleForm,),
        "",
        sent(slot="2026-12-01T08:00:00Z"),
        matrix.booking,
    ),
    FormRow(
        "scheduling:event_type_page",
        "anonymous",
        (bookings.BookingForm, INVITEE),
        "homepage time_zone_choice",
        lambda _: typed("2026-12-01T08:00:00Z", location="My desk"),
        lambda _: ["alan", "asking"],
    ),
    FormRow(
        "oneoff:create",
        "owner",
        (oneoff.CreatorForm,),
        "times clock create",
        lambda _: matrix.creation(
            organizer="alan",
            cohosts=["ada"],
            description="Chess.",
            invitee_name="Dana",
            invitee_email="dana@example.com",
            location="meet.example.com/chess",
            valid_until="2026-12-02T09:00",
        ),
    ),
    FormRow(
        "oneoff:create",
        "owner",
        (oneoff.CreatorForm, oneoff.TimesForm),
        "times clock refresh set_duration valid_until_date valid_until_clock",
        lambda _: matrix.creation(refresh="1"),
        status=200,
        without="create",
    ),
    FormRow(
        "oneoff:withdraw",
        "himself",
        (oneoff.ChosenTimeForm,),
        "",
        lambda things: {"time": things["time"].pk},
        matrix.one_off,
    ),
    FormRow(
        "oneoff:offer",
        "himself",
        (oneoff.ChosenTimeForm,),
        "",
        lambda things: {"time": things["time"].pk},
        matrix.one_off,
    ),
    FormRow("oneoff:delete", "himself", arguments=matrix.one_off),
    FormRow("oneoff:cancel", "himself", (bookings.CancelForm,), "", sent(reason="Ill."), matrix.booked),
    FormRow(
        "oneoff:reopen",
        "himself",
        (forms.ReopenForm,),
        "valid_until_date valid_until_clock",
        sent(valid_until="2026-12-01T18:00"),
        matrix.cancelled,
    ),
    FormRow(
        "oneoff:accept",
        "himself",
        (forms.AcceptForm,),
        "",
        lambda things: {"time": things["proposal"].times.get().pk},
        matrix.proposal,
    ),
    FormRow("oneoff:decline", "himself", (forms.DeclineForm,), "", sent(note="Too late."), matrix.proposal),
    FormRow(
        "scheduling:meeting_no_show",
        "himself",
        (bookings.NoShowForm,),
        "back",
        sent(no_show="on"),
        matrix.one_off_begun,
    ),
    FormRow(
        "scheduling:booking_reschedule",
        "anonymous",
        (bookings.RescheduleForm,),
        "",
        lambda things: {"slot": time_of(things["booked"], "14:00").pk},
        matrix.one_off_booking,
    ),
    FormRow(
        "oneoff:propose_move",
        "anonymous",
        (forms.ProposeMoveForm,),
        "homepage times_date times_clock",
        lambda _: matrix.asking() | {"note": "Please."},
        matrix.one_off_booking,
        without="name email location time_zone nonce",
    ),
    FormRow(
        "oneoff:propose",
        "anonymous",
        (forms.ProposeForm,),
        "homepage time_zone_choice times_date times_clock",
        lambda _: matrix.asking() | {"time_zone": "Europe/Paris", "note": "Please."},
        matrix.link,
        without="location",
    ),
    FormRow(
        "oneoff:page",
        "anonymous",
        (bookings.BookingForm,),
        "homepage time_zone_choice",
        lambda things: typed(things["time"].pk),
        matrix.link,
        without="location",
    ),
    FormRow("oneoff:opened", "anonymous", arguments=matrix.link, status=204),
]
