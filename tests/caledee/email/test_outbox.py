"""The records of mails whose jobs, or who themselves, are gone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from caledee.email.models import MailRecord
from caledee.email.outbox import give_up_lost_mails, recorded
from caledee.email.trouble import MailDelayed
from caledee.environment import parse_email_url
from caledee.mail import Letter
from scheduling.notifications import give_up_lost
from tests.scheduling.making import book_intro


@pytest.fixture
def booking(ada):
    return book_intro(ada, "2026-12-01 09:00")


def reasons():
    return list(MailRecord.objects.values_list("reason", flat=True))


def test_mail_whose_job_is_lost_is_noticed_after_four_days(booking):
    now = timezone.now()
    early = give_up_lost_mails(now=now + timedelta(days=3, hours=23))

    late = give_up_lost_mails(now=now + timedelta(days=4, hours=1))

    assert (early, late) == (0, 2)
    assert reasons() == ["given_up", "given_up"]


def test_what_is_noticed_as_lost_is_logged_once(booking, caplog):
    give_up_lost(timestamp=0)
    assert (caplog.text, MailRecord.objects.waiting().count()) == ("", 2)
    MailRecord.objects.update(queued_at=timezone.now() - timedelta(days=5))

    for _ in range(2):
        give_up_lost(timestamp=0)

    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "2 mails have waited for longer than they are tried" in caplog.text
    assert reasons() == ["given_up", "given_up"]


def test_trouble_with_a_mail_whose_record_went_meanwhile_writes_none_again(booking, settings):
    settings.MAILERS = {"default": parse_email_url("smtp://127.0.0.1:9?timeout=0.3")}  # where nobody listens
    record = MailRecord.objects.get(address="edsger@example.com")

    @recorded
    def write() -> Letter:
        MailRecord.objects.filter(pk=record.pk).delete()
        facts = {"state": "", "heading": "", "opening": "", "rows": [], "action": "", "link": "", "why": ""}
        return Letter(to=record.address, subject="Intro call", message_id=record.message_id, **facts)

    with pytest.raises(MailDelayed):
        write(mail_id=str(record.pk))

    assert list(MailRecord.objects.values_list("address", "attempts")) == [("ada@example.com", 0)]
