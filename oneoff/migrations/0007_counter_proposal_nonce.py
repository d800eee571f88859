from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("oneoff", "0006_fill_last_end")]

    operations = [
        migrations.AddField(
            model_name="counterproposal",
            name="nonce",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
    ]
