from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('email', '0004_open_kinds'),
    ]

    operations = [
        migrations.AlterField(
            model_name='emailrecord',
            name='reason',
            field=models.CharField(blank=True, choices=[('address', 'the mail server refused the address'), ('mail', 'the mail server refused the email'), ('impossible', 'the address cannot receive email'), ('given_up', 'no mail server accepted it within three days'), ('refused_us', 'the mail server does not accept emails from this site'), ('unanswered', 'the mail server did not confirm it, so it may have arrived')], max_length=10),
        ),
    ]
