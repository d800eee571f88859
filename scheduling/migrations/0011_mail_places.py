from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scheduling', '0010_booking_nonce'),
    ]

    operations = [
        migrations.AddField(
            model_name='mailrecord',
            name='counted_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='mailrecord',
            name='over_limit',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name='mailrecord',
            constraint=models.CheckConstraint(condition=models.Q(('over_limit', False), ('dropped_at__isnull', False), _connector='OR'), name='mail_record_over_limit_is_dropped'),
        ),
    ]
