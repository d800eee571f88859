"""Ways to break the data of test_audit.py in SQL, and the check that must find each."""

from caledee.accounts import audit as accounts
from caledee.ops.audit import Check
from oneoff.audit import emails
from oneoff.audit import meetings as one_offs
from scheduling import audit as bookings
from scheduling.calendars import audit as calendars

ONE_OFF = "(SELECT id FROM oneoff_oneoffmeeting WHERE name = '{}')".format
OPEN, BOOKED, REOPENED = ONE_OFF("Open"), ONE_OFF("Booked"), ONE_OFF("Reopened")
DELETED = "(SELECT subject FROM scheduling_activity WHERE kind = 'deleted')"
BOOKING = "(SELECT id FROM scheduling_booking WHERE name = 'Booked')"
MOVED = "(SELECT id FROM scheduling_booking WHERE name = 'Intro call' AND cancelled_at IS NULL)"
CANCELLED = "(SELECT id FROM scheduling_booking WHERE name = 'Intro call' AND cancelled_at IS NOT NULL)"
ADA, ALAN, GRACE = (f"(SELECT id FROM accounts_user WHERE handle = '{name}')" for name in ("ada", "alan", "grace"))
LAST_BUSY = "(SELECT max(id) FROM calendars_outsidebusy)"
LAST_JOB = "(SELECT max(id) FROM procrastinate_jobs)"
HOURS_LATER = {"start": "start + interval '5 hours'", '"end"': "\"end\" + interval '5 hours'"}


def copy_busy_time(of: str, **changes: str) -> str:
    """Return SQL that copies a row of this claim, with these columns changed."""
    names = ["organizer_id", "claim", "kind", "start", '"end"', "before_buffer", "after_buffer", "lapses_at"]
    values = ", ".join(changes.get(name, name) for name in names)
    row = f"SELECT {values} FROM scheduling_busytime WHERE claim = {of} ORDER BY scheduling_busytime.id LIMIT 1"
    return f"INSERT INTO scheduling_busytime ({', '.join(names)}) {row}"


def lose_email(kind: str, role: str = "") -> str:
    one = f"SELECT id FROM scheduling_mailrecord WHERE kind = '{kind}' AND role LIKE '%{role}' LIMIT 1"
    return f"DELETE FROM scheduling_mailrecord WHERE id = ({one})"


def stray_email(kind: str, subject: str = "gen_random_uuid()") -> str:
    """Return SQL that adds a sent email about something that does not exist."""
    names = "id, subject, name, organizer_id, kind, role, address, message_id, queued_at, attempts, reason, sent_at"
    values = f"gen_random_uuid(), {subject}, '', {ADA}, '{kind}', 'organizer', '', '<1.1@x>', now(), 1, '', now()"
    return f"INSERT INTO scheduling_mailrecord ({names}) VALUES ({values})"


def lose_history(kind: str, subject: str) -> str:
    return f"DELETE FROM scheduling_activity WHERE kind = '{kind}' AND subject = {subject}"


def change_link(of: str, state: str, change: str) -> str:
    return f"UPDATE oneoff_singleuselink SET {change} WHERE one_off_id = {of} AND {state}"


