"""The small and the large database, filled by SQL inside PostgreSQL, and kept for the next run.

Around now every person has the same in both, and the same page is the same work. What grows is the number of people,
the number of past years, and the lists of the two people whose lists are long.
"""

import time
from dataclasses import dataclass
from hashlib import md5

from tests.bench.house import House

FRESH_FOR = "20 hours"  # what is laid around now is too old after that
MADE_HERE = "%@bench.example.com"


@dataclass(frozen=True)
class Size:
    """`past` and `ahead` are bookings of each person; `held` the times of the one-off of each; `long` how many
    meetings and one-offs the person with long lists has."""

    database: str
    people: int
    past: int
    ahead: int
    held: int
    long: int

    @property
    def words(self) -> str:
        return (
            f"{self.people:,} organizers, {self.people * (self.past + self.ahead):,} bookings over 5 years, "
            f"{self.people * self.held:,} live holds, {self.long:,} meetings and one-offs of one person"
        )


SMALL = Size("bench_small", people=100, past=10, ahead=10, held=20, long=50)
LARGE = Size("bench_large", people=10_000, past=90, ahead=10, held=20, long=10_000)

# People whose pages are measured: their handles, and how many busy periods the next month has.
BUSY = {"busy-none": 0, "busy-one": 1, "busy-hundred": 100, "busy-thousand": 1000}
# People like "busy-hundred" who have connected three calendars of 500 busy times each, in 400 days or in next month.
CONNECTED = {"connected-year": 100, "connected-month": 100}
LONG, HOT, CREATOR = "long-lists", "hot-one", "the-creator"

PREPARE = """
CREATE TABLE bench_row (id uuid PRIMARY KEY, made_at timestamptz NOT NULL, words text NOT NULL);
CREATE FUNCTION bench_id(words text) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$ SELECT md5(words)::uuid $$;
"""

PEOPLE = """
WITH person(handle, n) AS (SELECT 'person-' || n, n FROM generate_series(1, %(people)s) n
    UNION ALL SELECT unnest(%(named)s::text[]), 0)
INSERT INTO accounts_user (id, password, is_superuser, email, name, handle, time_zone, plan, is_active, is_staff,
    date_joined, started_at, clock, color_scheme, week_start, closed_email, own_reminders, invitee_reminders)
SELECT bench_id(handle), '!', false, handle || '@example.com', 'Person ' || handle, handle, 'Europe/London', 'team',
    true, false, now(), now(), '24', 'system', 0, '', '{1440}', '{1440}' FROM person;
INSERT INTO account_emailaddress (email, verified, "primary", user_id) SELECT email, true, true, id FROM accounts_user;
INSERT INTO scheduling_schedule (time_zone, organizer_id) SELECT time_zone, id FROM accounts_user;
INSERT INTO scheduling_weeklyhours (schedule_id, weekday, start, "end")
SELECT schedule.id, weekday, CASE WHEN handle = 'hot-one' THEN '00:00' ELSE '09:00' END::time,
    CASE WHEN handle = 'hot-one' THEN '00:00' ELSE '17:00' END::time
FROM scheduling_schedule schedule JOIN accounts_user person ON person.id = organizer_id,
    generate_series(0, 6) weekday WHERE weekday < 5 OR handle = 'hot-one';
INSERT INTO scheduling_eventtype (id, name, description, duration, location_kind, location, slug, before_buffer,
    after_buffer, minimum_notice, booking_window, start_increment, created_at, organizer_id, position, kind)
SELECT bench_id('type ' || handle), 'Intro call', '', length, 'video', 'https://meet.example.com/' || handle, 'intro',
    '0', '0', '0', CASE WHEN handle = 'hot-one' THEN '365 days' ELSE '120 days' END::interval, length, now(), id, 0,
    'one_on_one'
FROM accounts_user,
    LATERAL (SELECT CASE WHEN handle = 'hot-one' THEN '5 minutes' ELSE '30 minutes' END::interval AS length) lengths;
"""

