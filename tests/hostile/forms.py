"""Every form of the site: its address, senders, valid values, and the kind of each field.

A form class, an address that accepts POST or a field on a page fails a test if it is missing here.
"""

from tests.hostile.account_forms import ACCOUNT_FORMS
from tests.hostile.calendar_forms import CALENDAR_FORMS
from tests.hostile.meeting_forms import MEETING_FORMS

FORMS = [*ACCOUNT_FORMS, *MEETING_FORMS, *CALENDAR_FORMS]
# What other classes are made of, what reads an address (tests/hostile/addresses.py), and the admin site's.
NOT_SENT = {
    "LocationFieldsMixin", "PageQueryForm", "MeetingSearchForm", "NewHandleForm", "NewUserForm", "NewOrganizationForm",
    "PasskeyForm", "TrapMixin", "KeptMixin", "RefusalsMixin", "AccountForm", "WhyNotForm",
}  # fmt: skip
