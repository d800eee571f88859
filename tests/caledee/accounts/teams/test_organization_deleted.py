"""Members are notified when their organization is deleted."""

import pytest
import time_machine
from django.contrib.messages import get_messages
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.account_pages.deletion import close_account
from caledee.accounts.models import Membership, Organization, PendingEmail, Role, User
from caledee.accounts.tasks import send_about_account
from caledee.accounts.teams.organizations import NotAllowed, delete_organization
from tests.factories import make_organization
from tests.support.times import NOW


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield NOW


def run_jobs(mailoutbox):
    """Run all queued jobs, and return the emails by recipient."""
    for arguments in ProcrastinateJob.objects.order_by("id").values_list("args", flat=True):
        send_about_account(**arguments)
    return {message.to[0]: message for message in mailoutbox}


def test_every_other_member_is_notified_once(organization, ada, grace, alan, mary, mailoutbox):
    delete_organization(organization, by=ada, now=NOW)

    sent = run_jobs(mailoutbox)

    assert sorted(sent) == ["alan@example.com", "grace@example.com"]
    message = sent["alan@example.com"]
    assert message.subject == "Analytical Engines was deleted"
    assert "Ada Lovelace deleted the organization Analytical Engines." in message.body
    assert "Your account, your event types, your meetings and your one-off meetings." in message.body
    assert not PendingEmail.objects.exists()
    assert len(run_jobs(mailoutbox)) == len(mailoutbox) == 2


def test_jobs_name_neither_people_nor_the_organization(organization, ada, alan):
    delete_organization(organization, by=ada, now=NOW)

    (pending,) = PendingEmail.objects.all()
    assert list(ProcrastinateJob.objects.values_list("args", flat=True)) == [{"mail_id": str(pending.pk)}]


def test_nobody_is_notified_of_a_deletion_that_was_refused(organization, ada, grace, alan):
    with pytest.raises(NotAllowed):
        delete_organization(organization, by=grace, now=NOW)

    assert not PendingEmail.objects.exists()


def test_members_of_other_organizations_hear_nothing(organization, ada, mary, grace):
    make_organization("Other Engines", owner=mary)

    delete_organization(organization, by=ada, now=NOW)

    assert list(PendingEmail.objects.values_list("recipient", flat=True)) == ["grace@example.com"]


def test_names_are_plain_text_and_add_no_headers(organization, ada, alan, mailoutbox):
    Organization.objects.update(name="{by} <b>\r\nBcc: x@example.com")
    organization.refresh_from_db()

    delete_organization(organization, by=ada, now=NOW)

    message = run_jobs(mailoutbox)["alan@example.com"]
    assert message.subject == "{by} <b> Bcc: x@example.com was deleted"
    assert (message.cc, message.bcc) == ([], [])


def test_an_account_that_closes_takes_only_an_organization_without_others(ada, organization, mary, alan):
    make_organization("Mary alone", owner=mary)
    Membership.objects.create(organization=organization, user=mary, role=Role.OWNER)

    close_account(mary, now=NOW)

    assert [each.name for each in Organization.objects.all()] == ["Analytical Engines"]
    assert not PendingEmail.objects.filter(kind="team/organization_deleted").exists()


def test_the_admin_site_notifies_too(client, organization, ada, mary, alan):
    User.objects.filter(pk=mary.pk).update(is_staff=True, is_superuser=True)
    client.force_login(mary)

    response = client.post(f"/admin/accounts/organization/{organization.pk}/delete/", {"post": "yes"})

    assert response.status_code == 302, list(get_messages(response.wsgi_request))
    assert not Organization.objects.exists()
    assert sorted(PendingEmail.objects.values_list("recipient", flat=True)) == ["ada@example.com", "alan@example.com"]
