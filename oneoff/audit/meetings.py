"""Rules for one-off meetings, their links, holds and suggested times.

Only the history and the emails of a deleted meeting stay. Lapsed holds don't count, and may still be stored.
"""

from caledee.ops.audit import Check, records_since

OLDER_ONE_OFFS = "SELECT FROM oneoff_oneoffmeeting WHERE created_at < applied"
HISTORY_SINCE = records_since(
    records="scheduling_activity", at="at", older=OLDER_ONE_OFFS, app="scheduling", migration="0002_people"
)

# The people whose time each one-off meeting takes.
PEOPLE = """
    SELECT id AS one_off, organizer_id AS person FROM oneoff_oneoffmeeting
    UNION ALL
    SELECT oneoffmeeting_id, user_id FROM oneoff_oneoffmeeting_cohosts
"""

# What has to be held now.
HELD = f"""
    SELECT
        one_off.id AS one_off,
        person.person,
        proposed.start,
        proposed."end",
        LEAST(proposed.start, one_off.valid_until) AS lapses_at
    FROM oneoff_oneoffmeeting one_off
    JOIN oneoff_singleuselink link ON link.id = one_off.current_link_id AND link.closed_at IS NULL
    JOIN oneoff_proposedtime proposed ON proposed.one_off_id = one_off.id
    JOIN ({PEOPLE}) person ON person.one_off = one_off.id
    WHERE one_off.hold_times AND LEAST(proposed.start, one_off.valid_until) > %(now)s
"""  # noqa: S608

