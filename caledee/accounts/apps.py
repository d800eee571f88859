from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "caledee.accounts"
    label = "accounts"
