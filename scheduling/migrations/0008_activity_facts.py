from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0007_limits_and_forgetting")]

    operations = [
        migrations.AddField(
            "activity",
            "facts",
            models.JSONField(blank=True, default=dict, db_default=Value({}, models.JSONField())),
        ),
        migrations.AlterField(
            "activity",
            "details",
            models.TextField(blank=True, db_default="", editable=False, max_length=2000),
        ),
    ]