HELD_TIMES_ARE_HELD = Check(
    "An open one-off meeting that holds its times holds each of them for everyone.",
    f"""
    SELECT held.one_off, held.person
    FROM ({HELD}) held
    LEFT JOIN scheduling_busytime hold
        ON hold.claim = held.one_off
        AND hold.organizer_id = held.person
        AND hold.kind = 'hold'
        AND hold.start = held.start
        AND hold."end" = held."end"
        AND hold.lapses_at = held.lapses_at
    WHERE hold.id IS NULL
    """,  # noqa: S608
)
HOLDS_ARE_FOR_OPEN_LINKS = Check(
    "A live hold is for a proposed time of an open link.",
    f"""
    SELECT hold.organizer_id AS person, hold.id AS busy_time, hold.claim
    FROM scheduling_busytime hold
    LEFT JOIN ({HELD}) held
        ON held.one_off = hold.claim
        AND held.person = hold.organizer_id
        AND held.start = hold.start
        AND held."end" = hold."end"
        AND held.lapses_at = hold.lapses_at
    WHERE hold.kind = 'hold' AND hold.lapses_at > %(now)s AND held.one_off IS NULL
    """,  # noqa: S608
)
MEETINGS_HAVE_LINKS = Check(
    "A one-off meeting has a current link of its own.",
    """
    SELECT one_off.id AS one_off, link.id AS link
    FROM oneoff_oneoffmeeting one_off
    LEFT JOIN oneoff_singleuselink link ON link.id = one_off.current_link_id
    WHERE link.one_off_id IS DISTINCT FROM one_off.id
    """,
)
LINKS_ARE_USED_ONCE = Check(
    "A closed link has a booking unless its meeting was reopened. A former link is closed and its booking cancelled.",
    """
    SELECT link.one_off_id AS one_off, link.id AS link, link.booking_id AS booking
    FROM oneoff_singleuselink link
    JOIN oneoff_oneoffmeeting one_off ON one_off.id = link.one_off_id AND one_off.current_link_id IS NOT NULL
    LEFT JOIN scheduling_booking booking ON booking.id = link.booking_id
    WHERE CASE
        WHEN link.closed_at IS NULL THEN link.booking_id IS NOT NULL OR one_off.current_link_id <> link.id
        WHEN one_off.current_link_id = link.id THEN link.booking_id IS NULL
        ELSE booking.id IS NOT NULL AND booking.cancelled_at IS NULL
    END
    """,
)
BOOKINGS_MATCH_THE_OFFER = Check(
    "A booking through a link is at one of the proposed times, with all people of the meeting.",
    f"""
    SELECT link.one_off_id AS one_off, booking.id AS booking
    FROM oneoff_singleuselink link
    JOIN scheduling_booking booking ON booking.id = link.booking_id
    LEFT JOIN oneoff_proposedtime proposed
        ON proposed.one_off_id = link.one_off_id AND proposed.start = booking.start AND proposed."end" = booking."end"
    LEFT JOIN ({PEOPLE}) missed
        ON missed.one_off = link.one_off_id
        AND missed.person <> booking.organizer_id
        AND NOT EXISTS (
            SELECT FROM scheduling_booking_cohosts cohost
            WHERE cohost.booking_id = booking.id AND cohost.user_id = missed.person
        )
    WHERE booking.event_type_id IS NOT NULL
        OR missed.person IS NOT NULL
        OR booking.cancelled_at IS NULL AND proposed.id IS NULL
    """,  # noqa: S608
)
LAST_END_IS_LAST = Check(
    "No proposed time of a one-off meeting is after its `last_end`, after which its times aren't read.",
    """
    SELECT one_off.id AS one_off, proposed.id AS proposed_time
    FROM oneoff_oneoffmeeting one_off
    JOIN oneoff_proposedtime proposed ON proposed.one_off_id = one_off.id AND proposed."end" > one_off.last_end
    """,
)
HISTORY_IS_COMPLETE = Check(
    "The history of a one-off meeting has one creation, and one reopening for each link after the first.",
    f"""
    SELECT one_off.id AS one_off
    FROM oneoff_oneoffmeeting one_off
    LEFT JOIN (
        SELECT
            subject,
            count(*) FILTER (WHERE kind = 'created') AS created,
            count(*) FILTER (WHERE kind = 'reopened') AS reopened
        FROM scheduling_activity
        WHERE kind IN ('created', 'reopened')
        GROUP BY subject
    ) told ON told.subject = one_off.id
    LEFT JOIN (
        SELECT one_off_id, count(*) AS number FROM oneoff_singleuselink GROUP BY one_off_id
    ) link ON link.one_off_id = one_off.id
    CROSS JOIN (SELECT {HISTORY_SINCE} AS since) history
    WHERE COALESCE(told.reopened, 0) + 1 IS DISTINCT FROM link.number
        OR CASE
            WHEN one_off.created_at >= since THEN told.created IS DISTINCT FROM 1
            ELSE told.created > 1
        END
    """,  # noqa: S608
)
DELETED_IS_GONE = Check(
    "Nothing is left of a one-off meeting whose history says it was deleted.",
    """
    SELECT deleted.subject AS one_off, one_off.id AS still_there, hold.id AS busy_time
    FROM scheduling_activity deleted
    LEFT JOIN oneoff_oneoffmeeting one_off ON one_off.id = deleted.subject
    LEFT JOIN scheduling_busytime hold ON hold.claim = deleted.subject
    WHERE deleted.kind = 'deleted' AND (one_off.id IS NOT NULL OR hold.id IS NOT NULL)
    """,
)
SUGGESTIONS_ARE_SETTLED = Check(
    "Times suggested before a booking are answered by it. Accepted ones are booked.",
    """
    SELECT proposal.one_off_id AS one_off, proposal.id AS counter_proposal
    FROM oneoff_counterproposal proposal
    JOIN oneoff_oneoffmeeting one_off ON one_off.id = proposal.one_off_id
    JOIN oneoff_singleuselink link ON link.id = one_off.current_link_id
    WHERE proposal.answered_at IS NULL AND proposal.booking_id IS NULL AND link.booking_id IS NOT NULL
        OR proposal.answer = 'accepted' AND NOT EXISTS (
            SELECT FROM oneoff_singleuselink any_link
            WHERE any_link.one_off_id = proposal.one_off_id AND any_link.booking_id IS NOT NULL
        )
    """,
)

CHECKS = [
    HELD_TIMES_ARE_HELD,
    HOLDS_ARE_FOR_OPEN_LINKS,
    MEETINGS_HAVE_LINKS,
    LINKS_ARE_USED_ONCE,
    BOOKINGS_MATCH_THE_OFFER,
    LAST_END_IS_LAST,
    HISTORY_IS_COMPLETE,
    DELETED_IS_GONE,
    SUGGESTIONS_ARE_SETTLED,
]
