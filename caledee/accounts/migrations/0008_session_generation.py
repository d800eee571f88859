from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_handle_indexes")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="session_generation",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