# Every kind of booking goes through one table: who, from when, and how long. Past ones lie on days of their own; those
# ahead at hours at which nothing is held.
BOOKINGS = """
CREATE TEMP TABLE made AS
WITH person AS (SELECT id, handle, row_number() OVER (ORDER BY handle) AS n FROM accounts_user
    WHERE handle LIKE 'person-%%')
SELECT bench_id(handle || ' was ' || k) AS id, person.id AS organizer, handle,
    date_trunc('day', now()) - make_interval(days => (k * 1826 / (%(past)s + 1))) + interval '10 hours' AS start,
    interval '30 minutes' AS length FROM person, generate_series(1, %(past)s) k
UNION ALL
SELECT bench_id(handle || ' will ' || k), person.id, handle,
    date_trunc('day', now()) + make_interval(days => (k * 3 + n %% 3)::int, hours => 9 + k %% 3), interval '30 minutes'
FROM person, generate_series(1, %(ahead)s) k
UNION ALL
SELECT bench_id(handle || k), person.id, handle,
    date_trunc('month', now()) + make_interval(months => 1, days => k * 28 / busy,
        hours => CASE WHEN busy > 100 THEN 6 ELSE 9 END, mins => 10 * (k - (k * 28 / busy * busy + 27) / 28)),
    interval '10 minutes'
FROM unnest(%(handles)s::text[], %(counts)s::int[]) AS wanted(whose, busy) JOIN accounts_user person ON handle = whose,
    generate_series(0, busy - 1) k
UNION ALL
SELECT bench_id(handle || k), person.id, handle,
    date_trunc('hour', now()) + k * interval '20 minutes' + interval '1 day', interval '10 minutes'
FROM accounts_user person, generate_series(1, %(long)s) k WHERE handle = 'long-lists';
INSERT INTO scheduling_booking (id, token, name, description, start, "end", location_kind, location, invitee_name,
    invitee_email, invitee_time_zone, notes, created_at, cancelled_by, cancel_reason, uid, sequence, organizer_id,
    event_type_id, updated_at)
SELECT id, replace(id::text, '-', ''), 'Intro call', '', start, start + length, 'video',
    'https://meet.example.com/' || handle, 'Edsger Dijkstra', 'edsger@example.com', 'Europe/Amsterdam', '',
    least(start, now()) - interval '7 days', '', '', id::text, 0, organizer, bench_id('type ' || handle),
    least(start, now()) - interval '7 days' FROM made;
INSERT INTO scheduling_busytime (organizer_id, claim, kind, start, "end", before_buffer, after_buffer)
SELECT organizer, id, 'booking', start, start + length, '0', '0' FROM made;
INSERT INTO scheduling_activity (subject, name, kind, by_name, at, facts, organizer_id)
SELECT id, 'Intro call', 'booked', 'Edsger Dijkstra', least(start, now()) - interval '7 days', '{}', organizer
FROM made;
INSERT INTO scheduling_mailrecord (id, subject, name, kind, role, address, message_id, queued_at, attempts, sent_at,
    reason, organizer_id, person_id)
SELECT bench_id(role || made.id), made.id, 'Intro call', 'confirmed', role, 'edsger@example.com',
    '<' || made.id || '.0.confirmed.' || role || '@bench>', least(start, now()) - interval '7 days', 1,
    least(start, now()) - interval '7 days', '', organizer, CASE WHEN role = 'organizer' THEN organizer END
FROM made, unnest(array['organizer', 'invitee']) role;
DROP TABLE made;
"""

