from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "scheduling.calendars"
    label = "calendars"
