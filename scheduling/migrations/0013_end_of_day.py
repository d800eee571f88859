from datetime import time

from django.db import migrations


def end_at_midnight(apps, schema_editor):
    """Hours that end at 23:59 were meant to end with the day."""
    for name in ("WeeklyHours", "DateOverride"):
        apps.get_model("scheduling", name).objects.filter(end__gte=time(23, 59)).update(end=time(0))


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0012_mail_records_move")]

    operations = [migrations.RunPython(end_at_midnight, migrations.RunPython.noop)]
