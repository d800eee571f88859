from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Built while people go on working.
    atomic = False

    dependencies = [
        ("accounts", "0006_reminders"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(fields=["handle"], name="user_handle"),
        ),
        AddIndexConcurrently(
            model_name="organization",
            index=models.Index(fields=["handle"], name="organization_handle"),
        ),
    ]
