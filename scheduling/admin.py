from django.contrib import admin

from caledee.web.admin_search import AddressSearchMixin
from caledee.web.read_only_admin import ReadOnlyMixin
from scheduling.models import Booking, BusyTime, DateOverride, EventType, EventTypeHost, Schedule, WeeklyHours


class EventTypeHostInline(admin.TabularInline):
    model = EventTypeHost
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(EventType)
class EventTypeAdmin(AddressSearchMixin):
    list_display = ["name", "kind", "organizer", "organization", "slug", "duration", "location_kind", "paused_at"]
    list_select_related = ["organizer", "organization"]
    list_filter = ["kind", "location_kind"]
    search_fields = ["name", "slug", "organizer__email", "organizer__name", "organization__name"]
    autocomplete_fields = ["organizer", "organization"]
    inlines = [EventTypeHostInline]


class WeeklyHoursInline(admin.TabularInline):
    model = WeeklyHours
    extra = 0


class DateOverrideInline(admin.TabularInline):
    model = DateOverride
    extra = 0


@admin.register(Schedule)
class ScheduleAdmin(AddressSearchMixin):
    list_display = ["organizer", "time_zone"]
    list_select_related = ["organizer"]
    search_fields = ["organizer__email", "organizer__name"]
    autocomplete_fields = ["organizer"]
    inlines = [WeeklyHoursInline, DateOverrideInline]


@admin.register(Booking)
class BookingAdmin(ReadOnlyMixin, AddressSearchMixin):
    list_display = ["name", "organizer", "invitee_name", "invitee_email", "start", "end", "cancelled_at"]
    list_select_related = ["organizer"]
    search_fields = ["name", "organizer__email", "invitee_name", "invitee_email", "uid"]
    date_hierarchy = "start"


@admin.register(BusyTime)
class BusyTimeAdmin(ReadOnlyMixin, AddressSearchMixin):
    list_display = ["organizer", "kind", "start", "end", "lapses_at", "claim"]
    list_select_related = ["organizer"]
    list_filter = ["kind"]
    search_fields = ["organizer__email", "claim"]
    date_hierarchy = "start"
