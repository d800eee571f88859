from django.apps import AppConfig


class OneOffConfig(AppConfig):
    name = "oneoff"
    verbose_name = "One-off meetings"
