from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("oneoff", "0007_counter_proposal_nonce")]

    operations = [
        migrations.AddField(
            model_name="counterproposal",
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
