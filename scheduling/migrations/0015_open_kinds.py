from django.db import migrations, models

from scheduling.models.activity import activity_kinds


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0014_invitee_clock")]

    operations = [
        migrations.AlterField(
            model_name="activity", name="kind", field=models.CharField(choices=activity_kinds, max_length=10)
        ),
    ]
