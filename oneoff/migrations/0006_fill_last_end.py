from django.db import migrations

FILL = """
UPDATE oneoff_oneoffmeeting SET last_end = latest.moment
FROM (SELECT one_off_id, max("end") AS moment FROM oneoff_proposedtime GROUP BY one_off_id) latest
WHERE latest.one_off_id = oneoff_oneoffmeeting.id AND last_end IS NULL
"""


class Migration(migrations.Migration):
    """Of its own, so that the table is not locked while it runs. Without any time left nothing is known of a meeting
    that is booked: its last end stays NULL."""

    dependencies = [("oneoff", "0005_last_end")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
