from django.db import migrations, models

ROOM_KIND = models.CharField(
    blank=True,
    choices=[("template", "The organizer's template")],
    db_default="",
    default="",
    max_length=12,
)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0015_open_kinds")]

    operations = [
        migrations.AddField(model_name="eventtype", name="room_kind", field=ROOM_KIND),
        migrations.AddField(model_name="booking", name="room_kind", field=ROOM_KIND.clone()),
        migrations.AddConstraint(
            model_name="eventtype",
            constraint=models.CheckConstraint(
                condition=models.Q(room_kind="") | models.Q(location_kind="video", location=""),
                name="eventtype_room_is_video",
                violation_error_message="Only a video call without a link can have a room of its own.",
            ),
        ),
    ]