# Everyone has one one-off whose times are all held, and some that ran out long ago. The person with long lists has
# many: a board's page of them waits for an answer, without holding anything, the others ran out.
ONE_OFFS = """
CREATE TEMP TABLE made AS
SELECT bench_id('one-off ' || handle) AS id, id AS organizer, now() AS created_at, true AS held,
    date_trunc('day', now()) + interval '2 days 14 hours' AS first
FROM accounts_user WHERE handle LIKE 'person-%%' OR handle LIKE 'connected-%%'
    OR handle IN ('busy-none', 'busy-hundred')
UNION ALL
SELECT bench_id('past one-off ' || handle || ' ' || k), id, now() - k * interval '180 days', false,
    now() - k * interval '179 days'
FROM accounts_user, generate_series(1, %(past)s / 9) k WHERE handle LIKE 'person-%%'
UNION ALL
SELECT bench_id('one-off ' || handle || ' ' || k), id, now() - k * interval '1 hour', false,
    CASE WHEN k <= 50 THEN now() + interval '40 days' ELSE now() - k * interval '1 hour' - interval '3 days' END
FROM accounts_user, generate_series(1, %(long)s) k WHERE handle = 'long-lists';
INSERT INTO oneoff_oneoffmeeting (id, name, description, duration, location_kind, location, hold_times, invitee_name,
    invitee_email, created_at, created_by_id, organizer_id)
SELECT id, 'Interview', '', '30 minutes', 'video', 'https://meet.example.com/', held, '', '', created_at, organizer,
    organizer FROM made;
INSERT INTO oneoff_singleuselink (token, one_off_id) SELECT replace(id::text, '-', ''), id FROM made;
UPDATE oneoff_oneoffmeeting one_off SET current_link_id = link.id FROM oneoff_singleuselink link
WHERE link.one_off_id = one_off.id;
INSERT INTO oneoff_proposedtime (id, one_off_id, start, "end")
SELECT bench_id(made.id::text || k), made.id, start, start + interval '30 minutes' FROM made,
    generate_series(0, CASE WHEN held THEN %(held)s ELSE 2 END - 1) k,
    LATERAL (SELECT first + make_interval(days => k / 2, hours => k %% 2) AS start) moments;
UPDATE oneoff_oneoffmeeting SET last_end = (SELECT max("end") FROM oneoff_proposedtime
    WHERE one_off_id = oneoff_oneoffmeeting.id);
INSERT INTO scheduling_busytime (organizer_id, claim, kind, start, "end", before_buffer, after_buffer, lapses_at)
SELECT organizer, made.id, 'hold', start, "end", '0', '0', start
FROM made JOIN oneoff_proposedtime ON one_off_id = made.id WHERE held;
DROP TABLE made;
"""

# Outside working hours, so all of these people have the same slots.
CALENDARS = """
INSERT INTO calendars_connection (id, kind, label, host, address, credentials, own_addresses, connected_at, failure,
    person_id)
SELECT bench_id('connection ' || handle), 'caldav', 'Work', 'calendars.example.com', '', '', '{}', now(), '', id
FROM accounts_user WHERE handle LIKE 'connected-%%';
INSERT INTO calendars_outsidecalendar (id, remote, name, is_own, can_write, counts, chosen_at, tentative_counts,
    stale_after, state, read_from, read_until, read_at, read_whole_at, next_try_at, notes, failure, failures,
    connection_id, person_id)
SELECT bench_id('calendar ' || handle || n), n::text, 'Calendar ' || n, true, false, true, now(), true, '30 days', '',
    now() - interval '1 day', now() + interval '400 days', now(), now(), now() + interval '30 days', '{}', '', 0,
    bench_id('connection ' || handle), id
FROM accounts_user, generate_series(1, 3) n WHERE handle LIKE 'connected-%%';
INSERT INTO calendars_outsidebusy (calendar_id, person_id, start, "end", is_tentative)
SELECT bench_id('calendar ' || handle || n), id, start, start + interval '20 minutes', false
FROM accounts_user, generate_series(1, 3) n, generate_series(0, 499) k, LATERAL (
    SELECT CASE
        WHEN handle = 'connected-year' THEN date_trunc('day', now())
            + make_interval(days => k * 400 / 500, hours => 18 + k %% 2, mins => 10 * n)
        ELSE date_trunc('month', now())
            + make_interval(months => 1, days => k / 18, hours => 18, mins => 45 * (k %% 18) + 10 * n)
    END AS start
) moments WHERE handle LIKE 'connected-%%';
"""

