"""Audit checks of bookings, the ledger of busy time, the history, and emails about bookings.

People who have closed their account have no busy time, even if they take part in a booking.
"""

from caledee.ops.audit import Check, records_since

# The people whose time each confirmed booking takes.
TAKERS = """
    SELECT booking.id AS booking, booking.organizer_id AS person, booking.start, booking."end"
    FROM scheduling_booking booking
    WHERE booking.cancelled_at IS NULL
    UNION ALL
    SELECT booking.id, cohost.user_id, booking.start, booking."end"
    FROM scheduling_booking booking
    JOIN scheduling_booking_cohosts cohost ON cohost.booking_id = booking.id
    WHERE booking.cancelled_at IS NULL
"""

OLDER_BOOKINGS = "SELECT FROM scheduling_booking WHERE created_at < applied"
HISTORY_SINCE = records_since(
    records="scheduling_activity", at="at", older=OLDER_BOOKINGS, app="scheduling", migration="0002_people"
)
MAILS_SINCE = records_since(
    records="scheduling_mailrecord",
    at="queued_at",
    older=OLDER_BOOKINGS,
    app="scheduling",
    migration="0005_mail_records",
)

# The emails that each past state of a booking required, by recipient. `number` is its SEQUENCE in that state. Times of
# moves are not stored: they count as created with the booking.
NEWS = """
    SELECT
        booking.id AS booking,
        side.role,
        side.person,
        side.role = 'invitee' AND booking.forgotten_at IS NOT NULL AS is_forgotten,
        CASE
            WHEN number = booking.sequence AND booking.cancelled_at IS NOT NULL THEN 'cancelled'
            WHEN number = 0 THEN 'confirmed'
            ELSE 'moved'
        END AS kind,
        CASE
            WHEN number = booking.sequence AND booking.cancelled_at IS NOT NULL THEN booking.cancelled_at
            ELSE booking.created_at
        END AS at,
        '<' || booking.uid || '.' || number || '.' AS message_id
    FROM scheduling_booking booking
    JOIN (
        SELECT id AS booking, 'invitee' AS role, NULL::uuid AS person FROM scheduling_booking
        UNION ALL
        SELECT id, 'organizer', organizer_id FROM scheduling_booking
        UNION ALL
        SELECT booking_id, 'cohost', user_id FROM scheduling_booking_cohosts
    ) side ON side.booking = booking.id
    CROSS JOIN generate_series(0, booking.sequence) number
"""

