from django.apps import AppConfig


class LimitsConfig(AppConfig):
    name = "caledee.limits"
    label = "limits"
