from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_pending_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="closed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="closed_email",
            field=models.EmailField(blank=True, editable=False, max_length=254),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_email="")
                | models.Q(closed_at__isnull=False, is_active=False),
                name="user_closed_is_inactive",
            ),
        ),
    ]