FORGET = """
CREATE TEMP TABLE gone AS SELECT id FROM scheduling_booking WHERE invitee_email LIKE %(here)s;
DELETE FROM scheduling_busytime WHERE claim IN (SELECT id FROM gone);
DELETE FROM scheduling_mailrecord WHERE subject IN (SELECT id FROM gone);
DELETE FROM scheduling_activity WHERE subject IN (SELECT id FROM gone);
DELETE FROM scheduling_booking WHERE id IN (SELECT id FROM gone);
DROP TABLE gone;
TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers, bench_row, django_session CASCADE;
"""

# Built anew after the rows are in: a tenth of the time that they take row by row.
QUICKER_WITHOUT = ("scheduling_busytime", "scheduling_booking", "scheduling_mailrecord", "scheduling_activity")


def prepare(house: House, size: Size) -> float:
    """The database as it is to be, made or found, without what earlier runs left in it. How many seconds it took."""
    began = time.monotonic()
    if _is_fresh(house, size):
        house.manage(size.database, "migrate", "-v0")
    else:
        _fill(house, size)
    with house.connect(size.database) as connection:
        for statement in FORGET.replace("%(here)s", f"'{MADE_HERE}'").split(";\n"):
            if statement.strip():
                connection.execute(statement)
    return time.monotonic() - began


def _is_fresh(house: House, size: Size) -> bool:
    """Return whether the database was filled completely, to this size, and recently."""
    with house.connect("postgres") as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [size.database]).fetchone():
            return False
    with house.connect(size.database) as connection:
        if not connection.execute("SELECT to_regclass('bench_filled')").fetchone()[0]:  # type: ignore[index]
            return False
        found = connection.execute(
            "SELECT words FROM bench_filled WHERE at > now() - %s::interval"
            " AND date_trunc('month', at) = date_trunc('month', now())",
            [FRESH_FOR],
        ).fetchone()
        return found is not None and found[0] == _label(size)


def _fill(house: House, size: Size) -> None:
    print(f"  filling {size.database}: {size.words}", flush=True)
    with house.connect("postgres") as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {size.database} WITH (FORCE)")
    house.server.create_database(size.database)
    house.manage(size.database, "migrate", "-v0")
    house.manage(size.database, "createcachetable")
    values = {
        "people": size.people,
        "past": size.past,
        "ahead": size.ahead,
        "held": size.held,
        "long": size.long,
        "named": [*BUSY, *CONNECTED, LONG, HOT, CREATOR],
        "handles": [*BUSY, *CONNECTED],
        "counts": [*BUSY.values(), *CONNECTED.values()],
    }
    with house.connect(size.database) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("SET work_mem = '256MB'")
        connection.execute(PREPARE)
        rebuild = [statement for table in QUICKER_WITHOUT for statement in _drop_indexes(connection, table)]
        for part in (PEOPLE, BOOKINGS, ONE_OFFS, CALENDARS):
            for statement in part.split(";\n"):
                if statement.strip():
                    connection.execute(statement, values)  # type: ignore[call-overload]
        for statement in rebuild:
            connection.execute(statement)
        connection.execute("VACUUM ANALYZE")
        connection.execute(f"CREATE TABLE bench_filled AS SELECT now() AS at, '{_label(size)}' AS words")
        connection.execute("CHECKPOINT")


def _label(size: Size) -> str:
    """Return a label for what the database is filled with."""
    return md5(f"{size!r}{PEOPLE}{BOOKINGS}{ONE_OFFS}{CALENDARS}".encode()).hexdigest()


def _drop_indexes(connection, table: str) -> list[str]:
    """Drop all indexes except keys, and return the statements that restore them."""
    constraints = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass"
        " AND contype IN ('x', 'u')",
        [table],
    ).fetchall()
    for name, _ in constraints:
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    indexes = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass"
        " AND NOT indisprimary",
        [table],
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    return [definition for _, definition in indexes] + [
        f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}' for name, definition in constraints
    ]
