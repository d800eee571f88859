"""Settings of the servers that tests start as processes of their own: as in production, with addresses that fail."""

from caledee.settings import *  # noqa: F403

ROOT_URLCONF = "tests.support.served_urls"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
