from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0013_end_of_day")]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="invitee_clock",
            field=models.CharField(
                blank=True,
                choices=[("24", "24 hours, such as 14:30"), ("12", "12 hours, such as 2:30 pm")],
                db_default="",
                default="",
                max_length=2,
            ),
        ),
    ]
