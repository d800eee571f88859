"""Audit checks of connected calendars."""

from caledee.ops.audit import Check

# The worker looks for due calendars every minute.
COUNTING_IS_READ = Check(
    "A counting calendar is read when it is due.",
    """
    SELECT calendar.person_id AS person, calendar.id AS calendar
    FROM calendars_outsidecalendar calendar
    JOIN accounts_user person ON person.id = calendar.person_id AND person.is_active
    WHERE calendar.counts AND calendar.next_try_at < %(now)s - interval '1 hour'
    """,
)
COUNTING_IS_DUE = Check(
    "A counting calendar will be read again, unless its person must reconnect.",
    """
    SELECT person_id AS person, id AS calendar
    FROM calendars_outsidecalendar
    WHERE counts
        AND next_try_at IS NULL
        AND failure NOT IN ('unauthorized', 'forbidden', 'key_missing')
        AND NOT EXISTS (
            SELECT FROM calendars_connection connection
            WHERE connection.id = connection_id AND connection.needs_reconnecting_at IS NOT NULL
        )
    """,
)
BUSY_IS_SHORT = Check(
    "A busy time of a connected calendar is at most a day long.",
    """
    SELECT calendar_id AS calendar, id AS busy_time
    FROM calendars_outsidebusy
    WHERE start >= "end" OR start < "end" - interval '24 hours'
    """,
)
# The window function reads the rows once, in order. Rows of one kind are merged, so each begins after the ones before.
BUSY_IS_MERGED = Check(
    "The busy times of a connected calendar do not overlap.",
    """
    SELECT calendar_id AS calendar, id AS busy_time
    FROM (
        SELECT
            calendar_id,
            id,
            start,
            max("end") OVER (
                PARTITION BY calendar_id, is_tentative
                ORDER BY start, id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS ended
        FROM calendars_outsidebusy
    ) busy
    WHERE start < ended
    """,
)
ONE_PERSON = Check(
    "A connected calendar and its busy times belong to the person of the connection.",
    """
    SELECT connection.person_id AS person, calendar.id AS calendar, busy.id AS busy_time
    FROM calendars_outsidecalendar calendar
    JOIN calendars_connection connection ON connection.id = calendar.connection_id
    LEFT JOIN calendars_outsidebusy busy
        ON busy.calendar_id = calendar.id AND busy.person_id <> connection.person_id
    WHERE calendar.person_id <> connection.person_id OR busy.id IS NOT NULL
    """,
)
ONLY_COUNTING = Check(
    "Nothing is stored of a calendar that doesn't count.",
    """
    SELECT calendar.id AS calendar, busy.id AS busy_time
    FROM calendars_outsidecalendar calendar
    JOIN calendars_outsidebusy busy ON busy.calendar_id = calendar.id
    WHERE NOT calendar.counts
    """,
)

CHECKS = [COUNTING_IS_READ, COUNTING_IS_DUE, BUSY_IS_SHORT, BUSY_IS_MERGED, ONE_PERSON, ONLY_COUNTING]
