from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("oneoff", "0009_proposals")]

    operations = [
        migrations.AddField(
            model_name="oneoffmeeting",
            name="room_kind",
            field=models.CharField(
                blank=True,
                choices=[("template", "The organizer's template")],
                db_default="",
                default="",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="oneoffmeeting",
            constraint=models.CheckConstraint(
                condition=models.Q(room_kind="") | models.Q(location_kind="video", location=""),
                name="oneoffmeeting_room_is_video",
                violation_error_message="Only a video call without a link can have a room of its own.",
            ),
        ),
    ]
