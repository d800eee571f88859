from django.db import models


class Plan(models.TextChoices):
    FREE = "free", "Free"
    PRO = "pro", "Pro"
    TEAM = "team", "Team"


# How many event types can be active at once. None is unlimited. One-off meetings do not count.
ACTIVE_EVENT_TYPE_LIMITS: dict[Plan, int | None] = {Plan.FREE: 1, Plan.PRO: None, Plan.TEAM: None}
