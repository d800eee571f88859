from django.apps import AppConfig
from django.core.checks import register

from caledee.limits.checks import check_proxies


class LimitsConfig(AppConfig):
    name = "caledee.limits"
    label = "limits"

    def ready(self) -> None:
        register(check_proxies)
