import caledee.web.tokens
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Greatest


def date_the_last_change(apps, schema_editor):
    """Of a booking that was moved before, nobody knows when: it counts from when it was made."""
    bookings = apps.get_model('scheduling', 'Booking').objects.using(schema_editor.connection.alias)
    # PostgreSQL's GREATEST passes over what is null.
    bookings.update(updated_at=Greatest('created_at', 'cancelled_at'))


class Migration(migrations.Migration):

    dependencies = [
        ('scheduling', '0003_team_event_types'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='booking',
            name='updated_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.RunPython(date_the_last_change, migrations.RunPython.noop),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=caledee.web.tokens.make_token, editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_feed', to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
