from django.conf import settings
from django.db import models
from django.urls import reverse

from caledee.web.tokens import make_token


class CalendarFeed(models.Model):
    """The address at which a person's meetings and held times can be read by their own calendars, until it is deleted.

    What stands in it tells itself when it changed. `changed_at` is when something last went that left no such trace.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed")
    token = models.CharField(max_length=64, unique=True, default=make_token, editable=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calendar feed of {self.user}"

    def get_absolute_url(self) -> str:
        return reverse("oneoff:calendar_feed", args=[self.token])
