"""The records of emails that are gone, or whose jobs are."""

from datetime import timedelta

import psycopg
import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.template import TemplateSyntaxError
from django.utils import timezone

from caledee.email.failures import EmailDelayed, EmailUnanswered
from caledee.email.messages import Email
from caledee.email.models import EmailRecord
from caledee.email.outbox import give_up_lost_emails, recorded, send_recorded
from caledee.ops.environment import parse_email_url
from scheduling.tasks import give_up_lost
from tests.factories import book_intro
from tests.support.serving import url_of
from tests.support.times import NOW


@pytest.fixture
def booking(ada):
    return book_intro(ada, "2026-12-01 09:00")


def reasons():
    return list(EmailRecord.objects.values_list("reason", flat=True))


def test_email_whose_job_is_lost_is_noticed_after_four_days(booking):
    early = give_up_lost_emails(now=NOW + timedelta(days=3, hours=23))

    late = give_up_lost_emails(now=NOW + timedelta(days=4, hours=1))

    assert (early, late) == (0, 2)
    assert reasons() == ["given_up", "given_up"]


def test_what_is_noticed_as_lost_is_logged_once(booking, caplog):
    with time_machine.travel(NOW, tick=False):
        give_up_lost(timestamp=0)
    assert (caplog.text, EmailRecord.objects.waiting().count()) == ("", 2)

    with time_machine.travel(NOW + timedelta(days=5), tick=False):
        for _ in range(2):
            give_up_lost(timestamp=0)

    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "Gave up 2 emails that had waited longer than any email is tried" in caplog.text
    assert reasons() == ["given_up", "given_up"]


def test_failing_email_whose_record_was_deleted_writes_no_new_one(booking, settings):
    settings.MAILERS = {"default": parse_email_url("smtp://127.0.0.1:9?timeout=0.3")}  # where nobody listens
    record = EmailRecord.objects.get(address="edsger@example.com")

    @recorded
    def write(*, now) -> Email:
        EmailRecord.objects.filter(pk=record.pk).delete()
        facts = {"state": "", "heading": "", "opening": "", "rows": [], "action": "", "link": "", "why": ""}
        return Email(to=record.address, subject="Intro call", message_id=record.message_id, **facts)

    with pytest.raises(EmailDelayed):
        write(mail_id=str(record.pk))

    assert list(EmailRecord.objects.values_list("address", "attempts")) == [("ada@example.com", 0)]


FACTS = {"state": "", "heading": "", "opening": "", "rows": [], "action": "", "link": "", "why": ""}


def email_to(record):
    return Email(to=record.address, subject="Intro call", message_id=record.message_id, **FACTS)


@pytest.fixture
def record(booking):
    return EmailRecord.objects.get(address="edsger@example.com")


def test_a_template_that_makes_no_email_is_no_fault_of_the_recipient(record, caplog):
    def write():
        raise TemplateSyntaxError("dana@example.com")

    for _ in range(2):
        with pytest.raises(TemplateSyntaxError):
            send_recorded(str(record.pk), write, now=timezone.now())

    record.refresh_from_db()
    assert (record.attempts, record.fault, record.trouble, record.reason) == (2, "ours", "TemplateSyntaxError", "")
    [alarm] = [each for each in caplog.records if each.levelname == "ERROR"]
    assert alarm.getMessage().startswith("Emails cannot be sent from this installation (TemplateSyntaxError).")


def test_a_sender_that_is_none_is_no_fault_of_the_recipient(record, settings):
    settings.DEFAULT_FROM_EMAIL = "Caledee, Inc. <caledee@example.com>"

    with pytest.raises(ImproperlyConfigured):
        send_recorded(str(record.pk), lambda: email_to(record), now=timezone.now())

    record.refresh_from_db()
    assert (record.fault, record.trouble, record.reason) == ("ours", "ImproperlyConfigured", "")


def test_the_operator_is_notified_again_after_an_hour(record, caplog):
    def write():
        raise TemplateSyntaxError

    for ago in (timedelta(0), timedelta(minutes=59), timedelta(minutes=61)):
        EmailRecord.objects.filter(tried_at__isnull=False).update(tried_at=timezone.now() - ago)
        with pytest.raises(TemplateSyntaxError):
            send_recorded(str(record.pk), write, now=timezone.now())

    assert [each.levelname for each in caplog.records] == ["ERROR", "ERROR"]


def test_what_was_given_up_while_we_were_refused_blames_nobody_else(booking):
    EmailRecord.objects.filter(person=None).update(fault="ours")

    give_up_lost_emails(now=timezone.now() + timedelta(days=5))

    assert sorted(reasons()) == ["given_up", "refused_us"]


def test_what_was_sent_again_by_hand_has_its_days_anew(record):
    now = timezone.now()
    EmailRecord.objects.update(queued_at=now - timedelta(days=9), resent_at=now - timedelta(days=3))

    assert give_up_lost_emails(now=now) == 0


def test_a_record_that_is_gone_sends_nothing(record, mailoutbox):
    EmailRecord.objects.filter(pk=record.pk).delete()

    send_recorded(str(record.pk), lambda: email_to(record), now=timezone.now())

    assert mailoutbox == []


def break_connection():
    """Drop the connection like a firewall that forgets one that was idle for ten minutes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    with psycopg.connect(url_of(connection.settings_dict["NAME"]), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_during_the_conversation_still_marks_what_was_sent(record, mailoutbox):
    def write():
        break_connection()
        return email_to(record)

    send_recorded(str(record.pk), write, now=timezone.now())

    record.refresh_from_db()
    assert (len(mailoutbox), record.sent_at is not None) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_a_copy_is_counted_though_the_connection_broke_while_nobody_answered(record):
    def write():
        break_connection()
        raise EmailUnanswered("no answer after the whole email")

    with pytest.raises(EmailUnanswered):
        send_recorded(str(record.pk), write, now=timezone.now())

    record.refresh_from_db()
    assert (record.unanswered, record.attempts) == (1, 1)
