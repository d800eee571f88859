from django.conf import settings
from django.db import models
from django.urls import reverse

from caledee.web.tokens import make_token


class CalendarFeed(models.Model):
    """The secret URL where a person's calendars can read their meetings and held times. Deleting it closes the feed.

    Entries have their own timestamps. `changed_at` is the last change without one, such as a deletion.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed")
    token = models.CharField(max_length=64, unique=True, default=make_token, editable=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calendar feed of {self.user}"

    def get_absolute_url(self) -> str:
        return reverse("oneoff:calendar_feed", args=[self.token])
