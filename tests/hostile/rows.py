"""Every form of the site: where it is sent, by whom, filled in well, and of what kind each field is.

A form class, an address that takes a POST or a field on a page without its place here fails the test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from caledee.accounts import forms as accounts
from caledee.accounts import passkey_forms, second_step_forms, settings_form, team_forms
from caledee.demo_people import PASSWORD
from caledee.personal_data import departure_form
from oneoff import forms as oneoff
from oneoff import proposal_forms
from scheduling import availability_forms, booking_forms, forms, reminder_form, start_forms
from scheduling import team_forms as team_event_type_forms
from tests.authority import matrix
from tests.authority.matrix import Arguments, Things
from tests.caledee.accounts.steps import KATHERINE
from tests.oneoff.making import time_of
from tests.scheduling.views.typed import typed

# Of what is typed as text, all comes back with the form.
KEPT = {"line", "paragraphs", "email", "zone", "handle", "number", "search", "code"}
KINDS: dict[str, str] = {
    "line": "name location slug invitee_name confirmation",
    "paragraphs": "description notes note reason",
    "email": "email login invitee_email",
    "zone": "time_zone",
    "handle": "handle",
    "number": "duration before_buffer after_buffer minimum_notice booking_window start_increment",
    "choice": "location_kind active organizer cohosts organization hosts role clock week_start color_scheme weekdays "
    "own_reminders invitee_reminders direction",
    "switch": "hold_times move_hours remember no_show one_off create refresh show_people",
    "local time": "valid_until times",
    "time of day": "clock_beside start end monday-start sunday-end open0-start open0-end",
    "day": "toggle_day add_time copy_day last_day month shown_month open0-date",
    "step": "step dates set_duration remove_time action back",
    "id": "time slot",
    "password": "password password1 oldpassword",
    "code": "code",
    "credential": "credential",
    "address": "next",
}
# Kinds that are read alike share what is thrown at them in the ordinary run.
ALIKE = {
    "line": "text", "paragraphs": "text", "search": "text", "handle": "text",
    "choice": "choice", "switch": "choice", "step": "choice", "id": "choice",
    "local time": "time", "time of day": "time", "day": "time",
    "password": "secret", "code": "secret", "credential": "secret", "address": "secret",
    "email": "email", "zone": "zone", "number": "number",
}  # fmt: skip
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names.split()}


@dataclass(frozen=True)
class FormRow:
    """`of` are the classes that read it, `more` the fields that no class names; `valid` is answered with `status`."""

    name: str
    who: str
    of: tuple[type, ...] = ()
    more: str = ""
    valid: Callable[[Things], dict[str, Any]] = lambda _: {}
    arguments: Arguments = lambda _: []
    status: int = 302
    without: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """By name, each of its kind."""
        names = [name for form in self.of for name in getattr(form, "base_fields", {})] + self.more.split()
        return {name: self._kind(name) for name in dict.fromkeys(names) if name not in self.without.split()}

    def _kind(self, name: str) -> str:
        # The creator's fields of a time of day are named like the setting of the clock.
        if (self.name, name) == ("oneoff:create", "clock"):
            return "time of day"
        return KIND_OF[name]


def sent(**fields: Any) -> Callable[[Things], dict[str, Any]]:
    return lambda _: fields


EVENT_TYPE = {
    "name": "Chess", "slug": "chess", "duration": "30", "location_kind": "address", "location": "Room 1",
    "description": "Bring a board.", "before_buffer": "0", "after_buffer": "5", "minimum_notice": "60",
    "booking_window": "30", "start_increment": "30", "active": "on",
}  # fmt: skip
HOSTED = EVENT_TYPE | {"hosts": ["alan", "grace"], "organizer": "grace", "organization": "analytical-engines"}
SETTINGS = {
    "name": "Alan Turing", "handle": "alan", "time_zone": "Asia/Kolkata", "move_hours": "on", "clock": "24",
    "week_start": "0", "color_scheme": "system",
}  # fmt: skip
HOURS = {
    "time_zone": "Asia/Kolkata", "monday-start": "09:00", "monday-end": "17:00", "sunday-start": "10:00",
    "sunday-end": "12:00", "dates": "2026-12-24 open0", "open0-date": "2026-12-28", "open0-start": "10:00",
    "open0-end": "11:00",
}  # fmt: skip
FIRST_HOURS = {"time_zone": "Europe/Paris", "weekdays": ["1", "2"], "start": "09:00", "end": "17:00"}
STEPS = "toggle_day add_time copy_day remove_time month shown_month last_day"
TEAM_FORMS = (team_event_type_forms.TeamEventTypeForm,)
INVITEE = booking_forms.InviteeFieldsMixin
NEW_PASSWORD = {"password1": "orbit-the-earth-4"}


FORMS = [
    FormRow("account_login", "anonymous", (accounts.LoginForm,), "next", sent(login="ada@example.com", password=PASSWORD)),
    FormRow("mfa_login_webauthn", "anonymous", (passkey_forms.LoginPasskeyForm,), "next credential", status=422),
    FormRow("mfa_authenticate", "second step", (second_step_forms.CodeForm, passkey_forms.AuthenticatePasskeyForm), "credential", sent(code="x"), status=422),
    FormRow("account_logout", "himself", (), "next"),
    FormRow("account_signup", "anonymous", (accounts.SignupForm,), "next", lambda _: KATHERINE, without="password2 username"),
    FormRow("account_start_again", "signing up"),
    FormRow("account_email_verification_sent", "signing up", (accounts.VerifyEmailForm,), "action", sent(code="x"), status=422),
    FormRow("account_email", "himself", (accounts.ChangeEmailForm,), "", sent(email="new@example.com")),
    FormRow("account_change_password", "himself", (accounts.ChangePasswordForm,), "next", lambda _: NEW_PASSWORD | {"oldpassword": PASSWORD}, without="password2"),
    FormRow("account_set_password", "without password", (accounts.SetPasswordForm,), "next", lambda _: NEW_PASSWORD, without="password2"),
    FormRow("account_reset_password", "anonymous", (accounts.ResetPasswordForm,), "", sent(email="mary@example.com")),
    FormRow("account_confirm_password_reset_code", "resetting", (accounts.ResetCodeForm,), "action", sent(code="x"), status=422),
    FormRow("account_complete_password_reset", "choosing a password", (accounts.NewPasswordForm,), "", lambda _: NEW_PASSWORD, without="password2"),
    FormRow("account_reauthenticate", "himself", (accounts.ReauthenticateForm,), "next", sent(password=PASSWORD)),
    FormRow("mfa_reauthenticate", "with app", (second_step_forms.ReauthenticateCodeForm,), "next", sent(code="x"), status=422),
    FormRow("mfa_reauthenticate_webauthn", "himself", (passkey_forms.ReauthenticatePasskeyForm,), "next credential", status=422),
    FormRow("mfa_activate_totp", "owner", (second_step_forms.ActivateAppForm,), "", sent(code="x"), status=422),
    FormRow("mfa_deactivate_totp", "with app"),
    FormRow("mfa_generate_recovery_codes", "with app"),
    FormRow("mfa_add_webauthn", "himself", (passkey_forms.AddPasskeyForm,), "credential", sent(name="Key"), status=422, without="passwordless"),
    FormRow("mfa_edit_webauthn", "himself", (passkey_forms.RenamePasskeyForm,), "", sent(name="Key"), matrix.passkey),
    FormRow("mfa_remove_webauthn", "himself", arguments=matrix.passkey),
    FormRow("personal_data:settings", "himself", (settings_form.SettingsForm,), "", lambda _: SETTINGS),
    FormRow("personal_data:delete", "himself", (departure_form.DepartureForm,), "", sent(password=PASSWORD), without="confirmation"),
    FormRow("personal_data:delete", "without password", (departure_form.DepartureForm,), "", sent(confirmation="delete"), without="password"),
    FormRow("team:create", "owner", (team_forms.OrganizationForm,), "", sent(name="Chess Club", handle="chess-club")),
    FormRow("team:edit", "owner", (team_forms.OrganizationForm,), "", sent(name="Engines", handle="engines"), matrix.organization),
    FormRow("team:delete", "owner", arguments=matrix.organization),
    FormRow("team:leave", "himself", arguments=matrix.organization),
    FormRow("team:teammate", "owner", (team_forms.RoleForm,), "role", sent(role="admin"), matrix.teammate),
    FormRow("team:remove", "owner", arguments=matrix.teammate),
    FormRow("team:transfer", "owner", arguments=matrix.teammate),
    FormRow("team:invite", "owner", (team_forms.InvitationForm,), "", matrix.invitation_form, matrix.organization),
    FormRow("team:resend", "owner", arguments=matrix.invitation),
    FormRow("team:withdraw", "owner", arguments=matrix.invitation),
    FormRow("team:invitation", "stranger", arguments=matrix.invitation_link),
    FormRow("scheduling:start", "newcomer", (start_forms.FirstHoursForm,), "", lambda _: FIRST_HOURS),
    FormRow("scheduling:start_event_type", "newcomer", (forms.EventTypeForm,), "", lambda _: EVENT_TYPE),
    FormRow("scheduling:start_finish", "newcomer", (), "one_off"),
    FormRow("scheduling:event_type_create", "himself", (forms.EventTypeForm,), "", lambda _: EVENT_TYPE),
    FormRow("scheduling:event_type_create_collective", "owner", TEAM_FORMS, "show_people", lambda _: HOSTED),
    FormRow("scheduling:event_type_create_round_robin", "owner", TEAM_FORMS, "show_people", lambda _: HOSTED, without="organizer"),
    FormRow("scheduling:event_type_edit", "himself", (forms.EventTypeForm,), "", lambda _: EVENT_TYPE, matrix.event_type),
    FormRow("scheduling:event_type_switch", "himself", (forms.SwitchForm,), "", sent(active="on"), matrix.event_type),
    FormRow("scheduling:event_type_move", "himself", (forms.MoveForm,), "", sent(direction="up"), matrix.event_type),
    FormRow("scheduling:event_type_delete", "himself", arguments=matrix.event_type),
    FormRow("scheduling:calendar_feed_start", "owner"),
    FormRow("scheduling:calendar_feed_renew", "himself"),
    FormRow("scheduling:calendar_feed_stop", "himself"),
    FormRow("scheduling:availability", "himself", (availability_forms.ScheduleForm,), "monday-start sunday-end open0-date open0-start open0-end dates step", lambda _: HOURS),
    FormRow("scheduling:mail_understood", "himself", (), "next", arguments=matrix.undelivered),
    FormRow("scheduling:reminders", "himself", (reminder_form.ReminderForm,), "", sent(own_reminders=["60"])),
    FormRow("scheduling:meeting_cancel", "himself", (booking_forms.CancelForm,), "", sent(reason="Ill."), matrix.meeting),
    FormRow("scheduling:meeting_no_show", "himself", (booking_forms.NoShowForm,), "", sent(no_show="on"), matrix.begun),
    FormRow("scheduling:booking_cancel", "anonymous", (booking_forms.CancelForm,), "", sent(reason="Ill."), matrix.booking),
    FormRow("scheduling:booking_reschedule", "anonymous", (booking_forms.RescheduleForm,), "", sent(slot="2026-12-01T08:00:00Z"), matrix.booking),
    FormRow("scheduling:event_type_page", "anonymous", (booking_forms.BookingForm, INVITEE), "", lambda _: typed("2026-12-01T08:00:00Z", location="My desk"), lambda _: ["alan", "asking"]),
    FormRow("oneoff:create", "owner", (oneoff.CreatorForm,), "times clock create", lambda _: matrix.creation(organizer="alan", cohosts=["ada"], description="Chess.", invitee_name="Dana", invitee_email="dana@example.com", location="meet.example.com/chess", valid_until="2026-12-02T09:00")),
    FormRow("oneoff:create", "owner", (oneoff.CreatorForm, oneoff.StepForm), "times clock refresh set_duration", lambda _: matrix.creation(refresh="1"), status=200, without="create"),
    FormRow("oneoff:withdraw", "himself", (oneoff.WithdrawForm,), "", lambda things: {"time": things["time"].pk}, matrix.one_off),
    FormRow("oneoff:delete", "himself", arguments=matrix.one_off),
    FormRow("oneoff:cancel", "himself", (booking_forms.CancelForm,), "", sent(reason="Ill."), matrix.booked),
    FormRow("oneoff:reopen", "himself", (proposal_forms.ReopenForm,), "", sent(valid_until="2026-12-01T18:00"), matrix.cancelled),
    FormRow("oneoff:accept", "himself", (proposal_forms.AcceptForm,), "", lambda things: {"time": things["proposal"].times.get().pk}, matrix.proposal),
    FormRow("oneoff:decline", "himself", (proposal_forms.DeclineForm,), "", sent(note="Too late."), matrix.proposal),
    FormRow("oneoff:meeting_no_show", "himself", (booking_forms.NoShowForm,), "back", sent(no_show="on"), matrix.one_off_begun),
    FormRow("oneoff:booking_reschedule", "anonymous", (booking_forms.RescheduleForm,), "", lambda things: {"slot": time_of(things["booked"], "14:00").pk}, matrix.one_off_booking),
    FormRow("oneoff:propose_move", "anonymous", (proposal_forms.ProposeMoveForm,), "", lambda _: matrix.asking() | {"note": "Please."}, matrix.one_off_booking, without="name email location time_zone"),
    FormRow("oneoff:propose", "anonymous", (proposal_forms.ProposeForm,), "", lambda _: matrix.asking() | {"time_zone": "Europe/Paris", "note": "Please."}, matrix.link, without="location"),
    FormRow("oneoff:page", "anonymous", (booking_forms.BookingForm,), "", lambda things: typed(things["time"].pk), matrix.link, without="location"),
    FormRow("oneoff:opened", "anonymous", arguments=matrix.link, status=204),
]  # fmt: skip
# What other classes are made of, what reads an address (tests/hostile/addresses.py), and the admin site's.
NOT_SENT = {
    "LocationFieldsMixin", "PageQueryForm", "MeetingSearchForm", "NewHandleForm", "NewUserForm", "NewOrganizationForm",
    "PasskeyForm",
}  # fmt: skip
