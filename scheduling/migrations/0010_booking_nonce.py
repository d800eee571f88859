from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0009_fill_activity_facts")]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="nonce",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
    ]
