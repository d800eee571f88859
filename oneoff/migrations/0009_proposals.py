"""Other names for the way from a meeting to its suggested times. The database stays as it is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("oneoff", "0008_invitee_clock"),
        ("scheduling", "0014_invitee_clock"),
    ]

    operations = [
        migrations.AlterField(
            model_name="counterproposal",
            name="booking",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="proposals",
                to="scheduling.booking",
            ),
        ),
        migrations.AlterField(
            model_name="counterproposal",
            name="one_off",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="proposals", to="oneoff.oneoffmeeting"
            ),
        ),
    ]
