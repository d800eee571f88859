from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("oneoff", "0004_counter_proposals")]

    operations = [
        migrations.AddField(
            model_name="oneoffmeeting", name="last_end", field=models.DateTimeField(editable=False, null=True)
        ),
    ]
