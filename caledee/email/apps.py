from django.apps import AppConfig


class EmailConfig(AppConfig):
    name = "caledee.email"
    label = "email"
