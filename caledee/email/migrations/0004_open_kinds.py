from django.db import migrations, models

from caledee.email.kinds import email_kinds


class Migration(migrations.Migration):
    dependencies = [("email", "0003_email_record")]

    operations = [
        migrations.AlterField(
            model_name="emailrecord", name="kind", field=models.CharField(choices=email_kinds, max_length=20)
        ),
    ]
