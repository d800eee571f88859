import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_pending_email'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.AlterField(
            model_name='user',
            name='color_scheme',
            field=models.CharField(choices=[('system', 'Same as device'), ('light', 'Light'), ('dark', 'Dark')], default='system', max_length=6),
        ),
        migrations.AlterConstraint(
            model_name='organization',
            name='organization_handle_unique',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('handle'), name='organization_handle_unique', violation_error_message='This handle is already taken.'),
        ),
        migrations.AlterConstraint(
            model_name='organization',
            name='organization_handle_form',
            constraint=models.CheckConstraint(condition=models.Q(('handle__regex', '^[a-z0-9-]{3,40}$')), name='organization_handle_form', violation_error_message='Use 3 to 40 characters: letters a to z, digits and hyphens.'),
        ),
        migrations.AlterConstraint(
            model_name='user',
            name='user_email_unique',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_unique', violation_error_message='An account with this email address already exists.'),
        ),
        migrations.AlterConstraint(
            model_name='user',
            name='user_handle_unique',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('handle'), name='user_handle_unique', violation_error_message='This handle is already taken.'),
        ),
        migrations.AlterConstraint(
            model_name='user',
            name='user_handle_form',
            constraint=models.CheckConstraint(condition=models.Q(('handle__regex', '^[a-z0-9-]{3,40}$')), name='user_handle_form', violation_error_message='Use 3 to 40 characters: letters a to z, digits and hyphens.'),
        ),
    ]
