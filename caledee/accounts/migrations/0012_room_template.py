from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_plain_words")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="room_template",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
    ]