# A lateral lookup per row uses the index on organizer and start. A join would compare all rows of a person.
NO_OVERLAP = Check(
    "Claims on one person's time do not overlap.",
    """
    SELECT one.organizer_id AS person, one.id AS busy_time, other.id AS overlapping
    FROM scheduling_busytime one
    CROSS JOIN LATERAL (
        SELECT candidate.id
        FROM scheduling_busytime candidate
        WHERE candidate.organizer_id = one.organizer_id
            AND candidate.start >= one.start
            AND candidate.start < one."end"
            AND candidate.claim <> one.claim
            AND (candidate.start > one.start OR candidate.id > one.id)
        OFFSET 0
    ) other
    """,
)
BOOKINGS_TAKE_TIME = Check(
    "A confirmed booking takes the time of all participants.",
    f"""
    SELECT taker.booking, taker.person
    FROM ({TAKERS}) taker
    JOIN accounts_user person ON person.id = taker.person AND person.closed_at IS NULL
    LEFT JOIN scheduling_busytime busy
        ON busy.claim = taker.booking
        AND busy.organizer_id = taker.person
        AND busy.kind = 'booking'
        AND busy.start = taker.start
        AND busy."end" = taker."end"
    WHERE busy.id IS NULL
    """,  # noqa: S608
)
BOOKED_TIME_IS_BOOKED = Check(
    "Booked time belongs to a confirmed booking and one of its participants.",
    f"""
    SELECT busy.organizer_id AS person, busy.id AS busy_time, busy.claim
    FROM scheduling_busytime busy
    LEFT JOIN ({TAKERS}) taker
        ON taker.booking = busy.claim
        AND taker.person = busy.organizer_id
        AND taker.start = busy.start
        AND taker."end" = busy."end"
    WHERE busy.kind = 'booking' AND taker.booking IS NULL
    """,  # noqa: S608
)
TIME_IS_TAKEN_ONCE = Check(
    "A claim takes each time of a person only once.",
    """
    SELECT busy.organizer_id AS person, busy.claim, min(busy.id) AS busy_time, max(busy.id) AS repeated
    FROM scheduling_busytime busy
    GROUP BY busy.organizer_id, busy.claim, busy.start, busy."end"
    HAVING count(*) > 1
    """,
)
ROOMS_ARE_FRESH = Check(
    "A room made for a booking has its address until the invitee's data is deleted, and no other booking has it.",
    """
    SELECT booking.id AS booking
    FROM (
        SELECT id, location_kind, location, forgotten_at, count(*) OVER (PARTITION BY location) AS sharing
        FROM scheduling_booking
        WHERE room_kind <> ''
    ) booking
    WHERE booking.location_kind <> 'video'
        OR (booking.location = '') <> (booking.forgotten_at IS NOT NULL)
        OR (booking.location <> '' AND booking.sharing > 1)
    """,
)
HISTORY_IS_WHOLE = Check(
    "A booking's history records its creation, each change and its cancellation once.",
    f"""
    SELECT booking.id AS booking
    FROM scheduling_booking booking
    LEFT JOIN (
        SELECT
            subject,
            count(*) FILTER (WHERE kind = 'booked') AS booked,
            count(*) FILTER (WHERE kind = 'changed') AS changed,
            count(*) FILTER (WHERE kind = 'cancelled') AS cancelled
        FROM scheduling_activity
        WHERE kind IN ('booked', 'changed', 'cancelled')
        GROUP BY subject
    ) told ON told.subject = booking.id
    CROSS JOIN LATERAL (SELECT (booking.cancelled_at IS NOT NULL)::integer AS number) ended
    CROSS JOIN LATERAL (SELECT booking.sequence - ended.number AS number) changes
    CROSS JOIN LATERAL (
        SELECT COALESCE(booked, 0) AS booked, COALESCE(changed, 0) AS changed, COALESCE(cancelled, 0) AS cancelled
    ) counted
    CROSS JOIN (SELECT {HISTORY_SINCE} AS since) history
    WHERE CASE
        WHEN booking.created_at >= since
            THEN (counted.booked, counted.changed, counted.cancelled) <> (1, changes.number, ended.number)
        WHEN booking.cancelled_at >= since
            THEN counted.booked > 1 OR counted.changed > changes.number OR counted.cancelled <> 1
        ELSE counted.booked > 1 OR counted.changed > changes.number OR counted.cancelled > ended.number
    END
    """,  # noqa: S608
)
NEWS_IS_MAILED = Check(
    "Every participant gets an email about a booking's creation, each change and its cancellation.",
    f"""
    SELECT news.booking, news.person
    FROM ({NEWS}) news
    LEFT JOIN scheduling_mailrecord mail
        ON mail.subject = news.booking
        AND mail.kind = news.kind
        AND mail.role = news.role
        AND mail.person_id IS NOT DISTINCT FROM news.person
        AND starts_with(mail.message_id, news.message_id)
    WHERE mail.id IS NULL AND news.at >= {MAILS_SINCE} AND NOT news.is_forgotten
    """,  # noqa: S608
)
# Emails to former cohosts are kept, so the recipient need not be a participant.
MAILS_ARE_NEWS = Check(
    "Every email about a booking matches a state that the booking was in.",
    f"""
    SELECT mail.id AS mail, mail.subject
    FROM scheduling_mailrecord mail
    LEFT JOIN (SELECT DISTINCT booking, kind, message_id FROM ({NEWS}) each) news
        ON news.booking = mail.subject
        AND starts_with(mail.message_id, news.message_id)
        AND mail.kind IN (news.kind, 'reminder')
    WHERE mail.kind IN ('confirmed', 'moved', 'cancelled', 'reminder') AND news.booking IS NULL
    """,  # noqa: S608
)
# The job of an email that failed for an internal reason is kept, and the email is marked as failed after some days.
WAITING_MAILS_HAVE_JOBS = Check(
    "Every waiting email has a job to send it.",
    """
    SELECT mail.id AS mail, mail.subject
    FROM scheduling_mailrecord mail
    LEFT JOIN (
        SELECT args ->> 'mail_id' AS mail
        FROM procrastinate_jobs
        WHERE queue_name = 'mail' AND status IN ('todo', 'doing', 'failed')
    ) job ON job.mail = mail.id::text
    WHERE mail.sent_at IS NULL AND mail.failed_at IS NULL AND mail.dropped_at IS NULL AND job.mail IS NULL
    """,
)

CHECKS = [
    NO_OVERLAP,
    BOOKINGS_TAKE_TIME,
    BOOKED_TIME_IS_BOOKED,
    TIME_IS_TAKEN_ONCE,
    ROOMS_ARE_FRESH,
    HISTORY_IS_WHOLE,
    NEWS_IS_MAILED,
    MAILS_ARE_NEWS,
    WAITING_MAILS_HAVE_JOBS,
]
