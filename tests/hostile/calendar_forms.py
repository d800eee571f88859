"""The forms of connected calendars."""

from scheduling.calendars.pages import forms
from tests.authority import matrix
from tests.authority.things import CALENDAR
from tests.hostile.rows import FormRow, sent

CHOICE = {"counts": [str(CALENDAR)], "tentative": [str(CALENDAR)], f"stale-{CALENDAR}": "30"}

CALENDAR_FORMS = [
    FormRow("calendars:add_feed", "himself", (forms.FeedForm,), "", sent(address=matrix.NEW_FEED)),
    FormRow("calendars:add_caldav", "himself", (forms.CaldavForm,), "", lambda _: matrix.new_account()),
    FormRow(
        "calendars:choose",
        "himself",
        (forms.ChoiceForm,),
        f"stale-{CALENDAR}",
        lambda _: CHOICE,
        matrix.connection,
    ),
    FormRow("calendars:refresh", "himself", arguments=matrix.connection),
    FormRow("calendars:search", "himself", arguments=matrix.connection),
    FormRow(
        "calendars:reconnect",
        "himself",
        (forms.CaldavForm,),
        "",
        lambda _: matrix.new_account(),
        matrix.connection,
    ),
    FormRow("calendars:disconnect", "himself", arguments=matrix.connection),
]
