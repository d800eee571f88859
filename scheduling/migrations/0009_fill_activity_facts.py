import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import migrations

# As they were written: `Tuesday 1 December 2026, 09:00 to 09:30 (Europe/London, GMT)`, on a clock of 24 or 12 hours,
# and `23:45 to 00:15 on Wednesday 2 December 2026 (...)`.
DAY = r"[A-Z][a-z]+ (\d{1,2} [A-Z][a-z]+ \d{4})"
CLOCK = r"(\d{1,2}:\d{2}(?: [ap]m)?)"
PERIOD = re.compile(rf"{DAY}, {CLOCK} to {CLOCK}(?: on {DAY})? \(([A-Za-z0-9_+\-/]+)(?:, ([^)]+))?\)")
TIMES = re.compile(r"(\d+) times?")


def store_facts(apps, schema_editor):
    activity = apps.get_model("scheduling", "Activity")
    rows = activity.objects.exclude(details="").filter(facts={}).only("pk", "kind", "details")
    changed = []
    for row in rows.iterator(chunk_size=2000):
        row.facts = facts_of(row.kind, row.details)
        changed.append(row)
        if len(changed) == 2000:
            activity.objects.bulk_update(changed, ["facts"])
            changed = []
    activity.objects.bulk_update(changed, ["facts"])


def facts_of(kind, details):
    """What the sentence says; the sentence itself if it cannot be read for certain."""
    if kind == "declined":
        return {"message": details}
    if times := TIMES.fullmatch(details):
        return {"times": int(times[1])}
    periods = [period_of(part) for part in details.split("; ")]
    return {"periods": periods} if all(periods) else {"text": details}


def period_of(text):
    found = PERIOD.fullmatch(text)
    if not found:
        return None
    day, start_clock, end_clock, end_day, zone, abbreviation = found.groups()
    try:
        start = moment(day, start_clock, ZoneInfo(zone), abbreviation)
        end = moment(end_day or day, end_clock, ZoneInfo(zone), "")
    except (ValueError, KeyError, OSError):
        return None
    if start is None or end is None or not start < end <= start + timedelta(days=1):
        return None
    return [start.isoformat(), end.isoformat()]


def moment(day, clock, zone, abbreviation):
    """In UTC; None for a local time that occurs twice, unless its abbreviation tells which one is meant."""
    local = datetime.strptime(f"{day} {clock}", f"%d %B %Y {'%I:%M %p' if clock.endswith('m') else '%H:%M'}")
    both = [local.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    if both[0].utcoffset() == both[1].utcoffset():
        return both[0].astimezone(ZoneInfo("UTC"))
    named = [each for each in both if abbreviation and each.tzname() == abbreviation]
    return named[0].astimezone(ZoneInfo("UTC")) if len(named) == 1 else None


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0008_activity_facts")]

    operations = [migrations.RunPython(store_facts, migrations.RunPython.noop, elidable=True)]
