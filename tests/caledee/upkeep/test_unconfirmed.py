"""Accounts that were never confirmed are deleted after a week. All others stay."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client

from caledee.accounts.models import FormerHandle, Membership, User
from caledee.upkeep.tasks import prune
from caledee.upkeep.unconfirmed import delete_unconfirmed
from oneoff.models import OneOffMeeting
from scheduling.models import EventType
from tests.caledee.accounts.steps import KATHERINE, LOGIN, SIGNUP, VERIFY, code_emailed_to
from tests.factories import make_one_off, make_person
from tests.support.times import NOW

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)


@pytest.fixture
def katherine(db):
    """A person who signed up but didn't enter the code."""
    with time_machine.travel(NOW, tick=False):
        Client().post(SIGNUP, KATHERINE)
    return User.objects.get(email=KATHERINE["email"])


def test_an_account_is_deleted_after_a_week_and_not_before(katherine):
    assert delete_unconfirmed(now=NOW + WEEK) == 0
    assert delete_unconfirmed(now=NOW + WEEK + SECOND) == 1

    assert not User.objects.exists()
    assert not EmailAddress.objects.exists()


def test_handle_and_email_are_available_immediately_and_nothing_redirects(katherine, client):
    delete_unconfirmed(now=NOW + WEEK + SECOND)

    assert not FormerHandle.objects.exists()
    assert client.get(f"/{katherine.handle}/").status_code == 404
    assert client.post(SIGNUP, KATHERINE).status_code == 302
    assert User.objects.get().handle == katherine.handle


def confirmed_by_code(person, mailoutbox):
    browser = Client()
    browser.post(LOGIN, {"login": person.email, "password": KATHERINE["password1"]})
    browser.post(VERIFY, {"code": code_emailed_to(person.email, mailoutbox)})


def confirmed_by_a_command(person, _):
    call_command("confirm", person.email)


def made_by_an_admin(person, _):
    LogEntry.objects.log_actions(make_person("admin").pk, [person], ADDITION, single_object=True)


def given_permissions(person, _):
    person.groups.add(Group.objects.create(name="Staff"))


def made_staff(person, _):
    User.objects.filter(pk=person.pk).update(is_staff=True)


def signed_in_once(person, _):
    User.objects.filter(pk=person.pk).update(last_login=NOW)


def put_into_a_team(person, _):
    organization = make_person("owner").organizations.create(name="Team", handle="team-of-all")
    Membership.objects.create(organization=organization, user=person)


def has_a_former_handle(person, _):
    FormerHandle.objects.create(handle="older", user=person, left_at=NOW)


def has_an_event_type(person, _):
    EventType.objects.create(
        organizer=person, name="Call", slug="call", duration=timedelta(minutes=30), created_at=NOW
    )


def has_a_one_off(person, _):
    make_one_off(person, "09:00")
    assert OneOffMeeting.objects.filter(organizer=person).exists()


@pytest.mark.parametrize(
    "what",
    [
        confirmed_by_code,
        confirmed_by_a_command,
        made_by_an_admin,
        given_permissions,
        made_staff,
        signed_in_once,
        put_into_a_team,
        has_a_former_handle,
        has_an_event_type,
        has_a_one_off,
    ],
)
def test_an_account_with_any_other_activity_stays(katherine, mailoutbox, what):
    with time_machine.travel(NOW, tick=False):
        what(katherine, mailoutbox)

    assert delete_unconfirmed(now=NOW + 10 * WEEK) == 0
    assert User.objects.filter(pk=katherine.pk).exists()


def test_an_account_made_by_an_admin_without_an_email_address_row_stays():
    User.objects.create_user("old@example.com", "x", name="Old", handle="old", time_zone="UTC", date_joined=NOW)

    assert delete_unconfirmed(now=NOW + WEEK + SECOND) == 0


def test_the_worker_deletes_them_each_night_and_the_command_counts_them(katherine, capsys):
    with time_machine.travel(NOW + WEEK + SECOND, tick=False):
        call_command("prune", "--dry-run")
        assert "Unconfirmed accounts deleted: 1" in capsys.readouterr().out
        assert User.objects.exists()

        prune(0)
        assert not User.objects.exists()

        call_command("prune")
        assert "Unconfirmed accounts deleted: 0" in capsys.readouterr().out
