"""The child process that reads calendars. Its caller survives all that can happen to it."""

import os
import resource
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from caledee.timekeeping.periods import Period
from scheduling.calendars.ics import isolated
from scheduling.calendars.ics.isolated import read_feed_in_child, read_objects_in_child
from scheduling.calendars.ics.messages import Request, load_answer
from scheduling.calendars.ics.reader import read_feed, read_objects
from scheduling.calendars.reading import Failure, NoteKind, Owner, ReadingFailed
from tests.scheduling.calendars.ics.reading import LONDON, WINDOW, busy, calendar, mornings, series

PATIENCE = timedelta(minutes=2)
ENDLESS = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
GOOD = calendar(series("RRULE:FREQ=DAILY;COUNT=3"))
ANSWERS_NOTHING = "import sys; sys.stdin.buffer.read()"


def python(code: str, *, patience: timedelta = PATIENCE, request: bytes = b"request") -> bytes:
    return isolated.run([sys.executable, "-c", code], request, patience)


def child(data: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(isolated.COMMAND, input=data, capture_output=True, cwd=isolated.ROOT, timeout=120)


def test_the_child_reads_what_is_read_here():
    head = "X-WR-CALNAME:Arbeit Ä\nREFRESH-INTERVAL:PT12H\n"
    owner = Owner(LONDON.zone, frozenset({"ada@example.com"}), frozenset({"ours"}))
    entries = [
        series("RRULE:FREQ=DAILY;COUNT=3"),
        series("RRULE:FREQ=SECONDLY").replace("UID:a", "UID:b"),
        "UID:c\nDTSTART;TZID=Zork:20261205T100000\nDURATION:PT1H\nATTENDEE:mailto:ada@example.com",
        "UID:ours\nDTSTART:20261207T100000Z\nDURATION:PT1H",
    ]
    text = calendar(*entries, head=head)

    reading = read_feed_in_child(text, WINDOW, owner, patience=PATIENCE)

    assert reading == read_feed(text, WINDOW, owner)
    assert reading.notes == {NoteKind.UNFOLLOWED_RULE: 1, NoteKind.UNKNOWN_ZONE: 1}
    assert (reading.name, reading.refresh_interval) == ("Arbeit Ä", timedelta(hours=12))
    assert (len(reading.busy), len(reading.own)) == (4, 1)


def test_the_child_reads_objects():
    texts = [GOOD, b"garbage", calendar("UID:b\nDTSTART:20261206T100000Z\nDURATION:PT1H"), b""]

    reading = read_objects_in_child(texts, WINDOW, LONDON, patience=PATIENCE)

    assert reading == read_objects(texts, WINDOW, LONDON)
    assert busy(reading) == mornings("12-02", "12-03", "12-04", "12-06")
    assert reading.notes == {NoteKind.BROKEN_ENTRY: 2}


def test_the_child_says_that_a_text_is_no_calendar():
    with pytest.raises(ReadingFailed) as failed:
        read_feed_in_child(b"<html>", WINDOW, LONDON, patience=PATIENCE)

    assert failed.value.failure == Failure.NOT_A_CALENDAR


def test_a_large_calendar_passes_through_the_pipes():
    notes = "x" * 50
    entries = [f"UID:{n}\nDTSTART:20261202T100000Z\nDTEND:20261202T110000Z\nSUMMARY:{notes}" for n in range(15_000)]

    assert busy(read_feed_in_child(calendar(*entries), WINDOW, LONDON, patience=PATIENCE)) == mornings("12-02")


def test_an_endless_rule_costs_only_its_own_entry():
    endless = series(ENDLESS).replace("UID:a", "UID:endless")

    reading = read_feed_in_child(calendar(endless, series("")), WINDOW, LONDON, patience=PATIENCE)

    assert busy(reading) == mornings("12-02")
    assert reading.notes == {NoteKind.UNFOLLOWED_RULE: 1}


@pytest.mark.long
def test_many_endless_rules_end_in_time_and_leave_the_rest():
    endless = [series(ENDLESS).replace("UID:a", f"UID:{number}") for number in range(60)]
    before = child_cpu_seconds()

    reading = read_feed_in_child(calendar(*endless, series("")), WINDOW, LONDON, patience=timedelta(minutes=9))

    assert busy(reading) == mornings("12-02")
    assert reading.notes == {NoteKind.UNFOLLOWED_RULE: 60}
    assert child_cpu_seconds() - before < 60


def child_cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_child_cannot_take_more_memory_or_time_than_it_may():
    code = (
        "import json, resource\n"
        "from scheduling.calendars.ics.child import limit_resources\n"
        "limit_resources()\n"
        "print(json.dumps([resource.getrlimit(limit) for limit in"
        " (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE)]))"
    )

    assert python(code) == b"[[536870912, 536870912], [60, 60], [0, 0]]\n"


@pytest.mark.long
def test_text_that_needs_too_much_memory_is_no_calendar():
    hourly = [f"UID:{n}\nDTSTART:20200101T000000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY" for n in range(20_000)]
    window = Period(WINDOW.start, WINDOW.start + timedelta(days=200))

    with pytest.raises(ReadingFailed) as failed:
        read_feed_in_child(calendar(*hourly), window, LONDON, patience=timedelta(minutes=9))

    assert failed.value.failure == Failure.NOT_A_CALENDAR


def test_a_memory_error_in_the_child_is_a_failure():
    code = (
        "import sys\n"
        "from scheduling.calendars.ics import child\n"
        "child.limit_resources()\n"
        "held = [bytes(1_000_000) for _ in range(10_000)]\n"
    )

    assert python(code) == b""


def test_a_child_that_does_not_answer_in_time_is_killed():
    with pytest.raises(ReadingFailed) as failed:
        read_feed_in_child(calendar(series(ENDLESS)), WINDOW, LONDON, patience=timedelta(milliseconds=50))

    assert failed.value.failure == Failure.NOT_A_CALENDAR


def test_the_children_of_the_child_are_killed_with_it(monkeypatch):
    """One of them holds its output open. The answer is read up to its limit, and then all are killed."""
    monkeypatch.setattr(isolated, "MAX_ANSWER", 20)

    answer = python(
        "import os, time; os.fork() or time.sleep(600); print(f'{os.getpgid(0):20}', flush=True); time.sleep(600)"
    )

    assert_group_ends(int(answer))


def assert_group_ends(group: int) -> None:
    """What was killed can still be listed until its new parent has noticed."""
    for _ in range(10_000):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        os.sched_yield()
    states = subprocess.run(["ps", "-o", "stat=", "-g", str(group)], capture_output=True, text=True).stdout.split()
    assert all(state.startswith("Z") for state in states)


@pytest.mark.parametrize(
    "code",
    [
        ANSWERS_NOTHING,
        "",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "print('Traceback')",
        'print(\'{"busy": [["2026-12-02T10:00:00+00:00"\')',
        "print('{\"busy\": []}')",
        "print('[]')",
        'print(\'{"failure": "unheard of"}\')',
    ],
)
def test_a_child_that_crashes_or_answers_nonsense_is_a_failure(code, monkeypatch):
    monkeypatch.setattr(isolated, "COMMAND", [sys.executable, "-c", code])

    with pytest.raises(ReadingFailed) as failed:
        read_feed_in_child(b"x" * 1_000_000, WINDOW, LONDON, patience=PATIENCE)

    assert failed.value.failure == Failure.NOT_A_CALENDAR


def test_an_endless_answer_is_cut_off():
    answer = python("import sys\nwhile True: sys.stdout.write('x' * 65536)")

    assert len(answer) == isolated.MAX_ANSWER


@pytest.mark.parametrize(
    "garbage", [b"", b"\n", b"garbage", b"{}\n", b'{"sizes": [5]}\nab', b"\0" * 100, b'{"sizes": "x"}\n', b"[]\n"]
)
def test_garbage_on_its_input_ends_the_child_without_an_answer(garbage):
    done = child(garbage)

    assert done.stdout == b""
    assert done.returncode != 0


def test_a_request_survives_the_way_to_the_child():
    request = Request([b"one\n", b"", b"\0\xff"], WINDOW, LONDON, is_feed=False)

    assert Request.from_bytes(request.to_bytes()) == request


def test_the_child_answers_with_json_alone():
    done = child(Request([GOOD], WINDOW, LONDON, is_feed=True).to_bytes())

    assert load_answer(done.stdout) == read_feed(GOOD, WINDOW, LONDON)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_child_gets_no_secret(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")

    variables = python("import json, os; print(json.dumps(sorted(os.environ)))").decode()

    assert "PATH" in variables
    assert "SECRET_KEY" not in variables
    assert "DATABASE_URL" not in variables


def test_the_child_reads_zones_from_the_package_alone():
    code = "import scheduling.calendars.ics.child, zoneinfo; print(zoneinfo.TZPATH)"

    assert python(code) == b"()\n"


def test_threads_read_side_by_side_and_leave_signals_alone():
    handlers = {number: signal.getsignal(number) for number in (signal.SIGPROF, signal.SIGALRM, signal.SIGCHLD)}
    threads = threading.active_count()

    with ThreadPoolExecutor(3) as pool:
        readings = list(pool.map(lambda _: read_feed_in_child(GOOD, WINDOW, LONDON, patience=PATIENCE), range(6)))

    assert [busy(reading) for reading in readings] == [mornings("12-02", "12-03", "12-04")] * 6
    assert {number: signal.getsignal(number) for number in handlers} == handlers
    assert threading.active_count() == threads
