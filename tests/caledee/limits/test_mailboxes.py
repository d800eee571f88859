from datetime import timedelta

import pytest

from caledee.limits.mailboxes import (
    MOST_A_DAY,
    MOST_AN_HOUR,
    ONE_DAY,
    ONE_HOUR,
    MailboxFull,
    mailbox_of,
    note_email,
    take_place,
)
from caledee.limits.models import MailboxTally
from caledee.upkeep.cleanup import delete_old_data
from tests.support.times import NOW

DANA = "dana@example.com"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def rate_limits(settings, db):
    settings.RATE_LIMITS = True


def wait_for(email, now):
    """Take a place if there is one and return 0, or return the wait."""
    try:
        take_place(email, now=now)
    except MailboxFull as full:
        return full.wait
    return 0


@pytest.mark.parametrize(
    ("email", "mailbox"),
    [
        ("Dana@Example.com", "dana@example.com"),
        ("dana+a+b@example.com", "dana@example.com"),
        ("+dana@example.com", "+dana@example.com"),
        ("d.a.n.a+x@googlemail.com", "dana@gmail.com"),
        ("d.ana@example.com", "d.ana@example.com"),
        ('"dana"@example.com', "dana@example.com"),
        ('"d\\ana+x"@example.com', "dana@example.com"),
        ("dana@Bücher.example", "dana@xn--bcher-kva.example"),
        ("dana@XN--BCHER-KVA.example", "dana@xn--bcher-kva.example"),
        ("x", "@x"),
    ],
)
def test_mailboxes_are_compared_by_where_email_arrives(email, mailbox):
    assert mailbox_of(email) == mailbox


def test_a_mailbox_gets_so_many_emails_in_any_hour(rate_limits):
    """The limit does not double around the start of an hour."""
    early = [wait_for(DANA, NOW + n * MINUTE) for n in (0, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59)]
    assert early == [0] * (MOST_AN_HOUR - 1)

    later = [wait_for(DANA, NOW + ONE_HOUR + n * timedelta(seconds=1)) for n in range(4)]

    assert later == [0, 0, 50 * 60 - 2, 50 * 60 - 3]


def test_and_so_many_in_any_day(rate_limits):
    taken = [wait_for(DANA, NOW + n * 10 * MINUTE) for n in range(MOST_A_DAY)]

    full_at = NOW + MOST_A_DAY * 10 * MINUTE
    assert taken == [0] * MOST_A_DAY
    assert wait_for(DANA, full_at) == (ONE_DAY - MOST_A_DAY * 10 * MINUTE).total_seconds()
    assert [wait_for(DANA, NOW + ONE_DAY - timedelta(seconds=1)), wait_for(DANA, NOW + ONE_DAY)] == [1, 0]


def test_an_attempt_that_is_refused_makes_nobody_wait_longer(rate_limits):
    waits = [wait_for(DANA, NOW + n * MINUTE) for n in range(30)]

    assert waits == [0] * MOST_AN_HOUR + [(60 - n) * 60 for n in range(MOST_AN_HOUR, 30)]
    assert len(MailboxTally.objects.get().moments) == MOST_AN_HOUR


def test_case_and_tags_make_no_other_mailbox_and_another_name_does(rate_limits):
    domains = ["example.com", "EXAMPLE.com"]
    typed = [f"{name}@{domain}" for name in ("dana", "DANA+1", "Dana+two+three") for domain in domains]

    assert [wait_for(email, NOW) for email in typed * 3] == [0] * 12 + [3600] * 6
    assert [wait_for("danae@example.com", NOW), wait_for("dana@example.org", NOW)] == [0, 0]


def test_what_no_stranger_caused_is_sent_all_the_same_and_leaves_less_room(rate_limits):
    for n in range(MOST_A_DAY + 5):
        note_email(DANA, now=NOW + n * MINUTE)

    assert len(MailboxTally.objects.get().moments) == MOST_A_DAY
    assert wait_for("Dana+x@example.com", NOW + 40 * MINUTE) == (ONE_DAY - 35 * MINUTE).total_seconds()


def test_switched_off_nothing_is_counted(db):
    assert [wait_for(DANA, NOW) for _ in range(40)] == [0] * 40
    note_email(DANA, now=NOW)
    assert not MailboxTally.objects.exists()


def test_rows_name_nobody_and_go_after_a_day(rate_limits):
    for email in (DANA, "\ud800@example.com"):
        take_place(email, now=NOW)
    assert all(len(key) == 64 and key.isalnum() for key in MailboxTally.objects.values_list("key", flat=True))
    take_place(DANA, now=NOW + ONE_HOUR)

    cleared = [delete_old_data(now=NOW + ONE_DAY + span).counts for span in (-MINUTE, timedelta(0), ONE_HOUR)]

    assert cleared == [0, 1, 1]
