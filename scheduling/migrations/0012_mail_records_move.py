"""The records of emails belong to `caledee.email` from here on. Their table stays."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0011_mail_places"),
        ("email", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="MailRecord")]),
    ]