# Each is to be found by its check, and by no other.
BREAKS: list[tuple[Check, str]] = [
    # A hold that has lapsed is in nobody's way; the constraint was to refuse it all the same.
    (
        bookings.NO_OVERLAP,
        "ALTER TABLE scheduling_busytime DROP CONSTRAINT busy_time_no_overlap;"
        + copy_busy_time(OPEN, claim="gen_random_uuid()", lapses_at="timestamptz '2026-01-01'"),
    ),
    (
        bookings.NO_OVERLAP,
        "ALTER TABLE scheduling_busytime DROP CONSTRAINT busy_time_no_overlap;"
        + copy_busy_time(
            OPEN,
            claim="gen_random_uuid()",
            start="start - interval '1 minute'",
            lapses_at="timestamptz '2026-01-01'",
        ),
    ),
    (bookings.BOOKINGS_TAKE_TIME, f"DELETE FROM scheduling_busytime WHERE claim = {MOVED}"),
    (
        bookings.BOOKINGS_TAKE_TIME,
        f"DELETE FROM scheduling_busytime WHERE claim = {BOOKING} AND organizer_id = {GRACE}",
    ),
    (bookings.BOOKED_TIME_IS_BOOKED, copy_busy_time(MOVED, **HOURS_LATER)),
    (bookings.BOOKED_TIME_IS_BOOKED, copy_busy_time(MOVED, organizer_id=ALAN)),
    (bookings.BOOKED_TIME_IS_BOOKED, copy_busy_time(MOVED, organizer_id=ALAN, claim=CANCELLED)),
    (bookings.BOOKED_TIME_IS_BOOKED, copy_busy_time(MOVED, organizer_id=ALAN, claim="gen_random_uuid()")),
    (bookings.TIME_IS_TAKEN_ONCE, copy_busy_time(MOVED)),
    (bookings.TIME_IS_TAKEN_ONCE, copy_busy_time(OPEN)),
    (bookings.ROOMS_ARE_FRESH, "UPDATE scheduling_booking SET room_kind = 'template'"),
    (bookings.ROOMS_ARE_FRESH, "UPDATE scheduling_booking SET location = '' WHERE room_kind <> ''"),
    (bookings.ROOMS_ARE_FRESH, "UPDATE scheduling_booking SET location_kind = 'phone' WHERE room_kind <> ''"),
    (bookings.HISTORY_IS_WHOLE, lose_history("booked", MOVED)),
    (bookings.HISTORY_IS_WHOLE, lose_history("changed", MOVED)),
    (bookings.HISTORY_IS_WHOLE, lose_history("cancelled", CANCELLED)),
    (bookings.HISTORY_IS_WHOLE, f"UPDATE scheduling_activity SET subject = {MOVED} WHERE kind = 'cancelled'"),
    (bookings.NEWS_IS_MAILED, lose_email("confirmed", "invitee")),
    (bookings.NEWS_IS_MAILED, lose_email("confirmed", "organizer")),
    (bookings.NEWS_IS_MAILED, lose_email("confirmed", "cohost")),
    (bookings.NEWS_IS_MAILED, lose_email("moved", "invitee")),
    (bookings.NEWS_IS_MAILED, lose_email("cancelled", "organizer")),
    (bookings.MAILS_ARE_NEWS, stray_email("confirmed")),
    (bookings.MAILS_ARE_NEWS, stray_email("confirmed", MOVED)),
    (bookings.MAILS_ARE_NEWS, stray_email("moved", CANCELLED)),
    (bookings.MAILS_ARE_NEWS, stray_email("cancelled", MOVED)),
    (bookings.MAILS_ARE_NEWS, stray_email("reminder")),
    (bookings.WAITING_MAILS_HAVE_JOBS, f"DELETE FROM procrastinate_jobs WHERE id = {LAST_JOB}"),
    (
        bookings.WAITING_MAILS_HAVE_JOBS,
        "ALTER TABLE procrastinate_jobs DISABLE TRIGGER USER;"
        f"UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = {LAST_JOB}",
    ),
    (
        one_offs.HELD_TIMES_ARE_HELD,
        f"DELETE FROM scheduling_busytime WHERE claim = {OPEN} AND organizer_id = {ADA}",
    ),
    (one_offs.HOLDS_ARE_FOR_OPEN_LINKS, copy_busy_time(OPEN, organizer_id=GRACE)),
    (one_offs.HOLDS_ARE_FOR_OPEN_LINKS, copy_busy_time(OPEN, organizer_id=GRACE, claim=BOOKED)),
    (one_offs.HOLDS_ARE_FOR_OPEN_LINKS, copy_busy_time(OPEN, organizer_id=GRACE, claim=REOPENED)),
    (one_offs.HOLDS_ARE_FOR_OPEN_LINKS, copy_busy_time(OPEN, organizer_id=GRACE, claim="gen_random_uuid()")),
    (one_offs.HOLDS_ARE_FOR_OPEN_LINKS, f"DELETE FROM oneoff_proposedtime WHERE one_off_id = {OPEN}"),
    (one_offs.MEETINGS_HAVE_LINKS, f"UPDATE oneoff_oneoffmeeting SET current_link_id = NULL WHERE id = {BOOKED}"),
    (
        one_offs.LINKS_ARE_USED_ONCE,
        "UPDATE oneoff_oneoffmeeting SET current_link_id = "
        f"(SELECT id FROM oneoff_singleuselink WHERE one_off_id = {REOPENED} AND closed_at IS NOT NULL) "
        f"WHERE id = {REOPENED}",
    ),
    (one_offs.LINKS_ARE_USED_ONCE, change_link(REOPENED, "closed_at IS NULL", "closed_at = now()")),
    (
        one_offs.BOOKINGS_MATCH_THE_OFFER,
        f"DELETE FROM oneoff_proposedtime WHERE one_off_id = {BOOKED}",
    ),
    (
        one_offs.BOOKINGS_MATCH_THE_OFFER,
        f"UPDATE scheduling_booking SET event_type_id = (SELECT min(id::text)::uuid FROM scheduling_eventtype) "
        f"WHERE id = {BOOKING}",
    ),
    (one_offs.LAST_END_IS_LAST, f"UPDATE oneoff_oneoffmeeting SET last_end = created_at WHERE id = {OPEN}"),
    (one_offs.HISTORY_IS_COMPLETE, lose_history("created", ONE_OFF("Lapsed"))),
    (
        one_offs.DELETED_IS_GONE,
        copy_busy_time(OPEN, organizer_id=GRACE, claim=DELETED, lapses_at="start - interval '9 days'"),
    ),
    (
        one_offs.SUGGESTIONS_ARE_SETTLED,
        "UPDATE oneoff_counterproposal SET answered_at = NULL, answer = '' "
        "WHERE answer = 'otherwise' AND invitee_email = 'dana@example.com'",
    ),
    (
        one_offs.SUGGESTIONS_ARE_SETTLED,
        "UPDATE oneoff_counterproposal SET answered_at = now(), answer = 'accepted' "
        f"WHERE answer = '' AND one_off_id = {OPEN}",
    ),
    (
        calendars.COUNTING_IS_READ,
        "UPDATE calendars_outsidecalendar SET next_try_at = '2026-11-23 06:59:59Z'",
    ),
    (calendars.COUNTING_IS_DUE, "UPDATE calendars_outsidecalendar SET next_try_at = NULL"),
    (
        calendars.BUSY_IS_SHORT,
        "ALTER TABLE calendars_outsidebusy DROP CONSTRAINT outside_busy_length;"
        f'UPDATE calendars_outsidebusy SET "end" = "end" + interval \'24 hours\' WHERE id = {LAST_BUSY}',
    ),
    (calendars.BUSY_IS_MERGED, 'UPDATE calendars_outsidebusy SET "end" = "end" + interval \'31 minutes\''),
    (calendars.ONE_PERSON, f"UPDATE calendars_outsidecalendar SET person_id = {ADA} WHERE name = 'Holidays'"),
    (calendars.ONE_PERSON, f"UPDATE calendars_outsidebusy SET person_id = {ADA} WHERE id = {LAST_BUSY}"),
    (
        calendars.ONLY_COUNTING,
        "UPDATE calendars_outsidebusy SET calendar_id = (SELECT id FROM calendars_outsidecalendar WHERE NOT counts) "
        f"WHERE id = {LAST_BUSY}",
    ),
    (accounts.INVITATIONS_ARE_MAILED, lose_email("invitation")),
    (emails.CREATION_IS_EMAILED, lose_email("created", "organizer")),
    (emails.CREATION_IS_EMAILED, lose_email("created", "cohost")),
    (emails.REOPENING_IS_EMAILED, lose_email("reopened")),
    (emails.LOSSES_ARE_EMAILED, lose_email("withdrawn")),
    (emails.LOSSES_ARE_EMAILED, lose_email("deleted", "organizer")),
    (emails.SUGGESTIONS_ARE_EMAILED, lose_email("proposed", "organizer")),
    (emails.ANSWERS_ARE_EMAILED, lose_email("answered")),
    *(
        (emails.EMAILS_MATCH_HISTORY, stray_email(kind, subject))
        for kind in ("created", "withdrawn", "deleted", "reopened", "running_out", "proposed", "answered")
        for subject in ("gen_random_uuid()", BOOKED)
        if (kind, subject) not in {("created", BOOKED), ("running_out", BOOKED)}
    ),
]
