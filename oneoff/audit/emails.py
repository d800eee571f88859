"""Rules for the emails about one-off meetings. Those about bookings are in `scheduling.audit`.

No row refers to an erased account, neither as the person who acted nor as the recipient.
"""

from caledee.ops.audit import Check, records_since
from oneoff.audit.meetings import HISTORY_SINCE, OLDER_ONE_OFFS, PEOPLE

EMAILS_SINCE = records_since(
    records="scheduling_mailrecord",
    at="queued_at",
    older=f"{OLDER_ONE_OFFS} UNION ALL SELECT FROM scheduling_activity WHERE at < applied",
    app="scheduling",
    migration="0005_mail_records",
)

CREATION_IS_EMAILED = Check(
    "Everyone whose time a one-off meeting takes gets an email about its creation, except the person who created it.",
    f"""
    SELECT one_off.id AS one_off, person.person
    FROM oneoff_oneoffmeeting one_off
    JOIN ({PEOPLE}) person ON person.one_off = one_off.id AND person.person IS DISTINCT FROM one_off.created_by_id
    LEFT JOIN scheduling_mailrecord mail
        ON mail.subject = one_off.id AND mail.kind = 'created' AND mail.person_id = person.person
    WHERE mail.id IS NULL AND one_off.created_at >= {EMAILS_SINCE}
    """,  # noqa: S608
)
REOPENING_IS_EMAILED = Check(
    "Everyone whose time a reopened one-off meeting takes gets an email about it, except the person who reopened it.",
    f"""
    SELECT reopened.subject AS one_off, person.person
    FROM scheduling_activity reopened
    JOIN ({PEOPLE}) person ON person.one_off = reopened.subject AND person.person IS DISTINCT FROM reopened.by_id
    LEFT JOIN scheduling_mailrecord mail
        ON mail.subject = reopened.subject
        AND mail.kind = 'reopened'
        AND mail.person_id = person.person
        AND starts_with(mail.message_id, '<activity.' || reopened.id || '.')
    WHERE reopened.kind = 'reopened' AND mail.id IS NULL AND reopened.at >= {EMAILS_SINCE}
    """,  # noqa: S608
)
LOSSES_ARE_EMAILED = Check(
    "An organizer gets an email when someone else withdraws or deletes something.",
    f"""
    SELECT lost.subject AS one_off, lost.id AS activity
    FROM scheduling_activity lost
    LEFT JOIN scheduling_mailrecord mail
        ON mail.subject = lost.subject
        AND mail.kind = lost.kind
        AND mail.person_id = lost.organizer_id
        AND starts_with(mail.message_id, '<activity.' || lost.id || '.')
    WHERE lost.kind IN ('withdrawn', 'deleted')
        AND lost.by_id <> lost.organizer_id
        AND mail.id IS NULL
        AND lost.at >= {EMAILS_SINCE}
    """,  # noqa: S608
)
SUGGESTIONS_ARE_EMAILED = Check(
    "An organizer gets an email about suggested times.",
    """
    SELECT proposal.one_off_id AS one_off, proposal.id AS counter_proposal
    FROM oneoff_counterproposal proposal
    JOIN oneoff_oneoffmeeting one_off ON one_off.id = proposal.one_off_id
    LEFT JOIN scheduling_mailrecord mail
        ON mail.subject = one_off.id
        AND mail.kind = 'proposed'
        AND mail.person_id = one_off.organizer_id
        AND starts_with(mail.message_id, '<counter-proposal.' || proposal.id || '.')
    WHERE mail.id IS NULL
    """,
)
# An invitee who booked the meeting gets a confirmation instead, which answers all their suggestions.
ANSWERS_ARE_EMAILED = Check(
    "An invitee who suggested times gets an email if they are declined or someone else books.",
    """
    SELECT proposal.one_off_id AS one_off, proposal.id AS counter_proposal
    FROM oneoff_counterproposal proposal
    LEFT JOIN scheduling_mailrecord mail
        ON mail.subject = proposal.one_off_id
        AND mail.kind = 'answered'
        AND starts_with(mail.message_id, '<counter-proposal.' || proposal.id || '.' || proposal.answer || '@')
    WHERE mail.id IS NULL AND (
        proposal.answer = 'declined'
        OR proposal.answer = 'otherwise' AND NOT EXISTS (
            SELECT FROM oneoff_singleuselink link
            JOIN scheduling_booking booking ON booking.id = link.booking_id
            WHERE link.one_off_id = proposal.one_off_id
                AND lower(booking.invitee_email) = lower(proposal.invitee_email)
        )
    )
    """,
)
EMAILS_MATCH_HISTORY = Check(
    "An email about a one-off meeting is about something in its history.",
    f"""
    SELECT mail.id AS mail, mail.subject
    FROM scheduling_mailrecord mail
    LEFT JOIN oneoff_oneoffmeeting one_off ON one_off.id = mail.subject
    WHERE CASE
        WHEN mail.kind IN ('withdrawn', 'deleted', 'reopened') THEN NOT EXISTS (
            SELECT FROM scheduling_activity told
            WHERE told.subject = mail.subject
                AND told.kind = mail.kind
                AND starts_with(mail.message_id, '<activity.' || told.id || '.')
        )
        WHEN mail.kind IN ('proposed', 'answered') AND one_off.id IS NOT NULL THEN NOT EXISTS (
            SELECT FROM oneoff_counterproposal proposal
            WHERE proposal.one_off_id = mail.subject
                AND CASE mail.kind
                    WHEN 'proposed' THEN starts_with(mail.message_id, '<counter-proposal.' || proposal.id || '.')
                    ELSE starts_with(
                        mail.message_id, '<counter-proposal.' || proposal.id || '.' || proposal.answer || '@'
                    )
                END
        ) AND NOT EXISTS (
            -- Suggestions of anonymized invitees are deleted, and their history has no name.
            SELECT FROM scheduling_activity told
            WHERE told.subject = mail.subject AND told.kind = 'proposed' AND told.by_name = ''
        )
        WHEN mail.kind IN ('proposed', 'answered') THEN NOT EXISTS (
            SELECT FROM scheduling_activity told WHERE told.subject = mail.subject AND told.kind = 'proposed'
        )
        WHEN mail.kind IN ('created', 'running_out') THEN NOT EXISTS (
            SELECT FROM scheduling_activity told
            WHERE told.subject = mail.subject
                AND (told.kind = 'created' OR told.kind = 'deleted' AND {HISTORY_SINCE} > '-infinity')
        ) AND COALESCE(one_off.created_at >= {HISTORY_SINCE}, TRUE)
        ELSE FALSE
    END
    """,  # noqa: S608
)

CHECKS = [
    CREATION_IS_EMAILED,
    REOPENING_IS_EMAILED,
    LOSSES_ARE_EMAILED,
    SUGGESTIONS_ARE_EMAILED,
    ANSWERS_ARE_EMAILED,
    EMAILS_MATCH_HISTORY,
]
