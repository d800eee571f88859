"""Addresses, user names, passwords and titles of calendars are neither shown, logged, exported nor backed up."""

import logging
import subprocess
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.contrib import admin
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from caledee.ops.cluster import unpacked_programs
from scheduling.calendars.models import Connection, OutsideBusy, OutsideCalendar
from scheduling.calendars.tasks import notify, read_calendar, search_calendars, send_about_pages, send_reconnect
from tests.scheduling.calendars.providers.samples import calendar_of, event
from tests.support.calendar_servers.dav import calendar, found, multistatus, serve_account, stored
from tests.support.calendar_servers.scripted import Answer, scripted_server, wants_basic

pytestmark = pytest.mark.django_db(transaction=True)

USER, PASSWORD, ADDRESS, FEED, TITLE = "m4rk-user", "m4rk-password", "m4rk-address", "m4rk-feed", "Secret plans"
SECRETS = [USER, PASSWORD, ADDRESS, FEED, TITLE]
WORK, FILE = "/dav/calendars/ada/work/", f"/{FEED}/basic.ics?key={FEED}"
JOBS = {each.name: each for each in (read_calendar, search_calendars, send_about_pages, send_reconnect)}


@pytest.fixture
def server(settings, caplog):
    settings.CALENDAR_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    # Loggers that the settings keep quiet at all levels stay quiet.
    caplog.set_level(logging.DEBUG)
    soon = timezone.now() + timedelta(days=1)
    text = calendar_of(event("one", soon, soon + timedelta(hours=1)))
    with scripted_server() as started:
        serve_account(started, calendar(WORK, "Work"), prefix="/dav")
        started.script["PROPFIND", WORK] = multistatus(found(WORK, {"S:getctag": "1"}))
        started.script["REPORT", WORK] = multistatus(stored(f"{WORK}one.ics", text.decode()))
        started.script["GET", FILE] = Answer(200, text)
        signed_in = wants_basic(USER, PASSWORD)
        started.guard = lambda request: None if request.path == FILE else signed_in(request)
        yield started


def connect(browser, server):
    """Connect a CalDAV account and a calendar address by the forms, and let the worker read both."""
    account = {"address": f"{server.origin}/{ADDRESS}/", "username": USER, "password": PASSWORD}
    for path, form in [("caldav", account), ("feeds", {"address": server.origin + FILE})]:
        assert browser.post(f"/calendars/{path}/", form).status_code == 302
    work()
    assert OutsideCalendar.objects.filter(failure="").exclude(read_at=None).count() == 2
    assert OutsideBusy.objects.count() == 2


def fail(server, answer):
    """Let each calendar be read again, from a server that answers this."""
    server.guard = lambda _request: answer
    OutsideCalendar.objects.update(next_try_at=timezone.now(), queued_at=None)
    for each in OutsideCalendar.objects.all():
        read_calendar(str(each.pk))
    assert not OutsideCalendar.objects.filter(failure="").exists()


def work():
    """Do the jobs that wait, and those that they queue."""
    while waiting := list(ProcrastinateJob.objects.filter(status="todo", task_name__in=JOBS)):
        for job in waiting:
            JOBS[job.task_name](**job.args)
        # The models of jobs can only be read.
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [[job.pk for job in waiting]])


def secrets_in(text):
    return [secret for secret in SECRETS if secret in text]


def pages(browser):
    """All pages about calendars, and the file with everything of a person."""
    keys = Connection.objects.values_list("pk", flat=True)
    own = [reverse("calendars:connection", args=[key]) for key in keys]
    paths = ["/calendars/", "/calendars/caldav/", "/calendars/feeds/", "/calendars/seen/", "/event-types/"]
    for path in [*paths, *own, "/settings/data/caledee.json"]:
        response = browser.get(path)
        assert response.status_code == 200, path
        yield path, response.content.decode()


def admin_pages(browser, person):
    for model in admin.site._registry:
        names = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield browser.get(reverse(f"{names}_changelist")).content.decode()
    yield browser.get(reverse("admin:accounts_user_change", args=[person.pk])).content.decode()


def backed_up(folder):
    """Return a backup as SQL."""
    file = folder / "of today.dump"
    call_command("backup", file)
    restore = [unpacked_programs() / "pg_restore", "--file=-", file]
    return subprocess.run(restore, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize("answer", [None, Answer(401, TITLE.encode()), Answer(500, TITLE.encode())])
def test_secrets_of_connected_calendars_are_kept(browser_of, ada, server, caplog, tmp_path, answer):
    browser = browser_of(ada)
    connect(browser, server)
    if answer:
        fail(server, answer)
        OutsideCalendar.objects.update(read_at=timezone.now() - timedelta(days=2), read_whole_at=None)
        notify(0)
        work()
        assert mail.outbox

    for path, content in pages(browser):
        assert secrets_in(content) == [], path
    assert secrets_in("".join(message.message().as_string() for message in mail.outbox)) == []
    dump = backed_up(tmp_path)
    assert "COPY public.calendars_connection" in dump
    assert secrets_in(dump) == []
    assert secrets_in(caplog.text) == []


def test_nobody_sees_secrets_in_the_admin_site(browser_of, ada, grace, server):
    connect(browser_of(ada), server)
    grace.is_staff = grace.is_superuser = True
    grace.save()

    for content in admin_pages(browser_of(grace), ada):
        assert secrets_in(content) == []
