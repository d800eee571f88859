"""A new name for the model. Its table keeps the old one, so a release that is still running finds it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_words")]

    operations = [
        migrations.AlterModelTable(name="pendingmail", table="accounts_pendingmail"),
        migrations.RenameModel(old_name="PendingMail", new_name="PendingEmail"),
    ]
