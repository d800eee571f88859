from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scheduling', '0005_mail_records'),
    ]

    operations = [
        migrations.AddField(
            model_name='booking',
            name='no_show_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(('no_show_at', None), models.Q(('cancelled_at', None), ('no_show_at__gte', models.F('start'))), _connector='OR'), name='booking_no_show_after_start'),
        ),
        migrations.AlterField(
            model_name='activity',
            name='kind',
            field=models.CharField(choices=[('created', 'Created'), ('opened', 'Opened'), ('booked', 'Booked'), ('changed', 'Changed'), ('cancelled', 'Cancelled'), ('withdrawn', 'Time withdrawn'), ('deleted', 'Deleted'), ('reopened', 'Reopened'), ('proposed', 'Other times proposed'), ('accepted', 'Proposal accepted'), ('declined', 'Proposal declined'), ('no_show', 'No-show'), ('showed_up', 'No-show taken back')], max_length=10),
        ),
    ]
