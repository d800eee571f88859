import caledee.sealed
import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('scheduling', '0015_open_kinds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClosedPages',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('told_at', models.DateTimeField()),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='closed_pages', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'closed pages',
            },
        ),
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('feed', 'Calendar address'), ('caldav', 'CalDAV')], max_length=12)),
                ('label', models.CharField(max_length=100)),
                ('host', models.CharField(max_length=255)),
                ('address', caledee.sealed.SealedTextField(editable=False)),
                ('credentials', caledee.sealed.SealedTextField(blank=True, default='', editable=False)),
                ('own_addresses', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=254), blank=True, default=list)),
                ('connected_at', models.DateTimeField()),
                ('searching_since', models.DateTimeField(blank=True, null=True)),
                ('found_at', models.DateTimeField(blank=True, null=True)),
                ('failure', models.CharField(blank=True, choices=[('unreachable', 'unreachable'), ('unauthorized', 'unauthorized'), ('limited', 'limited'), ('forbidden', 'forbidden'), ('gone', 'gone'), ('not_a_calendar', 'not a calendar'), ('not_allowed', 'not allowed'), ('certificate', 'certificate'), ('key_missing', 'key missing')], default='', max_length=16)),
                ('needs_reconnecting_at', models.DateTimeField(blank=True, null=True)),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_connections', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['connected_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='OutsideCalendar',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('remote', models.TextField(blank=True, default='', editable=False)),
                ('name', models.CharField(max_length=100)),
                ('is_own', models.BooleanField(default=True)),
                ('can_write', models.BooleanField(default=False)),
                ('counts', models.BooleanField(default=False)),
                ('chosen_at', models.DateTimeField()),
                ('tentative_counts', models.BooleanField(default=True)),
                ('stale_after', models.DurationField(blank=True, null=True)),
                ('state', models.TextField(blank=True, default='', editable=False)),
                ('read_from', models.DateTimeField(blank=True, null=True)),
                ('read_until', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('read_whole_at', models.DateTimeField(blank=True, null=True)),
                ('added_at', models.DateTimeField(blank=True, null=True)),
                ('refresh_interval', models.DurationField(blank=True, null=True)),
                ('notes', models.JSONField(blank=True, default=dict)),
                ('tried_at', models.DateTimeField(blank=True, null=True)),
                ('next_try_at', models.DateTimeField(blank=True, null=True)),
                ('queued_at', models.DateTimeField(blank=True, null=True)),
                ('failure', models.CharField(blank=True, choices=[('unreachable', 'unreachable'), ('unauthorized', 'unauthorized'), ('limited', 'limited'), ('forbidden', 'forbidden'), ('gone', 'gone'), ('not_a_calendar', 'not a calendar'), ('not_allowed', 'not allowed'), ('certificate', 'certificate'), ('key_missing', 'key missing')], default='', max_length=16)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calendars', to='calendars.connection')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outside_calendars', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='OutsideBusy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start', models.DateTimeField()),
                ('end', models.DateTimeField()),
                ('is_tentative', models.BooleanField(default=False)),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='outside_busy_rows', to=settings.AUTH_USER_MODEL)),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='busy_rows', to='calendars.outsidecalendar')),
            ],
        ),
        migrations.CreateModel(
            name='MovedOutside',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start', models.DateTimeField()),
                ('end', models.DateTimeField()),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moved_outside', to='scheduling.booking')),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moved_meetings', to='calendars.outsidecalendar')),
            ],
        ),
        migrations.AddIndex(
            model_name='outsidecalendar',
            index=models.Index(condition=models.Q(('counts', True)), fields=['next_try_at'], name='outside_calendar_due'),
        ),
        migrations.AddConstraint(
            model_name='outsidecalendar',
            constraint=models.UniqueConstraint(fields=('connection', 'remote'), name='outside_calendar_unique'),
        ),
        migrations.AddConstraint(
            model_name='outsidecalendar',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('failing_since', None), ('failure', ''), ('failures', 0)), models.Q(models.Q(('failure', ''), _negated=True), ('failing_since__isnull', False), ('failures__gt', 0)), _connector='OR'), name='outside_calendar_fails_since'),
        ),
        migrations.AddConstraint(
            model_name='outsidecalendar',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('read_at', None), ('read_from', None), ('read_until', None), ('read_whole_at', None)), models.Q(('read_at__gte', models.F('read_whole_at')), ('read_from__lt', models.F('read_until'))), _connector='OR'), name='outside_calendar_read_whole'),
        ),
        migrations.AddIndex(
            model_name='outsidebusy',
            index=models.Index(fields=['person', 'start'], name='outside_busy_person_start'),
        ),
        migrations.AddConstraint(
            model_name='outsidebusy',
            constraint=models.CheckConstraint(condition=models.Q(('start__gte', django.db.models.expressions.CombinedExpression(models.F('end'), '-', models.Value(datetime.timedelta(days=1)))), ('start__lt', models.F('end'))), name='outside_busy_length'),
        ),
        migrations.AddConstraint(
            model_name='movedoutside',
            constraint=models.UniqueConstraint(fields=('calendar', 'booking'), name='moved_outside_unique'),
        ),
        migrations.AddConstraint(
            model_name='movedoutside',
            constraint=models.CheckConstraint(condition=models.Q(('start__lt', models.F('end'))), name='moved_outside_start_before_end'),
        ),
    ]
