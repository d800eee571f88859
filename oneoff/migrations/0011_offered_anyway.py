from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("oneoff", "0010_room_kind")]

    operations = [
        migrations.AddField(
            model_name="proposedtime",
            name="offered_anyway",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
